/** Tests of the package of this name. */
@NullMarked
package dev.tidemark.schemas.filter;

import org.jspecify.annotations.NullMarked;
