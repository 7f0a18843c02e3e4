package dev.tidemark.schemas.codec;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * What Avro may do at the word of the bytes that it reads: make objects of the generated classes
 * and no others, and set memory aside for lengths that our records can have, not for whatever a
 * damaged one claims.
 */
public final class TrustedRecords {
  private static final String GENERATED = dev.tidemark.schemas.avro.Change.class.getPackageName();

  /** Longer than any one string, path, attribute or schema. */
  private static final int MAX_BYTES = 16 << 20;

  /** More than any list has: extents of a file, manifests of a snapshot. */
  private static final int MAX_ITEMS = 1 << 20;

  static {
    limit("bytes.maxLength", MAX_BYTES);
    limit("string.maxLength", MAX_BYTES);
    limit("collectionItems.maxLength", MAX_ITEMS);
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), type -> type.getPackageName().equals(GENERATED)));
  }

  private TrustedRecords() {}

  /**
   * Avro takes its limits from properties, before it reads anything; an operator's own are left
   * alone.
   */
  private static void limit(String name, int value) {
    String property = "org.apache.avro.limits." + name;
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  /** Does so for this process, once. Whoever opens a container file of ours calls it before. */
  public static void install() {
    // The class initialiser does it.
  }
}
