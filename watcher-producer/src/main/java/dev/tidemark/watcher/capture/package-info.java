/**
 * How the watcher learns where something happened in a directory it knows: from fanotify, from
 * inotify, or not at all. What a source tells is where to look, never what is there. Which one is
 * used is decided once, by a real event, and said with its reason. A source is read by one thread;
 * watches are added and removed by any.
 */
@NullMarked
package dev.tidemark.watcher.capture;

import org.jspecify.annotations.NullMarked;
