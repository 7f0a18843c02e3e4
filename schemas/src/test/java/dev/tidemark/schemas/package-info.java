/** What the tests of several packages share. */
@NullMarked
package dev.tidemark.schemas;

import org.jspecify.annotations.NullMarked;
