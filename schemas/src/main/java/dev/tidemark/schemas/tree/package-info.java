/**
 * The tree that a log of changes describes, and the one function that applies a change to it. What
 * the log touched is held in memory; the rest is a reference to a part of a base, read only when
 * asked for. Restores, listings of an instant and the next snapshot are all made from this model. A
 * tree belongs to one thread; bases and entries are immutable.
 */
@NullMarked
package dev.tidemark.schemas.tree;

import org.jspecify.annotations.NullMarked;
