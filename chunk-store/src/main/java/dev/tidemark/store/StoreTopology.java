package dev.tidemark.store;

import dev.tidemark.log.LogTopics;
import dev.tidemark.store.catalogue.Catalogue;
import dev.tidemark.store.catalogue.CatalogueContext;
import dev.tidemark.store.dedup.DedupContext;
import dev.tidemark.store.dedup.Deduplicator;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;

/**
 * Two sub-topologies that meet only in topics: {@code chunks → deduplicate → watermarks}, with
 * {@code condemned → release → released} on the same state; and {@code changes → catalogue →
 * heads}, with the watermarks in a global store beside it.
 */
final class StoreTopology {
  private StoreTopology() {}

  static Topology of(LogTopics topics, DedupContext dedup, CatalogueContext catalogue) {
    Topology topology = new Topology();
    topology.addSource(
        AutoOffsetReset.none(),
        "chunks",
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        topics.chunks().name());
    topology.addProcessor("deduplicate", new Deduplicator(dedup), "chunks");
    topology.addSink(
        "watermarks",
        topics.watermarks().name(),
        new StringSerializer(),
        new ByteArraySerializer(),
        "deduplicate");

    // Of the same sub-topology, since it shares the stores: chunks and questions about chunks have
    // one partition count and one partitioning.
    topology.addSource(
        AutoOffsetReset.none(),
        "condemned",
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        topics.condemned().name());
    topology.addProcessor("release", Deduplicator.releaser(dedup), "condemned");
    topology.connectProcessorAndStateStores("release", Deduplicator.releaserStores());
    topology.addSink(
        "released",
        topics.released().name(),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        "release");

    topology.addGlobalStore(
        Catalogue.watermarkStore(),
        "watermarks-source",
        new StringDeserializer(),
        new ByteArrayDeserializer(),
        topics.watermarks().name(),
        "watermarks-keeper",
        Catalogue.watermarkKeeper());

    topology.addSource(
        AutoOffsetReset.none(),
        "changes",
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        topics.changes().name());
    topology.addProcessor("catalogue", new Catalogue(catalogue), "changes");
    topology.addSink(
        "heads",
        topics.heads().name(),
        new StringSerializer(),
        new ByteArraySerializer(),
        "catalogue");
    return topology;
  }
}
