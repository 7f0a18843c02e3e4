package dev.tidemark.cli.build;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which module may know which, read from the compiled classes of all of them. */
final class LayerTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.tidemark");

  private static final String CLIENTS = "org.apache.kafka.clients.";
  private static final DescribedPredicate<HasName> CREATE = name("create");
  private static final String KAFKA = "org.apache.kafka..";
  private static final String KAFKA_SERVER = "kafka..";
  private static final String AVRO = "org.apache.avro..";
  private static final String S3 = "software.amazon..";
  private static final String ROCKSDB = "org.rocksdb..";
  private static final String GENERATED = "dev.tidemark.schemas.avro..";

  /** A module: the roots of its packages, and the modules it may use. */
  private enum Module {
    SCHEMAS(List.of("schemas"), List.of()),
    TESTING(List.of("testing"), List.of()),
    FILESYSTEM(List.of("filesystem"), List.of()),
    BROKER(List.of("broker"), List.of()),
    LOG(List.of("log"), List.of(SCHEMAS)),
    REPOSITORY(List.of("repository"), List.of(SCHEMAS)),
    WATCHER(List.of("watcher"), List.of(SCHEMAS, FILESYSTEM, LOG)),
    CHUNK_STORE(List.of("store"), List.of(SCHEMAS, LOG, REPOSITORY)),
    RESTORE(
        List.of("restore", "apply", "mirror", "browse"),
        List.of(SCHEMAS, FILESYSTEM, LOG, REPOSITORY)),
    CLI(
        List.of("cli"),
        List.of(SCHEMAS, FILESYSTEM, BROKER, LOG, REPOSITORY, WATCHER, CHUNK_STORE, RESTORE));

    private final List<String> roots;
    private final List<Module> uses;

    Module(List<String> roots, List<Module> uses) {
      this.roots = roots;
      this.uses = uses;
    }

    String[] packages() {
      return roots.stream().map(root -> "dev.tidemark." + root + "..").toArray(String[]::new);
    }
  }

  @Test
  void everyClassBelongsToAModule() {
    String[] known =
        Arrays.stream(Module.values()).flatMap(m -> Stream.of(m.packages())).toArray(String[]::new);

    noClasses().should().resideOutsideOfPackages(known).check(CLASSES);
    assertThat(CLASSES).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void aModuleKnowsOnlyThoseBelowIt(Module module) {
    String[] allowed =
        Stream.concat(Stream.of(module), module.uses.stream())
            .flatMap(m -> Stream.of(m.packages()))
            .toArray(String[]::new);

    noClasses()
        .that()
        .resideInAnyPackage(module.packages())
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("dev.tidemark..").and(not(resideInAnyPackage(allowed))))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  static Stream<Module> modules() {
    return Stream.of(Module.values());
  }

  @Test
  void schemasFilesystemAndRepositoryKnowNoKafka() {
    noUse(List.of(Module.SCHEMAS, Module.FILESYSTEM, Module.REPOSITORY), KAFKA, KAFKA_SERVER);
  }

  @Test
  void onlyTheBrokerModuleKnowsTheServerSideOfKafka() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tidemark.broker..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            KAFKA_SERVER, "org.apache.kafka.server..", "org.apache.kafka.metadata..")
        .check(CLASSES);
  }

  @Test
  void filesystemKnowsNoAvroAndNoObjectStore() {
    noUse(List.of(Module.FILESYSTEM), AVRO, S3);
  }

  @Test
  void onlyBlobStoresKnowTheObjectStore() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tidemark.repository.blob..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(S3)
        .check(CLASSES);
  }

  @Test
  void generatedRecordsStopAtTheCodecAndTheRepositorysFiles() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            GENERATED, "dev.tidemark.schemas.codec..", "dev.tidemark.repository..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(GENERATED)
        .check(CLASSES);
  }

  @Test
  void rocksDbStopsAtTheEntryStoreAndTheStreamsStores() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.tidemark.filesystem.entry..", "dev.tidemark.store..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROCKSDB)
        .check(CLASSES);
  }

  @Test
  void onlyTheFilterKnowsTheMatcherOfGit() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tidemark.schemas.filter..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.eclipse.jgit..")
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLineKnowsPicocli() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tidemark.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(CLASSES);
  }

  /** One that is made elsewhere would go without TLS, a login and the settings of the log. */
  @Test
  void everyClientOfTheBrokerIsMadeInOnePlace() {
    makesNoClient(noClasses().that().doNotHaveFullyQualifiedName("dev.tidemark.log.LogClients"))
        .check(CLASSES);
    assertThat(
            makesNoClient(noClasses().that().haveFullyQualifiedName("dev.tidemark.log.LogClients"))
                .evaluate(CLASSES)
                .getFailureReport()
                .getDetails())
        .as("the rule sees the admin, the two producers and the consumer that are made there")
        .hasSize(4);
  }

  private static ArchRule makesNoClient(GivenClassesConjunction classes) {
    return classes
        .should()
        .callMethodWhere(target(owner(assignableTo(CLIENTS + "admin.Admin"))).and(target(CREATE)))
        .orShould()
        .callConstructorWhere(target(owner(assignableTo(CLIENTS + "admin.Admin"))))
        .orShould()
        .callConstructorWhere(target(owner(assignableTo(CLIENTS + "producer.Producer"))))
        .orShould()
        .callConstructorWhere(target(owner(assignableTo(CLIENTS + "consumer.Consumer"))));
  }

  /** Its own clients take the application's settings, which the chunk-store makes of the log's. */
  @Test
  void onlyTheChunkStoreMakesAnApplicationOfStreams() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.tidemark.store.StoreRun")
        .should()
        .callConstructorWhere(target(owner(assignableTo("org.apache.kafka.streams.KafkaStreams"))))
        .check(CLASSES);
  }

  @Test
  void onlyTheMetricsOfTheCommandLineKnowMicrometer() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tidemark.cli.metrics..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micrometer..", "io.prometheus..")
        .check(CLASSES);
  }

  @Test
  void onlyTheReaderOfConfigurationsKnowsLua() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tidemark.cli.migrate..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.luaj..")
        .check(CLASSES);
  }

  @Test
  void onlyTracingKnowsOpenTelemetry() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tidemark.cli.tracing..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.opentelemetry..")
        .check(CLASSES);
  }

  private static void noUse(List<Module> modules, String... packages) {
    String[] from = modules.stream().flatMap(m -> Stream.of(m.packages())).toArray(String[]::new);
    noClasses()
        .that()
        .resideInAnyPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages)
        .allowEmptyShould(true)
        .check(CLASSES);
  }
}
