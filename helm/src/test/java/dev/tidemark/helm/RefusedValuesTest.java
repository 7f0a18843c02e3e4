package dev.tidemark.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that cannot be meant are refused by their names, before anything is installed. */
final class RefusedValuesTest {
  private static final String NOT_ALLOWED = "not allowed";

  @TempDir private Path dir;

  @BeforeEach
  void needHelm() {
    HelmProgram.assumeThere();
  }

  @ParameterizedTest
  @MethodSource
  void theChartRefuses(String set, List<String> said) throws Exception {
    requireRefused(Charts.TIDEMARK, set, said);
  }

  static Stream<Arguments> theChartRefuses() {
    return Stream.of(
        Arguments.of("store.replica=2", List.of("store", "replica", NOT_ALLOWED)),
        Arguments.of("sotre.replicas=2", List.of("sotre", NOT_ALLOWED)),
        Arguments.of("store.replicas=many", List.of("store.replicas", "integer")),
        Arguments.of("store.flushInterval=4000", List.of("store.flushInterval", "3600")),
        Arguments.of("kafka.bootstrapServers=kafka", List.of("kafka.bootstrapServers")),
        Arguments.of("kafka.topicPrefix=acme", List.of("kafka.topicPrefix")),
        Arguments.of("repository.url=gs://bucket", List.of("repository.url")),
        Arguments.of("store.state.size=ten", List.of("store.state.size")),
        Arguments.of("topics.mode=maybe", List.of("topics.mode", "job", "strimzi", "none")),
        Arguments.of("metrics.port=99999", List.of("metrics.port", "65535")),
        Arguments.of("mirrors[0].name=web", List.of("mirrors.0", "tree")),
        Arguments.of("mirrors[0].name=web,mirrors[0].tree=Web", List.of("mirrors.0.tree")),
        Arguments.of(
            "mirrors[0].name=web,mirrors[0].tree=web,mirrors[0].sice=1Gi",
            List.of("mirrors.0", "sice", NOT_ALLOWED)),
        Arguments.of(
            "mirrors[0].name=web,mirrors[0].tree=a,mirrors[1].name=web,mirrors[1].tree=b",
            List.of("mirrors: the name \"web\" is given twice")),
        Arguments.of(
            "store.replicas=2", List.of("store.replicas 2", "repository.url", "ReadWriteMany")),
        Arguments.of(
            "repository.url=s3://bucket/a,store.replicas=2,store.standbyReplicas=2",
            List.of("store.standbyReplicas 2", "less than store.replicas")),
        Arguments.of(
            "topics.strimzi.users.enabled=true",
            List.of("topics.strimzi.users.enabled goes with topics.mode strimzi")),
        Arguments.of(
            "kafka.clientProperties.secret=a,kafka.clientProperties.configMap=b",
            List.of("kafka.clientProperties")));
  }

  @ParameterizedTest
  @MethodSource
  void theLibraryRefuses(String set, List<String> said) throws Exception {
    requireRefused(Charts.nginx(dir), set, said);
  }

  static Stream<Arguments> theLibraryRefuses() {
    String at = "tidemark-sidecar.";
    return Stream.of(
        Arguments.of(at + "tree=", List.of("tidemark-sidecar.tree: name the tree")),
        Arguments.of(at + "tree=Web", List.of("tree", "pattern")),
        Arguments.of(at + "source.volume=", List.of("tidemark-sidecar.source.volume: name")),
        Arguments.of(at + "state.subPath=html/.state", List.of("its own state")),
        Arguments.of(at + "state.subPath=", List.of("its own state")),
        Arguments.of(at + "source.subPath=", List.of("its own state")),
        Arguments.of(at + "capture=magic", List.of("capture", "fanotify")),
        Arguments.of(at + "hold=true", List.of("hold", NOT_ALLOWED)));
  }

  @Test
  void aKubernetesWithoutNativeSidecarsIsRefused() throws Exception {
    for (Path chart : List.of(Charts.TIDEMARK, Charts.nginx(dir))) {
      HelmProgram.Run old = Charts.template(chart, "--kube-version", "1.28.15");
      HelmProgram.Run known = Charts.template(chart, "--kube-version", "1.29.0");

      assertThat(old.exitCode()).isNotZero();
      assertThat(old.err()).contains(">=1.29.0-0");
      assertThat(known.exitCode()).as(known.err()).isZero();
    }
  }

  private static void requireRefused(Path chart, String set, List<String> said) throws Exception {
    List<String> args = new ArrayList<>(List.of("--set", set));
    HelmProgram.Run run = Charts.template(chart, args.toArray(String[]::new));

    assertThat(run.exitCode()).as(run.out()).isNotZero();
    assertThat(plain(run.err())).contains(said);
  }

  /** Helm 3 and 4 put the same things: {@code store.replicas}, {@code '/store/replicas'}. */
  private static String plain(String words) {
    return words.replace('/', '.').replace("'", "").replaceAll("(\\d),(\\d)", "$1$2");
  }
}
