package dev.tidemark.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder of the broker's own files: made and formatted at the first start, kept after that. */
final class DataFolder {
  /** With less than this the broker would not get through its start; then it ends the process. */
  static final long MINIMUM_FREE_BYTES = 64L * 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(DataFolder.class);

  private DataFolder() {}

  /**
   * Makes {@code folder} usable: present, writable, with free space.
   *
   * @throws BrokerStartException if it is not; Kafka itself would halt the process instead
   */
  static void prepare(Path folder) throws BrokerStartException {
    if (folder.toString().indexOf(',') >= 0) {
      throw new BrokerStartException(
          "The broker folder %s has a comma in its path, which separates folders in the broker's"
                  .formatted(folder)
              + " settings. Choose a path without one.");
    }
    try {
      Files.createDirectories(folder);
      Path probe = Files.createTempFile(folder, "probe", ".tmp");
      try {
        Files.write(probe, new byte[4096]);
      } finally {
        Files.delete(probe);
      }
      FileStore store = Files.getFileStore(folder);
      if (store.getUsableSpace() < MINIMUM_FREE_BYTES) {
        throw new BrokerStartException(
            ("The disk of the broker folder %s has %d bytes free, the broker needs at least %d to"
                    + " start. Free some space or choose another folder.")
                .formatted(folder, store.getUsableSpace(), MINIMUM_FREE_BYTES));
      }
    } catch (BrokerStartException e) {
      throw e;
    } catch (IOException e) {
      throw new BrokerStartException(
          "The broker folder %s cannot be written: %s. Check its owner, its rights and the free space."
              .formatted(folder, e),
          e);
    }
  }

  /** The formatted data folder in {@code folder}; formats a new one. Needs the folder's lock. */
  static Path open(Path folder) throws IOException {
    Path data = folder.resolve("data");
    if (Files.isDirectory(data)) {
      return data;
    }
    // Formatted beside and renamed, so that a crash in the middle leaves nothing half made.
    Path temporary = folder.resolve("data.new");
    delete(temporary);
    format(temporary);
    Files.move(temporary, data, StandardCopyOption.ATOMIC_MOVE);
    return data;
  }

  private static void format(Path data) throws IOException {
    String directory = data.toString();
    String clusterId = Uuid.randomUuid().toString();
    Formatter formatter =
        new Formatter()
            // What it prints is said below.
            .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
            .setClusterId(clusterId)
            .setNodeId(BrokerSettings.NODE_ID)
            .setControllerListenerName(BrokerSettings.CONTROLLER_LISTENER)
            .setMetadataLogDirectory(directory)
            .setDirectories(List.of(directory))
            .setReleaseVersion(MetadataVersion.latestProduction());
    try {
      formatter.run();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new BrokerStartException(
          "The broker folder %s could not be formatted: %s".formatted(data, e), e);
    }
    log.atInfo()
        .addKeyValue("folder", data.getParent())
        .addKeyValue("cluster", clusterId)
        .log("broker folder formatted");
  }

  private static void delete(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
