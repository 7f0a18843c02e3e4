package dev.tidemark.schemas.tree;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;

/** A place in a tree, and what stands there. */
public record TreeEntry(NodePath path, Node node) {}
