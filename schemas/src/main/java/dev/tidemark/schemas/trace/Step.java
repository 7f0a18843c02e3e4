package dev.tidemark.schemas.trace;

import java.util.Optional;

/**
 * A step of a change on its way. The names are part of the ids of spans: processes of two versions
 * share a trace only while these stay.
 */
public enum Step {
  /** At the watcher, from its first event to its acknowledgement: the whole of its part. */
  CHANGE("change"),

  /** A reader looks at the entry, and cuts and compresses what is new of a file. */
  READ("read", CHANGE),

  /** Its frames are on their way to the log. */
  SEND_CHUNKS("send chunks", CHANGE),

  /** The change is on its way to the log. */
  PUBLISH("publish", CHANGE),

  /** From the log, where the broker has put it, to the chunk-store. */
  STORE_RECEIVE("store receive", PUBLISH),

  /** Until it and all that it names is durable in the repository. */
  SEAL("seal", STORE_RECEIVE),

  /** From the log to a standby. */
  MIRROR_RECEIVE("mirror receive", PUBLISH),

  /** Until it is visible in the standby's directory. */
  APPLY("apply", MIRROR_RECEIVE);

  private final String text;
  private final Optional<Step> parent;

  Step(String text) {
    this.text = text;
    this.parent = Optional.empty();
  }

  Step(String text, Step parent) {
    this.text = text;
    this.parent = Optional.of(parent);
  }

  /** As people read it. */
  public String text() {
    return text;
  }

  /** The step that led to this one; empty for the first. */
  public Optional<Step> parent() {
    return parent;
  }

  /** Whether each standby takes it on its own. */
  public boolean isOfOneStandby() {
    return this == MIRROR_RECEIVE || this == APPLY;
  }
}
