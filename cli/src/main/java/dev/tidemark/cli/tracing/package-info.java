/**
 * Sends what is told of single changes to a collector of OpenTelemetry, whose library nothing else
 * knows: its classes are loaded only where traces are asked for.
 */
@NullMarked
package dev.tidemark.cli.tracing;

import org.jspecify.annotations.NullMarked;
