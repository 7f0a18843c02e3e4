package dev.tidemark.schemas.codec;

import static dev.tidemark.schemas.codec.NodeMapper.buffer;
import static dev.tidemark.schemas.codec.NodeMapper.path;
import static dev.tidemark.schemas.codec.NodeMapper.uuid;

import dev.tidemark.schemas.avro.MarkKind;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.TreeName;
import java.util.List;

/** Changes and their bodies. */
final class ChangeMapper {
  private ChangeMapper() {}

  static dev.tidemark.schemas.avro.Change toAvro(Change change) {
    Frames frames = change.frames();
    return new dev.tidemark.schemas.avro.Change(
        change.tree().value(),
        change.epoch(),
        change.number(),
        uuid(change.writer()),
        change.capturedAtMicros(),
        switch (change.cause()) {
          case LIVE -> dev.tidemark.schemas.avro.Cause.LIVE;
          case SCAN -> dev.tidemark.schemas.avro.Cause.SCAN;
          case RECONCILE -> dev.tidemark.schemas.avro.Cause.RECONCILE;
        },
        frames.isEmpty() ? null : uuid(frames.chunksTopic()),
        frames.needs().stream()
            .map(p -> new dev.tidemark.schemas.avro.Position(p.partition(), p.offset()))
            .toList(),
        frames.oldestMillis(),
        body(change.body()));
  }

  static Change fromAvro(dev.tidemark.schemas.avro.Change avro) throws UnreadableRecordException {
    return new Change(
        new TreeName(avro.getTree()),
        avro.getEpoch(),
        avro.getNumber(),
        uuid(avro.getWriter()),
        avro.getCapturedAt(),
        switch (avro.getCause()) {
          case LIVE -> Cause.LIVE;
          case SCAN -> Cause.SCAN;
          case RECONCILE -> Cause.RECONCILE;
          case UNKNOWN -> throw NodeMapper.tooNew("cause");
        },
        frames(avro),
        body(avro.getBody()));
  }

  private static Frames frames(dev.tidemark.schemas.avro.Change avro)
      throws UnreadableRecordException {
    if (avro.getNeeds().isEmpty()) {
      return Frames.NONE;
    }
    var topic = avro.getChunksTopic();
    if (topic == null) {
      throw new UnreadableRecordException("a change names frames but not their topic");
    }
    List<FramePosition> needs =
        avro.getNeeds().stream()
            .map(p -> new FramePosition(p.getPartition(), p.getOffset()))
            .toList();
    return new Frames(uuid(topic), needs, avro.getOldestFrameTime());
  }

  private static Object body(Body body) {
    return switch (body) {
      case Change.Put(var path, var node) ->
          new dev.tidemark.schemas.avro.Put(buffer(path), NodeMapper.toAvro(node));
      case Change.Remove(var path) -> new dev.tidemark.schemas.avro.Remove(buffer(path));
      case Change.Move(var from, var to) ->
          new dev.tidemark.schemas.avro.Move(buffer(from), buffer(to));
      case Change.Exchange(var first, var second) ->
          new dev.tidemark.schemas.avro.Exchange(buffer(first), buffer(second));
      case Change.Keep(var path) -> new dev.tidemark.schemas.avro.Keep(buffer(path));
      case Change.Mark mark -> mark(mark);
    };
  }

  private static dev.tidemark.schemas.avro.Mark mark(Change.Mark mark) {
    var builder = dev.tidemark.schemas.avro.Mark.newBuilder();
    switch (mark) {
      case Change.EpochStarted(var host, var term, var previous, var previousNumber) -> {
        builder.setKind(MarkKind.EPOCH_STARTED).setHost(host).setTerm(term);
        builder.setPreviousNumber(previousNumber);
        builder.setPreviousEpoch(
            switch (previous) {
              case Previous.None() -> null;
              case Previous.Known(var epoch) -> CursorMapper.toAvro(epoch);
            });
      }
      case Change.ScanStarted(var kind) ->
          builder.setKind(MarkKind.SCAN_STARTED).setScan(scan(kind));
      case Change.ScanCompleted(var kind) ->
          builder.setKind(MarkKind.SCAN_COMPLETED).setScan(scan(kind));
      case Change.Tag(var id, var label) ->
          builder.setKind(MarkKind.TAG).setTag(uuid(id)).setLabel(label);
      case Change.Heartbeat(var lastNumber) ->
          builder.setKind(MarkKind.HEARTBEAT).setLastNumber(lastNumber);
    }
    return builder.build();
  }

  private static Body body(Object avro) throws UnreadableRecordException {
    return switch (avro) {
      case dev.tidemark.schemas.avro.Put put ->
          new Change.Put(path(put.getPath()), NodeMapper.fromAvro(put.getNode()));
      case dev.tidemark.schemas.avro.Remove remove -> new Change.Remove(path(remove.getPath()));
      case dev.tidemark.schemas.avro.Move move ->
          new Change.Move(path(move.getFrom()), path(move.getTo()));
      case dev.tidemark.schemas.avro.Exchange exchange ->
          new Change.Exchange(path(exchange.getFirst()), path(exchange.getSecond()));
      case dev.tidemark.schemas.avro.Keep keep -> new Change.Keep(path(keep.getPath()));
      case dev.tidemark.schemas.avro.Mark mark -> mark(mark);
      default -> throw new UnreadableRecordException("a body of " + avro.getClass().getName());
    };
  }

  private static Body mark(dev.tidemark.schemas.avro.Mark mark) throws UnreadableRecordException {
    return switch (mark.getKind()) {
      case EPOCH_STARTED -> {
        dev.tidemark.schemas.avro.Epoch previous = mark.getPreviousEpoch();
        yield new Change.EpochStarted(
            mark.getHost(),
            mark.getTerm(),
            previous == null
                ? new Previous.None()
                : new Previous.Known(CursorMapper.fromAvro(previous)),
            mark.getPreviousNumber());
      }
      case SCAN_STARTED -> new Change.ScanStarted(scan(mark.getScan()));
      case SCAN_COMPLETED -> new Change.ScanCompleted(scan(mark.getScan()));
      case TAG -> {
        var id = mark.getTag();
        if (id == null) {
          throw new UnreadableRecordException("a tag without its identity");
        }
        yield new Change.Tag(uuid(id), mark.getLabel());
      }
      case HEARTBEAT -> new Change.Heartbeat(mark.getLastNumber());
      case UNKNOWN -> throw NodeMapper.tooNew("mark");
    };
  }

  private static dev.tidemark.schemas.avro.ScanKind scan(ScanKind kind) {
    return switch (kind) {
      case DIFFERENCE -> dev.tidemark.schemas.avro.ScanKind.DIFFERENCE;
      case FULL -> dev.tidemark.schemas.avro.ScanKind.FULL;
    };
  }

  private static ScanKind scan(dev.tidemark.schemas.avro.ScanKind kind)
      throws UnreadableRecordException {
    return switch (kind) {
      case DIFFERENCE -> ScanKind.DIFFERENCE;
      case FULL -> ScanKind.FULL;
      case NONE -> throw NodeMapper.tooNew("kind of scan");
    };
  }
}
