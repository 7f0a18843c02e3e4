package dev.tidemark.log.access;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What becomes of the rights of somebody from whom one role is taken away, and who has others.
 *
 * @param taken rights of that role that no other needs
 * @param kept those that another one needs as well, with that role
 * @param needed by the other roles: some of it may have been included in what is taken
 */
public record SharedRights(List<Right> taken, Map<Right, Role> kept, List<Right> needed) {
  public SharedRights {
    taken = List.copyOf(taken);
    kept = Map.copyOf(kept);
    needed = List.copyOf(needed);
  }

  /**
   * Splits them. Another role counts if all its rights are there. One of which the role is a part,
   * or that is a part of it, does not: member is a watcher and a standby, and who takes away the
   * watcher from it leaves the standby.
   *
   * @param has what somebody has on the topics of the prefix
   */
  public static SharedRights of(Role role, String topicPrefix, Collection<Right> has) {
    List<Right> own = RoleRights.of(role, topicPrefix);
    Map<Role, List<Right>> others = new EnumMap<>(Role.class);
    for (Role other : Role.values()) {
      List<Right> rights = RoleRights.of(other, topicPrefix);
      boolean isApart = !includes(own, rights) && !includes(rights, own);
      if (isApart && includes(has, rights)) {
        others.put(other, rights);
      }
    }
    List<Right> taken = new ArrayList<>();
    Map<Right, Role> kept = new HashMap<>();
    for (Right right : own) {
      others.entrySet().stream()
          .filter(other -> other.getValue().stream().anyMatch(right::isSame))
          .findFirst()
          .ifPresentOrElse(other -> kept.put(right, other.getKey()), () -> taken.add(right));
    }
    return new SharedRights(
        taken, kept, others.values().stream().flatMap(List::stream).distinct().toList());
  }

  private static boolean includes(Collection<Right> all, Collection<Right> some) {
    return some.stream().allMatch(right -> all.stream().anyMatch(has -> has.gives(right)));
  }
}
