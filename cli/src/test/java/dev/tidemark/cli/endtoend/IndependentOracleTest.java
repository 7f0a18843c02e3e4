package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An oracle that sees nothing would find everything right. */
final class IndependentOracleTest {
  @TempDir private Path dir;

  @Test
  void everyKindOfDifferenceIsSeenInTreesAndInManifests() throws InterruptedException {
    PythonScript.Ended ended = PythonScript.named("changed_trees.py").run(dir.toString());
    assertThat(ended.exitCode()).as(ended.output()).isZero();
    List<String> changed = ended.output().lines().toList();
    assertThat(changed).hasSizeGreaterThan(10);
    Path original = dir.resolve("original");
    Path manifest = dir.resolve("manifest");
    IndependentOracle.freeze(original, manifest);

    assertThat(IndependentOracle.differences(original, dir.resolve("same"))).isEmpty();
    assertThat(IndependentOracle.differences(manifest, dir.resolve("same"))).isEmpty();
    for (String name : changed) {
      String aspect = name.substring(0, name.indexOf('-'));
      Path other = dir.resolve(name);
      assertThat(IndependentOracle.differences(original, other))
          .as(name)
          .contains(": " + aspect + " ");
      assertThat(IndependentOracle.differences(manifest, other))
          .as("%s, from a manifest", name)
          .contains(": " + aspect + " ");
    }
  }
}
