package dev.tidemark.repository.blob;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The files read last, kept open: a restore reads tens of thousands of small ranges of a few packs.
 * Thread-safe; one file is read by one thread at a time. {@link RandomAccessFile} and not a
 * channel, which an interrupt of one reader closes for all.
 */
final class OpenFiles implements AutoCloseable {
  private final int maxOpen;
  private final Map<Path, OpenFile> files = new LinkedHashMap<>(16, 0.75f, true);

  OpenFiles(int maxOpen) {
    this.maxOpen = maxOpen;
  }

  /**
   * Reads {@code into} full, from {@code position} on; the file's length if it is too short for
   * that, else −1.
   */
  long read(Path path, long position, byte[] into) throws IOException {
    while (true) {
      OpenFile file = find(path);
      synchronized (file) {
        // It may have been put out between being found and being locked.
        if (!file.closed) {
          long length = file.file.length();
          if (length - position < into.length) {
            return length;
          }
          file.file.seek(position);
          file.file.readFully(into);
          return -1;
        }
      }
    }
  }

  private synchronized OpenFile find(Path path) throws IOException {
    OpenFile file = files.get(path);
    if (file == null) {
      file = new OpenFile(new RandomAccessFile(path.toFile(), "r"));
      files.put(path, file);
      if (files.size() > maxOpen) {
        var eldest = files.entrySet().iterator();
        OpenFile out = eldest.next().getValue();
        eldest.remove();
        out.close();
      }
    }
    return file;
  }

  synchronized void forget(Path path) throws IOException {
    OpenFile file = files.remove(path);
    if (file != null) {
      file.close();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    for (OpenFile file : files.values()) {
      file.close();
    }
    files.clear();
  }

  private static final class OpenFile {
    private final RandomAccessFile file;
    private boolean closed;

    OpenFile(RandomAccessFile file) {
      this.file = file;
    }

    synchronized void close() throws IOException {
      closed = true;
      file.close();
    }
  }
}
