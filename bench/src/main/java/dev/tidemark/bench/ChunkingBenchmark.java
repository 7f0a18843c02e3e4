package dev.tidemark.bench;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.watcher.chunk.Chunker;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What the watcher does with 16 MiB of content on one thread: cut; cut and hash; cut, hash and
 * compress.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ChunkingBenchmark {
  private static final int CONTENT_BYTES = 16 << 20;
  private static final int SEED = 42;

  /** What the content looks like. */
  public enum Kind {
    /** Words of a small vocabulary in random order: compresses like source code. */
    TEXT,
    /** Random bytes: does not compress. */
    RANDOM
  }

  @Param public Kind kind = Kind.TEXT;

  private final Chunker chunker =
      new Chunker(ChunkBounds.DEFAULT, Bytes.of(new byte[ChunkId.BYTES]));
  private byte[] content = new byte[0];

  @Setup
  public void fill() {
    Random random = new Random(SEED);
    content = new byte[CONTENT_BYTES];
    switch (kind) {
      case RANDOM -> random.nextBytes(content);
      case TEXT -> fillWithWords(random);
    }
  }

  private void fillWithWords(Random random) {
    byte[][] words = new byte[2000][];
    for (int i = 0; i < words.length; i++) {
      words[i] =
          (Long.toString(Math.abs(random.nextLong()), 36).substring(0, 2 + random.nextInt(8)) + " ")
              .getBytes(StandardCharsets.US_ASCII);
    }
    for (int i = 0; i < content.length; ) {
      byte[] word = words[(int) Math.abs(random.nextGaussian() * words.length / 4) % words.length];
      int length = Math.min(word.length, content.length - i);
      System.arraycopy(word, 0, content, i, length);
      i += length;
    }
  }

  @Benchmark
  public void cut(Blackhole hole) {
    for (int i = 0; i < content.length; ) {
      int length = chunker.cut(content, i, content.length);
      hole.consume(length);
      i += length;
    }
  }

  @Benchmark
  public void cutAndHash(Blackhole hole) {
    for (int i = 0; i < content.length; ) {
      int length = chunker.cut(content, i, content.length);
      hole.consume(ChunkId.computeOf(content, i, length));
      i += length;
    }
  }

  @Benchmark
  public void cutHashAndCompress(Blackhole hole) {
    for (int i = 0; i < content.length; ) {
      int length = chunker.cut(content, i, content.length);
      hole.consume(ChunkId.computeOf(content, i, length));
      hole.consume(Frame.compress(content, i, length));
      i += length;
    }
  }
}
