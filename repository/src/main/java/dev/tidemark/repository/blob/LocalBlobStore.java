package dev.tidemark.repository.blob;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs as files of one folder.
 *
 * <p>A put writes {@code tmp/<random>}, makes it durable, links it to its name (which fails if the
 * name is taken) and makes the folder durable. A crash in between leaves a file in {@code tmp/},
 * which is removed when a store is opened a day later. The folder is made, readable by its owner
 * only, with the first put.
 */
public final class LocalBlobStore implements BlobStore {
  private static final Logger log = LoggerFactory.getLogger(LocalBlobStore.class);

  private static final int MAX_OPEN_FILES = 64;
  private static final int MIN_MAPPED_BYTES = 256 << 10;
  private static final Duration LEFTOVER_AGE = Duration.ofDays(1);

  private final Path folder;
  private final Path temporary;
  private final TempWriter writer;
  private final OpenFiles openFiles = new OpenFiles(MAX_OPEN_FILES);

  /** Folders whose own entry is known to be durable. */
  private final Set<Path> durableFolders = ConcurrentHashMap.newKeySet();

  private LocalBlobStore(Path folder, TempWriter writer) {
    this.folder = folder.toAbsolutePath().normalize();
    this.temporary = this.folder.resolve(BlobName.RESERVED);
    this.writer = writer;
  }

  /**
   * Opens the store of {@code folder}, which need not exist yet, and removes what crashes left
   * behind.
   */
  public static LocalBlobStore open(Path folder) throws IOException {
    return open(folder, InstantSource.system(), TempWriter.DURABLE);
  }

  static LocalBlobStore open(Path folder, InstantSource clock, TempWriter writer)
      throws IOException {
    LocalBlobStore store = new LocalBlobStore(folder, writer);
    store.removeLeftovers(clock.instant().minus(LEFTOVER_AGE));
    return store;
  }

  private void removeLeftovers(Instant before) throws IOException {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(temporary)) {
      for (Path leftover : leftovers) {
        // Another process may be writing the young ones.
        if (Files.getLastModifiedTime(leftover).toInstant().isBefore(before)) {
          Files.deleteIfExists(leftover);
          log.atInfo().addKeyValue("file", leftover).log("leftover of a crash removed");
        }
      }
    } catch (NoSuchFileException absent) {
      // No store yet, nothing ever put, or another process removed the same leftover.
    } catch (AccessDeniedException readOnly) {
      log.atDebug().addKeyValue("folder", temporary).log("leftovers are not ours to remove");
    }
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    Path target = resolve(name);
    try {
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        return alreadyPresent(name);
      }
      requireFolder(folderOf(name));
      requireFolder(temporary);
    } catch (IOException e) {
      throw explain("put", name, e);
    }
    Path temp = temporary.resolve(UUID.randomUUID().toString());
    try {
      writer.write(temp, bytes.duplicate());
      Files.createLink(target, temp);
    } catch (FileAlreadyExistsException taken) {
      return alreadyPresent(name);
    } catch (IOException e) {
      throw explain("put", name, e);
    } catch (UnsupportedOperationException e) {
      throw new IOException(
          "Put of %s: the file system of %s has no hard links or owners; use another folder for the repository."
              .formatted(describe(name), folder),
          e);
    } finally {
      removeTemp(temp);
    }
    try {
      sync(folderOf(name));
      return new PutOutcome.Stored();
    } catch (IOException e) {
      return new PutOutcome.Unknown("the folder could not be made durable: " + e.getMessage());
    }
  }

  /** Whoever put it may have crashed before its name was durable. */
  private PutOutcome alreadyPresent(BlobName name) throws IOException {
    sync(folderOf(name));
    return new PutOutcome.AlreadyPresent();
  }

  private static void removeTemp(Path temp) {
    try {
      Files.deleteIfExists(temp);
    } catch (IOException e) {
      log.atWarn().addKeyValue("file", temp).setCause(e).log("temporary file not removed");
    }
  }

  private void requireFolder(Path wanted) throws IOException {
    if (durableFolders.contains(wanted)) {
      return;
    }
    Path parent = wanted.getParent();
    if (parent != null) {
      if (!wanted.equals(folder) || !Files.isDirectory(parent)) {
        requireFolder(parent);
      }
      try {
        Files.createDirectory(
            wanted,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException there) {
        if (!Files.isDirectory(wanted)) {
          throw new NotDirectoryException(wanted.toString());
        }
      }
      syncWhereAllowed(parent);
    }
    durableFolders.add(wanted);
  }

  /**
   * A parent that this process may not read is not ours, and the repository's own entry in it is
   * its owner's care.
   */
  private void syncWhereAllowed(Path parent) throws IOException {
    try {
      sync(parent);
    } catch (AccessDeniedException e) {
      if (parent.startsWith(folder)) {
        throw e;
      }
    }
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    try (InputStream in = Files.newInputStream(resolve(name))) {
      return readAll(in, Math.toIntExact(Files.size(resolve(name))));
    } catch (IOException e) {
      throw explain("read", name, e);
    }
  }

  /** In slices: see {@link TempWriter}. */
  private static byte[] readAll(InputStream in, int length) throws IOException {
    byte[] bytes = new byte[length];
    int filled = 0;
    while (filled < length) {
      int n = in.read(bytes, filled, Math.min(1 << 20, length - filled));
      if (n < 0) {
        throw new IOException("file shrank to %d bytes".formatted(filled));
      }
      filled += n;
    }
    return bytes;
  }

  @Override
  public byte[] getRange(BlobName name, long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    long actual;
    try {
      actual = openFiles.read(resolve(name), position, bytes);
    } catch (IOException e) {
      throw explain("read", name, e);
    }
    if (actual >= 0) {
      throw new BlobTooShortException(describe(name), position, length, actual);
    }
    return bytes;
  }

  @Override
  public ByteBuffer view(BlobName name) throws IOException {
    try (FileChannel channel = FileChannel.open(resolve(name), StandardOpenOption.READ)) {
      if (channel.size() >= MIN_MAPPED_BYTES) {
        return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      }
    } catch (IOException e) {
      throw explain("read", name, e);
    }
    return ByteBuffer.wrap(get(name)).asReadOnlyBuffer();
  }

  @Override
  public OptionalLong length(BlobName name) throws IOException {
    try {
      return OptionalLong.of(Files.size(resolve(name)));
    } catch (NoSuchFileException absent) {
      return OptionalLong.empty();
    } catch (IOException e) {
      throw explain("read", name, e);
    }
  }

  @Override
  public void list(String prefix, Consumer<BlobStatus> onBlob) throws IOException {
    BlobStore.requireFolder(prefix);
    list(folder.resolve(prefix), onBlob);
  }

  private void list(Path directory, Consumer<BlobStatus> onBlob) throws IOException {
    List<Path> below = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        var attributes = findAttributes(entry);
        if (attributes != null && attributes.isDirectory() && !entry.equals(temporary)) {
          below.add(entry);
        } else if (attributes != null && attributes.isRegularFile()) {
          show(entry, attributes, onBlob);
        }
      }
    } catch (NoSuchFileException absent) {
      return;
    }
    for (Path entry : below) {
      list(entry, onBlob);
    }
  }

  private void show(Path file, BasicFileAttributes attributes, Consumer<BlobStatus> onBlob) {
    BlobName name;
    try {
      name = new BlobName(folder.relativize(file).toString());
    } catch (IllegalArgumentException foreign) {
      log.atDebug().addKeyValue("file", file).log("file in a repository that is no blob");
      return;
    }
    onBlob.accept(
        new BlobStatus(name, attributes.size(), attributes.lastModifiedTime().toMillis()));
  }

  private static @Nullable BasicFileAttributes findAttributes(Path entry) throws IOException {
    try {
      return Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException deletedMeanwhile) {
      return null;
    }
  }

  @Override
  public List<String> listFolders(String prefix) throws IOException {
    BlobStore.requireFolder(prefix);
    Set<String> names = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder.resolve(prefix))) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && !entry.equals(temporary)) {
          names.add(entry.getFileName().toString());
        }
      }
    } catch (NoSuchFileException absent) {
      return List.of();
    }
    return List.copyOf(names);
  }

  @Override
  public void replace(BlobName name, ByteBuffer bytes) throws IOException {
    Path temp = temporary.resolve(UUID.randomUUID().toString());
    try {
      requireFolder(folderOf(name));
      requireFolder(temporary);
      writer.write(temp, bytes.duplicate());
      Files.move(temp, resolve(name), StandardCopyOption.ATOMIC_MOVE);
      openFiles.forget(resolve(name));
      sync(folderOf(name));
    } catch (IOException e) {
      throw explain("replace", name, e);
    } finally {
      removeTemp(temp);
    }
  }

  @Override
  public void delete(BlobName name) throws IOException {
    try {
      openFiles.forget(resolve(name));
      Files.deleteIfExists(resolve(name));
    } catch (IOException e) {
      throw explain("delete", name, e);
    }
  }

  @Override
  public URI location() {
    // Path.toUri looks at the disk to decide about a final slash.
    return URI.create("file://" + folder.toUri().getRawPath());
  }

  @Override
  public String describe(BlobName name) {
    return resolve(name).toString();
  }

  @Override
  public void close() throws IOException {
    openFiles.close();
  }

  private Path resolve(BlobName name) {
    return folder.resolve(name.value());
  }

  private Path folderOf(BlobName name) {
    int slash = name.value().lastIndexOf('/');
    return slash < 0 ? folder : folder.resolve(name.value().substring(0, slash));
  }

  private IOException explain(String act, BlobName name, IOException e) {
    String reason = String.valueOf(e.getMessage());
    // RandomAccessFile tells a missing file from a forbidden one by its text only.
    boolean denied = e instanceof AccessDeniedException || reason.contains("Permission denied");
    boolean absent = e instanceof NoSuchFileException || e instanceof FileNotFoundException;
    if (absent && !denied && !act.equals("put")) {
      return new BlobMissingException(name, describe(name));
    }
    if (reason.contains("No space left on device") || reason.contains("Disk quota exceeded")) {
      return new StoreFullException(
          ("Cannot put %s into the repository at %s: the disk or quota is full. Nothing is lost:"
                  + " free space or raise the quota, and the put is repeated.")
              .formatted(name, folder),
          e);
    }
    if (denied) {
      return new IOException(
          "Cannot %s %s: permission denied. Run as the owner of %s, or give this user access to it."
              .formatted(act, describe(name), folder),
          e);
    }
    if (e instanceof FileSystemException named && named.getReason() != null) {
      reason = named.getReason();
    }
    return new IOException("Cannot %s %s: %s".formatted(act, describe(name), reason), e);
  }
}
