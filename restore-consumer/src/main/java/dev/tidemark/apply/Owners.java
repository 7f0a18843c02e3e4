package dev.tidemark.apply;

import dev.tidemark.schemas.change.Metadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Tells which numbers an entry's owner and group have on this host. Safe from several threads. */
final class Owners {
  private final boolean isNumeric;
  private final Accounts users;
  private final Accounts groups;

  /** The accounts of this host, and those that take the place of others. */
  private record Accounts(AccountFile file, Map<String, Long> mapped) {}

  /**
   * @throws IOException if an owner is to become one that this host has not
   */
  Owners(OwnerIds rule, Path passwd, Path group) throws IOException {
    this.isNumeric = rule.isNumeric();
    this.users = accounts("user", passwd, rule.users());
    this.groups = accounts("group", group, rule.groups());
  }

  static Owners ofHost(OwnerIds rule) throws IOException {
    return new Owners(rule, Path.of("/etc/passwd"), Path.of("/etc/group"));
  }

  private static Accounts accounts(String kind, Path path, Map<String, String> map)
      throws IOException {
    AccountFile file = new AccountFile(path);
    Map<String, Long> mapped = new HashMap<>();
    for (Map.Entry<String, String> entry : map.entrySet()) {
      OptionalLong id =
          AccountFile.isNumber(entry.getValue())
              ? OptionalLong.of(Long.parseLong(entry.getValue()))
              : file.find(entry.getValue());
      if (id.isEmpty()) {
        throw new IOException(
            "This host has no %s %s, which %s is to become. Name one of %s, or give a number."
                .formatted(kind, entry.getValue(), entry.getKey(), path));
      }
      mapped.put(entry.getKey(), id.getAsLong());
    }
    return new Accounts(file, Map.copyOf(mapped));
  }

  long uid(Metadata metadata) throws IOException {
    return id(metadata.uid(), metadata.owner(), users);
  }

  long gid(Metadata metadata) throws IOException {
    return id(metadata.gid(), metadata.group(), groups);
  }

  private long id(long number, String name, Accounts accounts) throws IOException {
    Long mapped = accounts.mapped().isEmpty() ? null : mapped(number, name, accounts.mapped());
    if (mapped != null) {
      return mapped;
    }
    return isNumeric || number == 0 || name.isEmpty()
        ? number
        : accounts.file().find(name).orElse(number);
  }

  private static @Nullable Long mapped(long number, String name, Map<String, Long> map) {
    Long byName = name.isEmpty() ? null : map.get(name);
    Long byNumber = byName == null ? map.get(Long.toString(number)) : byName;
    return byNumber == null ? map.get(OwnerIds.ANY) : byNumber;
  }
}
