package org.pillion.features;

import io.lettuce.core.ConnectionBuilder;
import io.lettuce.core.ConnectionEvents;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** Lettuce's client over the JDK's own Unix sockets; by itself it takes native libraries alone. */
final class UnixSocketClient extends RedisClient {
  private final ClientResources resources;
  private final Path socket;
  private final Duration connectTimeout;

  /**
   * A client that is not connected.
   *
   * @param uri credentials and database; its host is not looked at
   */
  UnixSocketClient(ClientResources resources, RedisURI uri, Path socket, Duration connectTimeout) {
    super(resources, uri);
    this.resources = resources;
    this.socket = socket;
    this.connectTimeout = connectTimeout;
  }

  @Override
  protected void connectionBuilder(
      Mono<SocketAddress> address,
      ConnectionBuilder builder,
      ConnectionEvents events,
      RedisURI uri) {
    super.connectionBuilder(address, builder, events, uri);
    builder.bootstrap(
        new Bootstrap()
            .channel(NioDomainSocketChannel.class)
            .group(resources.eventLoopGroupProvider().allocate(Transports.eventLoopGroupClass()))
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectTimeout.toMillis()));
  }

  @Override
  protected Mono<SocketAddress> getSocketAddress(RedisURI uri) {
    return Mono.just(UnixDomainSocketAddress.of(socket));
  }
}
