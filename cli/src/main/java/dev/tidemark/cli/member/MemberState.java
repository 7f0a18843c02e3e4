package dev.tidemark.cli.member;

import dev.tidemark.cli.member.RoleFile.Memory;
import dev.tidemark.cli.process.ControlSocket;
import dev.tidemark.mirror.Mirror;
import dev.tidemark.watcher.Watcher;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the member's thread and those who ask it share. Orders that are under way when a role ends
 * are answered by the next one. Thread-safe; the memory is changed by the member's thread alone.
 */
final class MemberState {
  private static final Duration TICK = Duration.ofMillis(50);
  private static final int MOST_ORDERS = 16;

  private final RoleFile file;
  private final Consumer<String> news;
  private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>(MOST_ORDERS);
  private final List<Order> underWay = new ArrayList<>();
  private volatile Memory memory;
  private volatile String description = "starting";
  private volatile boolean closing;
  private volatile @Nullable Watcher watcher;
  private volatile @Nullable Mirror mirror;

  MemberState(RoleFile file, Memory memory, Consumer<String> news) {
    this.file = file;
    this.memory = memory;
    this.news = news;
  }

  MemberRole role() {
    return memory.role();
  }

  Memory memory() {
    return memory;
  }

  /** On return it survives a power loss. */
  void save(Memory newMemory) throws IOException {
    file.save(newMemory);
    memory = newMemory;
  }

  void tell(String line) {
    news.accept(line);
  }

  String describe() {
    return description;
  }

  void describe(String doing) {
    description = doing;
  }

  void watching(@Nullable Watcher current) {
    watcher = current;
  }

  Optional<Watcher> watcher() {
    return Optional.ofNullable(watcher);
  }

  void standingBy(@Nullable Mirror current) {
    mirror = current;
  }

  Optional<Mirror> mirror() {
    return Optional.ofNullable(mirror);
  }

  CompletableFuture<String> askWatcher(String request) {
    Watcher current = watcher;
    return current == null
        ? CompletableFuture.failedFuture(
            new IOException("this host is no writer of the tree now, but " + role()))
        : ControlSocket.Requests.of(current).take(request);
  }

  void ask(Order order) {
    if (closing) {
      order.failed("the member is stopping");
    } else if (!orders.offer(order)) {
      order.failed("the member has too many requests waiting");
    }
  }

  /** The next order that is still wanted; waits a little for one. */
  Optional<Order> next() throws InterruptedException {
    return Optional.ofNullable(orders.poll(TICK.toMillis(), TimeUnit.MILLISECONDS))
        .filter(order -> !order.answer().isDone());
  }

  /** The order's answer is given by the role that follows. */
  synchronized void passOn(Order order) {
    underWay.add(order);
  }

  /** Orders that the role before has passed on; each once. */
  synchronized List<Order> takePassedOn() {
    List<Order> taken = List.copyOf(underWay);
    underWay.clear();
    return taken;
  }

  boolean isClosing() {
    return closing;
  }

  void close() {
    closing = true;
  }

  /** Lets others work, for as long as nothing can be done. */
  void idle() throws InterruptedException {
    pause(TICK);
  }

  /** Waits, unless the member is to close. */
  void pause(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (!closing && System.nanoTime() < end) {
      Thread.sleep(TICK);
    }
  }

  /** Nothing is answered any more. */
  void end() {
    closing = true;
    List<Order> left = new ArrayList<>(takePassedOn());
    orders.drainTo(left);
    left.forEach(order -> order.failed("the member has stopped before it was done"));
  }
}
