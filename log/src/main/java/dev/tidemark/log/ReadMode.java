package dev.tidemark.log;

/** What a reader is made for: decides fetch sizes and waits, never what is read. */
public enum ReadMode {
  /** Sees a new record as soon as it is committed; waits at the broker, not in a loop. */
  FOLLOW,
  /** Jumps from one record to another: fetches little more than that record and waits for none. */
  RANDOM,
  /** Reads long runs: fetches megabytes at a time, at most 32 MiB held. */
  BULK
}
