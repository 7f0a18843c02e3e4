package dev.tidemark.cli.drill;

import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.OpenHistory;
import dev.tidemark.repository.history.Span;
import dev.tidemark.repository.history.TreeAt;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.util.random.RandomGenerator;

/**
 * Draws one of a tree's kept instants. Ages are counted back from a minute after the newest one,
 * and each doubling of (age + 1 min) is as likely as any other: so the newest, the last hour, the
 * last day and the last year all get their share, however long the history is.
 */
final class InstantDraw {
  private static final double MINUTE_MILLIS = 60_000;
  private static final int DRAWS = 50;

  private final RandomGenerator random;

  InstantDraw(RandomGenerator random) {
    this.random = random;
  }

  /** A time in the span, by the rule above. */
  long draw(Span span) {
    double whole = span.lastMillis() - span.firstMillis() + MINUTE_MILLIS;
    double doublings = Math.pow((whole + MINUTE_MILLIS) / MINUTE_MILLIS, random.nextDouble());
    long age = Math.round(MINUTE_MILLIS * (doublings - 1) - MINUTE_MILLIS);
    return Math.clamp(span.lastMillis() - age, span.firstMillis(), span.lastMillis());
  }

  /**
   * The sequence of a kept instant at which something stands at {@code path}.
   *
   * @throws IOException if nothing is sealed, or the path is hardly ever there; the message is for
   *     the user
   */
  At.Sequence draw(TreeName tree, OpenHistory history, NodePath path) throws IOException {
    Span span =
        history
            .span()
            .orElseThrow(
                () ->
                    new IOException(
                        "Nothing of tree %s is in the repository yet. `tidemark status` tells how far it is."
                            .formatted(tree)));
    for (int i = 0; i <= DRAWS; i++) {
      // A path that is young is there at the end, if anywhere.
      TreeAt at = history.at(i < DRAWS ? new At.Time(draw(span)) : new At.Newest());
      if (at.tree().find(path).isPresent()) {
        return new At.Sequence(at.sequence());
      }
    }
    throw new IOException(
        "At none of %d instants of tree %s that were drawn, nor at the newest, is there %s. Name one with --at; `tidemark log` tells when it was there."
            .formatted(DRAWS, tree, path.isRoot() ? "anything" : path));
  }
}
