package dev.tidemark.cli.drill;

import dev.tidemark.cli.reading.Reading;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.At;
import dev.tidemark.restore.Restore;
import dev.tidemark.restore.RestoreConfig;
import dev.tidemark.restore.RestorePreview;
import dev.tidemark.restore.RestoreProof;
import dev.tidemark.restore.RestoreProof.Proof;
import dev.tidemark.restore.RestoreReport;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** One drill: a tree, or a part of it, restored and proved. */
public final class Drill implements AutoCloseable {
  private final Reading reading;
  private final ScratchFolder scratch;
  private final TreeName tree;

  private Drill(Reading reading, ScratchFolder scratch, TreeName tree) {
    this.reading = reading;
    this.scratch = scratch;
    this.tree = tree;
  }

  /** How the names of a tree's folders begin; digits follow. */
  public static String folderPrefix(TreeName tree) {
    return ScratchFolder.prefix(tree);
  }

  /**
   * Makes the folder that a drill writes into.
   *
   * @param reading stays the caller's
   * @throws IOException if it cannot be made
   */
  public static Drill open(Reading reading, TreeName tree, Path scratch) throws IOException {
    return new Drill(reading, ScratchFolder.create(scratch, tree), tree);
  }

  /** A kept instant, another one with each seed. */
  public static At draw(Reading reading, TreeName tree, NodePath path, long seed)
      throws IOException {
    InstantDraw draw = new InstantDraw(new SplittableRandom(seed));
    return draw.draw(tree, reading.repository().history(tree).open(), path);
  }

  /**
   * What a drill did.
   *
   * @param folder where the tree was put
   */
  public record Result(RestoreReport restored, Proof proof, Path folder) {
    /** Whether all of it is there, and as it was. */
    public boolean isProved() {
      return restored.isComplete() && proof.report().isProved();
    }

    public long millis() {
      return restored.millis() + proof.millis();
    }
  }

  /** Folders beside this one that other drills of the tree have left, or are using. */
  public List<Path> others() throws IOException {
    return scratch.others(tree);
  }

  /** The directory that the folder was made in. */
  public Path parent() {
    return scratch.parent();
  }

  /** Where the tree is put. */
  public Path folder() {
    return scratch.tree();
  }

  /**
   * Restores and proves.
   *
   * @param config names tree, instant and part; into {@link #folder()}
   * @param between called when all is restored, and nothing proved
   * @throws IOException if there is too little room, or repository or folder cannot be read or
   *     written
   */
  public Result run(RestoreConfig config, Consumer<RestoreReport> between) throws IOException {
    Repository repository = reading.repository();
    RestorePreview preview = Restore.preview(config, repository);
    scratch.requireRoom(preview.preview().bytesToWrite(), preview.entries());
    RestoreReport restored = Restore.run(config, repository);
    between.accept(restored);
    return new Result(restored, RestoreProof.run(config, restored, repository), scratch.tree());
  }

  /** Leaves what is restored where it is. */
  public void keep() {
    scratch.keep();
  }

  /** Removes what was restored. */
  @Override
  public void close() throws IOException {
    scratch.close();
  }
}
