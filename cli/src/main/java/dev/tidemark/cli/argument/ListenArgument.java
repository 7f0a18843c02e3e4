package dev.tidemark.cli.argument;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An address to listen on: {@code 9464}, {@code 10.0.0.1:9464}, {@code [::1]:0}. */
public final class ListenArgument {
  private static final Pattern FORM =
      Pattern.compile("(?:(?:\\[([^\\]]+)\\]|([^:\\[\\]]+)):)?(\\d{1,5})");
  private static final int MAX_PORT = 65_535;

  private ListenArgument() {}

  /** Without a host it is one that only this machine reaches. */
  public static InetSocketAddress parse(String option, String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > MAX_PORT) {
      throw new ArgumentException(
          "%s %s: expected [HOST:]PORT, such as 9464, 0.0.0.0:9464 or [::1]:9464"
              .formatted(option, text));
    }
    int port = Integer.parseInt(matcher.group(3));
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    InetSocketAddress address =
        host == null
            ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
            : new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new ArgumentException(
          "%s %s: the host %s is not known here".formatted(option, text, host));
    }
    return address;
  }
}
