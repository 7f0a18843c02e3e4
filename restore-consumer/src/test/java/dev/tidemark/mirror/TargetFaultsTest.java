package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
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

  @Test
  void whatIsNoFaultOfTheTargetIsSaidAsItIs() {
    assertThat(TargetFaults.describe(new IOException("no broker"))).isEqualTo("no broker");
  }
}
