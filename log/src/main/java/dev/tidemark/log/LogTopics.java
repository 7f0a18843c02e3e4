package dev.tidemark.log;

/** The topics of one installation, all present and with the policies that the contract asks for. */
public record LogTopics(
    TopicHandle chunks,
    TopicHandle changes,
    TopicHandle watermarks,
    TopicHandle heads,
    TopicHandle standbys,
    TopicHandle repository,
    TopicHandle condemned,
    TopicHandle released,
    TopicHandle commands) {}
