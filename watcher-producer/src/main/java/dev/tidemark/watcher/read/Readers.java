package dev.tidemark.watcher.read;

import dev.tidemark.schemas.filter.PathFilter;
import dev.tidemark.watcher.chunk.Chunker;
import dev.tidemark.watcher.publish.FrameSender;
import dev.tidemark.watcher.state.Name;
import dev.tidemark.watcher.state.PublishedTree;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiPredicate;

/**
 * The threads that look at files: some for entries, some for directories, so that a scan that is
 * held back holds back nothing else. They take tasks in order; how many tasks there are is bounded
 * by who gives them.
 */
public final class Readers implements AutoCloseable {
  private static final long STOP_MILLIS = 10_000;

  private final BlockingQueue<ReadTask.Look> looks = new LinkedBlockingQueue<>();
  private final BlockingQueue<ReadTask.Scan> scans = new LinkedBlockingQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<FileCutter> cutters = new ArrayList<>();
  private final Sink sink;
  private volatile boolean stopped;

  /** All that readers work with. */
  public record Equipment(
      TreeRoot root,
      PublishedTree published,
      FrameSender frames,
      Chunker chunker,
      Owners owners,
      Watches watches,
      BiPredicate<Long, Name> skipped,
      PathFilter filter,
      InstantSource clock,
      int generation,
      LongAdder bytesRead,
      ListFaults faults) {}

  private interface Work {
    void run() throws Exception;
  }

  private Readers(Sink sink) {
    this.sink = sink;
  }

  /** Starts as many threads of each kind. */
  public static Readers start(String name, int count, Equipment with, Sink sink) {
    Readers readers = new Readers(sink);
    for (int i = 0; i < count; i++) {
      FileCutter cutter =
          new FileCutter(with.published(), with.frames(), with.chunker(), with.bytesRead());
      readers.cutters.add(cutter);
      EntryReader entries =
          new EntryReader(
              with.root(),
              with.published(),
              with.owners(),
              with.watches(),
              cutter,
              with.filter(),
              sink,
              with.clock(),
              with.generation());
      DirectoryScanner directories =
          new DirectoryScanner(
              with.root(),
              with.published(),
              with.watches(),
              with.skipped(),
              with.filter(),
              sink,
              with.faults());
      readers.start(name + "-reader-" + i, () -> entries.look(readers.looks.take()));
      readers.start(name + "-scanner-" + i, () -> directories.scan(readers.scans.take()));
    }
    return readers;
  }

  private void start(String name, Work work) {
    Thread thread =
        Thread.ofPlatform()
            .name(name)
            .daemon()
            .start(
                () -> {
                  try {
                    while (!stopped) {
                      work.run();
                    }
                  } catch (Exception | Error e) {
                    if (!stopped) {
                      sink.failed(e);
                    }
                  }
                });
    threads.add(thread);
  }

  public void submit(ReadTask task) {
    switch (task) {
      case ReadTask.Look look -> looks.add(look);
      case ReadTask.Scan scan -> scans.add(scan);
    }
  }

  /** Stops all threads; what they had in hand is not told any more. */
  @Override
  public void close() {
    stopped = true;
    threads.forEach(Thread::interrupt);
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        thread.join(STOP_MILLIS);
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    cutters.forEach(FileCutter::close);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
