package dev.tidemark.repository.container;

import dev.tidemark.repository.blob.ContentHash;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * The 16 bytes that Avro writes after the header and after each block. Here they are the first 16
 * bytes of the SHA-256 of the file as it would be with zeros in all those places: a checksum of the
 * whole file, in a place that every Avro reader passes over.
 */
final class SyncMarker {
  static final int BYTES = 16;

  private SyncMarker() {}

  /**
   * Not to be foreseen, so that no file name in a backup can hold it; no trace of it is left in the
   * file.
   */
  static byte[] temporary() {
    UUID random = UUID.randomUUID();
    return ByteBuffer.allocate(BYTES)
        .putLong(random.getMostSignificantBits())
        .putLong(random.getLeastSignificantBits())
        .array();
  }

  /** Puts the final marker in the places of a temporary one. */
  static void seal(byte[] file, byte[] temporary) {
    List<Integer> places = find(file, temporary);
    replace(file, places, new byte[BYTES]);
    replace(file, places, computeOf(file));
  }

  /** Whether a file's last marker is the right one for all of it. */
  static boolean isSound(byte[] file) {
    if (file.length < BYTES) {
      return false;
    }
    byte[] marker = Arrays.copyOfRange(file, file.length - BYTES, file.length);
    byte[] unsealed = file.clone();
    replace(unsealed, find(unsealed, marker), new byte[BYTES]);
    return Arrays.equals(marker, computeOf(unsealed));
  }

  private static byte[] computeOf(byte[] file) {
    return Arrays.copyOf(ContentHash.compute(file).bytes(), BYTES);
  }

  private static List<Integer> find(byte[] file, byte[] marker) {
    List<Integer> places = new ArrayList<>();
    int last = file.length - BYTES;
    for (int at = 0; at <= last; at++) {
      if (file[at] == marker[0] && Arrays.equals(file, at, at + BYTES, marker, 0, BYTES)) {
        places.add(at);
        at += BYTES - 1;
      }
    }
    return places;
  }

  private static void replace(byte[] file, List<Integer> places, byte[] with) {
    for (int place : places) {
      System.arraycopy(with, 0, file, place, BYTES);
    }
  }
}
