package dev.tidemark.repository.cleanup;

import dev.tidemark.repository.index.ChunkLocation;
import dev.tidemark.repository.index.IndexBlob;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Goes through the blobs of an index side by side, in the order of the ids. */
public final class IndexWalk {
  private IndexWalk() {}

  /** Takes one chunk, with every place where it lies. */
  public interface Visitor {
    void visit(ChunkId id, List<ChunkLocation> locations) throws IOException;
  }

  private static final class Place {
    private final IndexBlob blob;
    private int next;
    private ChunkId id;

    Place(IndexBlob blob) {
      this.blob = blob;
      this.id = blob.idAt(0);
    }

    boolean advance() {
      next++;
      if (next == blob.size()) {
        return false;
      }
      id = blob.idAt(next);
      return true;
    }
  }

  /** Visits each chunk once. Holds one place in each blob. */
  public static void run(List<IndexBlob> blobs, Visitor visitor) throws IOException {
    PriorityQueue<Place> places = new PriorityQueue<>(Comparator.comparing((Place p) -> p.id));
    blobs.stream().filter(blob -> blob.size() > 0).map(Place::new).forEach(places::add);
    List<ChunkLocation> locations = new ArrayList<>();
    while (!places.isEmpty()) {
      ChunkId id = places.element().id;
      locations.clear();
      while (!places.isEmpty() && places.element().id.equals(id)) {
        Place place = places.remove();
        ChunkLocation location = place.blob.locationAt(place.next);
        if (!locations.contains(location)) {
          locations.add(location);
        }
        if (place.advance()) {
          places.add(place);
        }
      }
      visitor.visit(id, locations);
    }
  }
}
