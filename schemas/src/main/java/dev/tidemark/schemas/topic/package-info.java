/**
 * The topics of one installation: names, keys, partition counts and policies, and the one way a key
 * finds its partition. In one place, so that what `topics create` makes, what each role checks and
 * what an operator declares elsewhere agree.
 */
@NullMarked
package dev.tidemark.schemas.topic;

import org.jspecify.annotations.NullMarked;
