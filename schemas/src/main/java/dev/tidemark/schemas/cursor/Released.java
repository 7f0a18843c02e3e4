package dev.tidemark.schemas.cursor;

/**
 * The owner's answer to one {@link Condemned}.
 *
 * @param isReleased whether the chunk is forgotten; else it is in use
 */
public record Released(Condemned question, boolean isReleased) {}
