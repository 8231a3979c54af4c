package org.pillion.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.pillion.server.access.TlsFiles;

/** What others on the network can do at the TCP addresses, or see. */
final class Exposure {
  private Exposure() {}

  /** A sentence for each risk; none where every address is loopback, or protected. */
  static List<String> warnings(Settings settings) {
    Settings.Access access = settings.access();
    boolean isPrivate = access.tls().isPresent();
    boolean hasTokens = access.tokens().isPresent();
    boolean knowsHosts = hasTokens || access.tls().flatMap(TlsFiles::clientCa).isPresent();
    List<String> hosts =
        Stream.of(settings.addresses().http(), settings.addresses().grpc())
            .filter(Exposure::isOnTheNetwork)
            .map(HostPort::toString)
            .toList();
    List<String> warnings = new ArrayList<>();
    if (!hosts.isEmpty() && !knowsHosts) {
      warnings.add(
          "everyone on the network is let in at %s: --tokens or %s changes that"
              .formatted(String.join(" and ", hosts), TlsFiles.CLIENT_CA));
    }
    if (!hosts.isEmpty() && !isPrivate) {
      warnings.add(
          "requests%s are sent in clear text at %s: %s and %s change that"
              .formatted(
                  hasTokens ? " and tokens" : "",
                  String.join(" and ", hosts),
                  TlsFiles.CERTIFICATE,
                  TlsFiles.KEY));
    }
    settings
        .addresses()
        .admin()
        .map(Settings.Admin::address)
        .filter(address -> isOnTheNetwork(address) && !isPrivate)
        .ifPresent(
            address ->
                warnings.add(
                    "the operators' token is sent in clear text at %s: %s and %s change that"
                        .formatted(address, TlsFiles.CERTIFICATE, TlsFiles.KEY)));
    return warnings;
  }

  private static boolean isOnTheNetwork(HostPort address) {
    try {
      return !InetAddress.getByName(address.host()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      // Listening fails at it, and says so.
      return false;
    }
  }
}
