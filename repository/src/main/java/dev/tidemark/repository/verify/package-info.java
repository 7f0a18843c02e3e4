/**
 * Whether a repository can give back everything that it says it holds, and if not, which paths and
 * instants are touched.
 *
 * <p>Knows every layer of the repository and its reading side only; what it finds it reports, and
 * repairs nothing but the index, as every reader does. For one thread.
 */
@NullMarked
package dev.tidemark.repository.verify;

import org.jspecify.annotations.NullMarked;
