/**
 * What a watcher remembers of its tree as published: per entry the signature and the node, per
 * chunk where its frame is and how many published nodes hold it, the paths in doubt, and the
 * writer's own identity. Survives the end of the process at any step; a power loss is answered by
 * forgetting all of it. Reads from any thread, writes from the keeper alone.
 */
@NullMarked
package dev.tidemark.watcher.state;

import org.jspecify.annotations.NullMarked;
