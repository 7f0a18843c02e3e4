package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.watcher.state.Signature;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** What a look at one entry found. */
public sealed interface Inspected {
  /** Nothing stands at the name: the kernel said so, and the root was still the tree's. */
  record Absent() implements Inspected {}

  /** It is no part of the tree: a filter excludes it. Whether it was stays open. */
  record Excluded() implements Inspected {}

  /** The directory was not where it was expected: it was renamed, or is gone. */
  record Stale() implements Inspected {}

  /** Whether anything stands there cannot be told, or it cannot be read. */
  record Unreadable(IOException cause) implements Inspected {}

  /** A socket, or a kind that this kernel has and we do not know. Nothing can be kept of it. */
  record Skipped(FileType type) implements Inspected {}

  /** Its frames were not all acknowledged with a position. */
  record FramesLost(IOException cause) implements Inspected {}

  /**
   * The inode as it was right before anything else of it was read.
   *
   * @param links names that it has, in the tree and elsewhere
   * @param withheld why some of its attributes could not be read
   */
  record Seen(Signature signature, long links, List<SystemCallException> withheld) {}

  /**
   * When a look was taken, by the writer's clock.
   *
   * @param begunMicros before anything of it was read
   * @param capturedMicros after that
   * @param completeMicros once its frames were acknowledged
   */
  record Times(long begunMicros, long capturedMicros, long completeMicros) {
    /** Of all but files: reading those takes no time worth telling. */
    public static Times at(long micros) {
      return new Times(micros, micros, micros);
    }
  }

  /**
   * @param watch of the directory itself, where one was asked for
   */
  record FoundDirectory(Node.Directory node, Seen seen, WatchOutcome watch, long capturedAtMicros)
      implements Inspected {
    public Signature signature() {
      return seen.signature();
    }
  }

  /**
   * Where the bytes of a file are.
   *
   * @param needs per partition the highest position that its content names, lists included
   * @param nested whether {@code needs} is more than its top list shows
   * @param oldestMillis broker time of the oldest frame not held by an acknowledged path; 0 if
   *     there is none
   * @param leftOut chunks of which no body was sent because a path held them
   * @param bytesRead to find that out
   */
  record Bodies(
      List<FramePosition> needs,
      boolean nested,
      long oldestMillis,
      Set<ChunkId> leftOut,
      long bytesRead) {
    /** Of all but files. */
    static final Bodies NONE = new Bodies(List.of(), false, 0, Set.of(), 0);

    public Bodies {
      needs = List.copyOf(needs);
    }
  }

  /**
   * A node whose frames are all acknowledged.
   *
   * @param racy a change right after the look would not show in the signature
   */
  record Found(Node node, Seen seen, boolean racy, Bodies bodies, Times times)
      implements Inspected {
    public long capturedAtMicros() {
      return times.capturedMicros();
    }

    public Signature signature() {
      return seen.signature();
    }
  }
}
