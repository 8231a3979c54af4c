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
  HEALTH_CHECK(Rpc.HEALTH, "Check");

  static final String INFERENCE = "inference.GRPCInferenceService";
  static final String RANKING = "pillion.v1.RankService";
  static final String HEALTH = "grpc.health.v1.Health";

  private static final Map<String, Rpc> BY_PATH =
      Arrays.stream(values()).collect(Collectors.toMap(rpc -> rpc.path, Function.identity()));

  private final String path;

  Rpc(String service, String method) {
    this.path = "/" + service + "/" + method;
  }

  static Optional<Rpc> at(String path) {
    return Optional.ofNullable(BY_PATH.get(path));
  }

  /** The name in metrics. */
  String label() {
    return "grpc_" + name().toLowerCase(Locale.ROOT);
  }
}
