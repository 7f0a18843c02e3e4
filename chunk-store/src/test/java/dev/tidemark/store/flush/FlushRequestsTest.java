package dev.tidemark.store.flush;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When what is wanted durable is flushed. */
final class FlushRequestsTest {
  private final FlushRequests requests = new FlushRequests(2);

  @Test
  void aRequestWaitsUntilItsFramesAreReadAndIsServedOnce() {
    requests.processed(0, -1);
    requests.processed(1, 9);
    requests.needs(0, 5);
    requests.request();
    assertThat(requests.take()).isFalse();

    requests.processed(0, 5);

    assertThat(requests.take()).isTrue();
    assertThat(requests.take()).isFalse();
  }

  @Test
  void aTaskThatBeginsLateIsServedToo() {
    requests.needs(0, 5);
    requests.request();
    requests.processed(1, -1);
    assertThat(requests.take()).isTrue();

    requests.processed(0, -1);
    assertThat(requests.take()).isFalse();
    requests.processed(0, 5);

    assertThat(requests.take()).isTrue();
  }

  @Test
  void partitionsOfOtherProcessesAreNotWaitedFor() {
    requests.processed(0, 5);
    requests.processed(1, 0);
    requests.released(1);
    requests.needs(1, 100);
    requests.request();

    assertThat(requests.take()).isTrue();
  }
}
