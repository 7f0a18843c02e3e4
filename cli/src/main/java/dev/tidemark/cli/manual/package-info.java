/**
 * Pages of the manual, made from what the commands say of themselves in {@code --help}, so that
 * they cannot say anything else.
 *
 * <p>Pure functions; safe for any thread.
 */
@NullMarked
package dev.tidemark.cli.manual;

import org.jspecify.annotations.NullMarked;
