package dev.tidemark.cli.member;

import dev.tidemark.cli.member.RoleFile.Memory;
import dev.tidemark.cli.process.ControlSocket;
import dev.tidemark.mirror.AppliedTree;
import dev.tidemark.mirror.Mirror;
import dev.tidemark.watcher.Watcher;
import dev.tidemark.watcher.WriterTerm;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running member. Its roles follow one another on a thread of its own. Thread-safe. */
public final class Member implements AutoCloseable, ControlSocket.Requests {
  private static final Logger log = LoggerFactory.getLogger(Member.class);
  private static final Duration STOP = Duration.ofSeconds(60);

  private final MemberConfig config;
  private final MemberState state;
  private final Thread thread;
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private final boolean isFirst;
  private final InstantSource clock;

  private Member(MemberConfig config, MemberState state, boolean isFirst, InstantSource clock) {
    this.config = config;
    this.state = state;
    this.isFirst = isFirst;
    this.clock = clock;
    this.thread =
        Thread.ofPlatform()
            .name("tidemark-" + config.tree() + "-member")
            .daemon()
            .unstarted(this::run);
  }

  /**
   * Goes on with the role that is kept, or begins with the one given.
   *
   * @param news hears what a person should see, a line at a time
   * @throws IOException if no role is kept and none given, or the one kept cannot be read; or if
   *     the directory holds a part of the tree only
   */
  public static Member start(MemberConfig config, Consumer<String> news, InstantSource clock)
      throws IOException {
    AppliedTree.requireAll(config.mirror());
    RoleFile file = new RoleFile(config.folder());
    Optional<Memory> kept = file.load();
    Memory memory = kept.isPresent() ? kept.get() : first(config);
    MemberState state = new MemberState(file, memory, news);
    // What is taken over is taken over once: later starts find what others have made of it.
    MemberConfig used = kept.isEmpty() ? config : config.withoutTakeOver();
    Member member = new Member(used, state, kept.isEmpty(), clock);
    if (kept.isPresent()) {
      // For who looks whether the process that has the role is alive.
      state.save(memory);
    }
    member.thread.start();
    return member;
  }

  private static Memory first(MemberConfig config) throws IOException {
    MemberRole role =
        config
            .first()
            .orElseThrow(
                () ->
                    new IOException(
                        ("this host has no role for tree %s yet. Say which at the first start: --as"
                                + " writer on the host whose directory is the tree, --as standby on"
                                + " the others.")
                            .formatted(config.tree())));
    return Memory.of(role);
  }

  private void run() {
    try {
      if (isFirst) {
        begin();
      }
      while (!state.isClosing()) {
        switch (state.role()) {
          case WRITER -> new Writing(config, state).run();
          case STANDBY, PROMOTING -> new StandingBy(config, state, clock).run();
        }
      }
      failure.complete(null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure.complete(null);
    } catch (IOException | RuntimeException | Error e) {
      log.atError().setCause(e).addKeyValue("tree", config.tree()).log("member stopped");
      failure.completeExceptionally(e);
    } finally {
      state.end();
    }
  }

  /** A host that was the writer by `tidemark watch` may have what nobody accepted. */
  private void begin() throws IOException, InterruptedException {
    boolean wasWriter =
        state.role() == MemberRole.STANDBY
            && WriterTerm.find(config.watcher().stateFolder()).isPresent();
    if (wasWriter) {
      new StandDown(config, state).becauseAnotherWrites();
    } else {
      state.save(state.memory());
    }
  }

  /** What it is now. */
  public MemberRole role() {
    return state.role();
  }

  /** The watcher that runs now; empty while this host is no writer. */
  public Optional<Watcher> watcher() {
    return state.watcher();
  }

  /** The mirror that runs now; empty while this host does not stand by. */
  public Optional<Mirror> mirror() {
    return state.mirror();
  }

  /** In some words what it is doing. */
  public String describe() {
    return state.describe();
  }

  /** Completes, exceptionally, if the member ends by itself; with nothing when it is closed. */
  public CompletableFuture<Void> failure() {
    return failure.copy();
  }

  /**
   * Takes {@code promote MOST-BEHIND}, answered by {@code EPOCH SEQUENCE} and what was lost, if
   * anything; {@code rejoin}, answered by {@code SEQUENCE COUNT FOLDER} of what was kept aside; and
   * as a writer what a watcher takes.
   */
  @Override
  public CompletableFuture<String> take(String request) {
    String[] words = request.split(" ", 2);
    return switch (words[0]) {
      case "promote" -> order(answer -> new Order.Promote(Long.parseLong(words[1]), answer));
      case "rejoin" -> order(Order.Rejoin::new);
      default -> state.askWatcher(request);
    };
  }

  private interface Making {
    Order with(CompletableFuture<String> answer);
  }

  private CompletableFuture<String> order(Making making) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    state.ask(making.with(answer));
    return answer;
  }

  /** Stops; the role is kept. */
  @Override
  public void close() throws IOException {
    state.close();
    try {
      if (!thread.join(STOP)) {
        throw new IOException("the member of tree %s did not stop".formatted(config.tree()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
