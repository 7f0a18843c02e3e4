package dev.tidemark.cli.doctor;

/**
 * Something that needs an act.
 *
 * @param subject what it is about, such as {@code tree web}
 * @param what is so
 * @param remedy what to do about it
 */
public record Finding(String subject, String what, String remedy) {}
