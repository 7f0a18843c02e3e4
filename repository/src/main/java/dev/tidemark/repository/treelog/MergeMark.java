package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Says which segments were merged into another: a blob {@code
 * trees/<tree>/log/<first>-<last>-<sha256>.merged}, both sequences those of the segment that holds
 * them all, the hash that of its own bytes. As a blob, lines of UTF-8:
 *
 * <pre>
 * tidemark-merged 1
 * into 64-hex-digits       the segment that holds all their changes
 * from 64-hex-digits       per segment that needs to be read no more
 * end 8-hex-digits         CRC32C of all lines before
 * </pre>
 *
 * It means nothing where the segment that it is about is not there.
 *
 * @param sinceMillis when it was put, by the store's clock
 */
public record MergeMark(TreeName tree, long first, long last, ContentHash hash, long sinceMillis) {
  private static final Pattern FILE =
      Pattern.compile("(\\d{20})-(\\d{20})-([0-9a-f]{64})\\.merged");
  private static final String FIRST_LINE = "tidemark-merged 1\n";

  /**
   * What a mark says.
   *
   * @param into hash of the segment that holds all
   * @param from hashes of those that need to be read no more; never that of {@code into}
   */
  record Merge(ContentHash into, Set<ContentHash> from) {
    Merge {
      from = Set.copyOf(from);
      if (from.isEmpty() || from.contains(into)) {
        throw new IllegalArgumentException("merge of nothing, or into itself: " + into);
      }
    }

    byte[] encode() {
      StringBuilder lines = new StringBuilder(FIRST_LINE);
      lines.append("into ").append(into).append('\n');
      new TreeSet<>(from).forEach(hash -> lines.append("from ").append(hash).append('\n'));
      return (lines + "end " + checksum(lines.toString()) + "\n").getBytes(StandardCharsets.UTF_8);
    }
  }

  private static String checksum(String lines) {
    CRC32C checksum = new CRC32C();
    checksum.update(lines.getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(checksum.getValue());
  }

  static BlobName blobName(TreeName tree, long first, long last, ContentHash hash) {
    return new BlobName(
        "%s%020d-%020d-%s.merged".formatted(SegmentName.folder(tree), first, last, hash));
  }

  public BlobName blobName() {
    return blobName(tree, first, last, hash);
  }

  /** The mark of {@code tree} that a blob is, empty if its name is no mark's. */
  static Optional<MergeMark> find(TreeName tree, BlobName name, long sinceMillis) {
    Matcher file = FILE.matcher(name.lastPart());
    if (!name.value().startsWith(SegmentName.folder(tree)) || !file.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new MergeMark(
              tree,
              Long.parseLong(file.group(1)),
              Long.parseLong(file.group(2)),
              new ContentHash(file.group(3)),
              sinceMillis));
    } catch (NumberFormatException foreign) {
      return Optional.empty();
    }
  }

  boolean meets(long from, long through) {
    return last >= from && first <= through;
  }

  /**
   * Reads what it says.
   *
   * @throws CorruptBlobException if it is damaged; nothing is lost by passing it over
   */
  Merge read(BlobStore store) throws IOException {
    byte[] bytes = store.get(blobName());
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.lastIndexOf("end ");
    if (!text.startsWith(FIRST_LINE)
        || end < 0
        || !text.substring(end).equals("end " + checksum(text.substring(0, end)) + "\n")) {
      throw damaged(store);
    }
    List<String> lines = text.substring(FIRST_LINE.length(), end).lines().toList();
    try {
      ContentHash into = hashIn(lines.getFirst(), "into ");
      Set<ContentHash> from = new TreeSet<>();
      for (String line : lines.subList(1, lines.size())) {
        from.add(hashIn(line, "from "));
      }
      return new Merge(into, from);
    } catch (IllegalArgumentException | NoSuchElementException e) {
      throw damaged(store);
    }
  }

  /**
   * Reads it, only to see whether it can be read.
   *
   * @throws CorruptBlobException if it is damaged: then it is of no use, and may be deleted
   */
  public void requireReadable(BlobStore store) throws IOException {
    try {
      read(store);
    } catch (BlobMissingException deletedMeanwhile) {
      // Its work is done.
    }
  }

  private static ContentHash hashIn(String line, String word) {
    if (!line.startsWith(word)) {
      throw new IllegalArgumentException(line);
    }
    return new ContentHash(line.substring(word.length()));
  }

  private CorruptBlobException damaged(BlobStore store) {
    return new CorruptBlobException(
        blobName(),
        ("The list of merged segments at %s is damaged. Nothing is lost: delete that file; what it"
                + " named is merged again.")
            .formatted(store.describe(blobName())));
  }
}
