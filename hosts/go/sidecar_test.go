package pillion_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pillion.example/pillion"
	"pillion.example/pillion/pilliontest"
)

// routes are the ways to a real sidecar, which tests/hosts/test_go_module.py starts with the models of tests/conformance.
func routes(t *testing.T) map[string]*pillion.Client {
	t.Helper()
	http, grpc, uds := os.Getenv("PILLION_TEST_HTTP"), os.Getenv("PILLION_TEST_GRPC"), os.Getenv("PILLION_TEST_UDS")
	if http == "" {
		t.Skip("no sidecar: tests/hosts/test_go_module.py starts one")
	}
	return map[string]*pillion.Client{
		"gRPC over TCP":      open(t, pillion.Config{Address: "http://" + grpc}),
		"gRPC over a socket": open(t, pillion.Config{Address: "unix:" + uds}),
		"HTTP over TCP":      open(t, pillion.Config{Address: "http://" + http, Transport: pillion.HTTP}),
		"HTTP over a socket": open(t, pillion.Config{Address: "unix:" + uds, Transport: pillion.HTTP}),
	}
}

func TestSidecarIsReadyAndSaysWhatItsModelTakes(t *testing.T) {
	for route, client := range routes(t) {
		if err := client.Ready(t.Context()); err != nil {
			t.Errorf("%s: %v", route, err)
		}
		contract, err := client.Metadata(t.Context(), "ranker")
		if err != nil {
			t.Errorf("%s: %v", route, err)
			continue
		}
		hour, known := contract.Input("hour")
		if contract.Version < 1 || contract.Ranking != "score" || !known || hour.Datatype != pillion.INT64 || len(contract.Inputs) != 4 {
			t.Errorf("%s: %+v", route, contract)
		}
	}
}

func TestSidecarGivesTheSameBitsOnEveryRoute(t *testing.T) {
	var infers, ranks []uint64
	for route, client := range routes(t) {
		scores, err := client.Infer(t.Context(), pillion.InferRequest{
			Model: "ranker", RequestID: "i-1", Rows: 3, Outputs: []string{"probability(1)"}, Columns: map[string]any{
				"rate": []any{1.5, nil, 0.25}, "item_score": []float64{0.25, 0.75, 0.5}, "device": "tv", "hour": []int64{20, 21, 22},
			},
		})
		if err != nil {
			t.Errorf("%s: %v", route, err)
			continue
		}
		infers = same(t, route, infers, scores.Outputs["probability(1)"].Values.([]float64))
		one, err := client.Infer(t.Context(), pillion.InferRequest{
			Model: "ranker", Rows: 2, Outputs: []string{"probability(1)"},
			Columns: map[string]any{"rate": 0.25, "item_score": 0.5, "device": "tv", "hour": 22},
		})
		if err != nil {
			t.Errorf("%s, one value of each input: %v", route, err)
			continue
		}
		same(t, route, infers[2:], one.Outputs["probability(1)"].Values.([]float64)[:1])
		same(t, route, infers[2:], one.Outputs["probability(1)"].Values.([]float64)[1:])
		ranked, err := client.Rank(t.Context(), pillion.RankRequest{
			Model: "ranker", RequestID: "r-1", K: 2, Context: map[string]any{"rate": 1.5, "device": "tv", "hour": 20},
			Candidates: map[string]any{"item_score": []float64{0.25, 0.75, 0.5}}, CandidateIDs: pillion.NumberIDs(17, 4, 23),
		})
		if err != nil {
			t.Errorf("%s: %v", route, err)
			continue
		}
		if len(ranked.Items) != 2 || ranked.Items[0].ID.Number != 4 || ranked.Items[1].ID.Number != 23 || ranked.Version < 1 {
			t.Errorf("%s: %+v", route, ranked)
			continue
		}
		ranks = same(t, route, ranks, []float64{ranked.Items[0].Score, ranked.Items[1].Score})
	}
}

func same(t *testing.T, route string, before []uint64, scores []float64) []uint64 {
	t.Helper()
	bits := make([]uint64, len(scores))
	for at, score := range scores {
		bits[at] = math.Float64bits(score)
		if before != nil && before[at] != bits[at] {
			t.Errorf("%s: score %d is %x, not %x", route, at, bits[at], before[at])
		}
	}
	return bits
}

func TestSidecarRefusesWhatItDoesNotKnow(t *testing.T) {
	for route, client := range routes(t) {
		_, err := client.Rank(t.Context(), pillion.RankRequest{Model: "nobody", K: 1})
		if !errors.Is(err, pillion.ErrInvalid) {
			t.Errorf("%s: an unknown model: %v", route, err)
		}
		_, err = client.Rank(t.Context(), pillion.RankRequest{Model: "ranker", K: 1, Items: pillion.NumberIDs(1)})
		if said := (*pillion.Error)(nil); !errors.As(err, &said) || said.Code != pillion.CodeRefused {
			t.Errorf("%s: items of a model that has none: %v", route, err)
		}
		_, err = client.Rank(t.Context(), pillion.RankRequest{Model: "shelf", K: 1, Items: pillion.NumberIDs(7, 4711)})
		if !errors.Is(err, pillion.ErrInvalid) || !strings.Contains(err.Error(), "4711") {
			t.Errorf("%s: an unknown id: %v", route, err)
		}
	}
}

// TestVerificationSets holds the published models against what Spark computed of their verification rows.
func TestVerificationSets(t *testing.T) {
	models := os.Getenv("PILLION_TEST_MODELS")
	for route, client := range routes(t) {
		for _, model := range []string{"ranker", "titles30"} {
			if models == "" {
				t.Skip("no published models")
			}
			contract, err := client.Metadata(t.Context(), model)
			if err != nil {
				t.Fatalf("%s, %s: %v", route, model, err)
			}
			rows, err := pilliontest.ReadVerificationSet(filepath.Join(models, model, "1"))
			if err != nil {
				t.Fatal(err)
			}
			report, err := pilliontest.Verify(t.Context(), client, contract.Model, rows)
			if err != nil || len(report.Differing) > 0 || report.Values == 0 {
				t.Errorf("%s, %s: %d of %d values differ: %v %v", route, model, len(report.Differing), report.Values, report.Differing, err)
			}
			t.Logf("%s, %s: %d rows, %d values, %d differ", route, model, report.Rows, report.Values, len(report.Differing))
		}
	}
}
