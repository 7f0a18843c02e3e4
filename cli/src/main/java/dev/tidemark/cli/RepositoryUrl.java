package dev.tidemark.cli;

/** How a repository's address is given, in the words of the help. */
final class RepositoryUrl {
  static final String FORMS =
      "a folder, file:///folder, or s3://bucket/prefix, for other stores than AWS's with"
          + " ?endpoint=URL behind it (in quotes); credentials and region as for other programs of"
          + " AWS";

  private RepositoryUrl() {}
}
