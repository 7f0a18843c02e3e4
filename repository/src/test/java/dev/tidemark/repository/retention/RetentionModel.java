package dev.tidemark.repository.retention;

import dev.tidemark.repository.SimulatedTree.Moment;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.temporal.WeekFields;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** Retention as one would do it with the whole history in a list. */
public final class RetentionModel {
  private RetentionModel() {}

  /** The sequences that can be restored after a run, from those that could be before it. */
  public static TreeSet<Long> keep(
      RetentionPolicy policy, long graceMillis, Collection<Moment> moments, Set<Long> held) {
    List<Moment> all = new ArrayList<>(moments);
    all.sort(Comparator.comparingLong(Moment::sequence));
    long window = all.getLast().logTimeMillis() - Math.max(policy.within().toMillis(), graceMillis);
    TreeSet<Long> wanted = new TreeSet<>(held);
    all.stream().filter(m -> !m.tag().isEmpty()).forEach(m -> wanted.add(m.sequence()));
    wanted.addAll(lastOfEach(all, policy, policy.hourly(), t -> t.toEpochSecond() / 3600));
    wanted.addAll(lastOfEach(all, policy, policy.daily(), ZonedDateTime::toLocalDate));
    wanted.addAll(lastOfEach(all, policy, policy.weekly(), RetentionModel::monday));
    wanted.addAll(
        lastOfEach(all, policy, policy.monthly(), t -> t.toLocalDate().withDayOfMonth(1)));
    wanted.addAll(lastOfEach(all, policy, policy.yearly(), ZonedDateTime::getYear));
    all.stream()
        .filter(m -> m.logTimeMillis() <= window)
        .reduce((_, later) -> later)
        .ifPresent(m -> wanted.add(m.sequence()));
    TreeSet<Long> kept = new TreeSet<>();
    for (Moment moment : all) {
      if (moment.logTimeMillis() > window || wanted.contains(moment.sequence())) {
        keepWithBase(moment, all, kept);
      }
    }
    return kept;
  }

  private static LocalDate monday(ZonedDateTime time) {
    return time.toLocalDate().with(WeekFields.ISO.dayOfWeek(), 1);
  }

  /** Between the marks of a full scan an instant needs all since before the first mark. */
  private static void keepWithBase(Moment moment, List<Moment> all, TreeSet<Long> kept) {
    for (Moment earlier : all.reversed()) {
      if (earlier.sequence() <= moment.sequence()) {
        kept.add(earlier.sequence());
        if (!earlier.between()) {
          return;
        }
      }
    }
  }

  private static Collection<Long> lastOfEach(
      List<Moment> all, RetentionPolicy policy, int count, Function<ZonedDateTime, Object> key) {
    TreeMap<String, Long> last = new TreeMap<>();
    List<String> order = new ArrayList<>();
    for (Moment moment : all) {
      if (!moment.between()) {
        Object group =
            key.apply(Instant.ofEpochMilli(moment.logTimeMillis()).atZone(policy.zone()));
        if (last.put(group.toString(), moment.sequence()) == null) {
          order.add(group.toString());
        }
      }
    }
    return order.subList(Math.max(0, order.size() - count), order.size()).stream()
        .map(last::get)
        .toList();
  }
}
