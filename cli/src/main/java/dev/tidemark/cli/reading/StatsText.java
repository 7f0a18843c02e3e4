package dev.tidemark.cli.reading;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.browse.OpenTree;
import dev.tidemark.browse.TreeUse;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.repository.stats.StoreUse;
import dev.tidemark.repository.stats.StoreUse.Kind;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects what was counted, for people and for programs. Owned by one thread. */
public final class StatsText {
  private final ZoneId zone;
  private final List<String> lines = new ArrayList<>();
  private final ObjectNode json = Json.object();
  private final ArrayNode trees = json.putArray("trees");

  public StatsText(ZoneId zone) {
    this.zone = zone;
  }

  /** For people. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /**
   * {@code {"trees":[…],"total":{…},"repository":{…}}}, without a total for less than two trees.
   */
  public String json() {
    return Json.write(json);
  }

  public void add(OpenTree tree, TreeUse use) {
    lines.add(
        "tree %s at change %d of %s"
            .formatted(tree.name(), tree.sequence(), TimeText.millis(tree.logTimeMillis(), zone)));
    lines(use);
    ObjectNode one = trees.addObject();
    one.put("tree", tree.name().value());
    one.put("sequence", tree.sequence());
    one.put("logTime", Instant.ofEpochMilli(tree.logTimeMillis()).toString());
    fill(one, use);
  }

  /** All of the trees together. */
  public void addTotal(int count, TreeUse use) {
    lines.add("all %d trees together".formatted(count));
    lines(use);
    fill(json.putObject("total"), use);
  }

  private void lines(TreeUse use) {
    lines.add(
        "  holds        %s files, %s; %s directories, %s others"
            .formatted(
                Amounts.count(use.files()),
                Amounts.bytes(use.bytes()),
                Amounts.count(use.directories()),
                Amounts.count(use.others())));
    lines.add(
        "  unique       %s in %s chunks"
            .formatted(Amounts.bytes(use.uniqueBytes()), Amounts.count(use.chunks())));
    lines.add(
        "  stored       %s%s%s"
            .formatted(
                Amounts.bytes(use.storedBytes()),
                use.storedBytes() == 0
                    ? ""
                    : String.format(Locale.ROOT, ", a ratio of %.2f", ratio(use)),
                use.chunksNotStored() == 0
                    ? ""
                    : "; %s chunks are in the log only"
                        .formatted(Amounts.count(use.chunksNotStored()))));
  }

  private static double ratio(TreeUse use) {
    return use.storedBytes() == 0 ? 0 : (double) use.bytes() / use.storedBytes();
  }

  private static void fill(ObjectNode json, TreeUse use) {
    json.put("files", use.files());
    json.put("directories", use.directories());
    json.put("others", use.others());
    json.put("bytes", use.bytes());
    json.put("uniqueBytes", use.uniqueBytes());
    json.put("chunks", use.chunks());
    json.put("chunksNotStored", use.chunksNotStored());
    json.put("storedBytes", use.storedBytes());
    json.put("ratio", Math.round(ratio(use) * 1000) / 1000.0);
  }

  /** What the repository consists of. */
  public void add(StoreUse store) {
    lines.add("repository, %s".formatted(Amounts.bytes(store.bytes())));
    ObjectNode repository = json.putObject("repository");
    repository.put("bytes", store.bytes());
    for (Kind kind : Kind.values()) {
      StoreUse.Amount amount = store.amount(kind);
      lines.add(
          "  %-12s %s, %s"
              .formatted(
                  EventText.lower(kind).replace('_', ' '),
                  Amounts.count(amount.count()),
                  Amounts.bytes(amount.bytes())));
      repository.putObject(key(kind)).put("count", amount.count()).put("bytes", amount.bytes());
    }
  }

  private static String key(Kind kind) {
    return switch (kind) {
      case PACKS -> "packs";
      case INDEX_BLOBS -> "indexBlobs";
      case LOG_SEGMENTS -> "logSegments";
      case SNAPSHOTS -> "snapshots";
      case MANIFESTS -> "manifests";
      case OTHERS -> "others";
    };
  }
}
