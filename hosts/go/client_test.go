package pillion_test

import (
	"context"
	"errors"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"pillion.example/pillion"
	"pillion.example/pillion/pilliontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var rankerInputs = []pillion.Input{
	{Name: "rate", Datatype: pillion.FP64, Source: "user", HasReplacement: true},
	{Name: "device", Datatype: pillion.BYTES, Source: "online"},
	{Name: "hour", Datatype: pillion.INT64, Source: "online"},
	{Name: "item_score", Datatype: pillion.FP64, Source: "item"},
}

func ranker(version int64) pilliontest.Model {
	return pilliontest.Model{
		Name: "ranker", Version: version, Inputs: rankerInputs, FeatureVersion: 3,
		Lists: map[string]pillion.IDs{"global": pillion.NumberIDs(1, 2, 3, 4)},
		Score: func(_ map[string]any, item pillion.ID) float64 { return float64(item.Number) / 8 },
	}
}

func open(t *testing.T, config pillion.Config) *pillion.Client {
	t.Helper()
	client, err := pillion.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

var evening = map[string]any{"rate": 1.5, "device": "tv", "hour": 21}

// asked returns a client that keeps the contract, and a request that it has made.
func asked(t *testing.T) (*pilliontest.Sidecar, *pillion.Client, pillion.RankRequest) {
	t.Helper()
	sidecar := pilliontest.NewSidecar(t, ranker(1))
	client := open(t, pillion.Config{Address: sidecar.Address(), ContractAge: time.Hour})
	request := pillion.RankRequest{Model: "ranker", K: 1, List: "global", Context: evening}
	if _, err := client.Rank(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	return sidecar, client, request
}

func TestRankSendsWhatTheContractAsksForAndFillsWhatIsMissing(t *testing.T) {
	sidecar := pilliontest.NewSidecar(t, ranker(1))
	client := open(t, pillion.Config{Address: sidecar.Address()})

	ranked, err := client.Rank(t.Context(), pillion.RankRequest{
		Model: "ranker", RequestID: "r-1", K: 2, List: "global", Excluded: pillion.NumberIDs(4), Context: map[string]any{"hour": int64(7)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := ranked.Items; len(got) != 2 || got[0] != (pillion.RankedItem{ID: pillion.NumberID(3), Score: 0.375}) {
		t.Errorf("items are %v", got)
	}
	call := sidecar.Calls()[0]
	if rate, has := call.Context["rate"]; !has || rate != nil || call.Context["hour"] != int64(7) {
		t.Errorf("the context was %v", call.Context)
	}
	if _, has := call.Context["item_score"]; has {
		t.Errorf("an input that the items have was sent: %v", call.Context)
	}
	if ranked.Version != 1 || ranked.Engine != "fake" || ranked.Candidates != 3 || call.RequestID != "r-1" {
		t.Errorf("got %+v for %+v", ranked, call)
	}
}

func TestBadValuesAreRefusedByName(t *testing.T) {
	sidecar := pilliontest.NewSidecar(t, ranker(1))
	client := open(t, pillion.Config{Address: sidecar.Address()})
	for name, context := range map[string]map[string]any{
		"hour":    {"hour": 7.5},
		"device":  {"device": "\xff"},
		"rate":    {"rate": "much"},
		"weekday": {"weekday": 3},
	} {
		_, err := client.Rank(t.Context(), pillion.RankRequest{Model: "ranker", K: 1, List: "global", Context: context})
		var said *pillion.Error
		if !errors.Is(err, pillion.ErrInvalid) || !errors.As(err, &said) || said.Field != name || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if unknown := name == "weekday"; unknown != strings.Contains(err.Error(), "IgnoreUnknownInputs leaves such inputs aside") {
			t.Errorf("%s: what to do: %v", name, err)
		}
	}
	if calls := sidecar.Calls(); len(calls) != 0 {
		t.Errorf("%d calls were made", len(calls))
	}
}

func TestASwapIsNoticedOnceAndNothingFails(t *testing.T) {
	sidecar, client, request := asked(t)
	next := ranker(2)
	next.Inputs = append(next.Inputs[:3:3], pillion.Input{Name: "country", Datatype: pillion.BYTES, Source: "online"}, next.Inputs[3])
	sidecar.Serve(next)
	sidecar.Drop("ranker", 1)
	asked := sidecar.MetadataCalls()

	for range 3 {
		ranked, err := client.Rank(t.Context(), request)
		if err != nil || ranked.Version != 2 {
			t.Fatalf("got %v, %v", ranked, err)
		}
	}
	if again := sidecar.MetadataCalls() - asked; again != 1 {
		t.Errorf("the contract was asked for %d times", again)
	}
}

func TestAVersionThatVanishedWithoutAnotherIsAnError(t *testing.T) {
	sidecar, client, request := asked(t)
	sidecar.Drop("ranker", 1)

	if _, err := client.Rank(t.Context(), request); !errors.Is(err, pillion.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestAPinnedVersionGoesOnWhileAnotherServes(t *testing.T) {
	sidecar := pilliontest.NewSidecar(t, ranker(1))
	client := open(t, pillion.Config{Address: sidecar.Address()})
	contract, err := client.Metadata(t.Context(), "ranker")
	if err != nil {
		t.Fatal(err)
	}
	sidecar.Serve(ranker(2))

	ranked, err := client.Rank(t.Context(), pillion.RankRequest{Model: "ranker", Contract: contract, K: 1, List: "global", Context: evening})
	if err != nil || ranked.Version != 1 {
		t.Errorf("got %v, %v", ranked, err)
	}
}

func TestAStaleContractIsReadAgainInTheBackground(t *testing.T) {
	sidecar := pilliontest.NewSidecar(t, ranker(1))
	client := open(t, pillion.Config{Address: sidecar.Address(), ContractAge: time.Nanosecond})
	if _, err := client.Metadata(t.Context(), "ranker"); err != nil {
		t.Fatal(err)
	}
	sidecar.Serve(ranker(2))

	for {
		contract, err := client.Metadata(t.Context(), "ranker")
		if err != nil {
			t.Fatal(err)
		}
		if contract.Version == 2 {
			break
		}
	}
}

func TestErrorsAreOfTheirKinds(t *testing.T) {
	sidecar, client, request := asked(t)
	for code, expected := range map[codes.Code]struct {
		kind error
		word string
	}{
		codes.Unavailable:        {pillion.ErrUnavailable, pillion.CodeSidecar},
		codes.Internal:           {pillion.ErrUnavailable, pillion.CodeSidecar},
		codes.InvalidArgument:    {pillion.ErrInvalid, pillion.CodeRefused},
		codes.FailedPrecondition: {pillion.ErrInvalid, pillion.CodeLacksItems},
		codes.DeadlineExceeded:   {pillion.ErrDeadline, pillion.CodeDeadline},
	} {
		sidecar.Fail(status.Error(code, "no"))
		_, err := client.Rank(t.Context(), request)
		var said *pillion.Error
		if !errors.Is(err, expected.kind) || !errors.As(err, &said) || said.Code != expected.word || said.Retryable {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestACallWithoutTimeIsNotMade(t *testing.T) {
	sidecar := pilliontest.NewSidecar(t, ranker(1))
	client := open(t, pillion.Config{Address: sidecar.Address(), Reserve: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()

	_, err := client.Rank(ctx, pillion.RankRequest{Model: "ranker", K: 1, List: "global"})

	if !errors.Is(err, pillion.ErrDeadline) || !errors.Is(err, context.DeadlineExceeded) || sidecar.MetadataCalls() != 0 {
		t.Errorf("got %v", err)
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	sidecar := pilliontest.NewSidecar(t, ranker(1))
	client := open(t, pillion.Config{Address: sidecar.Address()})
	if _, err := client.Metadata(t.Context(), "ranker"); err != nil {
		t.Fatal(err)
	}
	defer sidecar.Block()()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()

	_, err := client.Rank(ctx, pillion.RankRequest{Model: "ranker", K: 1, List: "global", Context: evening})

	if !errors.Is(err, pillion.ErrDeadline) {
		t.Errorf("got %v", err)
	}
}

func TestASidecarThatIsNotThereIsUnreachableAndFoundWhenItIsBack(t *testing.T) {
	sidecar, client, request := asked(t)
	sidecar.Stop()
	for range 10 {
		_, err := client.Rank(t.Context(), request)
		var said *pillion.Error
		if !errors.As(err, &said) || !errors.Is(err, pillion.ErrUnavailable) || said.Code != pillion.CodeUnreachable || !said.Retryable {
			t.Fatal(err)
		}
	}
	sidecar.Start()
	for {
		if _, err := client.Rank(t.Context(), request); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
}

func TestTheUsualAddressIsTheSidecars(t *testing.T) {
	for expected, variables := range map[string]map[string]string{
		"unix:/run/user/7/pillion/sidecar.sock":        {"XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/home/a"},
		"unix:/cache/pillion/run/sidecar.sock":         {"XDG_CACHE_HOME": "/cache", "HOME": "/home/a"},
		"unix:/home/a/.cache/pillion/run/sidecar.sock": {"HOME": "/home/a"},
	} {
		if got := pillion.UsualAddress(func(name string) string { return variables[name] }); got != expected {
			t.Errorf("got %s, not %s", got, expected)
		}
	}
}

func TestAConnectionThatBreaksWithoutAnAnswerIsUnreachable(t *testing.T) {
	sidecar := pilliontest.NewSidecar(t, ranker(1))
	client := open(t, pillion.Config{Address: sidecar.Address()})
	if _, err := client.Metadata(t.Context(), "ranker"); err != nil {
		t.Fatal(err)
	}
	defer sidecar.Block()()
	broken := make(chan error, 1)
	go func() {
		_, err := client.Rank(t.Context(), pillion.RankRequest{Model: "ranker", K: 1, List: "global", Context: evening})
		broken <- err
	}()
	for len(sidecar.Calls()) == 0 {
		time.Sleep(time.Millisecond)
	}
	sidecar.Stop()

	if said := (*pillion.Error)(nil); !errors.As(<-broken, &said) || said.Code != pillion.CodeUnreachable {
		t.Errorf("got %v", said)
	}
}

func TestAddresses(t *testing.T) {
	for _, address := range []string{
		"", "sidecar.sock", "unix:", "unix:relative", "ftp://host:1", "http://", "unix:/" + strings.Repeat("a", 110),
	} {
		if client, err := pillion.New(pillion.Config{Address: address}); err == nil {
			_ = client.Close()
			t.Errorf("%q is taken", address)
		}
	}
	client := open(t, pillion.Config{Address: "unix:" + filepath.Join(t.TempDir(), "absent")})
	_, err := client.Metadata(t.Context(), "ranker")
	if said := (*pillion.Error)(nil); !errors.As(err, &said) || said.Code != pillion.CodeUnreachable {
		t.Errorf("got %v", err)
	}
}

func TestASocketWithoutPermissionIsUnreachable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		t.Skip("root may open any socket")
	}
	for _, transport := range []pillion.Transport{pillion.GRPC, pillion.HTTP} {
		client := open(t, pillion.Config{Address: "unix:" + path, Transport: transport})
		_, err := client.Metadata(t.Context(), "ranker")
		if said := (*pillion.Error)(nil); !errors.As(err, &said) || said.Code != pillion.CodeUnreachable {
			t.Errorf("%s: %v", transport, err)
		}
	}
}

// TestAServerThatSpeaksAnotherProtocolIsUnavailable asks one that answers every byte with text.
func TestAServerThatSpeaksAnotherProtocolIsUnavailable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	defer all.Wait()
	defer listener.Close()
	all.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Write([]byte("220 mail.example ready\r\n"))
			_ = connection.Close()
		}
	})
	for _, transport := range []pillion.Transport{pillion.GRPC, pillion.HTTP} {
		client := open(t, pillion.Config{Address: "http://" + listener.Addr().String(), Transport: transport})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		err := client.Ready(ctx)
		cancel()
		if !errors.Is(err, pillion.ErrUnavailable) {
			t.Errorf("%s: %v", transport, err)
		}
	}
}

func TestTenThousandCandidatesAreOneCall(t *testing.T) {
	sidecar := pilliontest.NewSidecar(t, ranker(1))
	client := open(t, pillion.Config{Address: sidecar.Address()})
	ids := make([]int64, 10_000)
	for at := range ids {
		ids[at] = int64(at)
	}

	ranked, err := client.Rank(t.Context(), pillion.RankRequest{Model: "ranker", K: 3, Items: pillion.NumberIDs(ids...), Context: evening})

	if err != nil || ranked.Candidates != 10_000 || ranked.Items[0].ID.Number != 9_999 {
		t.Errorf("got %v, %v", ranked, err)
	}
}

func TestManyAtOnceGetTheirOwnAnswers(t *testing.T) {
	model := ranker(1)
	model.Score = func(context map[string]any, item pillion.ID) float64 { return context["rate"].(float64) }
	sidecar := pilliontest.NewSidecar(t, model)
	client := open(t, pillion.Config{Address: sidecar.Address(), ContractAge: time.Nanosecond})
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for round := range 50 {
				rate := float64(worker*1000 + round)
				ranked, err := client.Rank(t.Context(), pillion.RankRequest{
					Model: "ranker", K: 1, List: "global", Context: map[string]any{"rate": rate},
				})
				if err != nil || math.Float64bits(ranked.Items[0].Score) != math.Float64bits(rate) {
					t.Errorf("got %v, %v instead of %v", ranked, err, rate)
				}
			}
		})
	}
	all.Wait()
}
