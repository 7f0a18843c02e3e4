package dev.tidemark.cli.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clean-up and repair, as processes of their own, are killed at moments that the seed draws, while
 * a watcher and a chunk-store go on: nothing is lost, and the next runs finish.
 */
final class KilledMaintenanceTest {
  private static final int ROUNDS = 2;
  private static final int FILES = 12;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private final long seed = Long.getLong("tidemark.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final ReentrantLock writing = new ReentrantLock();
  private final Map<String, TreeOracle> tagged = new LinkedHashMap<>();
  private final List<Path> waste = new ArrayList<>();
  private Path source = Path.of("");
  private Path data = Path.of("");
  private int runs;
  private volatile boolean done;

  @Tag("churn")
  @Test
  void killedCleanUpAndRepairLoseNothingWhileAChunkStoreGoesOn() throws Exception {
    System.out.println("tidemark.seed=" + seed);
    source = Files.createDirectory(dir.resolve("source"));
    data = dir.resolve("data");
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = new byte[10_000];
      random.nextBytes(bytes);
      Files.write(source.resolve("f" + i), bytes);
    }
    try (TidemarkProcess up =
        TidemarkProcess.start(
            dir.resolve("up.log"), "up", "demo=" + source, "--data", data.toString())) {
      up.awaitOutput("ready: tree demo", Waiting.LIMIT);
      Thread writer = Thread.ofPlatform().name("writer").start(this::write);
      try {
        tag("start");
        for (int round = 0; round < ROUNDS; round++) {
          storeWaste(round);
          killAtRandom("retain", "demo", "--keep-within", "7d");
          assertSound();
          damageOnePack();
          killAtRandom("repair");
          finish("repair");
          assertSound();
          tag("round-" + round);
        }
      } finally {
        done = true;
        writer.join();
      }
      cleanUpToTheEnd();
      tag("end");
      assertSound();
      assertThat(up.stop()).as(up.output()).isZero();
    }
    assertThat(waste).noneMatch(Files::exists);
    for (String tag : tagged.keySet()) {
      assertRestores(tag);
    }
  }

  /** Files come, change and go all the time. */
  private void write() {
    Random ofWriter = new Random(seed + 1);
    for (int i = 0; !done; i++) {
      writing.lock();
      try {
        Path file = source.resolve("f" + ofWriter.nextInt(FILES));
        if (ofWriter.nextInt(4) == 0) {
          Files.deleteIfExists(file);
        } else {
          byte[] bytes = new byte[ofWriter.nextInt(40_000)];
          ofWriter.nextBytes(bytes);
          Files.write(file, bytes);
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      } finally {
        writing.unlock();
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  /** Packs that nothing names, as crashes leave them. */
  private void storeWaste(int round) throws IOException {
    try (Repository repository = Repository.open(Repository.openStore(repository().toString()))) {
      for (int i = 0; i < 4; i++) {
        byte[] plain = "waste %d of round %d".formatted(i, round).getBytes(UTF_8);
        PackEntry entry =
            new PackEntry(ChunkId.computeOf(plain), Frame.store(plain, 0, plain.length));
        String name = repository.storePack(List.of(entry)).pack().blobName().value();
        waste.add(repository().resolve(name));
      }
    }
    passGrace();
  }

  /** For the waste and for what clean-up has announced: nothing else may go. */
  private void passGrace() throws IOException {
    List<Path> files = new ArrayList<>(waste);
    if (Files.isDirectory(repository().resolve("cleanup"))) {
      try (Stream<Path> announced = Files.list(repository().resolve("cleanup"))) {
        announced.forEach(files::add);
      }
    }
    for (Path file : files) {
      try {
        FileTime then = Files.getLastModifiedTime(file);
        Files.setLastModifiedTime(
            file, FileTime.from(then.toInstant().minus(Duration.ofHours(25))));
      } catch (NoSuchFileException deleted) {
        // Clean-up has come that far.
      }
    }
  }

  private Path repository() {
    return data.resolve("repository");
  }

  private TidemarkProcess start(String... command) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of("--data", data.toString()));
    return TidemarkProcess.start(
        dir.resolve("run-%d.log".formatted(runs++)), arguments.toArray(String[]::new));
  }

  /** SIGKILL, twice, each at some moment of the time that a whole run takes. */
  private void killAtRandom(String... command) throws Exception {
    long begun = System.nanoTime();
    Duration whole = Duration.ofSeconds(4);
    for (int kill = 0; kill < 2; kill++) {
      try (TidemarkProcess process = start(command)) {
        Duration life = Duration.ofMillis(whole.toMillis() / 4 + random.nextLong(whole.toMillis()));
        if (process.awaitNoExit(life)) {
          process.kill();
        } else {
          // It has ended sooner: the next is to be killed within that time.
          whole = Duration.ofNanos(System.nanoTime() - begun).dividedBy(kill + 1L);
        }
      }
      passGrace();
    }
  }

  private void finish(String... command) throws Exception {
    try (TidemarkProcess process = start(command)) {
      assertThat(process.awaitExit(Waiting.LIMIT))
          .as("%s, -Dtidemark.seed=%d:%n%s", command[0], seed, process.output())
          .isZero();
    }
  }

  /** What is announced by one run goes with the one after. */
  private void cleanUpToTheEnd() throws Exception {
    for (int i = 0; i < 3; i++) {
      passGrace();
      finish("retain", "demo", "--keep-within", "7d");
    }
  }

  /** A byte of one that holds what is needed; the log has the same chunks. */
  private void damageOnePack() throws IOException {
    List<Path> packs;
    try (Stream<Path> files = Files.walk(repository().resolve("packs"))) {
      packs = files.filter(Files::isRegularFile).filter(f -> !waste.contains(f)).sorted().toList();
    }
    Path pack = packs.get(random.nextInt(packs.size()));
    byte[] bytes = Files.readAllBytes(pack);
    bytes[60] ^= 1;
    Files.write(pack, bytes);
  }

  private void assertSound() {
    CommandRun verify = CommandRun.of("verify", "--read-data", "--data", data.toString());
    assertThat(verify.exitCode())
        .as("-Dtidemark.seed=%d: %s%s", seed, verify.out(), verify.err())
        .isZero();
  }

  /** An instant at which nobody writes, and how the source stood then. */
  private void tag(String name) throws IOException {
    writing.lock();
    try {
      CommandRun freeze =
          CommandRun.of("freeze", "demo", "--tag", name, "--data", data.toString(), "--", "true");
      assertThat(freeze.exitCode()).as(freeze.err()).isZero();
      tagged.put(name, TreeOracle.of(source));
      // Until this, and so all before it, is sealed.
      CommandRun behind =
          CommandRun.of("tag", "demo", "behind-" + name, "--wait", "--data", data.toString());
      assertThat(behind.exitCode()).as(behind.err()).isZero();
    } finally {
      writing.unlock();
    }
  }

  private void assertRestores(String tag) throws IOException {
    Path restored = dir.resolve(tag);
    CommandRun restore =
        CommandRun.of(
            "restore",
            "demo",
            "--at",
            "tag:" + tag,
            "--to",
            restored.toString(),
            "--data",
            data.toString());
    assertThat(restore.exitCode()).as(restore.err()).isZero();
    assertThat(TreeOracle.of(restored).differences(tagged.getOrDefault(tag, TreeOracle.of(source))))
        .as("%s, -Dtidemark.seed=%d", tag, seed)
        .isEmpty();
  }
}
