/**
 * A host of a group in which one writes a tree and the others stand by: one process that is the
 * tree's watcher or one of its mirrors, and changes from one to the other when it is asked to or
 * when the log says that another host writes now.
 *
 * <p>Which host writes is decided by the log alone. What is kept here is which role to go on with
 * after a restart, and no more than that: a member that remembers to be the writer, and is not by
 * the log, stands by.
 */
@NullMarked
package dev.tidemark.cli.member;

import org.jspecify.annotations.NullMarked;
