package dev.tidemark.schemas.tree;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The end of a full scan: what it has not marked goes, what it has marked needs the base no more.
 */
final class FullScan {
  private final int scan;
  private final NodeReader nodes;

  FullScan(int scan, NodeReader nodes) {
    this.scan = scan;
    this.nodes = nodes;
  }

  /** Finds a slot's node, in the base if need be, and leaves it in the slot. */
  interface NodeReader {
    Optional<Node> nodeOf(Slot slot) throws IOException;
  }

  private record Place(@Nullable Slot parent, Bytes name, Slot slot) {}

  /** All reading comes before the first change, so that a failure leaves the tree as it was. */
  void complete(Slot root) throws IOException {
    List<Place> places = placesAboveKept(root);
    Set<Slot> staying = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Place place : places.reversed()) {
      Slot slot = place.slot();
      if (isKept(slot) || slot.putScan == scan && !slot.isAbsent() || staying.contains(slot)) {
        staying.add(slot);
        if (place.parent() != null) {
          staying.add(place.parent());
        }
      }
    }
    for (Slot slot : staying) {
      nodes.nodeOf(slot);
    }
    for (Place place : places) {
      Slot slot = place.slot();
      if (!staying.contains(slot)) {
        drop(place);
      } else if (!isKept(slot)) {
        slot.origin = null;
      }
    }
  }

  /** Parents before children. */
  private List<Place> placesAboveKept(Slot root) {
    List<Place> places = new ArrayList<>();
    Deque<Place> open = new ArrayDeque<>();
    open.push(new Place(null, Bytes.EMPTY, root));
    while (!open.isEmpty()) {
      Place place = open.pop();
      places.add(place);
      if (!isKept(place.slot())) {
        place
            .slot()
            .children()
            .forEach((name, child) -> open.push(new Place(place.slot(), name, child)));
      }
    }
    return places;
  }

  private boolean isKept(Slot slot) {
    return slot.keptScan == scan;
  }

  private static void drop(Place place) {
    if (place.parent() != null) {
      place.parent().removeChild(place.name());
    }
    place.slot().node = null;
    place.slot().origin = null;
    place.slot().clearChildren();
  }
}
