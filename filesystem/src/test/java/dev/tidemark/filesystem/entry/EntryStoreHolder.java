package dev.tidemark.filesystem.entry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A process that commits to a store, says so, and holds it until it is killed or its input ends.
 */
final class EntryStoreHolder {
  static final int ENTRIES = 1000;

  private EntryStoreHolder() {}

  public static void main(String[] arguments) throws IOException {
    EntryStore store = EntryStore.open(Path.of(arguments[0]));
    for (int i = 0; i < ENTRIES; i++) {
      try (Batch batch = store.batch()) {
        batch.put(1, ("name-" + i).getBytes(UTF_8), new byte[10]).commit();
      }
    }
    System.out.println("committed");
    int end = System.in.read();
    System.exit(end);
  }
}
