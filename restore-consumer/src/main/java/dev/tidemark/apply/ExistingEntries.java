package dev.tidemark.apply;

import dev.tidemark.apply.ExistingCheck.Difference;
import dev.tidemark.apply.SyncOptions.ExistingFiles;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out, on the workers' threads, which of the entries that stand in the target already are
 * right. To compare one takes less than to hand it over, so some neighbours go together. {@link
 * #check} and {@link #flush} belong to the planning thread, the verdicts come on any.
 */
final class ExistingEntries {
  private static final int MAX_TOGETHER = 64;

  /** Bounds what waits to be compared, and what one worker may have to read, at some 64 MiB. */
  private static final int MAX_EXTENTS = 256;

  private final NodeWriter writer;
  private final FrameSource source;
  private final SyncOptions options;
  private final SyncListener listener;
  private final SyncTally tally;
  private final LinkGroups links;
  private final ProtectedEntries protectedEntries;
  private final WorkPool pool;
  private final Verdicts verdicts;
  private List<SyncJob> gathered = new ArrayList<>();
  private int extents;

  /** Hears what becomes of each entry, once. */
  interface Verdicts {
    /** It is right, or was made so in place. */
    void stays(SyncJob job, FileStatus left) throws IOException;

    /** It has to be replaced, and may be. */
    void differs(SyncJob job) throws IOException;

    void failed(SyncJob job, IOException cause) throws IOException;
  }

  ExistingEntries(
      NodeWriter writer,
      FrameSource source,
      SyncOptions options,
      SyncListener listener,
      SyncTally tally,
      LinkGroups links,
      ProtectedEntries protectedEntries,
      WorkPool pool,
      Verdicts verdicts) {
    this.writer = writer;
    this.source = source;
    this.options = options;
    this.listener = listener;
    this.tally = tally;
    this.links = links;
    this.protectedEntries = protectedEntries;
    this.pool = pool;
    this.verdicts = verdicts;
  }

  /** Has an entry compared, now or with others that come. */
  void check(SyncJob job) throws IOException {
    gathered.add(job);
    extents += job.node() instanceof Node.File file ? file.content().extents().size() : 0;
    if (gathered.size() >= MAX_TOGETHER || extents >= MAX_EXTENTS) {
      flush();
    }
  }

  /** Has compared what was gathered. */
  void flush() throws IOException {
    if (gathered.isEmpty()) {
      return;
    }
    List<SyncJob> jobs = gathered;
    gathered = new ArrayList<>();
    extents = 0;
    pool.submit(
        () -> {
          for (SyncJob job : jobs) {
            compare(job);
          }
        });
  }

  private void compare(SyncJob job) throws IOException {
    Optional<FileStatus> left;
    try {
      Descriptor parent = job.directory().descriptor();
      Optional<FileStatus> found = LinuxFiles.findStatus(parent, job.name());
      if (found.isEmpty()) {
        // Somebody has removed it since it was listed.
        verdicts.differs(job);
        return;
      }
      FileStatus is = found.get();
      Difference difference = writer.existing().compare(parent, job.name(), job.node(), is);
      boolean stays = mayStay(job, is, difference) && hasContent(job, is);
      if (!stays && isProtected(job, is)) {
        return;
      }
      left = stays ? Optional.of(keep(job, is, difference)) : Optional.empty();
      if (!stays) {
        listener.displacing(parent, job.name(), job.path());
      }
    } catch (SystemCallException e) {
      verdicts.failed(job, e);
      return;
    }
    if (left.isPresent()) {
      verdicts.stays(job, left.get());
    } else {
      verdicts.differs(job);
    }
  }

  /**
   * Whether an inode may stay, as far as can be told without its bytes. Metadata is never changed
   * in place under a name that somebody else may know it by.
   */
  private boolean mayStay(SyncJob job, FileStatus is, Difference difference) {
    return switch (difference) {
      case NONE -> links.keep(job, is);
      case METADATA -> job.node() instanceof Node.File && is.links() < 2;
      case CONTENT -> false;
    };
  }

  /** Reads a file's bytes only if they are to be read, or its size and time are not trusted. */
  private boolean hasContent(SyncJob job, FileStatus is) throws IOException {
    if (!(job.node() instanceof Node.File file)
        || options.existing() == ExistingFiles.KEEP_IF_METADATA_EQUAL
            && listener.trusts(job.directory().id(), job.name(), is)) {
      return true;
    }
    return writer.existing().hasContent(job.directory().descriptor(), job.name(), file, source);
  }

  /** Whether what stands there must stay, which is then told. */
  private boolean isProtected(SyncJob job, FileStatus is) throws IOException {
    try {
      protectedEntries.requireReplaceable(job.directory().descriptor(), job.path(), is);
      return false;
    } catch (SystemCallException e) {
      throw e;
    } catch (IOException mustStay) {
      verdicts.failed(job, mustStay);
      return true;
    }
  }

  private FileStatus keep(SyncJob job, FileStatus is, Difference difference) throws IOException {
    if (difference == Difference.METADATA) {
      Descriptor parent = job.directory().descriptor();
      FileStatus left = writer.changeMetadata(parent, job.name(), job.node());
      tally.metadataChanged.increment();
      return left;
    }
    tally.kept.increment();
    return is;
  }
}
