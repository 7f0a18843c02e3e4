package dev.tidemark.schemas.codec;

import org.apache.avro.util.ClassSecurityValidator;

/** Avro makes objects only of classes that it is told to trust; these are the generated ones. */
public final class TrustedRecords {
  private static final String GENERATED = dev.tidemark.schemas.avro.Change.class.getPackageName();

  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(),
            type -> type.getPackageName().equals(GENERATED)));
  }

  private TrustedRecords() {}

  /** Does so for this process, once. Whoever opens a container file of ours calls it before. */
  public static void install() {
    // The class initialiser does it.
  }
}
