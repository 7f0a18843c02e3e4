package dev.tidemark.repository.verify;

import dev.tidemark.repository.pack.PackId;
import java.nio.ByteBuffer;

/**
 * What a check looks at.
 *
 * @param part with {@link VerifyMode#READ_DATA}, which of {@code parts} slices of the packs is
 *     read, from 1; a pack is always in the same slice, so that all slices together are everything
 * @param progress told of each pack and each tree
 */
public record VerifyOptions(
    VerifyMode mode, int part, int parts, VerifyProgress.Listener progress) {
  public VerifyOptions {
    if (parts < 1 || part < 1 || part > parts) {
      throw new IllegalArgumentException(
          "part %d of %d: expected a part from 1 to the number of parts".formatted(part, parts));
    }
  }

  /** All packs. */
  public static VerifyOptions of(VerifyMode mode) {
    return new VerifyOptions(mode, 1, 1, _ -> {});
  }

  /** Only one slice of the packs' data is read. */
  public VerifyOptions withSlice(int newPart, int newParts) {
    return new VerifyOptions(mode, newPart, newParts, progress);
  }

  public VerifyOptions withProgress(VerifyProgress.Listener newProgress) {
    return new VerifyOptions(mode, part, parts, newProgress);
  }

  boolean isRead(PackId pack) {
    return switch (mode) {
      case STRUCTURE -> false;
      // The names are hashes: their first bytes are as good as a draw.
      case READ_DATA ->
          Integer.remainderUnsigned(ByteBuffer.wrap(pack.hash().bytes()).getInt(), parts)
              == part - 1;
    };
  }
}
