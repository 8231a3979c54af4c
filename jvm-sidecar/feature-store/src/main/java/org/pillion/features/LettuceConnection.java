package org.pillion.features;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyValue;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Lettuce's connection to a store, alone, behind Sentinels or as a cluster; connected at the first
 * trip, and again after it was lost.
 */
final class LettuceConnection implements StoreConnection {
  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private static final int THREADS = 2;

  private final StoreSettings settings;
  private final StoreUrl url;
  private final ClientResources resources =
      DefaultClientResources.builder()
          .ioThreadPoolSize(THREADS)
          .computationThreadPoolSize(THREADS)
          .build();
  private AbstractRedisClient client;
  private StatefulConnection<String, byte[]> connection;
  private RedisClusterAsyncCommands<String, byte[]> commands;

  /**
   * A connection that is made at the first trip.
   *
   * @throws IllegalArgumentException in one sentence, when the URL cannot be read
   */
  LettuceConnection(StoreSettings settings) {
    this.settings = settings;
    this.url = StoreUrl.parse(settings);
  }

  @Override
  public List<List<byte[]>> read(List<List<String>> groups) throws StoreException {
    try {
      connect();
      List<RedisFuture<List<KeyValue<String, byte[]>>>> replies = new ArrayList<>(groups.size());
      for (List<String> keys : groups) {
        replies.add(commands.mget(keys.toArray(String[]::new)));
      }
      if (!LettuceFutures.awaitAll(settings.timeout(), replies.toArray(RedisFuture[]::new))) {
        throw new StoreException("the store at " + settings.maskedUrl() + " took too long");
      }
      List<List<byte[]>> values = new ArrayList<>(groups.size());
      for (RedisFuture<List<KeyValue<String, byte[]>>> reply : replies) {
        values.add(reply.get().stream().map(pair -> pair.getValueOrElse(null)).toList());
      }
      return values;
    } catch (RedisException | ExecutionException e) {
      throw new StoreException(
          "the store at %s cannot be read: %s".formatted(settings.maskedUrl(), cause(e)), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted while the store was read", e);
    }
  }

  private static String cause(Throwable error) {
    Throwable deepest = error;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
  }

  private void connect() {
    if (commands != null) {
      return;
    }
    if (client == null) {
      client = url.cluster() ? clusterClient() : singleClient();
    }
    if (client instanceof RedisClusterClient cluster) {
      StatefulRedisClusterConnection<String, byte[]> made = cluster.connect(CODEC);
      connection = made;
      commands = made.async();
    } else {
      StatefulRedisConnection<String, byte[]> made =
          ((RedisClient) client).connect(CODEC, url.uris().get(0));
      connection = made;
      commands = made.async();
    }
    connection.setTimeout(settings.timeout());
  }

  private RedisClient singleClient() {
    RedisURI uri = url.uris().get(0);
    RedisClient made =
        url.socket()
            .<RedisClient>map(path -> new UnixSocketClient(resources, uri, path, connectTimeout()))
            .orElseGet(() -> RedisClient.create(resources));
    ClientOptions.Builder options = ClientOptions.builder();
    configure(options);
    made.setOptions(options.build());
    return made;
  }

  private RedisClusterClient clusterClient() {
    RedisClusterClient made = RedisClusterClient.create(resources, url.uris());
    ClusterClientOptions.Builder options = ClusterClientOptions.builder();
    configure(options);
    made.setOptions(options.build());
    return made;
  }

  private void configure(ClientOptions.Builder options) {
    options
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .protocolVersion(ProtocolVersion.RESP2)
        .socketOptions(SocketOptions.builder().connectTimeout(connectTimeout()).build())
        .sslOptions(url.ssl());
  }

  private Duration connectTimeout() {
    Duration most = Duration.ofSeconds(5);
    return settings.timeout().compareTo(most) < 0 ? settings.timeout() : most;
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.close();
    }
    if (client != null) {
      client.shutdown(0, 1, TimeUnit.SECONDS);
    }
    resources.shutdown(0, 1, TimeUnit.SECONDS);
  }
}
