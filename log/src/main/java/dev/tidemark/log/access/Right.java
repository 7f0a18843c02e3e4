package dev.tidemark.log.access;

/**
 * One thing that a role may do.
 *
 * @param name of the resource, or what its names begin with
 * @param why the role needs it
 */
public record Right(Resource resource, String name, Match match, Operation operation, String why) {
  /** What it is a right on. */
  public enum Resource {
    TOPIC("topic"),
    GROUP("group"),
    TRANSACTIONAL_ID("transactional-id");

    private final String word;

    Resource(String word) {
      this.word = word;
    }

    /** As in the option of {@code kafka-acls.sh}. */
    public String word() {
      return word;
    }
  }

  /** Which names are meant. */
  public enum Match {
    LITERAL("literal"),
    PREFIXED("prefixed");

    private final String word;

    Match(String word) {
      this.word = word;
    }

    /** As in the option of {@code kafka-acls.sh}. */
    public String word() {
      return word;
    }
  }

  /** What may be done. Reading and writing include {@link #DESCRIBE}. */
  public enum Operation {
    READ("Read"),
    WRITE("Write"),
    CREATE("Create"),
    DESCRIBE("Describe"),
    DESCRIBE_CONFIGS("DescribeConfigs");

    private final String word;

    Operation(String word) {
      this.word = word;
    }

    /** As in the option of {@code kafka-acls.sh}. */
    public String word() {
      return word;
    }

    /** Whether who has this has that as well. */
    boolean includes(Operation other) {
      return this == other || other == DESCRIBE && (this == READ || this == WRITE);
    }
  }

  /** Whether who has this has the other as well. */
  boolean gives(Right other) {
    return isOfSame(other) && operation.includes(other.operation);
  }

  /** Whether they are one on the broker, which knows no reasons. */
  boolean isSame(Right other) {
    return isOfSame(other) && operation == other.operation;
  }

  private boolean isOfSame(Right other) {
    return resource == other.resource && name.equals(other.name) && match == other.match;
  }

  static Right onTopic(String topic, Operation operation, String why) {
    return new Right(Resource.TOPIC, topic, Match.LITERAL, operation, why);
  }
}
