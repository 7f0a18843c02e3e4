package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.browse.LogAccess;
import dev.tidemark.browse.OpenTree;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.reading.DigestCheck;
import dev.tidemark.cli.reading.DigestCheck.Result;
import dev.tidemark.cli.reading.DigestCheck.Verdict;
import dev.tidemark.cli.reading.TreeState;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.At;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.StandbyStatus;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeDigest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DigestCheckTest {
  private static final NodePath FILE = NodePath.ROOT.child("f".getBytes(StandardCharsets.UTF_8));

  @TempDir private Path folder;

  @BeforeEach
  void writeThreeVersions() throws Exception {
    try (WrittenRepository written = WrittenRepository.create(folder)) {
      written.change(1_000, new Change.EpochStarted("host", 1, new Change.Previous.None(), 0));
      written.change(2_000, new Change.Put(NodePath.ROOT, WrittenRepository.directory()));
      written.change(3_000, new Change.Put(FILE, written.file("one")));
      written.change(4_000, new Change.Put(FILE, written.file("two")));
    }
  }

  private static StandbyStatus standby(String name, long sequence, String digest) {
    return new StandbyStatus(
        WrittenRepository.WEB,
        name,
        name,
        sequence,
        3_000,
        sequence,
        1,
        "",
        5_000,
        "following",
        CommandReport.NONE,
        digest,
        0,
        List.of(),
        "");
  }

  private List<Result> check(TreeReader trees, StandbyStatus... standbys) {
    Cursor cursor = Cursor.start(new UUID(5, 6), 0, 0);
    return new DigestCheck(trees)
        .check(
            new TreeState(WrittenRepository.WEB, cursor, cursor, Fault.NONE, 0, List.of(standbys)));
  }

  private static String digestAt(TreeReader trees, long sequence) throws Exception {
    OpenTree tree = trees.treeAt(WrittenRepository.WEB, new At.Sequence(sequence));
    try (EntryStream entries = tree.tree().subtree(NodePath.ROOT)) {
      return TreeDigest.of(entries).toString();
    }
  }

  @Test
  void eachStandbyIsComparedAtItsOwnSequence() throws Exception {
    try (Repository repository = Repository.open(Repository.openStore(folder.toString()));
        TreeReader trees = TreeReader.open(repository, LogAccess.NONE, InstantSource.system())) {
      String third = digestAt(trees, 3);
      String fourth = digestAt(trees, 4);
      assertThat(third).isNotEqualTo(fourth);

      List<Result> results =
          check(
              trees,
              standby("newest", 4, fourth),
              standby("older", 3, third),
              standby("wrong", 4, third));

      assertThat(results)
          .extracting(Result::verdict)
          .containsExactly(Verdict.EQUAL, Verdict.EQUAL, Verdict.DIFFERS);
      assertThat(results.getLast().expected()).isEqualTo(fourth);
    }
  }

  @Test
  void whatCannotBeComparedIsNotCalledEqual() throws Exception {
    try (Repository repository = Repository.open(Repository.openStore(folder.toString()));
        TreeReader trees = TreeReader.open(repository, LogAccess.NONE, InstantSource.system())) {
      String fourth = digestAt(trees, 4);

      List<Result> results =
          check(
              trees,
              standby("silent", 4, ""),
              standby("newer", 4, "9" + fourth),
              standby("ahead", 7, fourth));

      assertThat(results).allMatch(result -> result.verdict() == Verdict.UNKNOWN);
      assertThat(results).noneMatch(result -> result.reason().isEmpty());
    }
  }
}
