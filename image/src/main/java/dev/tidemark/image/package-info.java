/**
 * Tests of the container image: built for real, and run as it is meant to be run, in a container
 * engine that a test starts and stops. The engine has folders, a socket and a network of its own,
 * so that nothing of the machine's is touched.
 */
@NullMarked
package dev.tidemark.image;

import org.jspecify.annotations.NullMarked;
