package dev.tidemark.schemas.codec;

import static dev.tidemark.schemas.codec.NodeMapper.buffer;
import static dev.tidemark.schemas.codec.NodeMapper.uuid;

import dev.tidemark.schemas.avro.OffsetRange;
import dev.tidemark.schemas.avro.WriterTerm;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.Condemned;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Cursor.EpochEnd;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Released;
import dev.tidemark.schemas.cursor.StandbyCommand;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.cursor.Watermark;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Places in the log, and what the parts tell each other of them. */
final class CursorMapper {
  private CursorMapper() {}

  static dev.tidemark.schemas.avro.Epoch toAvro(Epoch epoch) {
    return new dev.tidemark.schemas.avro.Epoch(epoch.offset(), uuid(epoch.writer()));
  }

  static Epoch fromAvro(dev.tidemark.schemas.avro.Epoch avro) {
    return new Epoch(avro.getOffset(), uuid(avro.getWriter()));
  }

  static dev.tidemark.schemas.avro.Cursor toAvro(Cursor cursor) {
    return new dev.tidemark.schemas.avro.Cursor(
        uuid(cursor.changesTopic()),
        cursor.partition(),
        cursor.nextOffset(),
        cursor.hasEpoch() ? toAvro(cursor.epoch()) : null,
        cursor.host(),
        cursor.number(),
        cursor.ended().stream()
            .map(end -> new dev.tidemark.schemas.avro.EpochEnd(toAvro(end.epoch()), end.number()))
            .toList(),
        cursor.sequence(),
        cursor.lastOffset(),
        cursor.logTimeMillis(),
        cursor.terms().entrySet().stream()
            .map(term -> new WriterTerm(uuid(term.getKey()), term.getValue()))
            .toList(),
        cursor.tags().stream().map(NodeMapper::uuid).toList(),
        switch (cursor.openScan()) {
          case NONE -> dev.tidemark.schemas.avro.ScanKind.NONE;
          case DIFFERENCE -> dev.tidemark.schemas.avro.ScanKind.DIFFERENCE;
          case FULL -> dev.tidemark.schemas.avro.ScanKind.FULL;
        },
        cursor.scanCompleted(),
        toAvro(cursor.fault()));
  }

  static Cursor fromAvro(dev.tidemark.schemas.avro.Cursor avro) throws UnreadableRecordException {
    Map<UUID, Long> terms = new LinkedHashMap<>();
    avro.getTerms().forEach(term -> terms.put(uuid(term.getWriter()), term.getTerm()));
    dev.tidemark.schemas.avro.Epoch epoch = avro.getEpoch();
    return new Cursor(
        uuid(avro.getChangesTopic()),
        avro.getPartition(),
        avro.getNextOffset(),
        epoch == null ? Cursor.NO_EPOCH : fromAvro(epoch),
        avro.getHost(),
        avro.getNumber(),
        avro.getEnded().stream()
            .map(end -> new EpochEnd(fromAvro(end.getEpoch()), end.getNumber()))
            .toList(),
        avro.getSequence(),
        avro.getLastOffset(),
        avro.getLogTime(),
        terms,
        avro.getTags().stream().map(NodeMapper::uuid).toList(),
        switch (avro.getOpenScan()) {
          case NONE -> OpenScan.NONE;
          case DIFFERENCE -> OpenScan.DIFFERENCE;
          case FULL -> OpenScan.FULL;
        },
        avro.getScanCompleted(),
        fromAvro(avro.getFault()));
  }

  private static dev.tidemark.schemas.avro.@Nullable Fault toAvro(Fault fault) {
    if (fault.isNone()) {
      return null;
    }
    return new dev.tidemark.schemas.avro.Fault(
        dev.tidemark.schemas.avro.FaultKind.valueOf(fault.kind().name()),
        fault.sequence(),
        fault.offset(),
        fault.detail(),
        buffer(fault.path()),
        fault.chunks().stream().map(NodeMapper::hash).toList());
  }

  private static Fault fromAvro(dev.tidemark.schemas.avro.@Nullable Fault avro)
      throws UnreadableRecordException {
    if (avro == null) {
      return Fault.NONE;
    }
    Fault.Kind kind =
        switch (avro.getKind()) {
          case NONE -> Fault.Kind.NONE;
          case GAP -> Fault.Kind.GAP;
          case LOST_TAIL -> Fault.Kind.LOST_TAIL;
          case LOST_RANGE -> Fault.Kind.LOST_RANGE;
          case MISSING_CHUNK -> Fault.Kind.MISSING_CHUNK;
          case STALE_FRAME -> Fault.Kind.STALE_FRAME;
          case DISAGREEMENT -> Fault.Kind.DISAGREEMENT;
          case UNKNOWN -> throw NodeMapper.tooNew("fault");
        };
    return new Fault(
        kind,
        avro.getSequence(),
        avro.getOffset(),
        avro.getDetail(),
        NodeMapper.path(avro.getPath()),
        avro.getChunks().stream().map(NodeMapper::id).toList());
  }

  static dev.tidemark.schemas.avro.Head toAvro(Head head) {
    return new dev.tidemark.schemas.avro.Head(
        head.tree().value(),
        toAvro(head.accepted()),
        toAvro(head.sealed()),
        head.lastHeartbeatMillis(),
        toAvro(head.sealingFault()),
        head.rejected(),
        head.repeated(),
        head.gapped());
  }

  static Head fromAvro(dev.tidemark.schemas.avro.Head avro) throws UnreadableRecordException {
    return new Head(
        new TreeName(avro.getTree()),
        fromAvro(avro.getAccepted()),
        fromAvro(avro.getSealed()),
        avro.getLastHeartbeat(),
        fromAvro(avro.getSealingFault()),
        avro.getRejected(),
        avro.getRepeated(),
        avro.getGapped());
  }

  static dev.tidemark.schemas.avro.Watermark toAvro(Watermark watermark) {
    return new dev.tidemark.schemas.avro.Watermark(
        uuid(watermark.chunksTopic()),
        watermark.partition(),
        watermark.offset(),
        watermark.holes().stream()
            .map(hole -> new OffsetRange(hole.first(), hole.last()))
            .toList());
  }

  static Watermark fromAvro(dev.tidemark.schemas.avro.Watermark avro) {
    return new Watermark(
        uuid(avro.getChunksTopic()),
        avro.getPartition(),
        avro.getOffset(),
        avro.getHoles().stream()
            .map(hole -> new Watermark.Range(hole.getFirst(), hole.getLast()))
            .toList());
  }

  static dev.tidemark.schemas.avro.Condemned toAvro(Condemned condemned) {
    return new dev.tidemark.schemas.avro.Condemned(
        RepositoryRecords.hash(condemned.id()),
        uuid(condemned.chunksTopic()),
        condemned.partition(),
        condemned.basis());
  }

  static Condemned fromAvro(dev.tidemark.schemas.avro.Condemned avro) {
    return new Condemned(
        RepositoryRecords.id(avro.getId()),
        uuid(avro.getChunksTopic()),
        avro.getPartition(),
        avro.getBasis());
  }

  static dev.tidemark.schemas.avro.Released toAvro(Released released) {
    Condemned question = released.question();
    return new dev.tidemark.schemas.avro.Released(
        RepositoryRecords.hash(question.id()),
        uuid(question.chunksTopic()),
        question.partition(),
        question.basis(),
        released.isReleased());
  }

  static Released fromAvro(dev.tidemark.schemas.avro.Released avro) {
    return new Released(
        new Condemned(
            RepositoryRecords.id(avro.getId()),
            uuid(avro.getChunksTopic()),
            avro.getPartition(),
            avro.getBasis()),
        avro.getReleased());
  }

  static dev.tidemark.schemas.avro.StandbyStatus toAvro(StandbyStatus status) {
    return new dev.tidemark.schemas.avro.StandbyStatus(
        status.tree().value(),
        status.standby(),
        status.host(),
        status.appliedSequence(),
        status.appliedLogTimeMillis(),
        status.durableSequence(),
        status.lagMillis(),
        status.error(),
        status.reportedAtMillis(),
        status.phase(),
        status.command().isNone() ? null : toAvro(status.command()),
        status.digest(),
        status.drifted(),
        status.subset(),
        status.unheard());
  }

  private static dev.tidemark.schemas.avro.CommandReport toAvro(CommandReport report) {
    return new dev.tidemark.schemas.avro.CommandReport(
        uuid(report.id()),
        dev.tidemark.schemas.avro.CommandState.valueOf(report.state().name()),
        report.entries(),
        report.detail());
  }

  private static CommandReport fromAvro(dev.tidemark.schemas.avro.CommandReport avro) {
    return new CommandReport(
        uuid(avro.getId()),
        CommandReport.State.valueOf(avro.getState().name()),
        avro.getEntries(),
        avro.getDetail());
  }

  static dev.tidemark.schemas.avro.Command toAvro(StandbyCommand command) {
    return new dev.tidemark.schemas.avro.Command(
        uuid(command.id()),
        dev.tidemark.schemas.avro.CommandKind.valueOf(command.kind().name()),
        command.tree().value(),
        command.standby(),
        command.sequence(),
        command.expiresMillis());
  }

  static StandbyCommand fromAvro(dev.tidemark.schemas.avro.Command avro) {
    return new StandbyCommand(
        uuid(avro.getId()),
        StandbyCommand.Kind.valueOf(avro.getKind().name()),
        new TreeName(avro.getTree()),
        avro.getStandby(),
        avro.getSequence(),
        avro.getExpires());
  }

  static StandbyStatus fromAvro(dev.tidemark.schemas.avro.StandbyStatus avro) {
    return new StandbyStatus(
        new TreeName(avro.getTree()),
        avro.getStandby(),
        avro.getHost(),
        avro.getAppliedSequence(),
        avro.getAppliedLogTime(),
        avro.getDurableSequence(),
        avro.getLagMillis(),
        avro.getError(),
        avro.getReportedAt(),
        avro.getPhase(),
        avro.getCommand() == null ? CommandReport.NONE : fromAvro(avro.getCommand()),
        avro.getDigest(),
        avro.getDrifted(),
        avro.getSubset(),
        avro.getUnheard());
  }

  static dev.tidemark.schemas.avro.RepositoryDescriptor toAvro(RepositoryDescriptor descriptor) {
    return new dev.tidemark.schemas.avro.RepositoryDescriptor(
        uuid(descriptor.id()),
        descriptor.formatVersion(),
        descriptor.createdMillis(),
        descriptor.chunkBounds().minBytes(),
        descriptor.chunkBounds().averageBytes(),
        descriptor.chunkBounds().maxBytes(),
        buffer(descriptor.chunkSeed()),
        descriptor.chunksPartitions(),
        descriptor.changesPartitions(),
        descriptor.sequencesAfter(),
        descriptor.replaces().map(NodeMapper::uuid).orElse(null));
  }

  static RepositoryDescriptor fromAvro(dev.tidemark.schemas.avro.RepositoryDescriptor avro) {
    return new RepositoryDescriptor(
        uuid(avro.getId()),
        avro.getFormatVersion(),
        avro.getCreated(),
        new ChunkBounds(
            avro.getChunkMinBytes(), avro.getChunkAverageBytes(), avro.getChunkMaxBytes()),
        NodeMapper.bytes(avro.getChunkSeed()),
        avro.getChunksPartitions(),
        avro.getChangesPartitions(),
        avro.getSequencesAfter(),
        Optional.ofNullable(avro.getReplaces()).map(id -> uuid(id)));
  }
}
