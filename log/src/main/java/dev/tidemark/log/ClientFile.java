package dev.tidemark.log;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The client properties: a Java properties file of Kafka's own settings that says how to reach the
 * broker and who one is. Each client of the process is made with it.
 *
 * <p>Settings on which promises rest, or which each client has its own of, do not belong there and
 * are refused, not passed over. A value may refer to another place, as Kafka's config providers
 * have it: {@code ${file:/run/secrets/kafka:password}}, {@code ${dir:/run/secrets:password}},
 * {@code ${env:KAFKA_PASSWORD}}; these three need no settings of their own.
 */
public final class ClientFile {
  private static final List<String> ALLOWED_BEGINNINGS =
      List.of("security.", "ssl.", "sasl.", "config.providers", "socket.connection.setup.");

  private static final Set<String> ALLOWED =
      Set.of(
          "client.dns.lookup",
          "client.id",
          "client.rack",
          "connections.max.idle.ms",
          "reconnect.backoff.ms",
          "retry.backoff.max.ms",
          "retry.backoff.ms");

  private static final Pattern SECRET =
      Pattern.compile(
          ".*(password|secret|passphrase).*|(?:.*\\.)?sasl\\.jaas\\.config|ssl\\.keystore\\.key");

  /** As Kafka finds them: provider, path and key, the path perhaps missing. */
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{([^}:]+):(?:([^}]*?):)?([^}:]*)}");

  /** An option of a login module: its name, and its value with quotes if it has them. */
  private static final Pattern LOGIN_OPTION =
      Pattern.compile("(\\w+)\\s*=\\s*(\"[^\"]*\"|'[^']*'|\\$\\{[^}]*}[^\\s;]*|[^\\s;]+)");

  private static final Set<PosixFilePermission> OF_OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  /** Whose user number is that of this process. */
  private static final Path SELF = Path.of("/proc/self");

  private static final int ROOT = 0;

  private static final String PROVIDERS = "config.providers";
  private static final Map<String, String> USUAL_PROVIDERS =
      Map.of(
          PROVIDERS,
          "file,dir,env",
          "config.providers.file.class",
          "org.apache.kafka.common.config.provider.FileConfigProvider",
          "config.providers.dir.class",
          "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
          "config.providers.env.class",
          "org.apache.kafka.common.config.provider.EnvVarConfigProvider");

  private final Path file;
  private final int user;
  private final Map<String, String> settings = new TreeMap<>();

  private ClientFile(Path file, int user) {
    this.file = file;
    this.user = user;
  }

  /**
   * Reads and checks a file.
   *
   * @throws ClientFileException if it sets what it must not, or holds secrets that others than its
   *     owner can read; of what root lends to a user by its group, others than that group
   * @throws IOException if it cannot be read
   */
  public static Map<String, String> read(Path file) throws IOException {
    return read(file, owner(SELF));
  }

  /** The same in the eyes of a process with that user number. */
  static Map<String, String> read(Path file, int user) throws IOException {
    ClientFile read = new ClientFile(file.toAbsolutePath().normalize(), user);
    read.load();
    read.requireAllowed();
    read.requirePrivate();
    read.addProviders();
    return Map.copyOf(read.settings);
  }

  private void load() throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IllegalArgumentException e) {
      throw new ClientFileException(
          "%s is no properties file: %s. It has lines KEY=VALUE, with a backslash written twice."
              .formatted(file, e.getMessage()));
    }
    properties.stringPropertyNames().forEach(key -> settings.put(key, properties.getProperty(key)));
  }

  private void requireAllowed() throws ClientFileException {
    Set<String> refused = new TreeSet<>(settings.keySet());
    refused.removeIf(ClientFile::isAllowed);
    if (!refused.isEmpty()) {
      throw new ClientFileException(
          ("%s sets %s, which is not to be set there: %s. The file says how to reach the broker and"
                  + " who this is (security.*, ssl.*, sasl.*, config.providers.*, client.id,"
                  + " client.rack, client.dns.lookup, connections.max.idle.ms, back-offs). Take the"
                  + " others out.")
              .formatted(file, String.join(", ", refused), reason(refused)));
    }
  }

  private static boolean isAllowed(String key) {
    return ALLOWED.contains(key) || ALLOWED_BEGINNINGS.stream().anyMatch(key::startsWith);
  }

  private static String reason(Set<String> refused) {
    return refused.contains("bootstrap.servers")
        ? "the address comes from --bootstrap-server"
        : "Tidemark sets what its promises rest on by itself";
  }

  /** As the daemon of rsync refuses its own file of secrets. */
  private void requirePrivate() throws IOException {
    List<String> secrets =
        settings.entrySet().stream().filter(ClientFile::isSecret).map(Map.Entry::getKey).toList();
    if (!secrets.isEmpty()) {
      requirePrivate(file, "holds secrets (%s)".formatted(String.join(", ", secrets)));
    }
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      Matcher reference = REFERENCE.matcher(setting.getValue());
      while (reference.find()) {
        if (reference.group(1).equals("file") && reference.group(2) != null) {
          requirePrivate(
              Path.of(reference.group(2)), "holds %s, for %s".formatted(setting.getKey(), file));
        }
      }
    }
    String keys = settings.getOrDefault("ssl.keystore.location", "");
    boolean plainKeys =
        settings.getOrDefault("ssl.keystore.type", "").equalsIgnoreCase("PEM")
            && !settings.containsKey("ssl.key.password");
    if (plainKeys && !keys.isEmpty() && !REFERENCE.matcher(keys).find()) {
      requirePrivate(Path.of(keys), "holds a private key without password");
    }
  }

  private static boolean isSecret(Map.Entry<String, String> setting) {
    String key = setting.getKey().toLowerCase(Locale.ROOT);
    if (!SECRET.matcher(key).matches()) {
      return false;
    }
    return key.endsWith("sasl.jaas.config")
        ? holdsSecret(setting.getValue())
        : isWritten(setting.getValue());
  }

  /** Whether a login module is given a secret in plain, whatever else it refers to. */
  private static boolean holdsSecret(String login) {
    if (!REFERENCE.matcher(login).find()) {
      return !login.isBlank();
    }
    Matcher option = LOGIN_OPTION.matcher(login);
    while (option.find()) {
      boolean secret = SECRET.matcher(option.group(1).toLowerCase(Locale.ROOT)).matches();
      if (secret && isWritten(option.group(2))) {
        return true;
      }
    }
    return false;
  }

  /** Whether anything of it stands there, and is not referred to. */
  private static boolean isWritten(String value) {
    return !REFERENCE.matcher(value).replaceAll("").replace("\"", "").replace("'", "").isBlank();
  }

  private void requirePrivate(Path secret, String holds) throws IOException {
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(secret);
    Set<PosixFilePermission> ofOthers = EnumSet.copyOf(mode);
    ofOthers.retainAll(OF_OTHERS);
    // What a pod or a service is handed belongs to root, and its user reads it by the group.
    // PostgreSQL takes its key that way, too; root itself needs no group to read.
    if (user != ROOT && owner(secret) == ROOT) {
      ofOthers.remove(PosixFilePermission.GROUP_READ);
    }
    if (!ofOthers.isEmpty()) {
      throw new ClientFileException(
          "%s %s, and others than its owner can read or write it (mode %s). Run: chmod 600 %s"
              .formatted(secret, holds, PosixFilePermissions.toString(mode), secret));
    }
  }

  private static int owner(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:uid");
  }

  private void addProviders() {
    boolean refers = settings.values().stream().anyMatch(value -> REFERENCE.matcher(value).find());
    if (refers && !settings.containsKey(PROVIDERS)) {
      settings.putAll(USUAL_PROVIDERS);
    }
  }
}
