package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.apply.TargetFullException;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class TargetFaultsTest {
  private static final int EPERM = 1;
  private static final int EACCES = 13;

  private static IOException failure(int errno) {
    return new ApplyFailedException(
        NodePath.ofText("d/f"), new SystemCallException("renameat2", "/srv/web/d/f", errno));
  }

  @Test
  void aFaultNamesThePathTheErrorAndTheRemedy() {
    assertThat(TargetFaults.describe(failure(EACCES)))
        .startsWith("d/f: renameat2 /srv/web/d/f: EACCES (permission denied).")
        .contains("CAP_DAC_OVERRIDE")
        .endsWith("goes on by itself.");
    assertThat(TargetFaults.describe(failure(EPERM))).contains("EPERM").contains("lsattr");
  }

  /**
   * The log says each fault once: so it must not tell of a file that has another name each time.
   */
  @Test
  void aFullTargetIsToldOfInTheSameWordsWithEachTry() {
    assertThat(TargetFaults.describe(full("/srv/.tidemark-web/2")))
        .isEqualTo(TargetFaults.describe(full("/srv/.tidemark-web/3")))
        .isEqualTo(
            "No space is left in the target /srv/web (ENOSPC). Free space there, or raise the"
                + " quota; what is done is kept. The standby waits, and goes on by itself.");
  }

  private static TargetFullException full(String staged) {
    return new TargetFullException(
        Path.of("/srv/web"), new SystemCallException("pwrite", staged, Errno.ENOSPC.number()));
  }

  @Test
  void whatIsNoFaultOfTheTargetIsSaidAsItIs() {
    assertThat(TargetFaults.describe(new IOException("no broker"))).isEqualTo("no broker");
  }
}
