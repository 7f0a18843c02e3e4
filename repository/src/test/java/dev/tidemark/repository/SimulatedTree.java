package dev.tidemark.repository;

import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.idOf;
import static dev.tidemark.repository.TestData.plain;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.TreeAt;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A tree under random changes, and a plain memory of how it stood after each. Files lie below the
 * root and have one chunk each. Owned by one thread.
 */
public final class SimulatedTree {
  /** Takes the body of a file that the tree as published does not hold. */
  public interface Bodies {
    void send(String text);
  }

  /**
   * How the tree stood after a change.
   *
   * @param between whether it is between the marks of a full scan
   * @param tag its label, empty if the change is none
   */
  public record Moment(
      long sequence, long logTimeMillis, boolean between, String tag, Map<String, String> files) {}

  private final TreeName tree;
  private final Random random;
  private final Bodies bodies;
  private final Script script;
  private final int names;
  private final Map<String, String> files = new TreeMap<>();
  private final TreeMap<Long, Moment> moments = new TreeMap<>();
  private final List<SealedChange> unsealed = new ArrayList<>();
  private final List<SealedChange> logged = new ArrayList<>();
  private Set<String> putInScan = new HashSet<>();
  private boolean inScan;
  private int tags;
  private int texts;

  public SimulatedTree(TreeName tree, Random random, int names, long startMillis, Bodies bodies) {
    this.tree = tree;
    this.random = random;
    this.names = names;
    this.bodies = bodies;
    script =
        new Script(
            tree, new UUID(tree.value().hashCode(), 1), Cursor.start(TestData.TOPIC, 0, 100));
    script.begin(startMillis);
    remember("");
    append(put("", directory()), startMillis);
  }

  public TreeName name() {
    return tree;
  }

  /** Everything that ever stood, by sequence. */
  public TreeMap<Long, Moment> moments() {
    return moments;
  }

  public Moment moment(long sequence) {
    return Objects.requireNonNull(moments.get(sequence));
  }

  public Moment newest() {
    return moments.lastEntry().getValue();
  }

  private void append(Change.Body body, long now) {
    script.append(body, now);
    remember("");
  }

  private void remember(String tag) {
    moments.put(
        script.cursor().sequence(),
        new Moment(
            script.cursor().sequence(),
            script.cursor().logTimeMillis(),
            inScan,
            tag,
            new TreeMap<>(files)));
  }

  /** One random change at a time of the broker. */
  public void change(long now) {
    switch (random.nextInt(20)) {
      case 0 -> tag("t" + tags++, now);
      case 1, 2, 3 -> remove(now);
      case 4 -> move(now);
      case 5 -> {
        if (random.nextInt(6) == 0) {
          fullScan(now);
        }
      }
      case 6 -> {
        if (random.nextInt(10) == 0) {
          newEpoch(now);
        }
      }
      default -> putFile(now);
    }
  }

  private String anyName() {
    return "f" + random.nextInt(names);
  }

  // Some content comes again: after a removal it may be in the repository still, or just going.
  private String text() {
    return random.nextInt(3) == 0
        ? "shared " + random.nextInt(3 * names)
        : "%s text %d".formatted(tree, texts++);
  }

  public void putFile(long now) {
    putFile(random.nextInt(names), text(), now);
  }

  public void putFile(int number, String text, long now) {
    send(text);
    files.put("f" + number, text);
    append(put("f" + number, file(text)), now);
  }

  private void send(String text) {
    if (!files.containsValue(text)) {
      bodies.send(text);
    }
  }

  public void tag(String label, long now) {
    script.append(new Change.Tag(new UUID(label.hashCode(), tags), label), now);
    remember(label);
  }

  private Optional<String> anyFile() {
    List<String> there = new ArrayList<>(files.keySet());
    return there.isEmpty()
        ? Optional.empty()
        : Optional.of(there.get(random.nextInt(there.size())));
  }

  public void remove(long now) {
    Optional<String> file = anyFile();
    if (file.isPresent()) {
      files.remove(file.get());
      append(new Change.Remove(NodePath.ofText(file.get())), now);
    }
  }

  private void move(long now) {
    Optional<String> from = anyFile();
    String to = anyName();
    if (from.isPresent() && !from.get().equals(to)) {
      files.put(to, files.remove(from.get()));
      append(new Change.Move(NodePath.ofText(from.get()), NodePath.ofText(to)), now);
    }
  }

  /** Puts most files again; the others go at the end, in one step. */
  public void fullScan(long now) {
    inScan = true;
    putInScan = new HashSet<>();
    append(new Change.ScanStarted(Change.ScanKind.FULL), now);
    append(put("", directory()), now + 1);
    for (Map.Entry<String, String> entry : List.copyOf(files.entrySet())) {
      if (random.nextInt(4) > 0) {
        putInScan.add(entry.getKey());
        append(put(entry.getKey(), file(entry.getValue())), now + 2);
      }
    }
    inScan = false;
    files.keySet().retainAll(putInScan);
    append(new Change.ScanCompleted(Change.ScanKind.FULL), now + 3);
  }

  private void newEpoch(long now) {
    script.begin(now);
    remember("");
  }

  /** The log is lost, and goes on in a new topic. */
  public void newTopic(long now) {
    script.newTopic(new UUID(random.nextLong(), 9), now);
    remember("");
    append(put("", directory()), now);
  }

  /** The changes that are not sealed. */
  public List<SealedChange> unsealed() {
    List<SealedChange> taken = script.take();
    unsealed.addAll(taken);
    logged.addAll(taken);
    return unsealed;
  }

  /** All changes that were sealed or are to be, in order, of all logs there have been. */
  public List<SealedChange> logged() {
    unsealed();
    return List.copyOf(logged);
  }

  /** Seals what there is, in one segment; after a failure it is there still. */
  public void seal(Repository repository) throws IOException {
    List<SealedChange> changes = List.copyOf(unsealed());
    if (!changes.isEmpty()) {
      repository.log(tree).append(changes, script.cursor());
      unsealed.clear();
    }
  }

  public Cursor cursor() {
    return script.cursor();
  }

  /** Asserts that the repository gives a moment exactly, with all bytes. */
  public static void assertRestores(Repository repository, TreeName tree, Moment moment)
      throws IOException {
    TreeAt at = repository.history(tree).at(new At.Sequence(moment.sequence()));
    assertThat(filesOf(repository, at))
        .describedAs("tree %s at change %d", tree, moment.sequence())
        .isEqualTo(moment.files());
    assertThat(at.logTimeMillis()).isEqualTo(moment.logTimeMillis());
  }

  /** The files of a tree, read to the last byte. */
  public static Map<String, String> filesOf(Repository repository, TreeAt at) throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (EntryStream entries = at.tree().subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        if (next.get().node() instanceof Node.File file) {
          StringBuilder text = new StringBuilder();
          for (ChunkId id : idsOf(file)) {
            text.append(
                new String(repository.readChunk(id), java.nio.charset.StandardCharsets.UTF_8));
          }
          found.put(next.get().path().toString(), text.toString());
        }
      }
    }
    return found;
  }

  private static List<ChunkId> idsOf(Node.File file) {
    return file.content().extents().stream()
        .filter(Extent.Chunk.class::isInstance)
        .map(extent -> ((Extent.Chunk) extent).id())
        .toList();
  }

  /** The chunks that a moment names. */
  public static Set<ChunkId> idsOf(Moment moment) {
    Set<ChunkId> ids = new HashSet<>();
    moment.files().values().forEach(text -> ids.add(idOf(text)));
    return ids;
  }

  /** What a body of this text weighs. */
  public static int bytesOf(String text) {
    return plain(text).length;
  }
}
