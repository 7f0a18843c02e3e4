/**
 * The {@code tidemark} command: parses arguments, wires the roles, prints and maps failures to exit
 * codes. What each command does lives in the modules below; nothing there knows this one.
 *
 * <p>One command runs per process, on the main thread. {@link dev.tidemark.cli.Main} alone reads
 * the environment and the clock and ends the process.
 */
@NullMarked
package dev.tidemark.cli;

import org.jspecify.annotations.NullMarked;
