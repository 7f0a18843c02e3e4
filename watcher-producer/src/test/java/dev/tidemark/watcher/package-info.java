/**
 * Tests of the watcher against a real broker: what is done to a folder, and what its log then
 * tells.
 */
@NullMarked
package dev.tidemark.watcher;

import org.jspecify.annotations.NullMarked;
