// Asks a sidecar over gRPC with plain generated stubs, and prints an answer a line, as JSON.
//
// Usage: conformance TARGET, where TARGET is HOST:PORT or unix:PATH.
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"

	"pillion.org/conformance/health"
	"pillion.org/conformance/inference"
	"pillion.org/conformance/rank"
)

const patience = time.Minute

var (
	rates   = []float64{1.5, 0}
	scores  = []float64{0.25, 0.75}
	devices = [][]byte{[]byte("tv"), []byte("mobile")}
	hours   = []int64{20, 20}
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("one target is expected, not %d", len(args))
	}
	connection, err := grpc.NewClient(args[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("no connection: %w", err)
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stub := inference.NewGRPCInferenceServiceClient(connection)
	answers := map[string]any{}

	live, err := stub.ServerLive(ctx, &inference.ServerLiveRequest{})
	if err != nil {
		return fmt.Errorf("ServerLive: %w", err)
	}
	answers["live"] = live.GetLive()
	checked, err := health.NewHealthClient(connection).Check(ctx, &health.HealthCheckRequest{})
	if err != nil {
		return fmt.Errorf("Check: %w", err)
	}
	answers["health"] = checked.GetStatus().String()
	model, err := stub.ModelMetadata(ctx, &inference.ModelMetadataRequest{Name: "ranker"})
	if err != nil {
		return fmt.Errorf("ModelMetadata: %w", err)
	}
	var names []string
	for _, input := range model.GetInputs() {
		names = append(names, input.GetName())
	}
	answers["inputs"] = names

	typed, err := stub.ModelInfer(ctx, request(false))
	if err != nil {
		return fmt.Errorf("ModelInfer with typed contents: %w", err)
	}
	answers["typed"] = typed.GetOutputs()[0].GetContents().GetFp64Contents()
	raw, err := stub.ModelInfer(ctx, request(true))
	if err != nil {
		return fmt.Errorf("ModelInfer with raw contents: %w", err)
	}
	answers["raw"] = doubles(raw.GetRawOutputContents()[0])
	ranked, err := rank.NewRankServiceClient(connection).Rank(ctx, rankRequest())
	if err != nil {
		return fmt.Errorf("Rank: %w", err)
	}
	answers["items"] = ranked.GetItemIds()
	answers["scores"] = ranked.GetScores()

	answers["codes"] = []string{
		code(stub.ModelInfer(ctx, &inference.ModelInferRequest{ModelName: "nobody"})),
		code(stub.ModelInfer(ctx, &inference.ModelInferRequest{ModelName: "ranker"})),
		code(stub.ModelInfer(ctx, request(true), grpc.UseCompressor(gzip.Name))),
	}
	short, end := context.WithTimeout(ctx, time.Nanosecond)
	defer end()
	answers["late"] = code(stub.ModelInfer(short, request(true)))
	return json.NewEncoder(out).Encode(answers)
}

func tensor(name, datatype string, rows int64) *inference.ModelInferRequest_InferInputTensor {
	return &inference.ModelInferRequest_InferInputTensor{Name: name, Datatype: datatype, Shape: []int64{rows}}
}

func request(raw bool) *inference.ModelInferRequest {
	rate := tensor("rate", "FP64", 2)
	rate.Parameters = map[string]*inference.InferParameter{
		"missing_rows": {ParameterChoice: &inference.InferParameter_StringParam{StringParam: "1"}},
	}
	score, device, hour := tensor("item_score", "FP64", 2), tensor("device", "BYTES", 2), tensor("hour", "INT64", 2)
	asked := &inference.ModelInferRequest{
		ModelName: "ranker",
		Inputs:    []*inference.ModelInferRequest_InferInputTensor{rate, score, device, hour},
		Outputs:   []*inference.ModelInferRequest_InferRequestedOutputTensor{{Name: "probability(1)"}},
	}
	if raw {
		var texts, wholes []byte
		for row, text := range devices {
			texts = append(binary.LittleEndian.AppendUint32(texts, uint32(len(text))), text...)
			wholes = binary.LittleEndian.AppendUint64(wholes, uint64(hours[row]))
		}
		asked.RawInputContents = [][]byte{bytes(rates), bytes(scores), texts, wholes}
		return asked
	}
	rate.Contents = &inference.InferTensorContents{Fp64Contents: rates}
	score.Contents = &inference.InferTensorContents{Fp64Contents: scores}
	device.Contents = &inference.InferTensorContents{BytesContents: devices}
	hour.Contents = &inference.InferTensorContents{Int64Contents: hours}
	return asked
}

func rankRequest() *rank.RankRequest {
	rate, device, hour := tensor("rate", "FP64", 1), tensor("device", "BYTES", 1), tensor("hour", "INT64", 1)
	rate.Contents = &inference.InferTensorContents{Fp64Contents: rates[:1]}
	device.Contents = &inference.InferTensorContents{BytesContents: devices[:1]}
	hour.Contents = &inference.InferTensorContents{Int64Contents: hours[:1]}
	score := tensor("item_score", "FP64", 3)
	score.Contents = &inference.InferTensorContents{Fp64Contents: []float64{0.25, 0.75, 0.5}}
	return &rank.RankRequest{
		ModelName:  "ranker",
		K:          2,
		Context:    []*inference.ModelInferRequest_InferInputTensor{rate, device, hour},
		Candidates: []*inference.ModelInferRequest_InferInputTensor{score},
		ItemIds:    []int64{17, 4, 23},
	}
}

func bytes(values []float64) []byte {
	var made []byte
	for _, value := range values {
		made = binary.LittleEndian.AppendUint64(made, math.Float64bits(value))
	}
	return made
}

func doubles(raw []byte) []float64 {
	var read []float64
	for ; len(raw) >= 8; raw = raw[8:] {
		read = append(read, math.Float64frombits(binary.LittleEndian.Uint64(raw)))
	}
	return read
}

func code[T any](_ T, err error) string {
	if err == nil {
		return codes.OK.String()
	}
	return status.Code(err).String()
}
