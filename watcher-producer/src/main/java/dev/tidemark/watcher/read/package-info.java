/**
 * Looks at entries and directories, and cuts files into frames. Everything here goes by a
 * directory's own descriptor, checked against the inode that the keeper knows, and tells what it
 * saw as a value; absence is proved, an error never taken for it. Runs on bounded pools of platform
 * threads.
 */
@NullMarked
package dev.tidemark.watcher.read;

import org.jspecify.annotations.NullMarked;
