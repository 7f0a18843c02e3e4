/**
 * The least rights of each role on a broker, as Kafka's access control lists have them. A model
 * only: {@code LogRights} sets them, and looks which of them a user has.
 */
@NullMarked
package dev.tidemark.log.access;

import org.jspecify.annotations.NullMarked;
