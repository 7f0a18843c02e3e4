/**
 * Long-running commands: the data folder of {@code up} and its lock, the roles of a process from
 * start to clean stop, and what a person sees of them meanwhile.
 *
 * <p>The roles have threads of their own; the loop that watches over them runs on the command's.
 */
@NullMarked
package dev.tidemark.cli.process;

import org.jspecify.annotations.NullMarked;
