/**
 * What a running role tells machines: metrics in Prometheus' format, and health. Meters read the
 * roles' own status when they are asked; nothing is counted here but requests to the store. All is
 * safe from any thread.
 */
@NullMarked
package dev.tidemark.cli.metrics;

import org.jspecify.annotations.NullMarked;
