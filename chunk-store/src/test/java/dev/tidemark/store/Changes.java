package dev.tidemark.store;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** Makes the changes of one writer, numbered as a writer numbers them. */
final class Changes {
  static final Metadata METADATA = Metadata.of(0644, 0, 0, new FileTime(1_700_000_000, 0));

  final TreeName tree;
  final UUID writer;
  final UUID chunksTopic;
  long term;
  long epoch = -1;
  long number;

  /** Broker time of the oldest frame of each change. */
  long oldestMillis = System.currentTimeMillis();

  Changes(String tree, UUID writer, UUID chunksTopic) {
    this.tree = new TreeName(tree);
    this.writer = writer;
    this.chunksTopic = chunksTopic;
  }

  /** A chunk's plain bytes, which do not compress, so that sizes mean what they say. */
  static byte[] plain(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] frame(byte[] plain) {
    return Frame.compress(plain, 0, plain.length);
  }

  static ChunkId id(byte[] plain) {
    return ChunkId.computeOf(plain);
  }

  static Extent.Chunk extent(byte[] plain, int partition, long offset) {
    return new Extent.Chunk(id(plain), plain.length, new FramePosition(partition, offset));
  }

  /** The next term; the caller sets {@link #epoch} to the offset that the record gets. */
  Change epochStarted() {
    Previous previous =
        epoch < 0 ? new Previous.None() : new Previous.Known(new Epoch(epoch, writer));
    Change change =
        change(
            Change.NO_EPOCH,
            0,
            Frames.NONE,
            new Change.EpochStarted("host", ++term, previous, number));
    number = 0;
    return change;
  }

  Change next(Body body) {
    return change(epoch, ++number, Frames.NONE, body);
  }

  Change put(String path, Extent... extents) {
    return put(path, List.of(extents), List.of());
  }

  /**
   * @param alsoNeeded positions that are named by lists within the extents
   */
  Change put(String path, List<Extent> extents, List<FramePosition> alsoNeeded) {
    Map<Integer, Long> needs = new HashMap<>();
    List<FramePosition> positions = new ArrayList<>(alsoNeeded);
    long size = 0;
    for (Extent extent : extents) {
      size += extent.bytes();
      switch (extent) {
        case Extent.Chunk chunk -> positions.add(chunk.position());
        case Extent.Nested nested -> positions.add(nested.list().position());
        case Extent.Hole _ -> {}
      }
    }
    for (FramePosition position : positions) {
      if (position.isKnown()) {
        needs.merge(position.partition(), position.offset(), Math::max);
      }
    }
    List<FramePosition> highest =
        needs.entrySet().stream().map(e -> new FramePosition(e.getKey(), e.getValue())).toList();
    Frames frames =
        highest.isEmpty() ? Frames.NONE : new Frames(chunksTopic, highest, oldestMillis);
    return change(
        epoch,
        ++number,
        frames,
        new Change.Put(
            NodePath.ofText(path), new Node.File(METADATA, new Content(size, extents, false))));
  }

  Change directory(String path) {
    return next(new Change.Put(NodePath.ofText(path), new Node.Directory(METADATA)));
  }

  Change symlink(String path) {
    return next(
        new Change.Put(NodePath.ofText(path), new Node.Symlink(METADATA, Bytes.ofText("x"))));
  }

  Change tag(String label) {
    return change(Change.NO_EPOCH, 0, Frames.NONE, new Change.Tag(UUID.randomUUID(), label));
  }

  Change heartbeat() {
    return change(epoch, 0, Frames.NONE, new Change.Heartbeat(number));
  }

  private Change change(long ofEpoch, long ofNumber, Frames frames, Body body) {
    return new Change(tree, ofEpoch, ofNumber, writer, 1, Cause.LIVE, frames, body);
  }
}
