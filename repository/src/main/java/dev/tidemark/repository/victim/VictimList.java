package dev.tidemark.repository.victim;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.pack.PackId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Packs and other blobs that are to be deleted. As a blob, lines of UTF-8:
 *
 * <pre>
 * tidemark-victims 1
 * pack 64-hex-digits bits      per pack; bits in hexadecimal: bit i (of byte i/8, lowest first) is
 *                              set if nothing reached the chunk of the footer's entry i
 * blob name                    per other blob
 * end 8-hex-digits             CRC32C of all lines before
 * </pre>
 *
 * @param packs by id, the entries that nothing reached
 * @param blobs others, sorted
 */
public record VictimList(SortedMap<PackId, BitSet> packs, List<BlobName> blobs) {
  private static final String FIRST_LINE = "tidemark-victims 1";

  public VictimList {
    packs = new TreeMap<>(packs);
    blobs = blobs.stream().sorted().toList();
    if (packs.isEmpty() && blobs.isEmpty()) {
      throw new IllegalArgumentException("an empty list of victims");
    }
  }

  byte[] encode() {
    StringBuilder lines = new StringBuilder(FIRST_LINE).append('\n');
    for (Map.Entry<PackId, BitSet> pack : packs.entrySet()) {
      String bits = HexFormat.of().formatHex(pack.getValue().toByteArray());
      lines.append("pack ").append(pack.getKey()).append(' ').append(bits).append('\n');
    }
    blobs.forEach(blob -> lines.append("blob ").append(blob).append('\n'));
    return (lines + "end " + checksum(lines.toString()) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static String checksum(String lines) {
    CRC32C checksum = new CRC32C();
    checksum.update(lines.getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(checksum.getValue());
  }

  static VictimList decode(BlobName name, String place, byte[] bytes) throws CorruptBlobException {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.lastIndexOf("end ");
    boolean whole =
        text.startsWith(FIRST_LINE + "\n")
            && end > 0
            && text.substring(end).equals("end " + checksum(text.substring(0, end)) + "\n");
    if (!whole) {
      throw damaged(name, place);
    }
    SortedMap<PackId, BitSet> packs = new TreeMap<>();
    List<BlobName> blobs = new ArrayList<>();
    try {
      for (String line : text.substring(FIRST_LINE.length() + 1, end).lines().toList()) {
        String[] words = line.split(" ", 3);
        switch (words[0]) {
          case "pack" ->
              packs.put(
                  new PackId(new ContentHash(words[1])),
                  BitSet.valueOf(HexFormat.of().parseHex(words[2])));
          case "blob" -> blobs.add(new BlobName(words[1]));
          default -> throw damaged(name, place);
        }
      }
      return new VictimList(packs, blobs);
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw damaged(name, place);
    }
  }

  private static CorruptBlobException damaged(BlobName name, String place) {
    return new CorruptBlobException(
        name,
        ("The list of what clean-up is to delete, at %s, is damaged. Nothing is lost: while no"
                + " `tidemark retain` runs, delete that file; what it named is found again.")
            .formatted(place));
  }
}
