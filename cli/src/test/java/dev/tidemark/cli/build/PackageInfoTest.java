package dev.tidemark.cli.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PackageInfoTest {
  private final SourceTree sources = SourceTree.find();

  @Test
  void everyPackageSaysWhatItPromisesAndIsNullMarked() throws IOException {
    List<Path> faulty = new ArrayList<>();

    for (Path folder : sources.mainPackages()) {
      Path info = sources.root().resolve(folder).resolve("package-info.java");
      if (!Files.exists(info) || !describesAndMarks(Files.readString(info))) {
        faulty.add(folder);
      }
    }

    assertThat(faulty)
        .as("packages without a package-info.java that has Javadoc and @NullMarked")
        .isEmpty();
  }

  private static boolean describesAndMarks(String info) {
    return info.startsWith("/**") && info.contains("@NullMarked\npackage dev.tidemark.");
  }
}
