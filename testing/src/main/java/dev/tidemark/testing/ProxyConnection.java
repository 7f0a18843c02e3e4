package dev.tidemark.testing;

import dev.tidemark.testing.FaultProxy.Fault;
import dev.tidemark.testing.FaultProxy.Request;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** One line to the proxy, and its own to the server behind. Owned by one thread. */
final class ProxyConnection implements Runnable {
  private static final long SLOW_MILLIS = 2_000;

  private final FaultProxy proxy;
  private final Socket client;
  private final URI upstream;

  ProxyConnection(FaultProxy proxy, Socket client, URI upstream) {
    this.proxy = proxy;
    this.client = client;
    this.upstream = upstream;
  }

  @Override
  public void run() {
    proxy.opened(client);
    try (client;
        Socket server = new Socket(upstream.getHost(), upstream.getPort())) {
      proxy.opened(server);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      forward(server);
      proxy.closed(server);
    } catch (IOException closed) {
      // Either side went; the other sees it when its socket is closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      proxy.closed(client);
    }
  }

  private void forward(Socket server) throws IOException, InterruptedException {
    InputStream fromClient = new BufferedInputStream(client.getInputStream(), 1 << 16);
    InputStream fromServer = new BufferedInputStream(server.getInputStream(), 1 << 16);
    boolean goesOn = true;
    while (goesOn) {
      Optional<String> head = HttpMessage.readHead(fromClient);
      if (head.isEmpty()) {
        return;
      }
      HttpMessage request = readRequest(head.get(), fromClient);
      String[] words = request.head().split(" ", 3);
      Request seen = new Request(words[0], words[1]);
      Fault fault = proxy.next(seen);
      if (fault == null) {
        request.writeTo(server.getOutputStream());
        readAnswer(seen, fromServer).writeTo(client.getOutputStream());
      } else {
        goesOn = serve(fault, request, seen, server, fromServer);
      }
    }
  }

  /** A client that asks before it sends its body is told to go on. */
  private HttpMessage readRequest(String head, InputStream in) throws IOException {
    String sent = head;
    if (HttpMessage.header(head, "expect").isPresent()) {
      client
          .getOutputStream()
          .write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      sent = head.replaceFirst("(?i)\r\nexpect:[^\r]*", "");
    }
    return HttpMessage.readBody(sent, HttpMessage.Kind.REQUEST, in);
  }

  private static HttpMessage readAnswer(Request request, InputStream in) throws IOException {
    String head;
    do {
      head =
          HttpMessage.readHead(in).orElseThrow(() -> new IOException("the server closed the line"));
    } while (HttpMessage.status(head) == 100);
    return HttpMessage.readBody(
        head,
        request.method().equals("HEAD")
            ? HttpMessage.Kind.ANSWER_WITHOUT_BODY
            : HttpMessage.Kind.ANSWER,
        in);
  }

  /** Whether the line goes on. */
  private boolean serve(
      Fault fault, HttpMessage request, Request seen, Socket server, InputStream fromServer)
      throws IOException, InterruptedException {
    OutputStream toClient = client.getOutputStream();
    if (fault == Fault.LOST_REQUEST) {
      return false;
    }
    if (fault == Fault.SLOW_DOWN) {
      error("503 Service Unavailable", "SlowDown").writeTo(toClient);
      return true;
    }
    request.writeTo(server.getOutputStream());
    HttpMessage answer = readAnswer(seen, fromServer);
    return switch (fault) {
      case LOST_REQUEST, LOST_ANSWER -> false;
      case SLOW_DOWN, ERROR_AFTER -> {
        error("500 Internal Server Error", "InternalError").writeTo(toClient);
        yield true;
      }
      case TRUNCATED -> {
        byte[] half = Arrays.copyOf(answer.body(), answer.body().length / 2);
        new HttpMessage(answer.head(), half).writeTo(toClient);
        yield false;
      }
      case FLIPPED_BIT -> {
        if (answer.body().length > 0) {
          answer.body()[answer.body().length / 2] ^= 1;
        }
        answer.writeTo(toClient);
        yield true;
      }
      case SLOW -> {
        Thread.sleep(SLOW_MILLIS);
        answer.writeTo(toClient);
        yield true;
      }
    };
  }

  private static HttpMessage error(String status, String code) {
    byte[] body =
        "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>planned</Message></Error>"
            .formatted(code)
            .getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
            .formatted(status, body.length);
    return new HttpMessage(head, body);
  }
}
