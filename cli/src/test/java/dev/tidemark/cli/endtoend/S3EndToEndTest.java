package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import dev.tidemark.testing.FaultProxy;
import dev.tidemark.testing.FaultProxy.Fault;
import dev.tidemark.testing.FaultProxy.Request;
import dev.tidemark.testing.ObjectServer;
import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The roles as processes, with the repository in a bucket. */
final class S3EndToEndTest {
  private static final Pattern ADDRESS = Pattern.compile("broker at (\\S+)\\.");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private Path source;
  private SourceFiles files;

  @BeforeEach
  void createSource() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
    source = dir.resolve("source");
    files = new SourceFiles(source, seed);
    files.create(150);
  }

  @Test
  void aTreeIsSealedIntoABucketAndRestoredFromItAsItWasAtAnyInstant() throws Exception {
    try (ObjectServer server = ObjectServer.start();
        FaultProxy proxy = FaultProxy.before(server.endpoint());
        TidemarkProcess broker =
            TidemarkProcess.startMain(
                dir.resolve("broker.log"), BrokerMain.class, dir.resolve("broker").toString())) {
      broker.awaitOutput("broker at ", Waiting.LIMIT);
      String address = address(broker.output());
      String url = server.url("a/b");
      assertThat(CommandRun.of("topics", "create", "--bootstrap-server", address).exitCode())
          .isZero();
      Path before = dir.resolve("before");
      Instant noted;
      try (TidemarkProcess store =
              role("store", "store", "--repository", url, "--flush-interval", "1", address);
          TidemarkProcess watch = role("watch", "watch", "demo=" + source, address)) {
        watch.awaitOutput("ready: tree demo", Waiting.LIMIT);
        Waiting.untilSealed("demo", "--repository", url, "--bootstrap-server", address);
        copy(source, before);
        noted = Waiting.instantBetween();

        Path standby = dir.resolve("standby");
        try (TidemarkProcess mirror =
            role(
                "mirror",
                "mirror",
                "demo",
                "--to",
                standby.toString(),
                "--repository",
                url,
                address)) {
          files.edit();
          files.replace();
          files.rename();
          files.copyIn(source.resolve("copied"), 3_000_000);
          Waiting.untilEqual(source, standby);
          assertThat(mirror.stop()).as(mirror.output()).isZero();
        }
        assertThat(watch.stop()).as(watch.output()).isZero();
        Waiting.untilSealed("demo", "--repository", url, "--bootstrap-server", address);
        assertThat(store.stop()).as(store.output()).isZero();
      }

      assertThat(run("ls", "demo", "--repository", url).out()).isNotBlank();
      assertThat(run("trees", "--repository", url).out()).contains("demo");
      run("restore", "demo", "--to", dir.resolve("now").toString(), "--repository", url);
      assertThat(TreeOracle.of(source).differences(TreeOracle.of(dir.resolve("now")))).isEmpty();

      // The same by a line on which answers are lost, cut, spoiled and refused.
      for (Fault fault :
          new Fault[] {Fault.LOST_ANSWER, Fault.TRUNCATED, Fault.FLIPPED_BIT, Fault.SLOW_DOWN}) {
        proxy.plan(r -> r.isRead() && r.target().contains("/packs/"), fault, 1);
      }
      run(
          "restore",
          "demo",
          "--at",
          noted.toString(),
          "--to",
          dir.resolve("then").toString(),
          "--repository",
          S3Server.url(proxy.endpoint(), "a/b"));
      assertThat(TreeOracle.of(before).differences(TreeOracle.of(dir.resolve("then")))).isEmpty();

      requireFewListings(proxy, S3Server.url(proxy.endpoint(), "a/b"));
    }
  }

  /** What is listed depends on the tree's log and the index, and not on what is restored. */
  private void requireFewListings(FaultProxy proxy, String url) throws IOException {
    proxy.forgetRequests();
    run("restore", "demo", "--to", dir.resolve("all").toString(), "--repository", url);
    long all = proxy.requests().stream().filter(Request::isListing).count();
    long reads = proxy.requests().stream().filter(Request::isRead).count();
    proxy.forgetRequests();
    run(
        "restore",
        "demo",
        "--path",
        "copied",
        "--to",
        dir.resolve("one").toString(),
        "--repository",
        url);
    long one = proxy.requests().stream().filter(Request::isListing).count();

    assertThat(all).as("listings of a restore of everything").isEqualTo(one);
    assertThat(reads).isPositive();
    assertThat(proxy.requests()).filteredOn(r -> !r.method().equals("GET")).isEmpty();
    assertThat(proxy.requests())
        .as("no pack is looked for by listing")
        .filteredOn(r -> r.isListing() && r.target().contains("packs"))
        .isEmpty();
  }

  private static CommandRun run(String... args) {
    CommandRun run = CommandRun.of(args);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  /** A role with a data folder of its own; the last argument is the broker's address. */
  private TidemarkProcess role(String name, String... args) throws IOException {
    String[] all = java.util.Arrays.copyOf(args, args.length + 3);
    all[args.length - 1] = "--bootstrap-server";
    all[args.length] = args[args.length - 1];
    all[args.length + 1] = "--data";
    all[args.length + 2] = dir.resolve(name + "-data").toString();
    return TidemarkProcess.start(dir.resolve(name + ".log"), all);
  }

  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    Process copying = new ProcessBuilder("cp", "-a", from.toString(), to.toString()).start();
    assertThat(copying.waitFor()).isZero();
    assertThat(Files.isDirectory(to)).isTrue();
  }

  private static String address(String output) {
    Matcher matcher = ADDRESS.matcher(output);
    assertThat(matcher.find()).as(output).isTrue();
    return matcher.group(1);
  }
}
