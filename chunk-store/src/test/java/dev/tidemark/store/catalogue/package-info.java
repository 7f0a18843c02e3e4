/** Tests of single parts of the catalogue. */
@org.jspecify.annotations.NullMarked
package dev.tidemark.store.catalogue;
