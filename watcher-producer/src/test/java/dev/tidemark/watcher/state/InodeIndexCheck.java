package dev.tidemark.watcher.state;

import dev.tidemark.filesystem.entry.EntryStore;
import dev.tidemark.filesystem.entry.TableScan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Compares the index of inodes with the entries, in the state folder of a watcher at rest. */
public final class InodeIndexCheck {
  private InodeIndexCheck() {}

  /** What only one of them has; empty if they agree. */
  public static List<String> differences(Path stateFolder) throws IOException {
    Set<String> ofEntries = new TreeSet<>();
    try (StateStore store = StateStore.open(stateFolder, "check")) {
      Deque<Long> left = new ArrayDeque<>(List.of(EntryKey.ROOT.directory()));
      while (!left.isEmpty()) {
        long directory = left.pop();
        try (StateStore.StoredEntries entries = store.list(directory)) {
          while (entries.next()) {
            EntryRecord record = entries.record();
            if (record.isDirectory()) {
              left.push(record.directoryId());
            } else {
              EntryKey key = new EntryKey(directory, entries.name());
              ofEntries.add(record.signature().inode() + " " + key);
            }
          }
        }
      }
    }
    Set<String> ofIndex = new TreeSet<>();
    try (EntryStore store =
            EntryStore.open(stateFolder.resolve("entries"), List.of(StateStore.INODES));
        TableScan scan = store.scan(StateStore.INODES, new byte[] {0})) {
      while (scan.next()) {
        ByteBuffer in = ByteBuffer.wrap(scan.key());
        long inode = in.getLong();
        byte[] key = new byte[in.remaining()];
        in.get(key);
        EntryKey entry = EntryKey.decode(key);
        ofIndex.add(inode + " " + entry);
        // Also one below a directory that is in the tree no more has its place in the index.
        Optional<byte[]> stored = store.find(entry.directory(), entry.name().bytes());
        if (stored.isPresent() && EntryRecord.decode(stored.get()).signature().inode() == inode) {
          ofEntries.add(inode + " " + entry);
        }
      }
    }
    List<String> differences = new ArrayList<>();
    ofEntries.stream().filter(e -> !ofIndex.contains(e)).forEach(e -> differences.add("- " + e));
    ofIndex.stream().filter(e -> !ofEntries.contains(e)).forEach(e -> differences.add("+ " + e));
    return differences;
  }
}
