package dev.tidemark.cli.reading;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.browse.DiffSummary;
import dev.tidemark.browse.Difference;
import dev.tidemark.browse.OpenTree;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import java.util.Set;

/** Differences of two trees, for people and for programs. */
public final class DiffText {
  private DiffText() {}

  /** One line, with the signs of restic. */
  public static String line(Difference difference) {
    return switch (difference) {
      case Difference.Added(NodePath path, Node node) -> "+ " + path + slash(node);
      case Difference.Removed(NodePath path, Node node) -> "- " + path + slash(node);
      case Difference.Modified(NodePath path, Node _, Node after, Set<NodeAspect> aspects) ->
          "%s %s%s (%s)".formatted(sign(aspects), path, slash(after), EventText.aspects(aspects));
      case Difference.Moved(
              NodePath from,
              NodePath path,
              Node _,
              Node after,
              Set<NodeAspect> aspects) ->
          "> %s%s from %s%s"
              .formatted(
                  path,
                  slash(after),
                  from,
                  aspects.isEmpty() ? "" : " (%s)".formatted(EventText.aspects(aspects)));
    };
  }

  private static String slash(Node node) {
    return node instanceof Node.Directory ? "/" : "";
  }

  private static String sign(Set<NodeAspect> aspects) {
    if (aspects.contains(NodeAspect.TYPE)) {
      return "T";
    }
    return aspects.contains(NodeAspect.CONTENT) ? "M" : "U";
  }

  /** The last line. */
  public static String line(OpenTree before, OpenTree after, DiffSummary summary) {
    return ("changes %d to %d: %s added (%s), %s removed (%s), %s with other content (%s, were %s),"
            + " %s with other metadata%s")
        .formatted(
            before.sequence(),
            after.sequence(),
            Amounts.count(summary.added()),
            Amounts.bytes(summary.addedBytes()),
            Amounts.count(summary.removed()),
            Amounts.bytes(summary.removedBytes()),
            Amounts.count(summary.contentChanged()),
            Amounts.bytes(summary.bytesAfter()),
            Amounts.bytes(summary.bytesBefore()),
            Amounts.count(summary.metadataChanged()),
            summary.moved() == 0 ? "" : ", %s moved".formatted(Amounts.count(summary.moved())));
  }

  /** {@code {"path":…,"change":…}} with the node, and the one before it if there was one. */
  public static String json(Difference difference) {
    ObjectNode json = Json.object();
    json.put("path", difference.path().toString());
    switch (difference) {
      case Difference.Added(NodePath _, Node node) -> {
        json.put("change", "added");
        Json.fill(json, node);
      }
      case Difference.Removed(NodePath _, Node node) -> {
        json.put("change", "removed");
        Json.fill(json, node);
      }
      case Difference.Modified(NodePath _, Node before, Node after, Set<NodeAspect> aspects) -> {
        json.put("change", DiffSummary.isContent(aspects) ? "content" : "metadata");
        Json.fill(json, aspects);
        Json.fill(json, after);
        Json.fill(json.putObject("before"), before);
      }
      case Difference.Moved(
              NodePath from,
              NodePath _,
              Node before,
              Node after,
              Set<NodeAspect> aspects) -> {
        json.put("change", "moved").put("from", from.toString());
        Json.fill(json, aspects);
        Json.fill(json, after);
        Json.fill(json.putObject("before"), before);
      }
    }
    return Json.write(json);
  }

  /** {@code {"summary":{…}}}. */
  public static String json(OpenTree before, OpenTree after, DiffSummary summary) {
    ObjectNode root = Json.object();
    root.putObject("summary")
        .put("tree", after.name().value())
        .put("fromSequence", before.sequence())
        .put("toSequence", after.sequence())
        .put("added", summary.added())
        .put("addedBytes", summary.addedBytes())
        .put("removed", summary.removed())
        .put("removedBytes", summary.removedBytes())
        .put("contentChanged", summary.contentChanged())
        .put("bytesBefore", summary.bytesBefore())
        .put("bytesAfter", summary.bytesAfter())
        .put("metadataChanged", summary.metadataChanged())
        .put("moved", summary.moved());
    return Json.write(root);
  }
}
