/** Everything that changes a repository, with every request going wrong. */
@org.jspecify.annotations.NullMarked
package dev.tidemark.repository.crash;
