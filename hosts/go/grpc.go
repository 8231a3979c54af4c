package pillion

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"pillion.example/pillion/internal/stubs/inference"
	"pillion.example/pillion/internal/stubs/rank"
)

const (
	largestMessage = 1 << 30
	// The windows are the sidecar's own.
	streamWindow     = 1 << 20
	connectionWindow = 4 << 20
)

// grpcTransport is the sidecar over gRPC, by one connection that carries all calls.
type grpcTransport struct {
	where      endpoint
	token      func() string
	connection *grpc.ClientConn
	inference  inference.GRPCInferenceServiceClient
	ranking    rank.RankServiceClient
	health     grpc_health_v1.HealthClient
}

func newGRPC(where endpoint, config Config) (*grpcTransport, error) {
	secured := insecure.NewCredentials()
	if where.tls {
		secured = credentials.NewTLS(config.TLS)
	}
	connection, err := grpc.NewClient(
		where.target(),
		grpc.WithTransportCredentials(secured),
		// A sidecar on the same machine is asked directly, whatever proxy the environment names.
		grpc.WithNoProxy(),
		// grpc-go's own back-off finds a sidecar that was restarted after seconds.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: shortestBackoff, Multiplier: 1.6, Jitter: 0.2, MaxDelay: longestBackoff,
			},
			MinConnectTimeout: connectTimeout,
		}),
		// Windows that adapt cost a ping with every answer.
		grpc.WithStaticStreamWindowSize(streamWindow),
		grpc.WithStaticConnWindowSize(connectionWindow),
		grpc.WithIdleTimeout(0),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largestMessage), grpc.MaxCallSendMsgSize(largestMessage)),
	)
	if err != nil {
		return nil, err
	}
	return &grpcTransport{
		where:      where,
		token:      config.Token,
		connection: connection,
		inference:  inference.NewGRPCInferenceServiceClient(connection),
		ranking:    rank.NewRankServiceClient(connection),
		health:     grpc_health_v1.NewHealthClient(connection),
	}, nil
}

func (t *grpcTransport) close() error { return t.connection.Close() }

func (t *grpcTransport) ready(ctx context.Context) error {
	reply, err := t.health.Check(t.outgoing(ctx, origin{}), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		return t.translate(ctx, err)
	}
	if reply.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return unusable("the sidecar is not ready")
	}
	return nil
}

func (t *grpcTransport) contract(ctx context.Context, model string) (*Contract, error) {
	reply, err := t.inference.ModelMetadata(t.outgoing(ctx, origin{}), &inference.ModelMetadataRequest{Name: model})
	if err != nil {
		return nil, t.translate(ctx, err)
	}
	inputs := make([]Input, 0, len(reply.GetInputs()))
	for _, input := range reply.GetInputs() {
		inputs = append(inputs, newInput(input.GetName(), input.GetDatatype(), plain(input.GetParameters())))
	}
	outputs := make([]string, 0, len(reply.GetOutputs()))
	for _, output := range reply.GetOutputs() {
		outputs = append(outputs, output.GetName())
	}
	return newContract(model, plain(reply.GetParameters()), inputs, outputs)
}

func (t *grpcTransport) rank(ctx context.Context, request *preparedRank) (*Ranked, error) {
	message := &rank.RankRequest{
		ModelName:      request.Model,
		ModelVersion:   strconv.FormatInt(request.contract.Version, 10),
		Id:             request.RequestID,
		K:              uint32(request.K),
		Parameters:     requestParameters(request.ignore),
		TableList:      request.List,
		TableListSize:  uint32(request.ListSize),
		FeatureVersion: request.FeatureVersion,
		UserVector:     request.UserVector,
		ItemVector:     request.ItemVector,
	}
	raw := make([][]byte, 0, len(request.context)+len(request.candidates)+len(request.defaults))
	message.Context, raw = put(request.arena, request.context, raw)
	message.Candidates, raw = put(request.arena, request.candidates, raw)
	message.ItemDefaults, raw = put(request.arena, request.defaults, raw)
	message.RawInputContents = raw
	if request.contract.SingleRow() {
		message.ItemIds, message.ItemNames = request.Items.Numbers, request.Items.Texts
	} else {
		message.TableItemIds, message.TableItemNames = request.Items.Numbers, request.Items.Texts
		message.ItemIds, message.ItemNames = request.CandidateIDs.Numbers, request.CandidateIDs.Texts
	}
	message.ExcludedItemIds, message.ExcludedItemNames = request.Excluded.Numbers, request.Excluded.Texts
	reply, err := t.ranking.Rank(t.outgoing(ctx, request.origin), message)
	if err != nil {
		return nil, t.translate(ctx, err)
	}
	said := plain(reply.GetParameters())
	version, _ := strconv.ParseInt(reply.GetModelVersion(), 10, 64)
	ranked := &Ranked{
		Candidates:     int(reply.GetCandidates()),
		Unscored:       int(reply.GetUnscored()),
		FeatureVersion: reply.GetFeatureVersion(),
		Version:        version,
		Engine:         said.text("engine"),
		SeenShare:      reply.GetSeenShare(),
		RowErrors:      said.rowErrors(),
	}
	scores, ids, names := reply.GetScores(), reply.GetItemIds(), reply.GetItemNames()
	ranked.Items = make([]RankedItem, max(len(ids), len(names)))
	if len(scores) == len(ranked.Items) {
		for at := range ranked.Items {
			ranked.Items[at].Score = scores[at]
			if len(names) > 0 {
				ranked.Items[at].ID.Text = names[at]
			} else {
				ranked.Items[at].ID.Number = ids[at]
			}
		}
	}
	return ranked, request.check(ranked, len(scores), reply.GetId())
}

func (t *grpcTransport) infer(ctx context.Context, request *preparedInfer) (*Scores, error) {
	message := &inference.ModelInferRequest{
		ModelName:    request.Model,
		ModelVersion: strconv.FormatInt(request.contract.Version, 10),
		Id:           request.RequestID,
		Parameters:   requestParameters(request.ignore),
	}
	for _, name := range request.Outputs {
		message.Outputs = append(message.Outputs, &inference.ModelInferRequest_InferRequestedOutputTensor{Name: name})
	}
	message.Inputs, message.RawInputContents = put(request.arena, request.inputs, nil)
	reply, err := t.inference.ModelInfer(t.outgoing(ctx, request.origin), message)
	if err != nil {
		return nil, t.translate(ctx, err)
	}
	raw := reply.GetRawOutputContents()
	if len(raw) != len(reply.GetOutputs()) {
		return nil, unusable("the sidecar's reply has %d outputs and the bytes of %d", len(reply.GetOutputs()), len(raw))
	}
	said := plain(reply.GetParameters())
	version, _ := strconv.ParseInt(reply.GetModelVersion(), 10, 64)
	scores := &Scores{
		Outputs:   make(map[string]Output, len(raw)),
		RowErrors: said.rowErrors(),
		Version:   version,
		Engine:    said.text("engine"),
	}
	for at, output := range reply.GetOutputs() {
		missing := plain(output.GetParameters()).text("missing_rows")
		column, err := readOutput(output.GetName(), output.GetDatatype(), request.Rows, raw[at], missing)
		if err != nil {
			return nil, err
		}
		scores.Outputs[output.GetName()] = column
	}
	return scores, request.check(scores, reply.GetId())
}

type inputTensor = inference.ModelInferRequest_InferInputTensor

// put appends tensors to a message's inputs, and their bytes to its raw contents.
func put(from *arena, tensors []tensor, raw [][]byte) ([]*inputTensor, [][]byte) {
	if len(tensors) == 0 {
		return nil, raw
	}
	values, shapes := make([]inputTensor, len(tensors)), make([]int64, len(tensors))
	inputs := make([]*inputTensor, len(tensors))
	for at, each := range tensors {
		shapes[at] = int64(each.rows)
		inputs[at] = &values[at]
		inputs[at].Name, inputs[at].Datatype, inputs[at].Shape = each.name, each.datatype, shapes[at:at+1:at+1]
		if each.missing != "" || each.context {
			inputs[at].Parameters = map[string]*inference.InferParameter{}
		}
		if each.missing != "" {
			inputs[at].Parameters["missing_rows"] = textParameter(each.missing)
		}
		if each.context {
			inputs[at].Parameters["context"] = &inference.InferParameter{ParameterChoice: &inference.InferParameter_BoolParam{BoolParam: true}}
		}
		raw = append(raw, from.of(each))
	}
	return inputs, raw
}

func textParameter(text string) *inference.InferParameter {
	return &inference.InferParameter{ParameterChoice: &inference.InferParameter_StringParam{StringParam: text}}
}

// requestParameters are those of every request: a row that cannot be scored does not fail the others.
func requestParameters(ignoreUnknown bool) map[string]*inference.InferParameter {
	made := map[string]*inference.InferParameter{"on_row_error": textParameter("null")}
	if ignoreUnknown {
		made["unknown_inputs"] = textParameter("ignore")
	}
	return made
}

func plain(said map[string]*inference.InferParameter) parameters {
	made := make(parameters, len(said))
	for name, parameter := range said {
		switch choice := parameter.GetParameterChoice().(type) {
		case *inference.InferParameter_BoolParam:
			made[name] = choice.BoolParam
		case *inference.InferParameter_Int64Param:
			made[name] = choice.Int64Param
		case *inference.InferParameter_StringParam:
			made[name] = choice.StringParam
		case *inference.InferParameter_DoubleParam:
			made[name] = choice.DoubleParam
		}
	}
	return made
}

func (t *grpcTransport) outgoing(ctx context.Context, of origin) context.Context {
	pairs := make([]string, 0, 8)
	for _, header := range headers(t.token(), of) {
		pairs = append(pairs, header[:]...)
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...)
}

// nothingCame says whether a connection could not be made, or broke before an answer: gRPC has no code for it. A sidecar that
// declines says something else.
func nothingCame(details string) bool {
	for _, words := range []string{"connection error", "error reading from server", "transport is closing", "closing transport"} {
		if strings.Contains(details, words) {
			return true
		}
	}
	return false
}

// translate is the one place where gRPC's errors become ours.
func (t *grpcTransport) translate(ctx context.Context, err error) error {
	said := status.Convert(err)
	details := excerpt(said.Message())
	code := said.Code()
	switch {
	case code == codes.Unavailable && strings.Contains(details, "authentication handshake failed"):
		return untrusted(t.where, details, err)
	case code == codes.Unavailable && nothingCame(details):
		return unreachable(t.where, details, err)
	case code == codes.DeadlineExceeded, code == codes.Canceled && ctx.Err() != nil:
		return NewError(ErrDeadline, CodeDeadline, "the sidecar did not answer in time: "+details, errors.Join(ctx.Err(), err))
	}
	kind, word := ErrUnavailable, CodeSidecar
	switch code {
	case codes.FailedPrecondition:
		kind, word = ErrInvalid, CodeLacksItems
	case codes.InvalidArgument, codes.NotFound, codes.PermissionDenied, codes.ResourceExhausted, codes.Unauthenticated,
		codes.Unimplemented:
		kind, word = ErrInvalid, CodeRefused
	}
	return NewError(kind, word, "the sidecar declined with status "+code.String()+": "+details, err)
}
