package dev.tidemark.repository.history;

import dev.tidemark.schemas.change.Change;
import java.io.IOException;

/** Is shown changes, in their order. For one thread. */
public interface ChangeViewer {
  void show(Change change) throws IOException;
}
