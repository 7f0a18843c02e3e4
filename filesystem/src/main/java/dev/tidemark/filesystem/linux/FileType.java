package dev.tidemark.filesystem.linux;

import java.util.Arrays;
import java.util.Locale;

/** What a name stands for. */
public enum FileType {
  REGULAR(0x8000),
  DIRECTORY(0x4000),
  SYMLINK(0xa000),
  FIFO(0x1000),
  SOCKET(0xc000),
  CHARACTER_DEVICE(0x2000),
  BLOCK_DEVICE(0x6000),
  /** A listing of a filesystem that does not tell types; {@code status} does. */
  UNKNOWN(0);

  private static final FileType[] BY_DIRENT_TYPE = new FileType[16];

  static {
    Arrays.fill(BY_DIRENT_TYPE, UNKNOWN);
    for (FileType type : values()) {
      BY_DIRENT_TYPE[type.modeBits >> 12] = type;
    }
  }

  private final int modeBits;

  FileType(int modeBits) {
    this.modeBits = modeBits;
  }

  /** From {@code st_mode}. */
  static FileType ofMode(int mode) {
    return BY_DIRENT_TYPE[(mode & LinuxConstants.S_IFMT) >> 12];
  }

  /** From {@code d_type} of a listing, which is the type part of a mode, shifted. */
  static FileType ofDirentType(int type) {
    return BY_DIRENT_TYPE[type & 0xf];
  }

  int modeBits() {
    return modeBits;
  }

  String display() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
