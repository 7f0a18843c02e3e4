package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Messages to sockets that have a name on this machine (unix(7)), which Java's channels lack. */
public final class UnixDatagram {
  private static final int FAMILY_BYTES = Short.BYTES;

  private UnixDatagram() {}

  /**
   * Sends one message, and waits for nothing.
   *
   * @param address an absolute path, or {@code @} and a name of the abstract namespace
   * @throws SystemCallException EAGAIN when its reader is behind; ENOENT or ECONNREFUSED when there
   *     is none; EINVAL when the address is empty or too long
   */
  public static void send(String address, byte[] message) throws SystemCallException {
    byte[] name = address.getBytes(StandardCharsets.UTF_8);
    boolean isAbstract = address.startsWith("@");
    if (name.length < 2 || name.length >= LinuxConstants.SUN_PATH_BYTES) {
      throw new SystemCallException("sendto", "socket \"" + address + "\"", Errno.EINVAL);
    }
    Scratch scratch = Scratch.ofThread();
    int socket =
        LibC.socket(
            scratch,
            LinuxConstants.AF_UNIX,
            LinuxConstants.SOCK_DGRAM | LinuxConstants.SOCK_CLOEXEC,
            0);
    if (socket < 0) {
      throw new SystemCallException("socket", "of datagrams", scratch.errno());
    }
    try (Arena arena = Arena.ofConfined()) {
      // A path ends with a NUL; a name of the abstract namespace begins with one, and has its
      // length.
      MemorySegment to = arena.allocate(FAMILY_BYTES + LinuxConstants.SUN_PATH_BYTES, Short.BYTES);
      to.set(JAVA_SHORT, 0, LinuxConstants.AF_UNIX);
      MemorySegment.copy(name, 0, to, JAVA_BYTE, FAMILY_BYTES, name.length);
      if (isAbstract) {
        to.set(JAVA_BYTE, FAMILY_BYTES, (byte) 0);
      }
      int length = FAMILY_BYTES + name.length + (isAbstract ? 0 : 1);
      MemorySegment bytes = arena.allocate(Math.max(1, message.length));
      MemorySegment.copy(message, 0, bytes, JAVA_BYTE, 0, message.length);
      int flags = LinuxConstants.MSG_NOSIGNAL | LinuxConstants.MSG_DONTWAIT;
      if (LibC.sendto(scratch, socket, bytes, message.length, flags, to, length) < 0) {
        throw new SystemCallException("sendto", "socket " + address, scratch.errno());
      }
    } finally {
      LibC.close(scratch, socket);
    }
  }
}
