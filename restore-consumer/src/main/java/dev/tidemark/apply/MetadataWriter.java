package dev.tidemark.apply;

import dev.tidemark.apply.AttributeRules.Step;
import dev.tidemark.apply.Losses.Kind;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives entries their owner, mode, extended attributes and times, through a descriptor or a handle
 * (O_PATH). What this process may not set, or the filesystem cannot hold, is counted; the rest is
 * set all the same. Safe from several threads.
 */
final class MetadataWriter {
  private static final int OWNER_WRITES = 0200;
  private static final int SET_IDS = 06000;

  /** With less than this, an attribute that finds no space means that the filesystem is full. */
  private static final long FULL_BELOW_BYTES = 1 << 20;

  private final Path target;
  private final Owners owners;
  private final Losses losses;

  MetadataWriter(Path target, Owners owners, Losses losses) {
    this.target = target;
    this.owners = owners;
    this.losses = losses;
  }

  /**
   * Sets all of it. A change of the owner clears set-user-id and capabilities, and one of the mode
   * rewrites the mask of an access list: so owner, mode, list and capability are set in this order.
   */
  void write(Descriptor file, Metadata wanted) throws IOException {
    Map<Bytes, Bytes> missing = removeStrange(file, wanted);
    setAttributes(file, missing, Step.BEFORE_MODE);
    boolean isOwned = changeOwner(file, wanted);
    if (LinuxFiles.status(file).type() != FileType.SYMLINK) {
      // The set-id bits of a file that could not be given away would lend our own rights.
      LinuxFiles.changeMode(file, isOwned ? wanted.mode() : wanted.mode() & ~SET_IDS);
    }
    setAttributes(file, missing, Step.ACL);
    setAttributes(file, missing, Step.OTHER);
    setAttributes(file, valuesOf(wanted), Step.CAPABILITY);
    LinuxFiles.changeTimes(file, wanted.mtime().seconds(), wanted.mtime().nanos());
  }

  /** Whether owner, mode and attributes are right; not the times. */
  boolean isRight(Descriptor file, FileStatus is, Metadata wanted) throws IOException {
    return hasOwnerAndMode(is, wanted) && hasAttributes(file, wanted);
  }

  /** The same of what stands at a name. */
  boolean isRight(Descriptor parent, byte[] name, FileStatus is, Metadata wanted)
      throws IOException {
    if (!hasOwnerAndMode(is, wanted)) {
      return false;
    }
    // Few entries have any, and then one call tells.
    if (wanted.attributes().isEmpty() && LinuxFiles.listAttributes(parent, name).isEmpty()) {
      return true;
    }
    try (Descriptor handle = LinuxFiles.openHandle(parent, name)) {
      return hasAttributes(handle, wanted);
    }
  }

  /** What is not right of it but the mode, by what a loss of that is called. */
  Set<Kind> differences(Descriptor parent, byte[] name, FileStatus is, Metadata wanted)
      throws IOException {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    if (is.uid() != owners.uid(wanted) || is.gid() != owners.gid(wanted)) {
      kinds.add(Kind.OWNERS);
    }
    try (Descriptor handle = LinuxFiles.openHandle(parent, name)) {
      Map<Bytes, Bytes> missing = valuesOf(wanted);
      for (byte[] listed : LinuxFiles.listAttributes(handle)) {
        Bytes attribute = Bytes.of(listed);
        Bytes value = missing.remove(attribute);
        if (value == null
            ? AttributeRules.isRemovable(attribute)
            : !holds(handle, attribute, value)) {
          kinds.add(AttributeRules.kind(attribute));
        }
      }
      missing.keySet().forEach(attribute -> kinds.add(AttributeRules.kind(attribute)));
    }
    return kinds;
  }

  private boolean hasOwnerAndMode(FileStatus is, Metadata wanted) throws IOException {
    boolean sameOwner = is.uid() == owners.uid(wanted) && is.gid() == owners.gid(wanted);
    boolean sameMode = is.type() == FileType.SYMLINK || is.permissions() == wanted.mode();
    return sameOwner && sameMode;
  }

  private static boolean hasAttributes(Descriptor file, Metadata wanted)
      throws SystemCallException {
    Map<Bytes, Bytes> missing = valuesOf(wanted);
    for (byte[] listed : LinuxFiles.listAttributes(file)) {
      Bytes name = Bytes.of(listed);
      Bytes value = missing.remove(name);
      if (value == null ? AttributeRules.isRemovable(name) : !holds(file, name, value)) {
        return false;
      }
    }
    return missing.isEmpty();
  }

  private static Map<Bytes, Bytes> valuesOf(Metadata wanted) {
    if (wanted.attributes().isEmpty()) {
      return new HashMap<>();
    }
    Map<Bytes, Bytes> values = new HashMap<>();
    for (ExtendedAttribute attribute : wanted.attributes()) {
      if (!AttributeRules.isIgnored(attribute.name())) {
        values.put(attribute.name(), attribute.value());
      }
    }
    return values;
  }

  private static boolean holds(Descriptor file, Bytes name, Bytes value)
      throws SystemCallException {
    try {
      Optional<byte[]> is = LinuxFiles.findAttribute(file, name.toArray());
      return is.isPresent() && Bytes.of(is.get()).equals(value);
    } catch (SystemCallException e) {
      // One that may be listed but not read is set again.
      if (e.errno() != Errno.EACCES && e.errno() != Errno.EPERM) {
        throw e;
      }
      return false;
    }
  }

  /** Takes away what the node has not; answers what is still to be set. */
  private Map<Bytes, Bytes> removeStrange(Descriptor file, Metadata wanted) throws IOException {
    Map<Bytes, Bytes> missing = valuesOf(wanted);
    for (byte[] listed : LinuxFiles.listAttributes(file)) {
      Bytes name = Bytes.of(listed);
      Bytes value = missing.get(name);
      if (value == null) {
        if (AttributeRules.isRemovable(name)) {
          remove(file, name);
        }
      } else if (holds(file, name, value)) {
        missing.remove(name);
      }
    }
    return missing;
  }

  private void remove(Descriptor file, Bytes name) throws IOException {
    try {
      LinuxFiles.removeAttribute(file, name.toArray());
    } catch (SystemCallException e) {
      tolerate(name, e);
    }
  }

  private void setAttributes(Descriptor file, Map<Bytes, Bytes> values, Step step)
      throws IOException {
    for (Map.Entry<Bytes, Bytes> attribute : values.entrySet()) {
      Bytes name = attribute.getKey();
      if (AttributeRules.step(name) == step) {
        try {
          set(file, name, attribute.getValue());
        } catch (SystemCallException e) {
          tolerate(name, e);
        }
      }
    }
  }

  private static void set(Descriptor file, Bytes name, Bytes value) throws SystemCallException {
    try {
      LinuxFiles.setAttribute(file, name.toArray(), value.toArray());
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EACCES || AttributeRules.step(name) != Step.BEFORE_MODE) {
        throw e;
      }
      // Ours, but read-only: the right mode comes next.
      LinuxFiles.changeMode(file, LinuxFiles.status(file).permissions() | OWNER_WRITES);
      LinuxFiles.setAttribute(file, name.toArray(), value.toArray());
    }
  }

  private void tolerate(Bytes name, SystemCallException e) throws IOException {
    switch (e.errno()) {
      case EPERM, EACCES, EOPNOTSUPP, E2BIG, ERANGE, EINVAL ->
          losses.add(AttributeRules.kind(name), e);
      case ENOSPC -> {
        // Filesystems also say this of attributes that are too many for one inode.
        if (Files.getFileStore(target).getUsableSpace() < FULL_BELOW_BYTES) {
          throw e;
        }
        losses.add(AttributeRules.kind(name), e);
      }
      default -> throw e;
    }
  }

  /**
   * False if this process may not give the entry to its owner. It may still give it to a group that
   * it is in.
   */
  private boolean changeOwner(Descriptor file, Metadata wanted) throws IOException {
    long uid = owners.uid(wanted);
    long gid = owners.gid(wanted);
    try {
      LinuxFiles.changeOwner(file, uid, gid);
      return true;
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EPERM && e.errno() != Errno.EINVAL) {
        throw e;
      }
      losses.add(Kind.OWNERS, e);
      tryGroup(file, gid);
      return false;
    }
  }

  private static void tryGroup(Descriptor file, long gid) throws SystemCallException {
    try {
      LinuxFiles.changeOwner(file, -1, gid);
    } catch (SystemCallException e) {
      // Counted with the owner.
      if (e.errno() != Errno.EPERM && e.errno() != Errno.EINVAL) {
        throw e;
      }
    }
  }
}
