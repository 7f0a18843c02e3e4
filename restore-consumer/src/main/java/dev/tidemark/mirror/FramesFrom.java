package dev.tidemark.mirror;

/** Where a standby asks first for the bytes of changes that it follows. */
public enum FramesFrom {
  /** In Kafka; in the repository for what Kafka has no longer. */
  KAFKA,
  /**
   * In the repository, so that the broker has no load of them; in Kafka for what is not sealed yet.
   */
  REPOSITORY,
  /** In Kafka for what is new, in the repository for what a standby catches up with. */
  AUTO
}
