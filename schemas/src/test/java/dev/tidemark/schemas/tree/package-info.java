/** Tests of the tree model. */
@NullMarked
package dev.tidemark.schemas.tree;

import org.jspecify.annotations.NullMarked;
