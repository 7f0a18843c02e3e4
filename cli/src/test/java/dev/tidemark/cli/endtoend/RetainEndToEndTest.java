package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.cli.CommandRun;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code retain} beside an {@code up} that runs, whose chunk-store it asks. */
final class RetainEndToEndTest {
  @TempDir Path dir;

  private Path data() {
    return dir.resolve("data");
  }

  private JsonNode retain() throws IOException {
    CommandRun run =
        CommandRun.of(
            "retain", "demo", "--keep-within", "7d", "--json", "--data", data().toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  /** Lets a grace pass for what is there, by the store's clock. */
  private void passGrace() throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(data().resolve("repository"))) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      FileTime then = Files.getLastModifiedTime(file);
      Files.setLastModifiedTime(file, FileTime.from(then.toInstant().minus(Duration.ofHours(25))));
    }
  }

  @Test
  void whatNothingNeedsGoesWithTheConsentOfTheRunningChunkStore() throws Exception {
    Path source = Files.createDirectory(dir.resolve("source"));
    Files.writeString(source.resolve("kept"), "kept");
    try (TidemarkProcess up =
        TidemarkProcess.start(
            dir.resolve("up.log"), "up", "demo=" + source, "--data", data().toString())) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      CommandRun tag = CommandRun.of("tag", "demo", "first", "--wait", "--data", data().toString());
      assertThat(tag.exitCode()).as(tag.err()).isZero();
      Path waste = storeWaste();
      passGrace();

      JsonNode announced = retain();
      assertThat(announced.get("asksOwners").asBoolean()).isTrue();
      assertThat(announced.get("cleanup").get("packsAnnounced").asLong()).isEqualTo(1);
      assertThat(waste).exists();
      passGrace();
      JsonNode deleted = retain();

      assertThat(deleted.get("cleanup").get("released").asLong()).isEqualTo(1);
      assertThat(deleted.get("cleanup").get("packsDeleted").asLong()).isEqualTo(1);
      assertThat(waste).doesNotExist();
      Files.writeString(source.resolve("new"), "wasted, and wanted after all");
      CommandRun again =
          CommandRun.of(
              "freeze", "demo", "--tag", "second", "--data", data().toString(), "--", "true");
      assertThat(again.exitCode()).as(again.err()).isZero();
      CommandRun behind =
          CommandRun.of("tag", "demo", "third", "--wait", "--data", data().toString());
      assertThat(behind.exitCode()).as(behind.err()).isZero();
      assertThat(up.stop()).as(up.output()).isZero();
    }
    CommandRun restore =
        CommandRun.of(
            "restore",
            "demo",
            "--at",
            "tag:first",
            "--to",
            dir.resolve("restored").toString(),
            "--data",
            data().toString());
    assertThat(restore.exitCode()).as(restore.err()).isZero();
    assertThat(dir.resolve("restored/kept")).hasContent("kept");
    CommandRun newest =
        CommandRun.of(
            "restore",
            "demo",
            "--at",
            "tag:second",
            "--to",
            dir.resolve("newest").toString(),
            "--data",
            data().toString());
    assertThat(newest.exitCode()).as(newest.err()).isZero();
    assertThat(dir.resolve("newest/new")).hasContent("wasted, and wanted after all");
  }

  /** A pack as a crash leaves it: nothing names its chunk. */
  private Path storeWaste() throws IOException {
    byte[] plain = "wasted, and wanted after all".getBytes(StandardCharsets.UTF_8);
    PackEntry entry = new PackEntry(ChunkId.computeOf(plain), Frame.store(plain, 0, plain.length));
    String url = data().resolve("repository").toString();
    try (Repository repository = Repository.open(Repository.openStore(url))) {
      return Path.of(url).resolve(repository.storePack(List.of(entry)).pack().blobName().value());
    }
  }
}
