package dev.tidemark.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * A proxy before an S3 server, on a free port of the loopback, that counts requests and lets some
 * of them go wrong. Signatures stay valid, since nothing that goes to the server is changed.
 * Thread-safe.
 */
public final class FaultProxy implements AutoCloseable {
  /** What goes wrong with a request. */
  public enum Fault {
    /** Nothing reaches the server; the line is closed. */
    LOST_REQUEST,
    /** The server has done it; the line is closed in place of the answer. */
    LOST_ANSWER,
    /** Nothing reaches the server; the answer is 503, {@code SlowDown}. */
    SLOW_DOWN,
    /** The server has done it; the answer is 500, {@code InternalError}. */
    ERROR_AFTER,
    /** Half of the answer's body comes, then the line is closed. */
    TRUNCATED,
    /** One bit of the answer's body is another. */
    FLIPPED_BIT,
    /** The answer comes after two seconds. */
    SLOW
  }

  /**
   * A request as it came.
   *
   * @param target path and query
   */
  public record Request(String method, String target) {
    /** Whether it lists names or uploads. */
    public boolean isListing() {
      return method.equals("GET")
          && (target.contains("list-type=")
              || target.contains("?uploads")
              || target.contains("&uploads")
              || target.contains("delimiter="));
    }

    public boolean isPut() {
      return method.equals("PUT");
    }

    /** Whether it reads (a part of) one object. */
    public boolean isRead() {
      return method.equals("GET") && !isListing();
    }
  }

  private record Plan(Predicate<Request> which, Fault fault, int left) {}

  private final URI upstream;
  private final ServerSocket listening;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Request> requests = new ArrayList<>();
  private final List<Plan> plans = new ArrayList<>();

  private FaultProxy(URI upstream) throws IOException {
    this.upstream = upstream;
    listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().name("fault-proxy").daemon().start(this::accept);
  }

  public static FaultProxy before(URI upstream) throws IOException {
    return new FaultProxy(upstream);
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listening.getLocalPort());
  }

  /**
   * Lets the next {@code times} requests of a kind go wrong. Plans are looked at in their order.
   */
  public void plan(Predicate<Request> which, Fault fault, int times) {
    synchronized (plans) {
      plans.add(new Plan(which, fault, times));
    }
  }

  /** From now on nothing goes wrong. */
  public void forgetPlans() {
    synchronized (plans) {
      plans.clear();
    }
  }

  /** All requests since the start or the last {@link #forgetRequests()}. */
  public List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  public void forgetRequests() {
    synchronized (requests) {
      requests.clear();
    }
  }

  /** Notes a request, and says what shall go wrong with it; null for nothing. */
  @org.jspecify.annotations.Nullable
  Fault next(Request request) {
    synchronized (requests) {
      requests.add(request);
    }
    synchronized (plans) {
      for (Iterator<Plan> each = plans.iterator(); each.hasNext(); ) {
        Plan plan = each.next();
        if (plan.which().test(request)) {
          int at = plans.indexOf(plan);
          if (plan.left() == 1) {
            each.remove();
          } else {
            plans.set(at, new Plan(plan.which(), plan.fault(), plan.left() - 1));
          }
          return plan.fault();
        }
      }
    }
    return null;
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Thread.ofPlatform()
            .name("fault-proxy-connection")
            .daemon()
            .start(new ProxyConnection(this, client, upstream));
      } catch (IOException closed) {
        // Only the end of this proxy ends its listening.
        return;
      }
    }
  }

  void opened(Socket socket) {
    open.add(socket);
  }

  void closed(Socket socket) {
    open.remove(socket);
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
