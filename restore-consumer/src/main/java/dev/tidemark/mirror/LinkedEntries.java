package dev.tidemark.mirror;

import dev.tidemark.apply.ExistingCheck.Difference;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.LinkIdentity;
import dev.tidemark.apply.Losses;
import dev.tidemark.apply.NodeWriter;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.mirror.LinkIndex.Key;
import dev.tidemark.mirror.MirrorState.Place;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.Optional;

/**
 * Gives an entry the inode of another name that stands in the target already. The inode is proved
 * first: by its signature, else, since a crash leaves signatures behind, by metadata and content.
 * So a change that is applied again links to what it finds right, and to nothing else.
 */
final class LinkedEntries {
  private final MirrorState state;
  private final NodeWriter writer;
  private final OpenDirectories directories;

  LinkedEntries(MirrorState state, NodeWriter writer, OpenDirectories directories) {
    this.state = state;
    this.writer = writer;
    this.directories = directories;
  }

  /** A name of the target that is the inode looked for. */
  private record Peer(Descriptor parent, byte[] name, FileStatus status) {}

  /**
   * Links {@code name} to an entry of the same inode.
   *
   * @return empty if there is none, or the filesystem refuses: then it has to be written
   */
  Optional<FileStatus> link(
      Place place, Descriptor parent, byte[] name, Node node, FrameSource frames)
      throws IOException {
    Optional<Peer> found = findPeer(place, node, frames);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Peer peer = found.get();
    Optional<FileStatus> is = LinuxFiles.findStatus(parent, name);
    if (is.isPresent() && LinkIdentity.isSameInode(is.get(), peer.status())) {
      return is;
    }
    try {
      return Optional.of(writer.link(peer.parent(), peer.name(), parent, name));
    } catch (SystemCallException e) {
      switch (e.errno()) {
        case EPERM, EACCES, EMLINK, EXDEV, EOPNOTSUPP -> {
          writer.losses().add(Losses.Kind.HARD_LINKS, e);
          return Optional.empty();
        }
        default -> throw e;
      }
    }
  }

  private Optional<Peer> findPeer(Place place, Node node, FrameSource frames) throws IOException {
    Key self = new Key(place.directory(), Bytes.of(place.name()));
    for (Key member : state.links().members(node.metadata().linkGroup())) {
      if (!member.equals(self)) {
        Optional<StateEntry> entry = state.find(member);
        if (entry.isPresent() && LinkIdentity.isSame(entry.get().node(), node)) {
          Optional<NodePath> path = state.links().pathOf(member);
          Optional<Peer> peer =
              path.filter(state.notes().subset()::contains).isEmpty()
                  ? Optional.empty()
                  : prove(path.get(), entry.get(), frames);
          if (peer.isPresent()) {
            return peer;
          }
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Peer> prove(NodePath path, StateEntry entry, FrameSource frames)
      throws IOException {
    try {
      Descriptor parent = directories.open(path.parent()).descriptor();
      Optional<FileStatus> is = LinuxFiles.findStatus(parent, path.name());
      return is.isPresent() && isRight(parent, path.name(), entry, is.get(), frames)
          ? Optional.of(new Peer(parent, path.name(), is.get()))
          : Optional.empty();
    } catch (SystemCallException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
        // Changed in the target by somebody else: found when the mirror works there.
        return Optional.empty();
      }
      throw e;
    }
  }

  private boolean isRight(
      Descriptor parent, byte[] name, StateEntry entry, FileStatus is, FrameSource frames)
      throws IOException {
    if (entry.signature().equals(Signature.of(is))) {
      return true;
    }
    return writer.existing().compare(parent, name, entry.node(), is) == Difference.NONE
        && (!(entry.node() instanceof Node.File file)
            || writer.existing().hasContent(parent, name, file, frames));
  }
}
