package dev.tidemark.apply;

import dev.tidemark.schemas.change.Metadata;
import java.io.IOException;
import java.nio.file.Path;

/** Tells which numbers an entry's owner and group have on this host. Safe from several threads. */
final class Owners {
  private final OwnerIds rule;
  private final AccountFile users;
  private final AccountFile groups;

  Owners(OwnerIds rule, Path passwd, Path group) {
    this.rule = rule;
    this.users = new AccountFile(passwd);
    this.groups = new AccountFile(group);
  }

  static Owners ofHost(OwnerIds rule) {
    return new Owners(rule, Path.of("/etc/passwd"), Path.of("/etc/group"));
  }

  long uid(Metadata metadata) throws IOException {
    return id(metadata.uid(), metadata.owner(), users);
  }

  long gid(Metadata metadata) throws IOException {
    return id(metadata.gid(), metadata.group(), groups);
  }

  private long id(long number, String name, AccountFile accounts) throws IOException {
    return rule == OwnerIds.NUMERIC || number == 0 || name.isEmpty()
        ? number
        : accounts.find(name).orElse(number);
  }
}
