package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WindowPoolTest {
  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  @AfterEach
  void stop() {
    threads.shutdown();
  }

  @Test
  void resultsComeInTheOrderOfTheTasks() throws Exception {
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int number = i;
      tasks.add(() -> number);
    }

    assertThat(WindowPool.results(threads, tasks)).isSorted().hasSize(20);
  }

  /** Else it would write to a file that its owner has closed. */
  @Test
  void whenOneHasFailedNoneIsUnderWay() {
    CountDownLatch failing = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    List<Callable<Boolean>> tasks =
        List.of(
            () -> {
              failing.countDown();
              throw new IOException("the first");
            },
            () -> {
              failing.await();
              Thread.sleep(100);
              ended.set(true);
              throw new IOException("the second");
            });

    assertThatThrownBy(() -> WindowPool.results(threads, tasks)).hasMessage("the first");
    assertThat(ended).isTrue();
  }

  @Test
  void whenInterruptedNoneIsUnderWay() {
    Thread caller = Thread.currentThread();
    AtomicBoolean ended = new AtomicBoolean();
    List<Callable<Boolean>> tasks =
        List.of(
            () -> {
              caller.interrupt();
              Thread.sleep(100);
              ended.set(true);
              return true;
            });

    assertThatThrownBy(() -> WindowPool.results(threads, tasks))
        .isInstanceOf(InterruptedIOException.class);
    assertThat(ended).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void ofAFileNoMoreIsBegunOnceAWindowHasFailed() {
    AtomicInteger begun = new AtomicInteger();
    Deque<WindowPool.Work> windows = new ArrayDeque<>();
    for (int i = 0; i < 10; i++) {
      windows.add(
          () -> {
            if (begun.incrementAndGet() == 3) {
              throw new IOException("the third");
            }
          });
    }

    assertThatThrownBy(
            () -> new WindowPool(threads, 2).run(() -> Optional.ofNullable(windows.poll())))
        .hasMessage("the third");
    assertThat(begun).hasValue(4);
  }
}
