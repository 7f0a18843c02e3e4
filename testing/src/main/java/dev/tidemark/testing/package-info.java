/**
 * What tests and benchmarks of several modules run against: S3 servers, each as a process of its
 * own on a free port of the loopback, and a proxy before one that makes faults and counts requests.
 * Nothing of the program uses it; it uses nothing but the JDK, save for the server's own process.
 */
@NullMarked
package dev.tidemark.testing;

import org.jspecify.annotations.NullMarked;
