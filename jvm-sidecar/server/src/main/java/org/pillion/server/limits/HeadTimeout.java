package org.pillion.server.limits;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection on which the head of a request, the first or a later one, drips in: bytes
 * came of which the decoder made nothing, and the head, or over HTTP/2 the frame, is not whole in
 * time.
 *
 * <p>Idle connections are not its business, and neither are the bodies of HTTP/1.1.
 */
public final class HeadTimeout extends ChannelInboundHandlerAdapter {
  private static final String HTTP1_DECODER = "httpDecoder";

  private final boolean isHttp2;
  private final Duration patience;
  private final Runnable closed;
  private boolean awaitsHead = true;
  private boolean decoded;
  private ScheduledFuture<?> timeout;

  private HeadTimeout(boolean isHttp2, Duration patience, Runnable closed) {
    this.isHttp2 = isHttp2;
    this.patience = patience;
    this.closed = closed;
  }

  /**
   * Guards a connection; called on its event loop.
   *
   * @param closed called before the connection is closed
   */
  public static void guard(HttpConnection connection, Duration patience, Runnable closed) {
    ChannelPipeline pipeline =
        ((HttpServerConnection) connection).channelHandlerContext().pipeline();
    Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
    HeadTimeout guard = new HeadTimeout(http2 != null, patience, closed);
    if (http2 != null) {
      pipeline.addBefore(pipeline.context(http2).name(), null, guard);
      http2.decoder().frameListener(guard.watched(http2.decoder().frameListener()));
    } else if (pipeline.get(HTTP1_DECODER) != null) {
      pipeline.addBefore(HTTP1_DECODER, null, guard);
      pipeline.addAfter(HTTP1_DECODER, null, guard.new Http1Messages());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    decoded = false;
    context.fireChannelRead(bytes);
    if (awaitsHead && !decoded && timeout == null && isInForce(context.pipeline())) {
      timeout =
          context
              .executor()
              .schedule(() -> close(context), patience.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Not after an upgrade to HTTP/2, which takes the decoder away and has a guard of its own. */
  private boolean isInForce(ChannelPipeline pipeline) {
    return isHttp2 || pipeline.get(HTTP1_DECODER) != null;
  }

  private void close(ChannelHandlerContext context) {
    if (context.channel().isActive()) {
      closed.run();
      context.close();
    }
  }

  /** The decoder made something of the bytes. */
  private void decoded(boolean nextIsHead) {
    decoded = true;
    awaitsHead = nextIsHead;
    cancel();
  }

  private void cancel() {
    if (timeout != null) {
      timeout.cancel(false);
      timeout = null;
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    cancel();
  }

  /** Sees what the decoder of HTTP/1.1 makes of the bytes. */
  private final class Http1Messages extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpObject) {
        decoded(message instanceof LastHttpContent);
      }
      context.fireChannelRead(message);
    }
  }

  /** A listener that sees every frame of HTTP/2 before another one does. */
  private Http2FrameListener watched(Http2FrameListener listener) {
    return (Http2FrameListener)
        Proxy.newProxyInstance(
            HeadTimeout.class.getClassLoader(),
            new Class<?>[] {Http2FrameListener.class},
            (proxy, method, arguments) -> {
              decoded(true);
              try {
                return method.invoke(listener, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
