package dev.tidemark.repository.crash;

import dev.tidemark.repository.blob.BlobName;

/**
 * One kind of request that changes the store.
 *
 * @param action put, replace or delete
 * @param blob the kind of blob
 */
record CrashStep(String action, String blob) {
  static CrashStep of(String action, BlobName name) {
    return new CrashStep(action, kindOf(name));
  }

  static String kindOf(BlobName name) {
    String value = name.value();
    if (value.startsWith("packs/")) {
      return "pack";
    } else if (value.startsWith("index/")) {
      return "index blob";
    } else if (value.startsWith("schemas/")) {
      return "schema";
    } else if (value.startsWith("cleanup/now-")) {
      return "clock probe";
    } else if (value.endsWith(".sweep")) {
      return "sweep mark";
    } else if (value.endsWith(".victims")) {
      return "announcement";
    } else if (value.endsWith(".gone")) {
      return "gap";
    } else if (value.contains("/log/")) {
      return "segment";
    } else if (value.contains("/manifests/")) {
      return "manifest";
    } else if (value.contains("/snapshots/")) {
      return "snapshot";
    }
    return value;
  }

  @Override
  public String toString() {
    return "%s %s".formatted(action, blob);
  }
}
