package org.pillion.features;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import java.io.File;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The store's URL, in the forms that Python's client takes.
 *
 * @param uris its addresses: one, or a cluster's nodes
 * @param socket the Unix socket, in place of an address
 * @param cluster whether they are of a cluster
 * @param ssl the files of TLS
 */
record StoreUrl(List<RedisURI> uris, Optional<Path> socket, boolean cluster, SslOptions ssl) {
  private static final Pattern URL =
      Pattern.compile(
          "(redis|rediss|unix)(\\+cluster|\\+sentinel)?://(?:([^@/]*)@)?([^/?@]*)(/[^?]*)?(?:\\?(.*))?");
  private static final Pattern ADDRESS = Pattern.compile("(\\[[^\\]]+\\]|[^:]+)(?::(\\d{1,5}))?");

  private static final int STORE_PORT = 6379;
  private static final int SENTINEL_PORT = 26379;
  private static final int LARGEST_PORT = 0xFFFF;

  /**
   * Reads the URL.
   *
   * @throws IllegalArgumentException in one sentence, when it cannot be read
   */
  static StoreUrl parse(StoreSettings settings) {
    Matcher url = URL.matcher(settings.url());
    if (!url.matches()) {
      throw unreadable(settings);
    }
    return new Reader(settings, url).read();
  }

  private static IllegalArgumentException unreadable(StoreSettings settings) {
    return new IllegalArgumentException(
        "the store's URL is none of redis://HOST:PORT/DB, rediss://…, unix:///PATH,"
            + " redis+cluster://HOST:PORT,… and redis+sentinel://HOST:PORT,…/SERVICE: "
            + settings.maskedUrl());
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static final class Reader {
    private final StoreSettings settings;
    private final boolean tls;
    private final boolean unix;
    private final String form;
    private final String userInfo;
    private final String hosts;
    private final String path;
    private final Map<String, String> query;

    Reader(StoreSettings settings, Matcher url) {
      this.settings = settings;
      tls = url.group(1).equals("rediss");
      unix = url.group(1).equals("unix");
      form = url.group(2) == null ? "" : url.group(2);
      userInfo = url.group(3);
      hosts = url.group(4);
      path = url.group(5) == null ? "" : url.group(5);
      query = query(url.group(6));
    }

    private static Map<String, String> query(String text) {
      Map<String, String> members = new HashMap<>();
      for (String member : text == null ? new String[0] : text.split("&")) {
        int equals = member.indexOf('=');
        if (equals > 0) {
          members.put(member.substring(0, equals), decoded(member.substring(equals + 1)));
        }
      }
      return members;
    }

    StoreUrl read() {
      if (unix) {
        require(form.isEmpty() && hosts.isEmpty() && path.length() > 1);
        RedisURI.Builder uri = RedisURI.builder().withHost("localhost");
        return made(List.of(finish(uri, query.get("db"))));
      }
      if (form.equals("+sentinel")) {
        return made(List.of(sentinels()));
      }
      List<RedisURI> uris = new ArrayList<>();
      for (Address address : addresses(STORE_PORT)) {
        RedisURI.Builder uri = RedisURI.builder().withHost(address.host).withPort(address.port);
        uris.add(finish(uri, path.isEmpty() ? query.get("db") : path.substring(1)));
      }
      require(form.equals("+cluster") || uris.size() == 1);
      return made(uris);
    }

    private RedisURI sentinels() {
      String[] parts = path.split("/", -1);
      require(parts.length >= 2 && !parts[1].isEmpty());
      RedisURI.Builder uri = RedisURI.builder().withSentinelMasterId(decoded(parts[1]));
      for (Address address : addresses(SENTINEL_PORT)) {
        RedisURI.Builder sentinel =
            RedisURI.builder().withHost(address.host).withPort(address.port).withSsl(tls);
        settings.sentinelPassword().ifPresent(p -> sentinel.withPassword(p.toCharArray()));
        uri.withSentinel(sentinel.build());
      }
      return finish(uri, parts.length > 2 ? parts[2] : query.get("db"));
    }

    private record Address(String host, int port) {}

    private List<Address> addresses(int usualPort) {
      List<Address> addresses = new ArrayList<>();
      for (String text : hosts.split(",", -1)) {
        Matcher address = ADDRESS.matcher(text);
        require(address.matches());
        int port = address.group(2) == null ? usualPort : Integer.parseInt(address.group(2));
        require(port > 0 && port <= LARGEST_PORT);
        addresses.add(new Address(address.group(1).replaceAll("[\\[\\]]", ""), port));
      }
      return addresses;
    }

    private RedisURI finish(RedisURI.Builder uri, String database) {
      String user = null;
      String password = settings.password().orElse(null);
      if (userInfo != null) {
        int colon = userInfo.indexOf(':');
        user = decoded(colon < 0 ? userInfo : userInfo.substring(0, colon));
        password = colon < 0 ? password : decoded(userInfo.substring(colon + 1));
      }
      if (password != null && (user == null || user.isEmpty())) {
        uri.withPassword(password.toCharArray());
      } else if (password != null) {
        uri.withAuthentication(user, password.toCharArray());
      }
      if (database != null && !database.isEmpty()) {
        require(database.matches("\\d{1,6}"));
        uri.withDatabase(Integer.parseInt(database));
      }
      if (tls) {
        uri.withSsl(true).withVerifyPeer(verification());
      }
      return uri.withTimeout(settings.timeout()).build();
    }

    private SslVerifyMode verification() {
      if (query.getOrDefault("ssl_cert_reqs", "required").equals("none")) {
        return SslVerifyMode.NONE;
      }
      boolean names = !query.getOrDefault("ssl_check_hostname", "true").equalsIgnoreCase("false");
      return names ? SslVerifyMode.FULL : SslVerifyMode.CA;
    }

    private StoreUrl made(List<RedisURI> uris) {
      SslOptions.Builder ssl = SslOptions.builder();
      file("ssl_ca_certs").ifPresent(ssl::trustManager);
      Optional<File> key = file("ssl_keyfile");
      file("ssl_certfile")
          .ifPresent(
              certificate -> ssl.keyManager(certificate, key.orElse(certificate), new char[0]));
      Optional<Path> socket = unix ? Optional.of(Path.of(decoded(path))) : Optional.empty();
      return new StoreUrl(uris, socket, form.equals("+cluster"), ssl.build());
    }

    private Optional<File> file(String member) {
      return Optional.ofNullable(query.get(member)).map(File::new);
    }

    private void require(boolean holds) {
      if (!holds) {
        throw unreadable(settings);
      }
    }
  }
}
