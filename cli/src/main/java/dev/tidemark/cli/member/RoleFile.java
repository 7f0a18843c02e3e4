package dev.tidemark.cli.member;

import dev.tidemark.mirror.Rejoin;
import dev.tidemark.schemas.change.Epoch;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * Which role a member has, in a file ({@code role}, {@code key=value} lines) that also scripts
 * read:
 *
 * <pre>
 * role            writer, standby or promoting
 * pid             of the process that wrote it last
 * ended.topic     these four, while what stood in the directory at the end of this host's last term
 * ended.epoch     has yet to be compared with what was accepted: the term's changes topic, the
 * ended.writer    offset of its first record, its writer, and the offset of the record that ended
 * ended.offset    it
 * </pre>
 */
final class RoleFile {
  private static final String NAME = "role";

  private final Path folder;

  RoleFile(Path folder) {
    this.folder = folder;
  }

  /**
   * What is kept.
   *
   * @param ended the term of which differences may be left in the directory
   */
  record Memory(MemberRole role, Optional<Rejoin.Term> ended) {
    static Memory of(MemberRole role) {
      return new Memory(role, Optional.empty());
    }
  }

  /** What was saved last; empty if nothing was. */
  Optional<Memory> load() throws IOException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Properties lines = new Properties();
    lines.load(new StringReader(Files.readString(file)));
    try {
      MemberRole role = MemberRole.valueOf(lines.getProperty("role", "").toUpperCase(Locale.ROOT));
      return Optional.of(new Memory(role, ended(lines)));
    } catch (IllegalArgumentException e) {
      throw new IOException(
          ("%s is damaged (%s). Remove it, and start with --as standby: the directory is then"
                  + " compared with the tree.")
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static Optional<Rejoin.Term> ended(Properties lines) {
    String topic = lines.getProperty("ended.topic", "");
    if (topic.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Rejoin.Term(
            UUID.fromString(topic),
            new Epoch(
                Long.parseLong(lines.getProperty("ended.epoch", "")),
                UUID.fromString(lines.getProperty("ended.writer", ""))),
            Long.parseLong(lines.getProperty("ended.offset", ""))));
  }

  /** On return, this survives a power loss. */
  void save(Memory memory) throws IOException {
    Files.createDirectories(folder);
    StringBuilder text = new StringBuilder();
    text.append("role=").append(memory.role()).append('\n');
    text.append("pid=").append(ProcessHandle.current().pid()).append('\n');
    memory
        .ended()
        .ifPresent(
            term ->
                text.append(
                    "ended.topic=%s\nended.epoch=%d\nended.writer=%s\nended.offset=%d\n"
                        .formatted(
                            term.changesTopic(),
                            term.epoch().offset(),
                            term.epoch().writer(),
                            term.end())));
    Path fresh = folder.resolve(NAME + ".new");
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(
        fresh,
        folder.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
