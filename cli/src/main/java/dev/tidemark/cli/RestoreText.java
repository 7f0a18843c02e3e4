package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.apply.Losses.Loss;
import dev.tidemark.apply.SyncPreview.Preview;
import dev.tidemark.apply.SyncReport;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.restore.RestorePreview;
import dev.tidemark.restore.RestoreReport;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;

/** What {@code restore} tells, to a person and to a program. */
final class RestoreText {
  private RestoreText() {}

  /** What could not be restored, or not kept of what was. */
  static void printTroubles(SyncReport result, PrintStream err) {
    for (SyncReport.Failure failure : result.failures()) {
      err.printf("tidemark: %s: %s%n", failure.path(), failure.reason());
    }
    for (Loss loss : result.losses()) {
      err.printf(
          "tidemark: not kept: %s, %s times; the first: %s%n",
          loss.kind().text(), Amounts.count(loss.count()), loss.first());
    }
    if (result.failureCount() > 0) {
      err.printf("tidemark: %s entries could not be restored%n", result.failureCount());
    }
  }

  static void print(RestoreReport report, Path folder, PrintStream out) {
    SyncReport result = report.result();
    out.printf(
        "restored tree %s at sequence %d of %s to %s%n",
        report.tree(), report.sequence(), Instant.ofEpochMilli(report.logTimeMillis()), folder);
    out.printf(
        "%s files written, %s%s; %s directories, %s others; %s were right before%s%n",
        Amounts.count(result.filesWritten()),
        Amounts.bytes(result.bytesWritten()),
        result.bytesReused() > 0
            ? ", of which " + Amounts.bytes(result.bytesReused()) + " were there"
            : "",
        Amounts.count(result.directories()),
        Amounts.count(result.othersWritten()),
        Amounts.count(result.kept()),
        result.removed() > 0 ? "; " + Amounts.count(result.removed()) + " removed" : "");
    out.printf(
        "complete to %s, in %s%n",
        Instant.ofEpochMilli(report.completeToMillis()), Amounts.millis(report.millis()));
  }

  static void print(RestorePreview plan, Path folder, PrintStream out) {
    Preview preview = plan.preview();
    out.printf(
        "tree %s at sequence %d of %s: %s entries, %s%n",
        plan.tree(),
        plan.sequence(),
        Instant.ofEpochMilli(plan.logTimeMillis()),
        Amounts.count(plan.entries()),
        Amounts.bytes(plan.bytes()));
    out.printf(
        "to %s would be written: %s files, %s, and %s others; %s are right%s%n",
        folder,
        Amounts.count(preview.filesToWrite()),
        Amounts.bytes(preview.bytesToWrite()),
        Amounts.count(preview.othersToWrite()),
        Amounts.count(preview.kept()),
        preview.toRemove() > 0
            ? "; " + Amounts.count(preview.toRemove()) + " would be removed"
            : "");
    out.printf(
        "fetched by %s requests of %s, in about %s; nothing was done%n",
        Amounts.count(preview.requests()),
        Amounts.bytes(preview.bytesToFetch()),
        Amounts.millis(Math.round(preview.fetchSeconds() * 1e3)));
  }

  static ObjectNode json(RestorePreview plan) {
    Preview preview = plan.preview();
    return Json.object()
        .put("type", "preview")
        .put("tree", plan.tree().value())
        .put("sequence", plan.sequence())
        .put("logTime", Instant.ofEpochMilli(plan.logTimeMillis()).toString())
        .put("entries", plan.entries())
        .put("bytes", plan.bytes())
        .put("directories", preview.directories())
        .put("filesToWrite", preview.filesToWrite())
        .put("bytesToWrite", preview.bytesToWrite())
        .put("othersToWrite", preview.othersToWrite())
        .put("kept", preview.kept())
        .put("toRemove", preview.toRemove())
        .put("requests", preview.requests())
        .put("bytesToFetch", preview.bytesToFetch())
        .put("fetchSeconds", preview.fetchSeconds());
  }

  static ObjectNode json(RestoreReport report) {
    SyncReport result = report.result();
    ObjectNode json =
        Json.object()
            .put("type", "summary")
            .put("tree", report.tree().value())
            .put("sequence", report.sequence())
            .put("logTime", Instant.ofEpochMilli(report.logTimeMillis()).toString())
            .put("completeTo", Instant.ofEpochMilli(report.completeToMillis()).toString())
            .put("unsealedChanges", report.unsealedChanges())
            .put("directories", result.directories())
            .put("filesWritten", result.filesWritten())
            .put("othersWritten", result.othersWritten())
            .put("linked", result.linked())
            .put("kept", result.kept())
            .put("removed", result.removed())
            .put("bytesWritten", result.bytesWritten())
            .put("bytesReused", result.bytesReused())
            .put("failureCount", result.failureCount())
            .put("millis", report.millis());
    ArrayNode losses = json.putArray("notKept");
    for (Loss loss : result.losses()) {
      losses
          .addObject()
          .put("what", loss.kind().text())
          .put("count", loss.count())
          .put("first", loss.first());
    }
    ArrayNode failures = json.putArray("failures");
    for (SyncReport.Failure failure : result.failures()) {
      failures.addObject().put("path", failure.path().toString()).put("reason", failure.reason());
    }
    return json;
  }
}
