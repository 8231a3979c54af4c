package org.pillion.server.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A long body, sent to a caller that takes it part by part. */
final class HttpResponseTest {
  /** A connection that is full after every part, until it is drained. */
  private static final class SlowCaller {
    private final Buffer taken = Buffer.buffer();
    private Handler<Void> whenDrained;
    private boolean full;
    private boolean ended;

    HttpServerRequest request() {
      return of(
          HttpServerRequest.class,
          (proxy, method, arguments) ->
              method.getName().equals("method") ? HttpMethod.POST : response());
    }

    @SuppressWarnings("unchecked")
    private HttpServerResponse response() {
      return of(
          HttpServerResponse.class,
          (proxy, method, arguments) -> {
            switch (method.getName()) {
              case "writeQueueFull":
                return full;
              case "write":
                taken.appendBuffer((Buffer) arguments[0]);
                full = true;
                return Future.succeededFuture();
              case "drainHandler":
                whenDrained = (Handler<Void>) arguments[0];
                return proxy;
              case "end":
                ended = true;
                return Future.succeededFuture();
              default:
                return proxy;
            }
          });
    }

    void drain() {
      full = false;
      whenDrained.handle(null);
    }

    private static <T> T of(Class<T> type, InvocationHandler answers) {
      return type.cast(
          Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }
  }

  @Test
  void send_longBody_leavesNothingToDoOnceItHasEnded() {
    byte[] body = new byte[(600 << 10) + 1];
    new Random(7).nextBytes(body);
    SlowCaller caller = new SlowCaller();

    Future<Void> sent = HttpResponse.json(200, body).send(caller.request());
    while (!caller.ended) {
      caller.drain();
    }

    assertTrue(sent.succeeded());
    assertArrayEquals(body, caller.taken.getBytes());
    // The last part drains after the end, too, and a response that has ended takes no call.
    assertNull(caller.whenDrained);
  }
}
