package dev.tidemark.cli.reading;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.mirror.DriftCheck;
import dev.tidemark.mirror.DriftCheck.Kind;
import dev.tidemark.mirror.DriftCheck.Report;
import dev.tidemark.schemas.change.NodePath;
import java.io.PrintStream;
import java.util.Locale;

/** Prints what others changed in a standby's directory, as it is found. */
public final class DriftText implements DriftCheck.Listener {
  private final PrintStream out;
  private final boolean json;
  private boolean begun;

  /**
   * @param json one object, {@code {"drifted":[…],"sequence":…,"entries":…}}, in place of lines
   */
  public DriftText(PrintStream out, boolean json) {
    this.out = out;
    this.json = json;
  }

  @Override
  public void drifted(NodePath path, Kind kind) {
    String word = kind.name().toLowerCase(Locale.ROOT);
    String shown = path.isRoot() ? "." : path.toString();
    if (!json) {
      out.printf("%-9s %s%n", word, shown);
      return;
    }
    ObjectNode entry = Json.object();
    entry.put("path", shown);
    entry.put("kind", word);
    out.print(begun ? "," : "{\"drifted\":[");
    out.print(Json.write(entry));
    begun = true;
  }

  /** The end of it; gives how many entries differ. */
  public long end(Report report) {
    if (json) {
      out.printf(
          "%s],\"sequence\":%d,\"entries\":%d}%n",
          begun ? "" : "{\"drifted\":[", report.sequence(), report.entries());
    } else {
      out.printf(
          "%d of %d entries are not as they were applied, at sequence %d%s%n",
          report.drifted(),
          report.entries(),
          report.sequence(),
          report.drifted() == 0 ? "" : "; the next start of the mirror mends them");
    }
    return report.drifted();
  }
}
