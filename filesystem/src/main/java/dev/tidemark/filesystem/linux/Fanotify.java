package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * One fanotify group that reports names of whole filesystems, each directory by its {@link
 * FileHandle}. One thread at a time reads; any thread marks, wakes the reader, or closes. Closing
 * waits for the calls under way, of which it wakes the reader.
 *
 * <p>Needs CAP_SYS_ADMIN and Linux 5.9; renames come as one event from 5.17 on.
 */
public final class Fanotify implements AutoCloseable {
  /** What happens when nobody reads. */
  public enum Queue {
    /** Events take kernel memory without a bound. */
    UNLIMITED,
    /**
     * Past {@code fs.fanotify.max_queued_events} events are lost, and {@link
     * FanotifyEvent.Overflow} is read.
     */
    BOUNDED
  }

  private static final long LEN = Layouts.offset(Layouts.FANOTIFY_EVENT, "event_len");
  private static final long VERS = Layouts.offset(Layouts.FANOTIFY_EVENT, "vers");
  private static final long METADATA_LEN = Layouts.offset(Layouts.FANOTIFY_EVENT, "metadata_len");
  private static final long MASK = Layouts.offset(Layouts.FANOTIFY_EVENT, "mask");
  private static final long INFO_TYPE = Layouts.offset(Layouts.FANOTIFY_INFO_FID, "info_type");
  private static final long INFO_LEN = Layouts.offset(Layouts.FANOTIFY_INFO_FID, "len");
  private static final long FSID_LOW = Layouts.offset(Layouts.FANOTIFY_INFO_FID, "fsid_low");
  private static final long FSID_HIGH = Layouts.offset(Layouts.FANOTIFY_INFO_FID, "fsid_high");
  private static final long HANDLE = Layouts.FANOTIFY_INFO_FID.byteSize();
  private static final byte[] NO_NAME = {};

  private final KernelQueue queue;
  private volatile boolean renamesComeAsOne = true;

  private Fanotify(KernelQueue queue) {
    this.queue = queue;
  }

  /**
   * Opens a group.
   *
   * @throws SystemCallException EPERM without CAP_SYS_ADMIN; EINVAL before Linux 5.9; ENOSYS where
   *     the kernel has no fanotify; EMFILE when this user has no more groups
   */
  public static Fanotify open(Queue queue) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    int flags =
        LinuxConstants.FAN_CLASS_NOTIF
            | LinuxConstants.FAN_REPORT_DFID_NAME
            | LinuxConstants.FAN_CLOEXEC
            | LinuxConstants.FAN_NONBLOCK
            | switch (queue) {
              case UNLIMITED -> LinuxConstants.FAN_UNLIMITED_QUEUE;
              case BOUNDED -> 0;
            };
    int events = LibC.fanotifyInit(scratch, flags, LinuxConstants.O_RDONLY);
    if (events < 0) {
      throw new SystemCallException("fanotify_init", "group", scratch.errno());
    }
    return new Fanotify(KernelQueue.of("a fanotify group", events));
  }

  /**
   * Asks for the events of all directories of the filesystem that holds this one.
   *
   * @param directory open in any way, also as a handle
   * @param mask without MOVE_SELF; MOVED_FROM and MOVED_TO ask for renames in one event where the
   *     kernel has that, else for the two
   * @throws SystemCallException EOPNOTSUPP, ENODEV or EXDEV where the filesystem cannot tell
   *     directories apart by handles, or parts of it only
   */
  public void markFilesystem(Descriptor directory, WatchMask mask) throws SystemCallException {
    long bits = mask.bits() | LinuxConstants.FAN_ONDIR;
    int halves = WatchMask.MOVED_FROM | WatchMask.MOVED_TO;
    queue.<Boolean>call(
        events -> {
          Scratch scratch = Scratch.ofThread();
          if ((bits & halves) != 0 && renamesComeAsOne) {
            if (mark(scratch, events, directory, bits & ~halves | LinuxConstants.FAN_RENAME)) {
              return true;
            }
            if (!scratch.failedWith(Errno.EINVAL)) {
              throw Names.failed(scratch, "fanotify_mark", directory);
            }
            renamesComeAsOne = false;
          }
          if (!mark(scratch, events, directory, bits)) {
            throw Names.failed(scratch, "fanotify_mark", directory);
          }
          return true;
        });
  }

  private static boolean mark(Scratch scratch, int events, Descriptor directory, long bits) {
    int flags = LinuxConstants.FAN_MARK_ADD | LinuxConstants.FAN_MARK_FILESYSTEM;
    return LibC.fanotifyMark(
            scratch, events, flags, bits, directory.number(), scratch.first(new byte[] {'.'}))
        >= 0;
  }

  /**
   * Waits for events or {@link #wake}, and appends those that concern a directory which is known,
   * of up to 1 MiB. The others are dropped before anything is made of them.
   *
   * @return how many were appended; 0 if it was woken or no event was of use
   * @throws IllegalStateException if the group is closed before the call
   */
  public int read(Predicate<FileHandle> known, List<FanotifyEvent> into)
      throws SystemCallException {
    return queue.read(KernelQueue.NO_TIMEOUT, filled -> decode(filled, known, into));
  }

  /** As {@link #read(Predicate, List)}, but waits no longer than that, up to 20 days; 0 then. */
  public int read(Predicate<FileHandle> known, List<FanotifyEvent> into, Duration timeout)
      throws SystemCallException {
    return queue.read(Math.toIntExact(timeout.toMillis()), filled -> decode(filled, known, into));
  }

  /**
   * As {@link #read(Predicate, List)}, but does not wait.
   *
   * @return how many were appended; empty if every event that had happened before the call was read
   */
  public OptionalInt readAvailable(Predicate<FileHandle> known, List<FanotifyEvent> into)
      throws SystemCallException {
    return queue.readAvailable(filled -> decode(filled, known, into));
  }

  /** Makes the read under way return, or else the next one. */
  public void wake() throws SystemCallException {
    queue.wake();
  }

  @Override
  public void close() throws SystemCallException {
    queue.close();
  }

  // Events follow one another at multiples of four bytes, which does not align all of their fields.
  private static int decode(
      MemorySegment filled, Predicate<FileHandle> known, List<FanotifyEvent> into)
      throws SystemCallException {
    int before = into.size();
    long at = 0;
    while (at < filled.byteSize()) {
      long length = Integer.toUnsignedLong(filled.get(JAVA_INT_UNALIGNED, at + LEN));
      if (filled.get(JAVA_BYTE, at + VERS) != LinuxConstants.FANOTIFY_METADATA_VERSION) {
        throw new SystemCallException("read", "a fanotify group of another version", Errno.EINVAL);
      }
      decodeOne(filled.asSlice(at, length), known).ifPresent(into::add);
      at += length;
    }
    return into.size() - before;
  }

  private static Optional<FanotifyEvent> decodeOne(
      MemorySegment event, Predicate<FileHandle> known) {
    int mask = (int) event.get(JAVA_LONG_UNALIGNED, MASK);
    if ((mask & WatchMask.QUEUE_OVERFLOW) != 0) {
      return Optional.of(new FanotifyEvent.Overflow());
    }
    long first = Short.toUnsignedInt(event.get(JAVA_SHORT_UNALIGNED, METADATA_LEN));
    if (first == event.byteSize()) {
      return Optional.empty();
    }
    FileHandle directory = handle(event, first);
    byte type = event.get(JAVA_BYTE, first + INFO_TYPE);
    if (type == LinuxConstants.FAN_EVENT_INFO_TYPE_DFID_NAME) {
      return known.test(directory)
          ? Optional.of(new FanotifyEvent.At(mask, directory, name(event, first, directory)))
          : Optional.empty();
    }
    long second = first + Short.toUnsignedInt(event.get(JAVA_SHORT_UNALIGNED, first + INFO_LEN));
    if (type != LinuxConstants.FAN_EVENT_INFO_TYPE_OLD_DFID_NAME || second == event.byteSize()) {
      // An inode without a name: no directory of ours is told by that.
      return Optional.empty();
    }
    FileHandle target = handle(event, second);
    return known.test(directory) || known.test(target)
        ? Optional.of(
            new FanotifyEvent.Renamed(
                mask & WatchMask.IS_DIRECTORY,
                directory,
                name(event, first, directory),
                target,
                name(event, second, target)))
        : Optional.empty();
  }

  private static FileHandle handle(MemorySegment event, long info) {
    return FileHandle.decode(
        event.get(JAVA_INT_UNALIGNED, info + FSID_LOW),
        event.get(JAVA_INT_UNALIGNED, info + FSID_HIGH),
        event,
        info + HANDLE);
  }

  /** The name after the handle; a dot stands for the directory itself. */
  private static byte[] name(MemorySegment event, long info, FileHandle directory) {
    long from = info + HANDLE + directory.eventBytes();
    long end = info + Short.toUnsignedInt(event.get(JAVA_SHORT_UNALIGNED, info + INFO_LEN));
    int length = 0;
    while (from + length < end && event.get(JAVA_BYTE, from + length) != 0) {
      length++;
    }
    if (length == 1 && event.get(JAVA_BYTE, from) == '.') {
      return NO_NAME;
    }
    byte[] name = new byte[length];
    MemorySegment.copy(event, JAVA_BYTE, from, name, 0, length);
    return name;
  }
}
