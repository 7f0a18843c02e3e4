/**
 * What the commands that read have in common: repository and, where a broker runs, log opened
 * together; the state of all trees; and how it is written for people and for programs.
 *
 * <p>Everything here belongs to one thread.
 */
@NullMarked
package dev.tidemark.cli.reading;

import org.jspecify.annotations.NullMarked;
