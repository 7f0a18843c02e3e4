/** Tests of package topic. */
@NullMarked
package dev.tidemark.schemas.topic;

import org.jspecify.annotations.NullMarked;
