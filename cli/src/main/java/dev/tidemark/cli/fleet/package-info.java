/**
 * What an operator asks of a tree's standbys, through the log: commands go out, and what becomes of
 * them is read from what the standbys report. For one thread.
 */
@NullMarked
package dev.tidemark.cli.fleet;

import org.jspecify.annotations.NullMarked;
