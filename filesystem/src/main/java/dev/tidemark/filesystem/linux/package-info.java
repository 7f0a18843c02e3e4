/**
 * Linux files as the kernel sees them: names are bytes, every path is taken relative to an open
 * directory, nothing follows a symbolic link unless it says so, and every failure is a {@link
 * dev.tidemark.filesystem.linux.SystemCallException} with the call, the path and the errno.
 *
 * <p>All native code of the project is here. {@link dev.tidemark.filesystem.linux.LinuxFiles} is
 * the front door, {@link dev.tidemark.filesystem.linux.Inotify} the source of events. Linux on
 * x86-64 and aarch64; elsewhere the first call fails with an error whose cause says so.
 *
 * <p>Calls block the calling thread in native code and keep about 350 KiB of native memory for each
 * thread that makes them: use bounded pools of platform threads.
 */
@NullMarked
package dev.tidemark.filesystem.linux;

import org.jspecify.annotations.NullMarked;
