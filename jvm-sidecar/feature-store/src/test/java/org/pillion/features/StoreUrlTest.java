package org.pillion.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StoreUrlTest {
  private static StoreUrl parse(String url, String password, String sentinelPassword) {
    return StoreUrl.parse(
        new StoreSettings(
            url,
            Optional.ofNullable(password),
            Optional.ofNullable(sentinelPassword),
            Duration.ofSeconds(1)));
  }

  private static RedisURI one(String url, String password) {
    StoreUrl parsed = parse(url, password, null);
    assertFalse(parsed.cluster());
    assertEquals(1, parsed.uris().size());
    return parsed.uris().get(0);
  }

  private static RedisCredentials credentials(RedisURI uri) {
    return uri.getCredentialsProvider().resolveCredentials().block();
  }

  @Test
  void parse_tcp_hasHostPortDatabaseAndCredentials() {
    RedisURI uri = one("rediss://us%40er:p%3Aw+d@[::1]:7000/3", null);

    assertEquals("::1", uri.getHost());
    assertEquals(7000, uri.getPort());
    assertEquals(3, uri.getDatabase());
    assertTrue(uri.isSsl());
    assertEquals("us@er", credentials(uri).getUsername());
    assertArrayEquals("p:w+d".toCharArray(), credentials(uri).getPassword());
    assertEquals(6379, one("redis://host", null).getPort());
    assertFalse(one("redis://host/", null).isSsl());
  }

  @Test
  void parse_passwordBesideTheUrl_isTaken() {
    assertArrayEquals("p".toCharArray(), credentials(one("redis://host", "p")).getPassword());
    assertEquals("user", credentials(one("redis://user@host", "p")).getUsername());
  }

  @Test
  void parse_unixSocket_hasItsPath() {
    RedisURI uri = one("unix://:p@/run/store.sock?db=2", null);

    assertEquals(
        Optional.of(Path.of("/run/store.sock")),
        parse("unix:///run/store.sock", null, null).socket());
    assertEquals(2, uri.getDatabase());
    assertArrayEquals("p".toCharArray(), credentials(uri).getPassword());
  }

  @Test
  void parse_tls_isVerifiedUnlessTheUrlSaysOtherwise() {
    assertEquals(SslVerifyMode.FULL, one("rediss://host", null).getVerifyMode());
    assertEquals(
        SslVerifyMode.CA, one("rediss://host?ssl_check_hostname=False", null).getVerifyMode());
    assertEquals(SslVerifyMode.NONE, one("rediss://host?ssl_cert_reqs=none", null).getVerifyMode());
  }

  @Test
  void parse_sentinels_areOfOneMaster() {
    RedisURI uri = parse("redis+sentinel://:p@a:1,b/films/2", null, "s").uris().get(0);

    assertEquals("films", uri.getSentinelMasterId());
    assertEquals(2, uri.getDatabase());
    assertArrayEquals("p".toCharArray(), credentials(uri).getPassword());
    List<RedisURI> sentinels = uri.getSentinels();
    assertEquals(List.of(1, 26379), sentinels.stream().map(RedisURI::getPort).toList());
    assertArrayEquals("s".toCharArray(), credentials(sentinels.get(1)).getPassword());
  }

  @Test
  void parse_cluster_hasEveryNode() {
    StoreUrl parsed = parse("rediss+cluster://a:1,b:2", null, null);

    assertTrue(parsed.cluster());
    assertEquals(List.of("a", "b"), parsed.uris().stream().map(RedisURI::getHost).toList());
    assertTrue(parsed.uris().stream().allMatch(RedisURI::isSsl));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host:6379",
        "http://host",
        "redis://",
        "redis://host:0",
        "redis://host:99999",
        "redis://a,b",
        "redis://u:secret@h/x",
        "redis+sentinel://a:1",
        "unix+cluster:///path",
        "unix://",
      })
  void parse_somethingElse_isRefusedWithoutThePassword(String url) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> one(url, null)).getMessage();

    assertTrue(message.startsWith("the store's URL"), message);
    assertFalse(message.contains("secret"), message);
  }
}
