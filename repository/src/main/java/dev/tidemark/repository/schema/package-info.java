/** The Avro schemas that a repository carries, so that it can be read without this source tree. */
@NullMarked
package dev.tidemark.repository.schema;

import org.jspecify.annotations.NullMarked;
