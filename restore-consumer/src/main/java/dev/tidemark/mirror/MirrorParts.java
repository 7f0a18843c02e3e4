package dev.tidemark.mirror;

import dev.tidemark.apply.FileSync;
import dev.tidemark.apply.TargetDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a mirror holds open. */
record MirrorParts(
    MirrorConfig config, TargetDirectory target, MirrorState state, Applier applier, Origin origin)
    implements AutoCloseable {
  static MirrorParts open(MirrorConfig config, CrashPoints crashes) throws IOException {
    Files.createDirectories(config.stateFolder());
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    try {
      MirrorState state = MirrorState.open(config.stateFolder().resolve("entries"));
      opened.push(state);
      TargetDirectory target = TargetDirectory.open(config.target());
      opened.push(target);
      TargetIdentity.require(target, state, config);
      FileSync sync =
          config.writing().durability() == Durability.FILE ? FileSync.BEFORE_NAMED : FileSync.LATER;
      Applier applier =
          new Applier(
              target,
              state,
              target.writer(config.writing().owners(), sync),
              config.writing().fileThreads(),
              crashes);
      opened.push(applier);
      Origin origin = config.hasRepository() ? RepositoryOrigin.open(config) : Origin.NONE;
      return new MirrorParts(config, target, state, applier, origin);
    } catch (IOException | RuntimeException e) {
      opened.forEach(part -> closeAfter(e, part));
      throw e;
    }
  }

  void closeAfter(Exception failure) {
    closeAfter(failure, this);
  }

  private static void closeAfter(Exception failure, AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) { // what AutoCloseable declares
      failure.addSuppressed(e);
    }
  }

  @Override
  public void close() throws IOException {
    try (state;
        target;
        applier;
        origin) {
      // In the reverse order of opening.
    }
  }
}
