package recommend_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pillion.example/pillion"
	"pillion.example/pillion/pilliontest"
	"pillion.example/pillion/recommend"
)

const golden = "../../../tests/golden/store/numbers.json"

// The golden store has the items 0, 63 and 64; user 1 has the batch answer 63, 64, 0 and has seen nothing.
func model(version int64) pilliontest.Model {
	return pilliontest.Model{
		Name: "ranker", Version: version, FeatureVersion: 1,
		Inputs: []pillion.Input{
			{Name: "a f64", Datatype: pillion.FP64, Source: "user"},
			{Name: "device", Datatype: pillion.BYTES, Source: "online"},
			{Name: "score", Datatype: pillion.FP64, Source: "item"},
		},
		Lists: map[string]pillion.IDs{"global": pillion.NumberIDs(0, 63, 64), "country=DE": pillion.NumberIDs(0, 63, 64)},
		Score: func(_ map[string]any, item pillion.ID) float64 { return float64(item.Number) },
	}
}

type host struct {
	*recommend.Recommender
	sidecar *pilliontest.Sidecar
	store   *pilliontest.Store
}

func patient() recommend.Settings {
	made := recommend.Defaults()
	made.Deadline, made.FallbackCheckShare = time.Minute, 1
	made.Store = recommend.Dependency{Timeout: 30 * time.Second, Slow: 20 * time.Second, AtOnce: 8}
	made.Sidecar = made.Store
	return made
}

func start(t *testing.T, settings recommend.Settings) *host {
	t.Helper()
	made := &host{sidecar: pilliontest.NewSidecar(t, model(1)), store: pilliontest.ReadStore(t, golden)}
	made.Recommender = begin(t, made.sidecar, made.store, settings)
	return made
}

func begin(t *testing.T, sidecar *pilliontest.Sidecar, store recommend.Store, settings recommend.Settings) *recommend.Recommender {
	t.Helper()
	client, err := pillion.New(pillion.Config{Address: sidecar.Address(), ContractAge: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	made, err := recommend.New(recommend.Config{
		Client: client, Store: store, Settings: settings, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Project: recommend.Project{Model: "ranker", Segments: []string{"country"}, Inputs: map[string]recommend.DeclaredInput{
			"device":  {Source: "online", Type: "string"},
			"country": {Source: "online", Type: "string"},
			"hour":    {Source: "online", Type: "integer", Derive: "hour", Range: []any{int64(0), int64(23)}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	made.Start(t.Context())
	t.Cleanup(func() {
		made.Close()
		_ = client.Close()
	})
	return made
}

func (h *host) ask(t *testing.T, request recommend.Request) recommend.Recommendation {
	t.Helper()
	answer, err := h.Recommend(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func numbers(answer recommend.Recommendation) []int64 {
	var made []int64
	for _, item := range answer.Items {
		made = append(made, item.ID.Number)
	}
	return made
}

func expect(t *testing.T, answer recommend.Recommendation, source recommend.Source, reason string, items ...int64) {
	t.Helper()
	if answer.Source != source || answer.Reason != reason || !slices.Equal(numbers(answer), items) {
		t.Errorf("got %s, %q, %v, not %s, %q, %v", answer.Source, answer.Reason, numbers(answer), source, reason, items)
	}
}

var one = recommend.Request{UserID: pillion.NumberID(1), K: 2, Context: map[string]any{"device": "tv"}, RequestID: "r-1"}

func TestTheModelAnswersAndTheSidecarIsToldWho(t *testing.T) {
	h := start(t, patient())

	answer := h.ask(t, one)

	expect(t, answer, recommend.Online, "", 64, 63)
	calls := h.sidecar.Calls()
	if call := calls[len(calls)-1]; call.RequestID != "r-1" || call.Context["device"] != "tv" || answer.Version != 1 || answer.FeatureAge <= 0 {
		t.Errorf("got %+v for %+v", answer, call)
	}
	if status := h.Status(); status.FallbackChecks != 1 || status.FailedFallbackChecks != 0 || status.SnapshotVersion != 1 {
		t.Errorf("the status is %+v", status)
	}
}

func TestASidecarThatDiedIsAnsweredAroundAndFoundAgain(t *testing.T) {
	h := start(t, patient())
	expect(t, h.ask(t, one), recommend.Online, "", 64, 63)
	h.sidecar.Stop()
	var reasons []string
	for range 20 {
		answer := h.ask(t, one)
		expect(t, answer, recommend.Batch, answer.Reason, 63, 64)
		reasons = append(reasons, answer.Reason)
	}
	if !slices.Contains(reasons, "sidecar_breaker_open") || reasons[len(reasons)-1] == "" {
		t.Errorf("the reasons were %v", reasons)
	}
	h.sidecar.Start()
	for h.ask(t, one).Source != recommend.Online {
		time.Sleep(time.Millisecond)
	}
}

func TestAStoreThatFailsLeavesWhatIsPopular(t *testing.T) {
	h := start(t, patient())
	unreachable := pillion.NewError(pillion.ErrUnavailable, "store_unreachable", "no", nil)
	h.store.Fail(func() error { return unreachable })

	answer := h.ask(t, recommend.Request{UserID: pillion.NumberID(1), K: 1, Context: map[string]any{"country": "DE"}})

	if answer.Source != recommend.Segment || answer.Reason != "store_unreachable" || len(answer.Items) != 1 {
		t.Errorf("got %+v", answer)
	}
}

func TestARecordThatIsCorruptTripsNoBreaker(t *testing.T) {
	h := start(t, patient())
	h.store.SetField("u1:{0}", "1", []byte{0x91, 0x01})
	for range 30 {
		if answer := h.ask(t, one); answer.Reason != "corrupt_record" {
			t.Fatalf("got %+v", answer)
		}
	}
}

func TestAPanicCostsOneAnswer(t *testing.T) {
	h := start(t, patient())
	h.store.Fail(func() error { panic("nobody foresaw it") })
	answer := h.ask(t, one)
	h.store.Fail(nil)

	if answer.Reason != "unexpected_error" || answer.Source != recommend.Popular {
		t.Errorf("got %+v", answer)
	}
	expect(t, h.ask(t, one), recommend.Online, "", 64, 63)
}

func TestADeadlineEndsARequest(t *testing.T) {
	h := start(t, patient())
	defer h.sidecar.Block()()
	request := one
	request.Deadline = 20 * time.Millisecond

	expect(t, h.ask(t, request), recommend.Batch, "deadline_exceeded", 63, 64)
}

func TestRequestsBeyondTheLimitGetTheFallbackAtOnce(t *testing.T) {
	settings := patient()
	settings.AtOnce = 1
	h := start(t, settings)
	before := len(h.sidecar.Calls())
	release := h.sidecar.Block()
	first := make(chan recommend.Recommendation)
	go func() {
		answer, _ := h.Recommend(t.Context(), one)
		first <- answer
	}()
	for len(h.sidecar.Calls()) == before {
		time.Sleep(time.Millisecond)
	}

	second := h.ask(t, one)
	release()

	if second.Reason != "overloaded" || second.Source != recommend.Popular {
		t.Errorf("the second got %+v", second)
	}
	expect(t, <-first, recommend.Online, "", 64, 63)
}

func TestASwapToAVersionWithAnotherInputUnderLoadFailsNothing(t *testing.T) {
	h := start(t, patient())
	var all sync.WaitGroup
	swapped := make(chan struct{})
	for range 8 {
		all.Go(func() {
			for round := range 60 {
				if round == 30 {
					<-swapped
				}
				answer, err := h.Recommend(t.Context(), one)
				if err != nil || answer.Source != recommend.Online || answer.Reason != "" {
					t.Errorf("got %+v, %v", answer, err)
				}
				if round >= 30 && answer.Version != 2 {
					t.Errorf("version %d answered", answer.Version)
				}
			}
		})
	}
	next := model(2)
	next.Inputs = append(next.Inputs, pillion.Input{Name: "country", Datatype: pillion.BYTES, Source: "online"})
	h.sidecar.Serve(next)
	h.sidecar.Drop("ranker", 1)
	close(swapped)
	all.Wait()
}

func TestAnotherFeatureVersionWaitsForTheSidecarToHaveItsItems(t *testing.T) {
	settings := patient()
	settings.Refresh = time.Millisecond
	h := start(t, settings)
	h.store.Republish(2)
	asked := h.sidecar.MetadataCalls()
	for h.sidecar.MetadataCalls() < asked+2 {
		expect(t, h.ask(t, one), recommend.Online, "", 64, 63)
		if version := h.Status().SnapshotVersion; version != 1 {
			t.Fatalf("version %d was taken before the sidecar had it", version)
		}
	}
	loaded := model(1)
	loaded.FeatureVersion = 2
	h.sidecar.Serve(loaded)
	for h.Status().SnapshotVersion != 2 {
		expect(t, h.ask(t, one), recommend.Online, "", 64, 63)
	}
	expect(t, h.ask(t, one), recommend.Online, "", 64, 63)
}

func TestWithoutAnyFeaturesTheAnswerIsEmptyAndSaysWhy(t *testing.T) {
	sidecar, store := pilliontest.NewSidecar(t, model(1)), pilliontest.ReadStore(t, golden)
	store.Fail(func() error { return errors.New("down") })
	h := &host{Recommender: begin(t, sidecar, store, patient())}

	answer := h.ask(t, one)

	if answer.Reason != "no_snapshot" || len(answer.Items) != 0 || h.Ready() {
		t.Errorf("got %+v", answer)
	}
}

func TestAColdStartWithoutAStoreAnswersFromTheSnapshotsFile(t *testing.T) {
	settings := patient()
	settings.SnapshotPath = filepath.Join(t.TempDir(), "snapshot")
	start(t, settings)
	sidecar, store := pilliontest.NewSidecar(t, model(1)), pilliontest.ReadStore(t, golden)
	store.Fail(func() error { return pillion.NewError(pillion.ErrUnavailable, "store_unreachable", "no", nil) })
	h := &host{Recommender: begin(t, sidecar, store, settings)}

	answer := h.ask(t, one)

	if answer.Reason != "store_unreachable" || len(answer.Items) != 2 || !h.Ready() {
		t.Errorf("got %+v", answer)
	}
}

func TestTheRoutesSayWhatIsWrong(t *testing.T) {
	h := start(t, patient())
	server := httptest.NewServer(recommend.Handler(h.Recommender, recommend.HandlerConfig{MaxBody: 1000, AdminToken: "secret"}))
	defer server.Close()
	for _, each := range []struct {
		method, path, body, token string
		status                    int
		code                      string
	}{
		{"POST", "/v1/recommendations", `{"user_id": 1}`, "", 200, ""},
		{"GET", "/v1/recommendations/1?hour=3", "", "", 200, ""},
		{"GET", "/v1/recommendations/1?hour=25", "", "", 400, "invalid_input"},
		{"POST", "/v1/recommendations", `{"user_id": 1} x`, "", 400, "invalid_input"},
		{"POST", "/v1/recommendations", `{"user_id": 1, "model": "` + strings.Repeat("a", 1000) + `"}`, "", 413, "too_large"},
		{"PUT", "/v1/recommendations", `{}`, "", 405, "method_not_allowed"},
		{"GET", "/v2", "", "", 404, "not_found"},
		{"GET", "/healthz", "", "", 200, ""},
		{"GET", "/readyz", "", "", 200, ""},
		{"GET", "/v1/status", "", "", 200, ""},
		{"POST", "/v1/breakers/store", `{"mode": "open"}`, "", 401, "unauthorized"},
		{"POST", "/v1/breakers/cache", `{"mode": "open"}`, "secret", 404, "not_found"},
		{"POST", "/v1/breakers/store", `{"mode": "ajar"}`, "secret", 400, "invalid_input"},
		{"POST", "/v1/breakers/store", `{"mode": "open"}`, "secret", 200, ""},
	} {
		request, err := http.NewRequest(each.method, server.URL+each.path, strings.NewReader(each.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+each.token)
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var said struct {
			Error struct{ Code string }
		}
		err = json.NewDecoder(response.Body).Decode(&said)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != each.status || said.Error.Code != each.code {
			t.Errorf("%s %s: %d %s, %v", each.method, each.path, response.StatusCode, said.Error.Code, err)
		}
	}
	if answer := h.ask(t, one); answer.Reason != "store_breaker_open" {
		t.Errorf("got %+v", answer)
	}
}
