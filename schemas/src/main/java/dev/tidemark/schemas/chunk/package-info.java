/**
 * What a chunk is: its id, and the bounds and the secret by which content is cut. Values only;
 * immutable, safe to share between threads.
 */
@NullMarked
package dev.tidemark.schemas.chunk;

import org.jspecify.annotations.NullMarked;
