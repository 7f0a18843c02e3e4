/**
 * Messages as JSON, one object a line: those of the log by an encoder of the logging library, which
 * logback-json.xml names, and those for people by a stream around standard error.
 */
@NullMarked
package dev.tidemark.cli.logging;

import org.jspecify.annotations.NullMarked;
