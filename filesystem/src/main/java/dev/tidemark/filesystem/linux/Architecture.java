package dev.tidemark.filesystem.linux;

import java.util.Locale;

/**
 * What differs between the processor architectures: open flags ({@code asm/fcntl.h}) and numbers of
 * system calls ({@code asm/unistd.h}). A flag of the wrong table is not refused by the kernel, it
 * means something else: O_NOFOLLOW of x86-64 is O_LARGEFILE of aarch64, and links are followed.
 */
enum Architecture {
  X86_64(0x10000, 0x20000, 0x4000, 0x8000, 437, 217, 259, 465),
  AARCH64(0x4000, 0x8000, 0x10000, 0x20000, 437, 61, 33, 465);

  private static final Architecture RUNNING =
      named(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));

  final int openDirectory;
  final int openNoFollow;
  final int openDirect;
  final int openLargeFile;
  final long callOpenat2;
  final long callGetdents64;
  final long callMknodat;
  final long callListxattrat;

  Architecture(
      int openDirectory,
      int openNoFollow,
      int openDirect,
      int openLargeFile,
      long callOpenat2,
      long callGetdents64,
      long callMknodat,
      long callListxattrat) {
    this.openDirectory = openDirectory;
    this.openNoFollow = openNoFollow;
    this.openDirect = openDirect;
    this.openLargeFile = openLargeFile;
    this.callOpenat2 = callOpenat2;
    this.callGetdents64 = callGetdents64;
    this.callMknodat = callMknodat;
    this.callListxattrat = callListxattrat;
  }

  /** The table of this process. */
  static Architecture running() {
    return RUNNING;
  }

  /**
   * The table for what Java calls {@code os.name} and {@code os.arch}.
   *
   * @throws UnsupportedOperationException anywhere but on Linux with x86-64 or aarch64
   */
  static Architecture named(String system, String processor) {
    if (system.toLowerCase(Locale.ROOT).equals("linux")) {
      switch (processor) {
        case "amd64", "x86_64" -> {
          return X86_64;
        }
        case "aarch64", "arm64" -> {
          return AARCH64;
        }
        default -> {
          // Refused below, with everything else that has no table.
        }
      }
    }
    throw new UnsupportedOperationException(
        "File access needs Linux on x86-64 or aarch64; this is %s on %s, for which no system call"
                .formatted(system, processor)
            + " numbers are known. Run on one of those two.");
  }
}
