package dev.tidemark.cli.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Hosts on a network of their own: a network namespace each, on a bridge in one more, that nothing
 * outside can reach. For who may make namespaces.
 */
final class Network implements AutoCloseable {
  private static final String NET = "10.77.77.";

  private final String name;
  private final List<String> namespaces = new ArrayList<>();

  private Network(String name) {
    this.name = name;
  }

  /** Why this machine has none; empty if it has. */
  static Optional<String> whyNot() throws IOException, InterruptedException {
    for (String tool : List.of("ip", "nsenter", "iptables")) {
      Process found = new ProcessBuilder("sh", "-c", "command -v " + tool).start();
      if (found.waitFor() != 0) {
        return Optional.of(tool + " is not installed");
      }
    }
    String probe = "tm-probe-" + ProcessHandle.current().pid();
    try {
      run("ip", "netns", "add", probe);
      try {
        run("ip", "-n", probe, "link", "add", "br0", "type", "bridge");
        run("nsenter", "--net=/run/netns/" + probe, "iptables", "-S");
      } finally {
        run("ip", "netns", "del", probe);
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("network namespaces cannot be made: " + e.getMessage());
    }
  }

  /** With a hub, at which clients and servers are, and no hosts yet. */
  static Network create() throws IOException, InterruptedException {
    Network network = new Network("tm" + ProcessHandle.current().pid());
    try {
      network.namespace("hub");
      network.inHub("link", "add", "br0", "type", "bridge");
      network.inHub("addr", "add", network.hub() + "/24", "dev", "br0");
      network.inHub("link", "set", "br0", "up");
      return network;
    } catch (IOException | InterruptedException e) {
      network.close();
      throw e;
    }
  }

  private String namespace(String host) throws IOException, InterruptedException {
    String namespace = name + "-" + host;
    run("ip", "netns", "add", namespace);
    namespaces.add(namespace);
    run("ip", "-n", namespace, "link", "set", "lo", "up");
    return namespace;
  }

  private void inHub(String... arguments) throws IOException, InterruptedException {
    run(Stream.concat(Stream.of("ip", "-n", name + "-hub"), Stream.of(arguments)));
  }

  /** A host whose address ends with a number; its interface is {@code eth0}. */
  void add(String host, int number) throws IOException, InterruptedException {
    String namespace = namespace(host);
    inHub("link", "add", "v" + host, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    inHub("link", "set", "v" + host, "master", "br0", "up");
    run("ip", "-n", namespace, "addr", "add", NET + number + "/24", "dev", "eth0");
    run("ip", "-n", namespace, "link", "set", "eth0", "up");
  }

  /** The hub's address. */
  String hub() {
    return NET + "1";
  }

  /** An address for the hosts to share. */
  String shared() {
    return NET + "100";
  }

  /** By which a command runs on a host, or on the hub. */
  List<String> on(String host) {
    return List.of("nsenter", "--net=/run/netns/" + name + "-" + host);
  }

  /** Nothing comes from a host or to it any more; its interface does not show it. */
  void cut(String host) throws IOException, InterruptedException {
    filter(host, "-A");
  }

  void heal(String host) throws IOException, InterruptedException {
    filter(host, "-D");
  }

  private void filter(String host, String how) throws IOException, InterruptedException {
    for (List<String> rule :
        List.of(List.of("INPUT", "-i", "eth0"), List.of("OUTPUT", "-o", "eth0"))) {
      Stream<String> iptables = Stream.of("iptables", how);
      run(
          Stream.of(on(host).stream(), iptables, rule.stream(), Stream.of("-j", "DROP"))
              .flatMap(part -> part));
    }
  }

  /** What a command printed that ran on a host; empty if it failed. */
  Optional<String> ask(String host, String... command) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(on(host));
    all.addAll(List.of(command));
    Process process = new ProcessBuilder(all).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    return process.waitFor() == 0 ? Optional.of(out) : Optional.empty();
  }

  private static void run(String... command) throws IOException, InterruptedException {
    run(Stream.of(command));
  }

  private static void run(Stream<String> command) throws IOException, InterruptedException {
    List<String> words = command.toList();
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", words) + ": " + out.strip());
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (String namespace : namespaces) {
      run("ip", "netns", "del", namespace);
    }
    namespaces.clear();
  }
}
