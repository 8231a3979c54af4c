package org.pillion.server.grpc;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A call that is answered. */
enum Rpc {
  SERVER_LIVE(Rpc.INFERENCE, "ServerLive"),
  SERVER_READY(Rpc.INFERENCE, "ServerReady"),
  SERVER_METADATA(Rpc.INFERENCE, "ServerMetadata"),
  MODEL_READY(Rpc.INFERENCE, "ModelReady"),
  MODEL_METADATA(Rpc.INFERENCE, "ModelMetadata"),
  MODEL_INFER(Rpc.INFERENCE, "ModelInfer"),
  MODEL_STATISTICS(Rpc.INFERENCE, "ModelStatistics"),
  REPOSITORY_INDEX(Rpc.INFERENCE, "RepositoryIndex"),
  REPOSITORY_LOAD(Rpc.INFERENCE, "RepositoryModelLoad"),
  REPOSITORY_UNLOAD(Rpc.INFERENCE, "RepositoryModelUnload"),
  RANK(Rpc.RANKING, "Rank"),
  HEALTH_CHECK(Rpc.HEALTH, "Check"),
  HEALTH_WATCH(Rpc.HEALTH, "Watch");

  static final String INFERENCE = "inference.GRPCInferenceService";
  static final String RANKING = "pillion.v1.RankService";
  static final String HEALTH = "grpc.health.v1.Health";

  /** A message that names something is not longer. */
  private static final long STATE_BYTES = 64 << 10;

  private static final Map<String, Rpc> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(rpc -> rpc.name, Function.identity()));

  private final String name;

  Rpc(String service, String method) {
    this.name = service + "/" + method;
  }

  /** The call of a full name, {@code service/method}. */
  static Optional<Rpc> of(String fullName) {
    return Optional.ofNullable(BY_NAME.get(fullName));
  }

  /** The name in metrics. */
  String label() {
    return "grpc_" + name().toLowerCase(Locale.ROOT);
  }

  /** Whether its message has rows to score; others are answered on the event loop. */
  boolean scores() {
    return this == MODEL_INFER || this == RANK;
  }

  /** Bytes of its message at most, where a body may have so many. */
  long maxBytes(long maxBody) {
    return scores() ? maxBody : Math.min(maxBody, STATE_BYTES);
  }
}
