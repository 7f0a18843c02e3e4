package dev.tidemark.filesystem.entry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EntryStoreTest {
  private static final Table CHUNKS = new Table("chunks");
  private static final Table WATCHES = new Table("watches");

  @TempDir private Path folder;

  @Test
  void whatWasCommittedIsFoundAfterReopening() throws IOException {
    try (EntryStore store = open()) {
      put(store, 1, "a", "value");
      try (Batch batch = store.batch()) {
        batch.put(CHUNKS, bytes("key"), bytes("chunk")).commit();
      }
      store.sync();
    }
    try (EntryStore store = open()) {
      assertThat(store.find(1, bytes("a"))).hasValue(bytes("value"));
      assertThat(store.find(1, bytes("b"))).isEmpty();
      assertThat(store.find(2, bytes("a"))).isEmpty();
      assertThat(store.get(CHUNKS, bytes("key"))).hasValue(bytes("chunk"));
      assertThat(store.get(WATCHES, bytes("key"))).isEmpty();
    }
  }

  @Test
  void aListingHasOneDirectorySortedByUnsignedBytes() throws IOException {
    try (EntryStore store = open()) {
      byte[] high = {(byte) 0xff, '\n'};
      put(store, 255, "before", "");
      put(store, 257, "after", "");
      put(store, 256, "b", "2");
      put(store, 256, "a", "1");
      put(store, 256, "ab", "3");
      try (Batch batch = store.batch()) {
        batch.put(256, high, bytes("4")).put(256, new byte[0], bytes("0")).commit();
      }

      List<byte[]> names = new ArrayList<>();
      List<String> values = new ArrayList<>();
      try (Listing listing = store.list(256)) {
        while (listing.next()) {
          names.add(listing.name());
          values.add(new String(listing.value(), UTF_8));
        }
        assertThat(listing.next()).isFalse();
      }

      assertThat(names).containsExactly(new byte[0], bytes("a"), bytes("ab"), bytes("b"), high);
      assertThat(values).containsExactly("0", "1", "3", "2", "4");
    }
  }

  @Test
  void theLastDirectoryIdIsListedToo() throws IOException {
    try (EntryStore store = open()) {
      put(store, Long.MAX_VALUE, "a", "");
      assertThat(names(store, Long.MAX_VALUE)).containsExactly("a");
      assertThatIllegalArgumentException().isThrownBy(() -> store.list(-1));
    }
  }

  @Test
  void aBatchIsSeenWholeOrNotAtAll() throws IOException {
    try (EntryStore store = open()) {
      put(store, 1, "old", "x");
      try (Batch batch = store.batch()) {
        batch.put(1, bytes("new"), bytes("y")).remove(1, bytes("old"));
        batch.put(CHUNKS, bytes("k"), bytes("v"));
        assertThat(names(store, 1)).containsExactly("old");
        assertThat(batch.bytes()).isPositive();

        batch.commit();
        assertThat(names(store, 1)).containsExactly("new");
        assertThat(store.get(CHUNKS, bytes("k"))).isPresent();

        batch.put(1, bytes("dropped"), bytes("z"));
      }
      assertThat(names(store, 1)).containsExactly("new");
    }
  }

  @Test
  void aRenameOfADirectoryRewritesOneEntryAndNoneBelow() throws IOException {
    try (EntryStore store = open()) {
      put(store, 1, "old-name", "directory 2");
      for (int i = 0; i < 1000; i++) {
        put(store, 2, "file-" + i, "f" + i);
      }

      try (Batch batch = store.batch()) {
        batch.remove(1, bytes("old-name")).put(7, bytes("new-name"), bytes("directory 2"));
        assertThat(batch.bytes()).isLessThan(100);
        batch.commit();
      }

      assertThat(names(store, 1)).isEmpty();
      assertThat(names(store, 7)).containsExactly("new-name");
      assertThat(names(store, 2)).hasSize(1000);
    }
  }

  @Test
  void aListingShowsWhatWasThereWhenItBegan() throws IOException {
    try (EntryStore store = open()) {
      put(store, 1, "a", "");
      put(store, 1, "b", "");
      try (Listing listing = store.list(1)) {
        assertThat(listing.next()).isTrue();
        try (Batch batch = store.batch()) {
          batch.remove(1, bytes("b")).put(1, bytes("c"), bytes("")).commit();
        }
        assertThat(listing.next()).isTrue();
        assertThat(listing.name()).isEqualTo(bytes("b"));
        assertThat(listing.next()).isFalse();
      }
    }
  }

  @Test
  void aTableIsScannedFromAKeyInOrder() throws IOException {
    try (EntryStore store = open();
        Batch batch = store.batch()) {
      byte[] last = new byte[Table.MAX_KEY_BYTES];
      Arrays.fill(last, (byte) 0xff);
      for (String key : List.of("b", "d", "a", "c")) {
        batch.put(CHUNKS, bytes(key), bytes("v" + key));
      }
      batch.put(CHUNKS, last, bytes("last")).put(WATCHES, bytes("bb"), bytes("")).commit();

      List<String> values = new ArrayList<>();
      try (TableScan scan = store.scan(CHUNKS, bytes("b"))) {
        while (scan.next()) {
          values.add(new String(scan.value(), UTF_8));
        }
      }
      assertThat(values).containsExactly("vb", "vc", "vd", "last");
    }
  }

  @Test
  void clearingATableTakesAllOfItAndNothingElse() throws IOException {
    try (EntryStore store = open();
        Batch batch = store.batch()) {
      byte[] last = new byte[Table.MAX_KEY_BYTES];
      Arrays.fill(last, (byte) 0xff);
      batch.put(CHUNKS, bytes("a"), bytes("1")).put(CHUNKS, last, bytes("2"));
      batch.put(WATCHES, bytes("a"), bytes("3")).put(1, bytes("a"), bytes("4")).commit();

      batch.put(CHUNKS, bytes("b"), bytes("5")).clear(CHUNKS);
      batch.put(CHUNKS, bytes("c"), bytes("6")).commit();

      try (TableScan scan = store.scan(CHUNKS, new byte[0])) {
        assertThat(scan.next()).isTrue();
        assertThat(scan.key()).isEqualTo(bytes("c"));
        assertThat(scan.next()).isFalse();
      }
      assertThat(store.get(WATCHES, bytes("a"))).isPresent();
      assertThat(store.find(1, bytes("a"))).isPresent();
    }
  }

  @Test
  void tablesMayBeAddedAndLeftOutOfLaterOpens() throws IOException {
    try (EntryStore store = EntryStore.open(folder)) {
      put(store, 1, "a", "");
      assertThatIllegalArgumentException().isThrownBy(() -> store.get(CHUNKS, bytes("k")));
    }
    try (EntryStore store = EntryStore.open(folder, List.of(CHUNKS));
        Batch batch = store.batch()) {
      batch.put(CHUNKS, bytes("k"), bytes("v")).commit();
    }
    try (EntryStore store = EntryStore.open(folder)) {
      assertThat(names(store, 1)).containsExactly("a");
    }
    try (EntryStore store = EntryStore.open(folder, List.of(CHUNKS))) {
      assertThat(store.get(CHUNKS, bytes("k"))).hasValue(bytes("v"));
    }
  }

  @Test
  void aSecondOpenInThisProcessIsRefusedByName() throws IOException {
    try (EntryStore store = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(EntryStoreLockedException.class)
          .hasMessageContaining(folder.toString());
      put(store, 1, "still", "usable");
    }
    open().close();
  }

  @Test
  void anotherProcessesStoreIsRefusedAndKeepsWhatItCommittedWhenKilled() throws Exception {
    Process holder = startHolder();
    try (BufferedReader out = holder.inputReader()) {
      assertThat(out.readLine()).isEqualTo("committed");

      assertThatThrownBy(this::open)
          .isInstanceOf(EntryStoreLockedException.class)
          .hasMessageContaining(folder.toString());
    } finally {
      holder.destroyForcibly().waitFor();
    }

    try (EntryStore store = open()) {
      assertThat(names(store, 1)).hasSize(EntryStoreHolder.ENTRIES);
    }
  }

  @Test
  void aDamagedTableFileIsSaid() throws IOException {
    fill(20_000);
    Path table = onlyFile(".sst");
    byte[] content = Files.readAllBytes(table);
    Arrays.fill(content, 100, 2000, (byte) 0x5a);
    Files.write(table, content);

    assertThatThrownBy(
            () -> {
              try (EntryStore store = open()) {
                names(store, 1);
              }
            })
        .isInstanceOf(EntryStoreCorruptException.class)
        .hasMessageContaining(folder.toString());
  }

  @Test
  void aMissingTableFileIsSaid() throws IOException {
    fill(20_000);
    Files.delete(onlyFile(".sst"));

    assertThatThrownBy(this::open).isInstanceOf(EntryStoreCorruptException.class);
  }

  @Test
  void aMissingOrBrokenManifestIsSaid() throws IOException {
    fill(10);
    Files.writeString(folder.resolve("CURRENT"), "MANIFEST-999999\n");
    assertThatThrownBy(this::open).isInstanceOf(EntryStoreCorruptException.class);

    Files.delete(folder.resolve("CURRENT"));
    assertThatThrownBy(this::open)
        .isInstanceOf(EntryStoreCorruptException.class)
        .hasMessageContaining("CURRENT");
  }

  @Test
  void closingFreesOpenListingsAndLaterCallsAreRefused() throws IOException {
    EntryStore store = open();
    put(store, 1, "a", "");
    Listing listing = store.list(1);
    Batch batch = store.batch();
    assertThat(listing.next()).isTrue();

    store.close();
    store.close();

    assertThatThrownBy(listing::next).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(listing::name).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.find(1, bytes("a"))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> batch.put(1, bytes("b"), bytes("")))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(batch::commit).isInstanceOf(IllegalStateException.class);
    listing.close();
    batch.close();
    batch.close();
  }

  @Test
  void aPathThatIsNotAsciiIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EntryStore.open(folder.resolve("größe")))
        .withMessageContaining("ASCII");
  }

  @Test
  void namesOfTablesAndSizesOfKeysAreChecked() throws IOException {
    for (String name : List.of("", "default", "Upper", "-a", "a b")) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Table(name));
    }
    try (EntryStore store = open();
        Batch batch = store.batch()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batch.put(CHUNKS, new byte[0], new byte[0]));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batch.put(CHUNKS, new byte[1025], new byte[0]));
    }
  }

  @Test
  void randomBatchesAndReopensEndAsInAPlainMap() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("-Dtidemark.seed=" + seed);
    Random random = new Random(seed);
    Map<String, String> model = new TreeMap<>();
    EntryStore store = open();
    try {
      for (int round = 0; round < 200; round++) {
        try (Batch batch = store.batch()) {
          for (int i = random.nextInt(20); i >= 0; i--) {
            long directory = random.nextInt(5);
            byte[] name = new byte[1 + random.nextInt(3)];
            random.nextBytes(name);
            name[0] &= 3;
            String key = directory + "/" + HexFormat.of().formatHex(name);
            if (random.nextInt(3) == 0) {
              batch.remove(directory, name);
              model.remove(key);
            } else {
              batch.put(directory, name, bytes("" + round));
              model.put(key, "" + round);
            }
          }
          batch.commit();
        }
        if (random.nextInt(20) == 0) {
          store.close();
          store = open();
        }
      }
      Map<String, String> stored = new TreeMap<>();
      for (long directory = 0; directory < 5; directory++) {
        try (Listing listing = store.list(directory)) {
          while (listing.next()) {
            stored.put(
                directory + "/" + HexFormat.of().formatHex(listing.name()),
                new String(listing.value(), UTF_8));
          }
        }
      }
      assertThat(stored).as("seed " + seed).isEqualTo(model);
    } finally {
      store.close();
    }
  }

  @Test
  void aHundredThousandEntriesAreListedByDirectoryInSeconds() throws IOException {
    try (EntryStore store = open()) {
      long before = System.nanoTime();
      for (int directory = 0; directory < 10_000; directory++) {
        try (Batch batch = store.batch()) {
          for (int i = 0; i < 10; i++) {
            batch.put(directory, bytes("file-" + i), new byte[100]);
          }
          batch.commit();
        }
      }
      long written = System.nanoTime();
      int count = 0;
      for (int directory = 0; directory < 10_000; directory++) {
        try (Listing listing = store.list(directory)) {
          while (listing.next()) {
            count += listing.name().length == 6 && listing.value().length == 100 ? 1 : 0;
          }
        }
      }
      long listed = System.nanoTime();
      System.out.println(
          "100000 entries in 10000 directories: written in %d ms, listed in %d ms"
              .formatted((written - before) / 1_000_000, (listed - written) / 1_000_000));
      assertThat(count).isEqualTo(100_000);
    }
  }

  private EntryStore open() throws IOException {
    return EntryStore.open(folder, List.of(CHUNKS, WATCHES));
  }

  /** Random values, so that a table file is made when the store is opened again. */
  private void fill(int entries) throws IOException {
    Random random = new Random(1);
    try (EntryStore store = open();
        Batch batch = store.batch()) {
      for (int i = 0; i < entries; i++) {
        byte[] value = new byte[100];
        random.nextBytes(value);
        batch.put(1, bytes("name-" + i), value);
      }
      batch.commit();
    }
    // Opening replays the log of the last time into a table file.
    open().close();
  }

  private Path onlyFile(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(suffix)).toList();
      assertThat(found).hasSize(1);
      return found.getFirst();
    }
  }

  private Process startHolder() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            EntryStoreHolder.class.getName(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void put(EntryStore store, long directory, String name, String value)
      throws IOException {
    try (Batch batch = store.batch()) {
      batch.put(directory, bytes(name), bytes(value)).commit();
    }
  }

  private static List<String> names(EntryStore store, long directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (Listing listing = store.list(directory)) {
      while (listing.next()) {
        names.add(new String(listing.name(), UTF_8));
        Optional<byte[]> found = store.find(directory, listing.name());
        assertThat(found).isPresent();
      }
    }
    return names;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
