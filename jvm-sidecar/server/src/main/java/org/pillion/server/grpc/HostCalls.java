package org.pillion.server.grpc;

import com.google.protobuf.MessageLite;
import org.pillion.registry.ModelVersion;
import org.pillion.server.inference.Ranker;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.limits.Deadline;
import org.pillion.server.protocol.HealthCheckRequest;

/**
 * Answers the calls of hosts: state on the event loop; messages with rows are parsed and scored on
 * the workers.
 */
final class HostCalls implements Call.Answer {
  private final ServerContext server;
  private final StateCalls state;
  private final HealthWatch health;

  HostCalls(ServerContext server) {
    this.server = server;
    this.state = new StateCalls(server);
    this.health = new HealthWatch(state);
  }

  @Override
  public void answer(Call call, byte[] message) {
    if (call.rpc().scores()) {
      enqueue(call, message);
    } else if (call.rpc() == Rpc.HEALTH_WATCH) {
      health.watch(call, Protobuf.read(HealthCheckRequest.parser(), message).getService());
    } else {
      call.send(state.answer(call.rpc(), message));
    }
  }

  @Override
  public void drain() {
    state.drain();
  }

  private void enqueue(Call call, byte[] message) {
    Deadline deadline = call.deadline();
    call.answerOn(
        server.workers(),
        () -> {
          long now = System.nanoTime();
          deadline.require(now);
          return call.rpc() == Rpc.RANK
              ? rank(call, message, now, deadline)
              : infer(call, message, now);
        });
  }

  private MessageLite rank(Call call, byte[] bytes, long now, Deadline deadline) {
    RankMessage message = RankMessage.read(bytes, call.place());
    ModelVersion model = server.models().find(message.model(), message.version());
    call.scoredBy(model);
    Ranker.ranking(model);
    return server
        .inference()
        .rank(
            model,
            call.place(),
            () ->
                message.request(
                    server.rules(model, call.place()),
                    version -> server.items().find(model, version),
                    deadline),
            RankMessage::write,
            now - call.arrival());
  }

  private MessageLite infer(Call call, byte[] bytes, long now) {
    InferMessage message = InferMessage.read(bytes, call.place());
    ModelVersion model = server.models().find(message.model(), message.version());
    call.scoredBy(model);
    return server
        .inference()
        .answer(
            model,
            call.place(),
            () -> message.request(server.rules(model, call.place())),
            scored -> InferMessage.write(scored, message.isRaw()),
            now - call.arrival());
  }
}
