/**
 * What of a directory is part of its tree, by patterns of the syntax of {@code .gitignore}. An
 * excluded directory is excluded with all that it holds, so that nobody has to look into it. All
 * types are immutable.
 */
@NullMarked
package dev.tidemark.schemas.filter;

import org.jspecify.annotations.NullMarked;
