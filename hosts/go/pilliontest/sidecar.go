package pilliontest

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"pillion.example/pillion"
	"pillion.example/pillion/internal/stubs/inference"
	"pillion.example/pillion/internal/stubs/rank"
)

// Model is a model of a fake sidecar.
type Model struct {
	Name    string
	Version int64
	Inputs  []pillion.Input
	// Ranking is "score", which an empty text stands for, or "classes".
	Ranking string
	// FeatureVersion is that of the items in memory; requests that name a later one are refused.
	FeatureVersion int64
	// Lists are the items in memory by list; [pillion.Catalog] has all of them.
	Lists map[string]pillion.IDs
	// Score is that of one item for a context, in which nil is missing.
	Score func(context map[string]any, item pillion.ID) float64
}

// RankCall is a rank request as it arrived.
type RankCall struct {
	Model     string
	Version   int64
	RequestID string
	Context   map[string]any
}

// Sidecar is a fake sidecar over gRPC, which ranks items in memory by a function.
type Sidecar struct {
	inference.UnimplementedGRPCInferenceServiceServer
	rank.UnimplementedRankServiceServer

	test    testing.TB
	address string

	mu       sync.Mutex
	server   *grpc.Server
	served   chan struct{}
	models   map[string]map[int64]Model
	newest   map[string]int64
	failure  error
	blocked  chan struct{}
	calls    []RankCall
	metadata int
}

// NewSidecar starts a fake sidecar on this machine, and stops it at the test's end.
func NewSidecar(test testing.TB, models ...Model) *Sidecar {
	test.Helper()
	made := &Sidecar{test: test, models: map[string]map[int64]Model{}, newest: map[string]int64{}}
	for _, model := range models {
		made.Serve(model)
	}
	made.Start()
	test.Cleanup(made.Stop)
	return made
}

// Address is what [pillion.Config] takes.
func (s *Sidecar) Address() string { return "http://" + s.address }

// Serve has a version serve; the ones before stay ready, as in a sidecar whose repository has them.
func (s *Sidecar) Serve(model Model) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.models[model.Name] == nil {
		s.models[model.Name] = map[int64]Model{}
	}
	s.models[model.Name][model.Version] = model
	s.newest[model.Name] = model.Version
}

// Drop takes a version away.
func (s *Sidecar) Drop(name string, version int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.models[name], version)
}

// Fail has every call end with an error; nil for none.
func (s *Sidecar) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = err
}

// Block has every rank request wait until the returned function is called, or its caller gives up.
func (s *Sidecar) Block() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	blocked := make(chan struct{})
	s.blocked = blocked
	return sync.OnceFunc(func() {
		s.mu.Lock()
		s.blocked = nil
		s.mu.Unlock()
		close(blocked)
	})
}

// Calls returns the rank requests that came.
func (s *Sidecar) Calls() []RankCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// MetadataCalls returns how often a contract was asked for.
func (s *Sidecar) MetadataCalls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.metadata
}

// Start listens, where it has listened before if it has.
func (s *Sidecar) Start() {
	s.test.Helper()
	listener, err := net.Listen("tcp", cmp.Or(s.address, "127.0.0.1:0"))
	if err != nil {
		s.test.Fatal(err)
	}
	s.address = listener.Addr().String()
	server := grpc.NewServer()
	inference.RegisterGRPCInferenceServiceServer(server, s)
	rank.RegisterRankServiceServer(server, s)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	s.server, s.served = server, served
}

// Stop ends it as a crash would: connections break.
func (s *Sidecar) Stop() {
	if s.server == nil {
		return
	}
	s.server.Stop()
	<-s.served
	s.server = nil
}

// ModelMetadata implements the protocol.
func (s *Sidecar) ModelMetadata(_ context.Context, request *inference.ModelMetadataRequest) (*inference.ModelMetadataResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.metadata++
	if s.failure != nil {
		return nil, s.failure
	}
	model, err := s.find(request.GetName(), request.GetVersion())
	if err != nil {
		return nil, err
	}
	reply := &inference.ModelMetadataResponse{Name: model.Name, Parameters: map[string]*inference.InferParameter{
		"engine":          text("fake"),
		"version":         whole(model.Version),
		"ranking":         text(cmp.Or(model.Ranking, "score")),
		"feature_version": whole(model.FeatureVersion),
	}}
	for _, input := range model.Inputs {
		said := map[string]*inference.InferParameter{
			"missing":  text(cmp.Or(input.Missing, "asIs")),
			"required": {ParameterChoice: &inference.InferParameter_BoolParam{BoolParam: input.Source != "item"}},
		}
		for name, value := range map[string]string{"source": input.Source, "format": input.Format} {
			if value != "" {
				said[name] = text(value)
			}
		}
		if input.HasReplacement {
			said["missing_replacement"] = text("0")
		}
		reply.Inputs = append(reply.Inputs, &inference.ModelMetadataResponse_TensorMetadata{
			Name: input.Name, Datatype: input.Datatype, Shape: []int64{-1}, Parameters: said,
		})
	}
	return reply, nil
}

func (s *Sidecar) find(name, version string) (Model, error) {
	number := s.newest[name]
	if version != "" {
		number, _ = strconv.ParseInt(version, 10, 64)
	}
	model, has := s.models[name][number]
	if !has {
		return Model{}, status.Errorf(codes.NotFound, "there is no model '%s' with version %d", name, number)
	}
	return model, nil
}

// Rank implements the protocol.
func (s *Sidecar) Rank(ctx context.Context, request *rank.RankRequest) (*rank.RankResponse, error) {
	s.mu.Lock()
	failure, blocked := s.failure, s.blocked
	model, err := s.find(request.GetModelName(), request.GetModelVersion())
	call := RankCall{request.GetModelName(), model.Version, request.GetId(), readContext(request)}
	s.calls = append(s.calls, call)
	s.mu.Unlock()
	if blocked != nil {
		select {
		case <-blocked:
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
	if failure != nil {
		return nil, failure
	}
	if err != nil {
		return nil, err
	}
	if asked := request.GetFeatureVersion(); asked > model.FeatureVersion {
		return nil, status.Errorf(codes.FailedPrecondition, "the items of feature version %d are not in memory", asked)
	}
	items := s.items(model, request)
	slices.SortFunc(items, func(a, b pillion.RankedItem) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID.Number, b.ID.Number), cmp.Compare(a.ID.Text, b.ID.Text))
	})
	reply := &rank.RankResponse{
		ModelName: model.Name, ModelVersion: strconv.FormatInt(model.Version, 10), Id: request.GetId(),
		Parameters:     map[string]*inference.InferParameter{"engine": text("fake")},
		FeatureVersion: request.GetFeatureVersion(), Candidates: uint32(len(items)),
	}
	for _, item := range items {
		if math.IsNaN(item.Score) {
			reply.Unscored++
		} else if len(reply.Scores) < int(request.GetK()) {
			reply.Scores = append(reply.Scores, item.Score)
			if item.ID.IsText() {
				reply.ItemNames = append(reply.ItemNames, item.ID.Text)
			} else {
				reply.ItemIds = append(reply.ItemIds, item.ID.Number)
			}
		}
	}
	return reply, nil
}

func (s *Sidecar) items(model Model, request *rank.RankRequest) []pillion.RankedItem {
	excluded := pillion.IDs{Numbers: request.GetExcludedItemIds(), Texts: request.GetExcludedItemNames()}.Each()
	given := append(
		pillion.IDs{Numbers: request.GetTableItemIds(), Texts: request.GetTableItemNames()}.Each(),
		pillion.IDs{Numbers: request.GetItemIds(), Texts: request.GetItemNames()}.Each()...,
	)
	if list := request.GetTableList(); list != "" {
		given = slices.DeleteFunc(model.Lists[list].Each(), func(id pillion.ID) bool { return slices.Contains(excluded, id) })
		if size := int(request.GetTableListSize()); size > 0 && size < len(given) {
			given = given[:size]
		}
	}
	if model.Ranking == "classes" && len(given) == 0 {
		given = model.Lists[pillion.Catalog].Each()
	}
	var found []pillion.RankedItem
	known := readContext(request)
	for _, id := range given {
		if !slices.Contains(excluded, id) {
			found = append(found, pillion.RankedItem{ID: id, Score: model.Score(known, id)})
		}
	}
	return found
}

func readContext(request *rank.RankRequest) map[string]any {
	values := map[string]any{}
	for at, input := range request.GetContext() {
		raw := request.GetRawInputContents()[at]
		switch {
		case input.GetParameters()["missing_rows"] != nil:
			values[input.GetName()] = nil
		case input.GetDatatype() == pillion.FP64:
			values[input.GetName()] = math.Float64frombits(binary.LittleEndian.Uint64(raw))
		case input.GetDatatype() == pillion.FP32:
			values[input.GetName()] = math.Float32frombits(binary.LittleEndian.Uint32(raw))
		case input.GetDatatype() == pillion.INT64:
			values[input.GetName()] = int64(binary.LittleEndian.Uint64(raw))
		case input.GetDatatype() == pillion.BOOL:
			values[input.GetName()] = raw[0] != 0
		default:
			values[input.GetName()] = string(raw[4:])
		}
	}
	return values
}

func text(value string) *inference.InferParameter {
	return &inference.InferParameter{ParameterChoice: &inference.InferParameter_StringParam{StringParam: value}}
}

func whole(value int64) *inference.InferParameter {
	return &inference.InferParameter{ParameterChoice: &inference.InferParameter_Int64Param{Int64Param: value}}
}
