package dev.tidemark.filesystem.linux;

import java.util.Arrays;

/**
 * One name of a directory, as listed; never {@code .} or {@code ..}.
 *
 * @param name 1 to 255 bytes, none of them NUL or slash; not copied, not to be changed
 * @param inode number of the inode, on a mount point that of the directory below the mount
 * @param type {@link FileType#UNKNOWN} on filesystems whose listings do not tell
 */
public record DirectoryEntry(byte[] name, long inode, FileType type) {
  @Override
  public boolean equals(Object other) {
    return other instanceof DirectoryEntry that
        && Arrays.equals(name, that.name)
        && inode == that.inode
        && type == that.type;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(name) + Long.hashCode(inode);
  }

  @Override
  public String toString() {
    return "%s (%s, inode %d)".formatted(EscapedBytes.display(name), type.display(), inode);
  }
}
