/** Where chunks may be had that a repository has lost. */
@NullMarked
package dev.tidemark.cli.repair;

import org.jspecify.annotations.NullMarked;
