package dev.tidemark.cli.repair;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.NotRegularFileException;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.repository.verify.ChunkSource;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that holds a tree, its source or a standby: a file of the newest recorded tree is
 * looked at where it stood, and what stands there now is taken if it is still the chunk.
 */
public final class FolderChunks implements ChunkSource {
  private static final Logger log = LoggerFactory.getLogger(FolderChunks.class);

  private final Repository repository;
  private final TreeName tree;
  private final Path folder;

  public FolderChunks(Repository repository, TreeName tree, Path folder) {
    this.repository = repository;
    this.tree = tree;
    this.folder = folder;
  }

  @Override
  public String name() {
    return "the directory " + folder;
  }

  @Override
  public void find(Set<ChunkId> wanted, Finder onFound) throws IOException {
    try (Descriptor root = LinuxFiles.openRoot(NativePath.of(folder));
        EntryStream entries =
            repository.history(tree).at(new At.Newest()).tree().subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        if (next.get().node() instanceof Node.File file) {
          new FileWalk(root, next.get().path(), wanted, onFound).walk(file.content().extents(), 0);
        }
      }
    }
  }

  /** Goes over one file's extents; the file is opened for the first that is wanted. */
  private final class FileWalk {
    private final Descriptor root;
    private final NodePath path;
    private final Set<ChunkId> wanted;
    private final Finder onFound;

    FileWalk(Descriptor root, NodePath path, Set<ChunkId> wanted, Finder onFound) {
      this.root = root;
      this.path = path;
      this.wanted = wanted;
      this.onFound = onFound;
    }

    void walk(List<Extent> extents, long from) throws IOException {
      long position = from;
      for (Extent extent : extents) {
        switch (extent) {
          case Extent.Hole _ -> {}
          case Extent.Chunk chunk -> {
            if (wanted.contains(chunk.id())) {
              take(chunk, position);
            }
          }
          case Extent.Nested(Extent.Chunk list, long _) -> walkList(list, position);
        }
        position += extent.bytes();
      }
    }

    private void walkList(Extent.Chunk list, long position) throws IOException {
      List<Extent> extents;
      try {
        extents = Records.decodeExtents(repository.readChunk(list.id()));
      } catch (IOException lost) {
        // What a lost list names is not known; other files are still looked at.
        log.atDebug().addKeyValue("list", list.id()).setCause(lost).log("list cannot be read");
        return;
      }
      walk(extents, position);
    }

    private void take(Extent.Chunk chunk, long position) throws IOException {
      byte[] bytes = new byte[chunk.plainBytes()];
      try (Descriptor parent = LinuxFiles.openDirectory(root, path.parent().bytes());
          Descriptor file = LinuxFiles.openForReading(parent, path.name())) {
        int length = 0;
        while (length < bytes.length) {
          int n = LinuxFiles.readAt(file, position + length, bytes, length, bytes.length - length);
          if (n == 0) {
            return;
          }
          length += n;
        }
      } catch (SystemCallException | NotRegularFileException gone) {
        log.atDebug().addKeyValue("path", path).setCause(gone).log("file is not there");
        return;
      }
      if (ChunkId.computeOf(bytes).equals(chunk.id())) {
        onFound.found(new PackEntry(chunk.id(), Frame.compress(bytes, 0, bytes.length)));
      }
    }
  }
}
