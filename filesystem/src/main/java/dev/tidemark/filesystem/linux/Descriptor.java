package dev.tidemark.filesystem.linux;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file descriptor, closed on exec. May be used by several threads; whoever closes it sees
 * to it that no call with it is under way, since the kernel gives its number to the next open.
 */
public final class Descriptor implements AutoCloseable {
  private static final int CLOSED = -1;

  private final AtomicInteger number;

  Descriptor(int number) {
    this.number = new AtomicInteger(number);
  }

  /**
   * The number the kernel knows it by.
   *
   * @throws IllegalStateException if it is closed
   */
  public int number() {
    int open = number.get();
    if (open == CLOSED) {
      throw new IllegalStateException("The descriptor is closed");
    }
    return open;
  }

  /**
   * Closes it, once; further calls do nothing.
   *
   * @throws SystemCallException if the filesystem tells only now that earlier writes failed
   *     (network filesystems do); the descriptor is closed all the same
   */
  @Override
  public void close() throws SystemCallException {
    int open = number.getAndSet(CLOSED);
    if (open == CLOSED) {
      return;
    }
    Scratch scratch = Scratch.ofThread();
    if (LibC.close(scratch, open) < 0) {
      Errno errno = Errno.of(scratch.errno());
      // Linux has released the number when close is interrupted; a second close could hit another
      // thread's file.
      if (errno != Errno.EINTR) {
        throw new SystemCallException("close", "descriptor " + open, scratch.errno());
      }
    }
  }

  @Override
  public String toString() {
    int open = number.get();
    return open == CLOSED ? "closed descriptor" : "descriptor " + open;
  }
}
