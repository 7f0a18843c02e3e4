package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.NodePath;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which entries of a tree are one inode, while the tree is put. The first of them leads: it is
 * written, or found right; the others are linked to it, those that come meanwhile when it is there.
 * Holds something for each inode with several names, nothing for the others. Safe from several
 * threads.
 */
final class LinkGroups {
  private final Map<Bytes, Group> groups = new HashMap<>();

  /** Inodes with several names that stay as they are, and for whom. */
  private final Map<Inode, Object> kept = new HashMap<>();

  private record Inode(long device, long number) {}

  /** What an entry has to do. */
  sealed interface Role {
    /** Be put itself; {@link #settled} or {@link #lost} tells how that went. */
    record Lead() implements Role {}

    /** Nothing: who settles the group links it. */
    record Wait() implements Role {}

    /** Be linked to what is there. */
    record Link(NodePath path, FileStatus status) implements Role {}
  }

  private static final class Group {
    final Deque<SyncJob> waiting = new ArrayDeque<>();
    boolean hasLeader;
    Optional<Role.Link> settled = Optional.empty();
  }

  synchronized Role join(SyncJob job) {
    Group group = groups.computeIfAbsent(LinkIdentity.of(job.node()), _ -> new Group());
    if (group.settled.isPresent()) {
      return group.settled.get();
    }
    if (group.hasLeader) {
      group.waiting.add(job);
      return new Role.Wait();
    }
    group.hasLeader = true;
    return new Role.Lead();
  }

  /** The leader is there. Answers those that waited for it. */
  synchronized List<SyncJob> settled(SyncJob leader, FileStatus left) {
    Group group = groupOf(leader);
    group.settled = Optional.of(new Role.Link(leader.path(), left));
    List<SyncJob> waited = List.copyOf(group.waiting);
    group.waiting.clear();
    return waited;
  }

  /** The leader could not be put. Answers who leads now, if anybody waited. */
  synchronized Optional<SyncJob> lost(SyncJob leader) {
    Group group = groupOf(leader);
    group.hasLeader = !group.waiting.isEmpty();
    return Optional.ofNullable(group.waiting.poll());
  }

  private Group groupOf(SyncJob job) {
    return Objects.requireNonNull(groups.get(LinkIdentity.of(job.node())));
  }

  /**
   * Whether what stands at a name may stay as the inode it is; false if another entry, which is
   * none of its names, has it already.
   */
  synchronized boolean keep(SyncJob job, FileStatus is) {
    if (is.links() < 2) {
      return true;
    }
    Object key = job.isLinked() ? LinkIdentity.of(job.node()) : job.path();
    Object holder = kept.putIfAbsent(new Inode(is.device(), is.inode()), key);
    return holder == null || holder.equals(key);
  }

  /** Whether a link may be refused where a file of its own is not. */
  static boolean isRefused(SystemCallException e) {
    return switch (e.errno()) {
      case EACCES, EPERM, EMLINK, EXDEV, EOPNOTSUPP -> true;
      default -> false;
    };
  }
}
