package org.pillion.features;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyValue;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
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
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Lettuce's connection to a store, alone, behind Sentinels or as a cluster; connected at the first
 * trip, and again after it was lost.
 */
final class LettuceConnection implements StoreConnection {
  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  private static final int THREADS = 2;

  /** A server that was restarted is found again at once; the library waits for up to 30 s. */
  private static final Delay RECONNECT =
      Delay.exponential(Duration.ofMillis(20), Duration.ofMillis(250), 2, TimeUnit.MILLISECONDS);

  private final StoreSettings settings;
  private final StoreUrl url;
  private final ClientResources resources =
      DefaultClientResources.builder()
          .ioThreadPoolSize(THREADS)
          .computationThreadPoolSize(THREADS)
          .reconnectDelay(RECONNECT)
          .build();
  private AbstractRedisClient client;
  private StatefulConnection<String, byte[]> connection;
  private volatile RedisClusterAsyncCommands<String, byte[]> commands;

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
    List<List<byte[]>> values = new ArrayList<>(groups.size());
    for (List<KeyValue<String, byte[]>> reply :
        awaited(
            settings.timeout(), groups, (store, keys) -> store.mget(keys.toArray(String[]::new)))) {
      values.add(reply.stream().map(pair -> pair.getValueOrElse(null)).toList());
    }
    return values;
  }

  @Override
  public List<byte[]> fields(List<String> hashes, String field, List<String> keys, Duration timeout)
      throws StoreException {
    List<Function<RedisClusterAsyncCommands<String, byte[]>, RedisFuture<byte[]>>> parts =
        new ArrayList<>(hashes.size() + keys.size());
    hashes.forEach(hash -> parts.add(store -> store.hget(hash, field)));
    keys.forEach(key -> parts.add(store -> store.get(key)));
    return awaited(timeout, parts, (store, ask) -> ask.apply(store));
  }

  /** The replies to commands, one a part, in one trip. */
  private <P, R> List<R> awaited(
      Duration timeout,
      List<P> parts,
      BiFunction<RedisClusterAsyncCommands<String, byte[]>, P, RedisFuture<R>> ask)
      throws StoreException {
    try {
      if (commands == null) {
        connect();
      }
      List<RedisFuture<R>> replies = new ArrayList<>(parts.size());
      for (P part : parts) {
        replies.add(ask.apply(commands, part));
      }
      if (!LettuceFutures.awaitAll(timeout, replies.toArray(RedisFuture[]::new))) {
        throw new StoreException(
            StoreException.Kind.TIMEOUT,
            "the store at " + settings.maskedUrl() + " took too long",
            null);
      }
      List<R> values = new ArrayList<>(parts.size());
      for (RedisFuture<R> reply : replies) {
        values.add(reply.get());
      }
      return values;
    } catch (RedisException | ExecutionException e) {
      throw new StoreException(
          kind(e),
          "the store at %s cannot be read: %s".formatted(settings.maskedUrl(), cause(e)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          StoreException.Kind.FAILED, "interrupted while the store was read", e);
    }
  }

  /** An error that the server replied with, or no connection to it. */
  private static StoreException.Kind kind(Throwable error) {
    Throwable e = error instanceof ExecutionException ? error.getCause() : error;
    return e instanceof RedisCommandExecutionException
        ? StoreException.Kind.FAILED
        : StoreException.Kind.UNREACHABLE;
  }

  private static String cause(Throwable error) {
    Throwable deepest = error;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
  }

  private synchronized void connect() {
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
