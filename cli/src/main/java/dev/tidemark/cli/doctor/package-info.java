/**
 * What {@code tidemark doctor} looks at: broker, topics, repository, chunk-stores, watchers,
 * standbys, and how old what only the log holds has become. Changes nothing. For one thread.
 */
@NullMarked
package dev.tidemark.cli.doctor;

import org.jspecify.annotations.NullMarked;
