package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.filter.PathFilter;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.read.Findings.Difference;
import dev.tidemark.watcher.read.Findings.KnownDirectory;
import dev.tidemark.watcher.read.Findings.Progress;
import dev.tidemark.watcher.state.Descendants;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.Name;
import dev.tidemark.watcher.state.PublishedTree;
import dev.tidemark.watcher.state.Signature;
import dev.tidemark.watcher.state.StateStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * Compares one directory with what was published of it, by stat alone. Both sides are walked in the
 * order of their names, so that one directory's names are all that is held. Owned by one scanner
 * thread.
 */
final class DirectoryScanner {
  /**
   * An answer is given in parts of so many names, so that what they lead to can be worked off
   * meanwhile.
   */
  private static final int PART = 1024;

  private final TreeRoot root;
  private final PublishedTree published;
  private final Watches watches;
  private final BiPredicate<Long, Name> skipped;
  private final PathFilter filter;
  private final Sink sink;
  private final ListFaults faults;

  /**
   * @param skipped names, by the id of their directory, that are no part of the tree
   */
  DirectoryScanner(
      TreeRoot root,
      PublishedTree published,
      Watches watches,
      BiPredicate<Long, Name> skipped,
      PathFilter filter,
      Sink sink,
      ListFaults faults) {
    this.root = root;
    this.published = published;
    this.watches = watches;
    this.skipped = skipped;
    this.filter = filter;
    this.sink = sink;
    this.faults = faults;
  }

  void scan(ReadTask.Scan scan) throws IOException, InterruptedException {
    Part part = new Part(scan);
    try (Descriptor directory = root.open(scan)) {
      Optional<SystemCallException> fault = faults.onList(scan.path());
      if (fault.isPresent()) {
        throw fault.get();
      }
      List<Name> names = names(scan, directory);
      compare(scan, directory, names, part);
      part.end(new Progress.Complete());
    } catch (TreeRoot.StaleDirectoryException _) {
      part.end(new Progress.Stale());
    } catch (SystemCallException e) {
      // Removed while it was listed: what is gone is not unreadable.
      boolean gone = e.errno() == Errno.ENOENT || e.errno() == Errno.ESTALE;
      part.end(gone ? new Progress.Stale() : new Progress.Unreadable(e));
    }
  }

  private List<Name> names(ReadTask.Scan scan, Descriptor directory) throws IOException {
    List<Name> names = new ArrayList<>();
    if (!root.holds(directory)) {
      // A mount point: what stands there is none of the tree's, and what stood there is hidden.
      return names;
    }
    for (DirectoryEntry entry : LinuxFiles.list(directory)) {
      Name name = new Name(entry.name());
      if (!skipped.test(scan.directory(), name) && !isExcluded(scan, directory, entry)) {
        names.add(name);
      }
    }
    names.sort(null);
    return names;
  }

  private boolean isExcluded(ReadTask.Scan scan, Descriptor directory, DirectoryEntry entry)
      throws IOException {
    if (filter.isEmpty()) {
      return false;
    }
    boolean asFile = filter.excludesFile(scan.path(), entry.name());
    boolean asDirectory = filter.excludesDirectory(scan.path(), entry.name());
    if (asFile == asDirectory) {
      return asFile;
    }
    FileType type =
        entry.type() == FileType.UNKNOWN
            ? LinuxFiles.findStatus(directory, entry.name())
                .map(FileStatus::type)
                .orElse(FileType.UNKNOWN)
            : entry.type();
    return type == FileType.DIRECTORY ? asDirectory : asFile;
  }

  private void compare(ReadTask.Scan scan, Descriptor directory, List<Name> names, Part part)
      throws IOException, InterruptedException {
    // Before the stored entries are opened: what is not among these is among those.
    Set<Name> unsettled = new TreeSet<>(published.unsettledIn(scan.directory()));
    try (StateStore.StoredEntries stored = published.store().list(scan.directory())) {
      int next = 0;
      boolean more = stored.next();
      while (next < names.size() || more) {
        int order =
            !more ? -1 : next == names.size() ? 1 : names.get(next).compareTo(stored.name());
        Name name = order <= 0 ? names.get(next) : stored.name();
        EntryKey key = new EntryKey(scan.directory(), name);
        unsettled.remove(name);
        Optional<EntryRecord> record =
            published.findNewer(key, order >= 0 ? Optional.of(stored.record()) : Optional.empty());
        if (order > 0) {
          // Missing from the listing proves nothing yet: it is looked at.
          if (record.isPresent()) {
            part.missing(name, Mark.META, gone(scan, name, record.get()));
          }
        } else if (record.isEmpty()) {
          part.differs(name, Mark.DATA | Mark.META);
        } else {
          compare(scan, directory, name, record.get(), part);
        }
        if (order <= 0) {
          next++;
        }
        if (order >= 0) {
          more = stored.next();
        }
        part.passOn(record.isPresent(), order <= 0);
      }
    }
    for (Name name : unsettled) {
      // It came and went before its coming was acknowledged.
      Optional<EntryRecord> record = published.find(new EntryKey(scan.directory(), name));
      if (record.isPresent()) {
        part.missing(name, Mark.META, gone(scan, name, record.get()));
        part.passOn(true, false);
      }
    }
  }

  private void compare(
      ReadTask.Scan scan, Descriptor directory, Name name, EntryRecord record, Part part)
      throws IOException {
    Optional<FileStatus> found = LinuxFiles.findStatus(directory, name.bytes());
    if (found.isEmpty()) {
      part.missing(name, Mark.META, gone(scan, name, record));
      return;
    }
    FileStatus status = found.get();
    Signature now = Signature.of(status);
    Signature then = record.signature();
    boolean isDirectory = status.type() == FileType.DIRECTORY;
    boolean again = scan.kind() == ScanKind.FULL;
    if (record.isDirectory() && isDirectory && now.inode() == then.inode()) {
      WatchOutcome watch = watches.watch(directory, name.bytes(), status.inode());
      part.known(new KnownDirectory(name, record.directoryId(), status.inode(), watch));
      if (again || !now.sameBytesAs(then) || !now.sameChangeTimeAs(then)) {
        part.differs(name, Mark.META);
      }
      return;
    }
    if (record.isDirectory() && (root.hasStableInodes() || !isDirectory)) {
      // Another one stands in its place, and all that was below it is gone.
      part.missing(name, Mark.DATA | Mark.META, gone(scan, name, record));
      return;
    }
    if (record.isDirectory() || isDirectory) {
      part.differs(name, Mark.DATA | Mark.META);
      return;
    }
    boolean sameInode = now.inode() == then.inode() || !root.hasStableInodes();
    if (record.isRacy() || !now.sameBytesAs(then) || !sameInode) {
      part.differs(name, Mark.DATA | Mark.META);
    } else {
      boolean verify = scan.depth() == ReadTask.Depth.CONTENT && status.type() == FileType.REGULAR;
      int bits =
          (again || !now.sameChangeTimeAs(then) ? Mark.META : 0) | (verify ? Mark.VERIFY : 0);
      if (bits != 0) {
        part.differs(name, bits);
      }
    }
  }

  /** How many published entries go with this one; none if a filter takes it out, which is meant. */
  private long gone(ReadTask.Scan scan, Name name, EntryRecord record) throws IOException {
    boolean excluded =
        record.isDirectory()
            ? filter.excludesDirectory(scan.path(), name.bytes())
            : filter.excludesFile(scan.path(), name.bytes());
    return excluded
        ? 0
        : 1
            + (record.isDirectory()
                ? Descendants.count(published.store(), record.directoryId())
                : 0);
  }

  /** What has been found and not yet told. */
  private final class Part {
    private final ReadTask.Scan scan;
    private List<KnownDirectory> known = new ArrayList<>();
    private List<Difference> differing = new ArrayList<>();
    private long examined;
    private long recorded;
    private long listed;

    Part(ReadTask.Scan scan) {
      this.scan = scan;
    }

    void known(KnownDirectory directory) {
      known.add(directory);
    }

    void differs(Name name, int bits) {
      differing.add(new Difference(name, bits, 0));
    }

    void missing(Name name, int bits, long gone) {
      differing.add(new Difference(name, bits, gone));
    }

    void passOn(boolean wasPublished, boolean standsThere) throws InterruptedException {
      examined++;
      recorded += wasPublished ? 1 : 0;
      listed += standsThere ? 1 : 0;
      if (known.size() + differing.size() >= PART) {
        end(new Progress.More());
        scan.gate().acquire();
      }
    }

    void end(Progress progress) {
      sink.found(new Findings(scan, known, differing, examined, recorded, listed, progress));
      known = new ArrayList<>();
      differing = new ArrayList<>();
      examined = 0;
      recorded = 0;
      listed = 0;
    }
  }
}
