package dev.tidemark.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.broker.FolderLock;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderTest {
  @TempDir private Path dir;

  @Test
  void theUsualFolderDependsOnTheUser() {
    Path home = Path.of("/home/ada");

    assertThat(DataFolder.usual("root", home, Map.of()).root())
        .isEqualTo(Path.of("/var/lib/tidemark"));
    assertThat(DataFolder.usual("ada", home, Map.of()).root())
        .isEqualTo(Path.of("/home/ada/.local/share/tidemark"));
    assertThat(DataFolder.usual("ada", home, Map.of("XDG_DATA_HOME", "/data")).root())
        .isEqualTo(Path.of("/data/tidemark"));
  }

  @Test
  void aNewFolderIsForItsOwnerAlone() throws IOException {
    DataFolder data = new DataFolder(dir.resolve("a/b"));

    data.create();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.root())))
        .isEqualTo("rwx------");
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Files.createFile(dir.resolve("file"));
    DataFolder data = new DataFolder(dir.resolve("file/data"));

    assertThatThrownBy(data::create)
        .hasMessageStartingWith("The data folder %s cannot be made", data.root());
  }

  @Test
  void aSecondUpIsRefusedAndTheFirstLeavesTheFolderFree() throws IOException {
    DataFolder data = new DataFolder(dir);
    try (FolderLock held = data.lockForUp()) {
      assertThat(held).isNotNull();
      assertThat(data.isLockedByUp()).isTrue();
      assertThatThrownBy(data::lockForUp)
          .isInstanceOf(DataFolderInUseException.class)
          .hasMessageContaining("(process %d)", ProcessHandle.current().pid())
          .hasMessageContaining(dir.toString());
    }

    assertThat(data.isLockedByUp()).isFalse();
    data.lockForUp().close();
  }

  @Test
  void aSecondMemberOfATreeIsRefusedAndToldWhoIsTheFirst() throws IOException {
    DataFolder data = new DataFolder(dir);
    TreeName web = new TreeName("web");
    try (FolderLock held = data.lockForMember(web)) {
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> data.lockForMember(web))
          .isInstanceOf(DataFolderInUseException.class)
          .hasMessageContaining("tidemark member")
          .hasMessageContaining("(process %d)", ProcessHandle.current().pid());
      data.lockForMember(new TreeName("mail")).close();
    }
    data.lockForMember(web).close();
  }

  @Test
  void withoutARunningUpThereIsNoBroker() throws IOException {
    assertThat(new DataFolder(dir).findRunningBroker()).isEmpty();
  }
}
