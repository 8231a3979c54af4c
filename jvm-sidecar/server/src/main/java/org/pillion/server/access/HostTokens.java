package org.pillion.server.access;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tokens of hosts: a file with a line {@code NAME:HASH} for each, where the hash is the token's
 * SHA-256 in hexadecimal digits. Nothing slower is needed, since tokens are random.
 */
public final class HostTokens {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
  private static final Pattern LINE = Pattern.compile("(" + NAME + "):([0-9a-fA-F]{64})");

  private final List<Holder> holders;

  /** A host and its token; it has two lines while the token is being changed. */
  private record Holder(String name, BearerToken token) {}

  private HostTokens(List<Holder> holders) {
    this.holders = holders;
  }

  /** Reads the file; one without a line lets in nobody. */
  static HostTokens read(CredentialFile file, byte[] content) throws CredentialException {
    List<Holder> holders = new ArrayList<>();
    int number = 0;
    for (String line : new String(content, StandardCharsets.UTF_8).split("\\R", -1)) {
      number++;
      String text = line.strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      Matcher parts = LINE.matcher(text);
      if (!parts.matches()) {
        // The line may be a token, and is not repeated.
        throw file.failure(
            "line %d is not of the form NAME:HASH, the hash of 64 hexadecimal digits"
                .formatted(number));
      }
      holders.add(new Holder(parts.group(1), BearerToken.ofHash(parts.group(2))));
    }
    return new HostTokens(holders);
  }

  /** The name of the host whose token this is; looks at every line, whichever it is. */
  Optional<String> holder(String secret) {
    byte[] hash = BearerToken.hash(secret);
    String name = null;
    for (Holder holder : holders) {
      if (holder.token.hasHash(hash)) {
        name = holder.name;
      }
    }
    return Optional.ofNullable(name);
  }

  /** The names of the hosts, for the log. */
  @Override
  public String toString() {
    return holders.isEmpty()
        ? "nobody"
        : holders.stream().map(Holder::name).distinct().collect(Collectors.joining(", "));
  }

  /**
   * The line of a host's token.
   *
   * @throws IllegalArgumentException in one sentence, where name or token is not a good one
   */
  public static String line(String name, String secret) {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(
          "the name of a token has up to 64 letters, digits, dots, dashes and underscores");
    }
    if (secret.length() < BearerToken.SHORTEST) {
      throw new IllegalArgumentException(
          "a token has at least %d characters; 'openssl rand -hex 32' makes a good one"
              .formatted(BearerToken.SHORTEST));
    }
    return name + ":" + HexFormat.of().formatHex(BearerToken.hash(secret));
  }
}
