/**
 * What is said on the command line, as values: trees and their folders, instants, addresses.
 *
 * <p>A string that cannot be meant is an {@link dev.tidemark.cli.argument.ArgumentException} whose
 * message quotes it and says what was expected. Names of files keep their bytes, whatever these
 * are. All values are immutable.
 */
@NullMarked
package dev.tidemark.cli.argument;

import org.jspecify.annotations.NullMarked;
