package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.apply.SyncReport.Failure;
import dev.tidemark.apply.TreeProof;
import dev.tidemark.cli.drill.Drill;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.reading.TimeText;
import dev.tidemark.schemas.tree.TreeDigest;
import java.io.PrintStream;
import java.time.ZoneId;

/** What {@code drill} tells, to a person and to a program. */
final class DrillText {
  private DrillText() {}

  /** What could not be restored, and what is not as it was. */
  static void printTroubles(Drill.Result drill, PrintStream err) {
    RestoreText.printTroubles(drill.restored().result(), err);
    TreeProof.Report proof = drill.proof().report();
    for (Failure difference : proof.differences()) {
      err.printf("tidemark: %s: %s%n", difference.path(), difference.reason());
    }
    if (!proof.isProved()) {
      err.printf(
          "tidemark: %s entries are not as the history has them, though they were restored: look at"
              + " this host's memory and disk, and drill on another one%n",
          Amounts.count(proof.differenceCount()));
    }
  }

  static void print(Drill.Result drill, ZoneId zone, PrintStream out) {
    TreeProof.Report proof = drill.proof().report();
    out.printf(
        "%s: tree %s at sequence %d of %s%n",
        drill.isProved() ? "proved" : "NOT proved",
        drill.restored().tree(),
        drill.restored().sequence(),
        TimeText.millis(drill.restored().logTimeMillis(), zone));
    out.printf(
        "%s entries compared; %s files, %s, read and hashed%s%n",
        Amounts.count(proof.entries()),
        Amounts.count(proof.files()),
        Amounts.bytes(proof.bytes()),
        proof.notKept() == 0
            ? ""
            : "; of %s not all could be kept here".formatted(Amounts.count(proof.notKept())));
    out.printf(
        "restored in %s (%s/s), proved in %s (%s/s)%n",
        Amounts.millis(drill.restored().millis()),
        Amounts.bytes(
            perSecond(drill.restored().result().bytesWritten(), drill.restored().millis())),
        Amounts.millis(drill.proof().millis()),
        Amounts.bytes(perSecond(proof.bytes(), drill.proof().millis())));
    drill.proof().digest().ifPresent(digest -> out.printf("digest of the tree: %s%n", digest));
  }

  private static long perSecond(long bytes, long millis) {
    return bytes * 1000 / Math.max(1, millis);
  }

  static ObjectNode json(Drill.Result drill, long seed) {
    TreeProof.Report proof = drill.proof().report();
    ObjectNode json = RestoreText.json(drill.restored());
    json.put("type", "drill");
    json.put("proved", drill.isProved());
    json.put("seed", seed);
    ObjectNode proved = json.putObject("proof");
    proved
        .put("entries", proof.entries())
        .put("files", proof.files())
        .put("bytes", proof.bytes())
        .put("entriesNotAllKept", proof.notKept())
        .put("differenceCount", proof.differenceCount())
        .put("digest", drill.proof().digest().map(TreeDigest::toString).orElse(null))
        .put("millis", drill.proof().millis());
    ArrayNode differences = proved.putArray("differences");
    for (Failure difference : proof.differences()) {
      differences
          .addObject()
          .put("path", difference.path().toString())
          .put("reason", difference.reason());
    }
    return json;
  }
}
