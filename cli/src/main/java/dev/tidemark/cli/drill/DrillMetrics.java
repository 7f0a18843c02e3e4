package dev.tidemark.cli.drill;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file in Prometheus' text format with what is known of one tree's drills, for the textfile
 * collector of node_exporter. It is replaced in one step, so that no half of it is ever collected.
 */
public final class DrillMetrics {
  private static final String SUCCESS = "tidemark_drill_last_success_timestamp_seconds";
  private static final Pattern LINE = Pattern.compile("(?m)^(\\w+)\\{tree=\"([^\"]*)\"\\} (\\d+)");

  private final Path file;
  private final TreeName tree;
  private final OptionalLong lastSuccess;

  private DrillMetrics(Path file, TreeName tree, OptionalLong lastSuccess) {
    this.file = file;
    this.tree = tree;
    this.lastSuccess = lastSuccess;
  }

  /**
   * Reads when the last drill succeeded, which stays true if the next one does not.
   *
   * @throws ArgumentException if the file is not of this tree's drills
   * @throws IOException if it cannot be read, or nothing can be made beside it
   */
  public static DrillMetrics open(Path file, TreeName tree) throws IOException {
    Path absolute = file.toAbsolutePath().normalize();
    Path folder = absolute.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException(
          "The directory of the metrics file %s is not there. Make it, or name another file with --metrics-file."
              .formatted(file));
    }
    OptionalLong success = OptionalLong.empty();
    if (Files.exists(absolute)) {
      String text = Files.readString(absolute, StandardCharsets.UTF_8);
      Matcher line = LINE.matcher(text);
      boolean isOfTree = text.isEmpty();
      while (line.find()) {
        isOfTree = line.group(2).equals(tree.value());
        if (!isOfTree) {
          break;
        }
        if (line.group(1).equals(SUCCESS)) {
          success = OptionalLong.of(Long.parseLong(line.group(3)));
        }
      }
      if (!isOfTree) {
        throw new ArgumentException(
            "--metrics-file %s: it is there, and holds no drills of tree %s. Give each tree a file of its own."
                .formatted(file, tree));
      }
    }
    return new DrillMetrics(absolute, tree, success);
  }

  /**
   * Writes what came of a drill.
   *
   * @param result empty if it could not be carried out
   */
  public void write(long nowMillis, Optional<Drill.Result> result) throws IOException {
    boolean isProved = result.filter(Drill.Result::isProved).isPresent();
    StringBuilder text = new StringBuilder();
    gauge(text, "tidemark_drill_result", "1 if the last drill proved the tree.", isProved ? 1 : 0);
    gauge(
        text,
        "tidemark_drill_last_run_timestamp_seconds",
        "When the last drill ended.",
        nowMillis / 1000);
    if (isProved || lastSuccess.isPresent()) {
      gauge(
          text,
          SUCCESS,
          "When a drill last proved the tree.",
          isProved ? nowMillis / 1000 : lastSuccess.getAsLong());
    }
    result.ifPresent(drill -> add(text, drill));
    replace(text.toString());
  }

  private void add(StringBuilder text, Drill.Result drill) {
    gauge(
        text,
        "tidemark_drill_instant_timestamp_seconds",
        "Log time of the instant that was restored.",
        drill.restored().logTimeMillis() / 1000);
    gauge(
        text,
        "tidemark_drill_duration_seconds",
        "How long restoring and proving took.",
        drill.millis() / 1000.0);
    gauge(text, "tidemark_drill_entries", "Entries compared.", drill.proof().report().entries());
    gauge(text, "tidemark_drill_bytes", "Bytes read and hashed.", drill.proof().report().bytes());
    gauge(
        text,
        "tidemark_drill_wrong_entries",
        "Entries that could not be restored, or were not as the history has them.",
        drill.restored().result().failureCount() + drill.proof().report().differenceCount());
  }

  private void gauge(StringBuilder text, String name, String help, Number value) {
    String number =
        value instanceof Double seconds
            ? String.format(Locale.ROOT, "%.3f", seconds)
            : value.toString();
    text.append("# HELP %s %s%n# TYPE %s gauge%n".formatted(name, help, name))
        .append("%s{tree=\"%s\"} %s%n".formatted(name, tree, number));
  }

  /** The collector takes files that end in .prom, and reads as another user. */
  private void replace(String text) throws IOException {
    Path next = Files.createTempFile(file.getParent(), ".tidemark-drill-", ".new");
    try {
      Files.writeString(next, text, StandardCharsets.UTF_8);
      Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-r--r--"));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(next);
      throw new IOException(
          "The metrics file %s could not be written: %s".formatted(file, e.getMessage()), e);
    }
  }
}
