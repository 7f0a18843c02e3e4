package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.repository.verify.Damage;
import dev.tidemark.repository.verify.VerifyProgress;
import dev.tidemark.repository.verify.VerifyReport;
import java.io.PrintStream;
import java.time.Instant;

/** How the commands that check a repository tell of it. */
final class VerifyText {
  private static final long PROGRESS_NANOS = 200_000_000;

  private VerifyText() {}

  /** Shows how far a check has come. */
  static VerifyProgress.Listener progressOn(StatusLine line) {
    return new VerifyProgress.Listener() {
      private long shownAt = System.nanoTime();

      @Override
      public void progressed(VerifyProgress progress) {
        long now = System.nanoTime();
        if (now - shownAt < PROGRESS_NANOS) {
          return;
        }
        shownAt = now;
        line.show(
            "%s of %s packs, %s of %s; %s changes and entries"
                .formatted(
                    Amounts.count(progress.packs()),
                    Amounts.count(progress.totalPacks()),
                    Amounts.bytes(progress.bytes()),
                    Amounts.bytes(progress.totalBytes()),
                    Amounts.count(progress.changes())));
      }
    };
  }

  /** What is damaged, and what cannot be restored because of it. */
  static void printDamages(PrintStream out, VerifyReport report) {
    for (Damage damage : report.damages()) {
      out.printf("damaged: %s: %s%n", damage.subject(), damage.what());
      for (Damage.Touch touch : damage.touches()) {
        out.printf(
            "  cannot be restored: tree %s, %s, as of %s (sequence %d)%n",
            touch.tree(),
            touch.path(),
            Instant.ofEpochMilli(touch.logTimeMillis()),
            touch.sequence());
      }
      long more = damage.touchCount() - damage.touches().size();
      if (more > 0) {
        out.printf("  and %s more%n", Amounts.count(more));
      }
    }
    long untold = report.damageCount() - report.damages().size();
    if (untold > 0) {
      out.printf("and %s more damaged%n", Amounts.count(untold));
    }
  }

  /** Everything that a report holds. */
  static ObjectNode toJson(VerifyReport report) {
    ObjectNode json =
        Json.object()
            .put("sound", report.isSound())
            .put("packs", report.packs())
            .put("packsRead", report.readPacks())
            .put("packBytes", report.packBytes())
            .put("chunks", report.packedChunks())
            .put("unindexedPacks", report.unindexedPacks())
            .put("indexBlobs", report.indexBlobs())
            .put("trees", report.trees())
            .put("segments", report.segments())
            .put("changes", report.changes())
            .put("snapshots", report.snapshots())
            .put("manifests", report.manifests())
            .put("damageCount", report.damageCount());
    ArrayNode damages = json.putArray("damages");
    for (Damage damage : report.damages()) {
      ObjectNode one =
          damages
              .addObject()
              .put("subject", damage.subject())
              .put("what", damage.what())
              .put("touchCount", damage.touchCount());
      ArrayNode touches = one.putArray("touches");
      for (Damage.Touch touch : damage.touches()) {
        touches
            .addObject()
            .put("tree", touch.tree().value())
            .put("path", touch.path().toString())
            .put("sequence", touch.sequence())
            .put("logTime", Instant.ofEpochMilli(touch.logTimeMillis()).toString());
      }
    }
    return json;
  }
}
