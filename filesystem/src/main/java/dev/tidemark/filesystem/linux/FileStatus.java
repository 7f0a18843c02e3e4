package dev.tidemark.filesystem.linux;

/**
 * What {@code statx} says about an inode.
 *
 * @param permissions the mode without its type: {@code 07777}
 * @param size in bytes; for a symlink the length of its target
 * @param device number of its filesystem, composed as {@code makedev} does
 * @param mountId of the mount it was reached through (two bind mounts of one filesystem differ); -1
 *     where the kernel does not tell (before 5.8)
 * @param mtimeSeconds since 1970, negative before; nanoseconds count forward from there
 * @param rdevMajor major number if it is a device, else 0
 * @param blocks allocated, in units of 512 bytes
 */
public record FileStatus(
    FileType type,
    int permissions,
    long uid,
    long gid,
    long size,
    long inode,
    long device,
    long mountId,
    long links,
    long mtimeSeconds,
    int mtimeNanos,
    long ctimeSeconds,
    int ctimeNanos,
    int rdevMajor,
    int rdevMinor,
    long blocks) {}
