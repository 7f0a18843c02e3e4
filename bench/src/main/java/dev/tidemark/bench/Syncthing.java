package dev.tidemark.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Two instances of syncthing on this machine, which know nobody but each other: one sends, one
 * receives. The delay before events are looked at is a second, the least that it takes.
 */
final class Syncthing {
  private Syncthing() {}

  /** One instance: its folder of settings, its name in the protocol, and its ports. */
  private record Instance(Path home, String id, int port, int console) {}

  static void configure(Follower follower, Path work) throws IOException, InterruptedException {
    Instance sender = generate(work.resolve("syncthing-source"));
    Instance receiver = generate(work.resolve("syncthing-standby"));
    write(sender, sender, receiver, follower.source, "sendonly");
    write(receiver, sender, receiver, follower.standby, "receiveonly");
    for (Instance instance : List.of(sender, receiver)) {
      follower.run(
          List.of("syncthing", "serve", "--no-browser", "--home", instance.home.toString()),
          Map.of("STNOUPGRADE", "1", "STNORESTART", "1"));
    }
  }

  private static Instance generate(Path home) throws IOException, InterruptedException {
    new Peer("syncthing").run("generate", "--no-default-folder", "--home", home.toString());
    Process asked =
        new ProcessBuilder("syncthing", "--device-id", "--home", home.toString()).start();
    String id = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (asked.waitFor() != 0) {
      throw new IOException("syncthing has no id in " + home);
    }
    return new Instance(home, id, freePort(), freePort());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void write(
      Instance own, Instance sender, Instance receiver, Path folder, String type)
      throws IOException {
    // Without this it takes the folder for one that is not mounted.
    Files.createDirectories(folder.resolve(".stfolder"));
    Files.writeString(
        own.home.resolve("config.xml"),
        """
        <configuration version="35">
          <folder id="bench" path="%s" type="%s" rescanIntervalS="3600" fsWatcherEnabled="true"
              fsWatcherDelayS="1">
            <device id="%s"/><device id="%s"/>
          </folder>
          %s%s<gui enabled="true"><address>127.0.0.1:%d</address><apikey>bench</apikey></gui>
          <options>
            <listenAddress>tcp://127.0.0.1:%d</listenAddress>
            <globalAnnounceEnabled>false</globalAnnounceEnabled>
            <localAnnounceEnabled>false</localAnnounceEnabled>
            <relaysEnabled>false</relaysEnabled>
            <natEnabled>false</natEnabled>
            <startBrowser>false</startBrowser>
            <urAccepted>-1</urAccepted>
            <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
            <crashReportingEnabled>false</crashReportingEnabled>
            <reconnectionIntervalS>1</reconnectionIntervalS>
          </options>
        </configuration>
        """
            .formatted(
                folder,
                type,
                sender.id,
                receiver.id,
                device(sender),
                device(receiver),
                own.console,
                own.port));
  }

  private static String device(Instance instance) {
    return "<device id=\"%s\"><address>tcp://127.0.0.1:%d</address></device>%n  "
        .formatted(instance.id, instance.port);
  }
}
