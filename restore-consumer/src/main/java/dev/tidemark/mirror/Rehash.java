package dev.tidemark.mirror;

import dev.tidemark.apply.ExtentWalk;
import dev.tidemark.apply.ExtentWalk.Placed;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and hashes a share of the files that a pass finds unchanged by their signatures, another
 * share with each pass: so bytes are found that have changed below the file system. On a thread of
 * its own, at 32 MiB a second at most; a pass waits while enough files are to be read.
 */
final class Rehash implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Rehash.class);
  private static final int ENOUGH = 64;
  private static final int SHARES = 100;
  private static final long BYTES_PER_SECOND = 32L << 20;
  private static final Duration STOP = Duration.ofSeconds(30);

  private final TargetDirectory target;
  private final FrameSource lists;
  private final int percent;
  private final BlockingQueue<Candidate> waiting = new LinkedBlockingQueue<>();
  private final ConcurrentLinkedQueue<Candidate> rotten = new ConcurrentLinkedQueue<>();
  private final Thread reader;
  private int firstShare;
  private volatile boolean closing;

  /**
   * A file as it was applied.
   *
   * @param signature with which it was left
   */
  record Candidate(NodePath path, Node.File file, Signature signature) {}

  /**
   * @param lists where the lists of large files' chunks are; a file whose list is not to be had is
   *     passed over
   * @param percent of the files that one pass reads, 0 to 100
   */
  Rehash(TargetDirectory target, FrameSource lists, int percent, InstantSource clock) {
    this.target = target;
    this.lists = lists;
    this.percent = percent;
    // Not always the same share first, where a standby is started often.
    this.firstShare = Math.floorMod(clock.millis() / 1000, SHARES);
    this.reader = new Thread(this::run, "tidemark-mirror-rehash");
    reader.setDaemon(true);
    if (percent > 0) {
      reader.start();
    }
  }

  /** Another share is next. */
  void beginPass() {
    firstShare = (firstShare + percent) % SHARES;
  }

  /** Whether the pass is to wait. */
  boolean isBusy() {
    return waiting.size() >= ENOUGH;
  }

  /** A file was found with the signature that it was left with; read if it is of this share. */
  void unchanged(NodePath path, Node.File file, Signature signature) {
    if (isOfShare(path, firstShare, percent)) {
      waiting.add(new Candidate(path, file, signature));
    }
  }

  /** Whether a path is among so many hundredths, from one on. */
  static boolean isOfShare(NodePath path, int first, int percent) {
    int share = Math.floorMod(path.hashCode() * 0x9E3779B9, SHARES);
    return Math.floorMod(share - first, SHARES) < percent;
  }

  /** Files that have other bytes than were written to them, as far as is known now. */
  List<Candidate> takeRotten() {
    List<Candidate> taken = new ArrayList<>();
    for (Candidate next = rotten.poll(); next != null; next = rotten.poll()) {
      taken.add(next);
    }
    return taken;
  }

  private void run() {
    try {
      while (!closing) {
        Candidate candidate = waiting.take();
        try {
          if (isRotten(candidate)) {
            rotten.add(candidate);
          }
        } catch (IOException | RuntimeException e) {
          // Changed, or gone, meanwhile; or the disk cannot read it, which is for a person to see.
          log.atInfo()
              .setCause(e)
              .addKeyValue("path", candidate.path())
              .log("a file could not be read again");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isRotten(Candidate candidate) throws IOException {
    NodePath path = candidate.path();
    try (Descriptor parent = target.openDirectory(path.parent())) {
      if (!isAsLeft(parent, candidate)) {
        return false;
      }
      boolean holds;
      try (Descriptor file = LinuxFiles.openForReading(parent, path.name())) {
        holds = holds(file, candidate.file());
      }
      return !holds && isAsLeft(parent, candidate);
    }
  }

  private static boolean isAsLeft(Descriptor parent, Candidate candidate)
      throws SystemCallException {
    Optional<FileStatus> is = LinuxFiles.findStatus(parent, candidate.path().name());
    return is.isPresent() && Signature.of(is.get()).equals(candidate.signature());
  }

  private boolean holds(Descriptor file, Node.File node) throws IOException {
    ExtentWalk walk = new ExtentWalk(node.content(), lists);
    for (Optional<Placed> next = walk.next(); next.isPresent() && !closing; next = walk.next()) {
      byte[] bytes = new byte[next.get().chunk().plainBytes()];
      if (!readFully(file, next.get().position(), bytes)
          || !ChunkId.computeOf(bytes).equals(next.get().chunk().id())) {
        return false;
      }
      LockSupport.parkNanos(bytes.length * 1_000_000_000L / BYTES_PER_SECOND);
    }
    return true;
  }

  private static boolean readFully(Descriptor file, long position, byte[] into)
      throws SystemCallException {
    int read = 0;
    while (read < into.length) {
      int got = LinuxFiles.readAt(file, position + read, into, read, into.length - read);
      if (got == 0) {
        return false;
      }
      read += got;
    }
    return true;
  }

  /** Waits for the chunk that is being read. */
  @Override
  public void close() {
    closing = true;
    reader.interrupt();
    try {
      reader.join(STOP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
