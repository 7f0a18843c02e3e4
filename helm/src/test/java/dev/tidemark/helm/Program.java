package dev.tidemark.helm;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** The program as a file that can be run, and processes with their output in a file. */
final class Program {
  private final Path folder;
  private final Path file;

  private Program(Path folder) {
    this.folder = folder;
    this.file = folder.resolve("tidemark");
  }

  static Program in(Path folder) throws IOException {
    Program program = new Program(folder);
    Files.writeString(
        program.file,
        """
        #!/bin/sh
        export LC_ALL=C.UTF-8
        export CLASSPATH='%s'
        exec '%s/bin/java' -Xmx384m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \\
          --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow %s "$@"
        """
            .formatted(
                System.getProperty("java.class.path"),
                System.getProperty("java.home"),
                Main.class.getName()));
    Files.setPosixFilePermissions(program.file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }

  Path file() {
    return file;
  }

  /** Starts the program itself behind other words. */
  Process start(String log, List<String> before, String... args) throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(file.toString());
    command.addAll(List.of(args));
    return start(log, command);
  }

  Process start(String log, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(log).toFile())
            .start();
    process.getOutputStream().close();
    return process;
  }

  String log(String name) {
    try {
      return Files.readString(folder.resolve(name), UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
