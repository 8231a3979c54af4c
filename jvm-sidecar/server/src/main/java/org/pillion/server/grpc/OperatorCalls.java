package org.pillion.server.grpc;

import com.google.protobuf.MessageLite;
import org.pillion.registry.FolderProblem;
import org.pillion.registry.VersionStatus;
import org.pillion.server.access.OperatorAccess;
import org.pillion.server.admin.RepositoryControl;
import org.pillion.server.errors.RequestException;
import org.pillion.server.limits.WorkerPool;
import org.pillion.server.protocol.RepositoryIndexRequest;
import org.pillion.server.protocol.RepositoryIndexResponse;
import org.pillion.server.protocol.RepositoryIndexResponse.ModelIndex;
import org.pillion.server.protocol.RepositoryModelLoadRequest;
import org.pillion.server.protocol.RepositoryModelLoadResponse;
import org.pillion.server.protocol.RepositoryModelUnloadRequest;
import org.pillion.server.protocol.RepositoryModelUnloadResponse;

/** Answers the calls of operators: the index of the model repository, load and unload. */
final class OperatorCalls implements Call.Answer {
  private final RepositoryControl repository;
  private final WorkerPool threads;

  OperatorCalls(RepositoryControl repository, WorkerPool threads) {
    this.repository = repository;
    this.threads = threads;
  }

  @Override
  public void answer(Call call, byte[] message) {
    String operator = call.caller().orElse(OperatorAccess.OPERATOR);
    call.answerOn(threads, () -> answer(operator, call.rpc(), message));
  }

  private MessageLite answer(String operator, Rpc rpc, byte[] message) {
    return switch (rpc) {
      case REPOSITORY_INDEX -> {
        RepositoryIndexRequest request = Protobuf.read(RepositoryIndexRequest.parser(), message);
        requireOurs(request.getRepositoryName());
        yield index(request.getReady());
      }
      case REPOSITORY_LOAD ->
          load(operator, Protobuf.read(RepositoryModelLoadRequest.parser(), message));
      case REPOSITORY_UNLOAD -> {
        RepositoryModelUnloadRequest request =
            Protobuf.read(RepositoryModelUnloadRequest.parser(), message);
        requireOurs(request.getRepositoryName());
        repository.change(operator, RepositoryControl.Action.UNLOAD, request.getModelName(), 0);
        yield RepositoryModelUnloadResponse.getDefaultInstance();
      }
      default ->
          throw new RequestException(
              RequestException.Kind.DENIED,
              "the operators' address takes RepositoryIndex, RepositoryModelLoad and"
                  + " RepositoryModelUnload only");
    };
  }

  private MessageLite load(String operator, RepositoryModelLoadRequest request) {
    requireOurs(request.getRepositoryName());
    if (request.getParametersCount() > 0) {
      throw new RequestException(
          RequestException.Kind.INVALID,
          "a load takes no parameters: what is loaded is what the repository has");
    }
    repository.change(operator, RepositoryControl.Action.LOAD, request.getModelName(), 0);
    return RepositoryModelLoadResponse.getDefaultInstance();
  }

  private static void requireOurs(String repositoryName) {
    if (!repositoryName.isEmpty()) {
      throw new RequestException(
          RequestException.Kind.INVALID, "there is one model repository, and it has no name");
    }
  }

  private MessageLite index(boolean readyOnly) {
    RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
    for (VersionStatus status : repository.catalog().statuses()) {
      if (status.ready() || !readyOnly) {
        index.addModels(
            ModelIndex.newBuilder()
                .setName(status.id().model())
                .setVersion(String.valueOf(status.id().version()))
                .setState(status.state().name())
                .setReason(status.reason()));
      }
    }
    if (!readyOnly) {
      for (FolderProblem problem : repository.catalog().strayProblems()) {
        index.addModels(
            ModelIndex.newBuilder()
                .setName(problem.model())
                .setVersion(problem.folder())
                .setState(VersionStatus.State.UNAVAILABLE.name())
                .setReason(problem.reason()));
      }
    }
    return index.build();
  }
}
