package dev.tidemark.watcher;

import dev.tidemark.watcher.capture.CaptureMode;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What the status shows. Written by the keeper (bytes read: by readers), read by any thread. */
final class Counters {
  final AtomicLong epoch = new AtomicLong(-1);
  final AtomicLong lastNumber = new AtomicLong();
  final AtomicLong published = new AtomicLong();
  final AtomicLong acknowledged = new AtomicLong();
  final AtomicLong moves = new AtomicLong();
  final LongAdder bytesRead = new LongAdder();
  final AtomicLong framesBefore = new AtomicLong();
  final AtomicLong frameBytesBefore = new AtomicLong();
  final AtomicLong overflows = new AtomicLong();
  final AtomicLong rechecked = new AtomicLong();
  final AtomicLong recheckedDifferences = new AtomicLong();
  final AtomicLong reconciled = new AtomicLong();
  final AtomicLong misses = new AtomicLong();
  final AtomicLong unreadable = new AtomicLong();
  final AtomicLong sockets = new AtomicLong();
  final AtomicLong torn = new AtomicLong();
  volatile long entriesAtStart;
  volatile long publishedAtStart;
  final AtomicLong intervalScans = new AtomicLong();
  volatile int uncovered;
  volatile int mountPoints;
  volatile CaptureMode captureMode = CaptureMode.AUTO;
  volatile String captureReason = "";
  volatile int dirty;
  volatile int directories;
  volatile int watched;
  volatile boolean scanning;
  volatile boolean scanCompleted;
  volatile String lastError = "";

  /** There are not more entries than were compared at the start, and published since. */
  long entriesAtMost() {
    return entriesAtStart + published.get() - publishedAtStart;
  }
}
