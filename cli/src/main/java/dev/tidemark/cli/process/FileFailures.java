package dev.tidemark.cli.process;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Java's file exceptions often have nothing but a path for a message. */
public final class FileFailures {
  private FileFailures() {}

  /** What happened, in words. */
  public static String describe(IOException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("No space left on device") && !message.contains("make room")) {
      return "the disk is full (%s); make room there and try again".formatted(e.getMessage());
    }
    return switch (e) {
      case AccessDeniedException denied ->
          "no permission for %s. Give this user access to it, or choose another place."
              .formatted(denied.getFile());
      case NoSuchFileException missing -> missing.getFile() + " does not exist";
      case FileSystemException other when other.getReason() != null ->
          other.getFile() + ": " + other.getReason();
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
