package recommend

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/bulkhead"

	"pillion.example/pillion"
	"pillion.example/pillion/features"
)

// Store is the online store: [features.Store], or a fake.
type Store interface {
	features.Source
	// Ping returns nil once the store has answered.
	Ping(ctx context.Context) error
}

// Config is what a recommender is made of.
type Config struct {
	// Client is that of the sidecar; whoever made it closes it.
	Client *pillion.Client
	// Store is the online store; whoever made it closes it.
	Store Store
	// Project says what is served.
	Project Project
	// Settings are limits; [Defaults] where zero.
	Settings Settings
	// Log is where what goes on is told; [slog.Default] where nil.
	Log *slog.Logger
	// OnBreaker is told of each change of a breaker's state.
	OnBreaker func(dependency, from, to string)
}

// Recommender answers requests by the ladder, and keeps snapshot and models fresh. It is safe for concurrent use.
type Recommender struct {
	settings     Settings
	project      Project
	online       onlineInputs
	client       *pillion.Client
	source       Store
	log          *slog.Logger
	storeGuard   *guard
	sidecarGuard *guard
	budget       retryBudget
	binder       binder
	contracts    sync.Map // names of models whose contract was read
	admission    bulkhead.Bulkhead[any]
	catalog      atomic.Pointer[features.Catalog]
	problem      atomic.Pointer[string]

	admitted, overloaded, checks, failedChecks atomic.Int64

	stop       context.CancelFunc
	background sync.WaitGroup
}

const (
	pingTimeout   = 500 * time.Millisecond
	probeInterval = 100 * time.Millisecond
	probeTimeout  = time.Second
	quickProbes   = 3
	itemsTimeout  = time.Minute
)

// New returns a recommender; [Recommender.Start] has it begin.
func New(config Config) (*Recommender, error) {
	if config.Client == nil || config.Store == nil {
		return nil, errors.New("a recommender needs a client of the sidecar and a store")
	}
	settings := cmp.Or(config.Settings, Defaults())
	if err := config.Project.prepare(); err != nil {
		return nil, err
	}
	settings.Model = cmp.Or(settings.Model, config.Project.Model)
	if settings.Model == "" {
		return nil, errors.New("nothing says which model is asked: name one as 'model' in pillion.toml, or in the settings")
	}
	if config.Project.K > 0 && settings.K == Defaults().K {
		settings.K = config.Project.K
	}
	if config.Project.Candidates > 0 && settings.CandidateCount == Defaults().CandidateCount {
		settings.CandidateCount = config.Project.Candidates
	}
	made := &Recommender{
		settings: settings, project: config.Project, client: config.Client, source: config.Store,
		log: cmp.Or(config.Log, slog.Default()), admission: bulkhead.New[any](settings.AtOnce),
	}
	made.online = newOnlineInputs(&made.project)
	made.binder = binder{project: &made.project, known: map[string]*bound{}}
	made.storeGuard = newGuard("store", settings.Store, &made.budget)
	made.sidecarGuard = newGuard("sidecar", settings.Sidecar, &made.budget)
	for _, each := range made.guards() {
		each.breaker.listener = func(from, to string) {
			made.log.Warn("a breaker changed", "logger", "pillion.recommend.breaker", "breaker", each.name, "state", to, "before", from,
				"succeeded", each.succeeded.Load(), "failed", each.failed.Load(), "neutral", each.neutral.Load())
			if config.OnBreaker != nil {
				config.OnBreaker(each.name, from, to)
			}
		}
	}
	return made, nil
}

func (r *Recommender) guards() []*guard { return []*guard{r.storeGuard, r.sidecarGuard} }

// Start reads a first snapshot from the store, else from its file, and keeps it fresh from now on. A store or a sidecar that does
// not answer is no error: what is there answers, and the rest comes later.
func (r *Recommender) Start(ctx context.Context) {
	r.refresh(ctx)
	if r.catalog.Load() == nil && r.settings.SnapshotPath != "" {
		switch catalog, err := features.LoadSnapshot(r.settings.SnapshotPath); {
		case err == nil:
			r.catalog.Store(catalog)
			r.log.Warn("answering from the snapshot until the store answers", "path", r.settings.SnapshotPath)
		case !errors.Is(err, os.ErrNotExist):
			r.log.Warn("the snapshot cannot be used", "error", err)
		}
	}
	r.warmUp(ctx)
	background, stop := context.WithCancel(context.Background())
	r.stop = stop
	r.background.Go(func() {
		for pause(background, r.settings.Refresh) {
			r.refresh(background)
		}
	})
	for each, ping := range map[*guard]func(context.Context) error{r.storeGuard: r.source.Ping, r.sidecarGuard: r.client.Ready} {
		r.background.Go(func() {
			for pause(background, probeInterval) {
				r.probe(background, each, ping)
			}
		})
	}
}

// pause waits; it returns false once the context has ended.
func pause(ctx context.Context, wait time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// Close ends what goes on in the background.
func (r *Recommender) Close() {
	if r.stop != nil {
		r.stop()
	}
	r.background.Wait()
}

// refresh looks for another feature version; one that cannot be read or used is refused, and the old one stays.
func (r *Recommender) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.settings.LoadTimeout)
	defer cancel()
	catalog, err := features.Refresh(ctx, r.source, r.catalog.Load(), r.check, r.settings.SnapshotPath)
	if catalog != nil {
		if r.catalog.Load() != nil {
			r.settle(ctx, catalog)
		}
		r.catalog.Store(catalog)
		r.log.Info("using a feature version", "version", catalog.Version, "items", catalog.Size())
	}
	if err == nil {
		r.problem.Store(nil)
		return
	}
	said := err.Error()
	if before := r.problem.Swap(&said); (before == nil || *before != said) && ctx.Err() == nil {
		r.log.Warn("no new snapshot", "problem", said)
	}
}

// settle waits until the sidecar, which loads them by itself, has the items of a feature version; not for ever.
func (r *Recommender) settle(ctx context.Context, catalog *features.Catalog) {
	ctx, cancel := context.WithTimeout(ctx, itemsTimeout)
	defer cancel()
	for {
		contract, err := r.client.FreshMetadata(ctx, r.settings.Model)
		if err != nil || contract.SingleRow() || contract.FeatureVersion >= catalog.Version {
			return
		}
		if !pause(ctx, probeInterval) {
			r.log.Warn("the sidecar does not have the items of a feature version", "version", catalog.Version)
			return
		}
	}
}

// check refuses a feature version whose ids are of another kind, or that lacks what the default model wants.
func (r *Recommender) check(catalog *features.Catalog) error {
	for what, found := range map[string]struct {
		text bool
		said string
	}{"users": {catalog.TextUsers, r.project.Users.Type}, "items": {catalog.TextItems, r.project.Items.Type}} {
		if found.text != (found.said == "string") {
			return errors.New("the store's " + what + " have ids of another type than pillion.toml says")
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), pingTimeout)
	defer cancel()
	contract, err := r.client.Metadata(ctx, r.settings.Model)
	if err != nil {
		return nil //nolint:nilerr // a sidecar that is down says nothing of the store
	}
	return r.binder.bind(contract, catalog).problem
}

// warmUp goes the whole way for nobody, so that the first requests find connections open; by no guard, so that no breaker sees it.
func (r *Recommender) warmUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*probeTimeout)
	defer cancel()
	if _, err := r.client.Metadata(ctx, r.settings.Model); err == nil {
		r.contracts.Store(r.settings.Model, true)
	}
	if catalog := r.catalog.Load(); catalog != nil {
		nobody := pillion.NumberID(0)
		if catalog.TextUsers {
			nobody = pillion.TextID("0")
		}
		_, _ = features.ReadUser(ctx, r.source, catalog, nobody, nil)
	}
}

// probe calls a dependency whose breaker is open, with patience; once some calls were quick, the breaker's own probes come at once.
func (r *Recommender) probe(ctx context.Context, each *guard, ping func(context.Context) error) {
	for range quickProbes {
		if each.breaker.state() != open || ctx.Err() != nil {
			return
		}
		each.probes.Add(1)
		inner, cancel := context.WithTimeout(ctx, probeTimeout)
		started := time.Now()
		err := ping(inner)
		cancel()
		if err != nil || time.Since(started) > each.limits.Slow {
			return
		}
	}
	each.breaker.expectRecovery()
}

// Recommend answers a request in time, from the best rung that can. The only error is of a request that is not as it must be: it
// is of [pillion.ErrInvalid] and names the field.
func (r *Recommender) Recommend(ctx context.Context, request Request) (Recommendation, error) {
	started, catalog := time.Now(), r.catalog.Load()
	made, err := r.prepare(&request, catalog, started)
	if err != nil {
		return Recommendation{}, err
	}
	if request.Model != "" && request.Model != r.settings.Model {
		if err := r.requireModel(ctx, made); err != nil {
			return Recommendation{}, err
		}
	}
	if catalog == nil {
		return r.withoutSnapshot(made), nil
	}
	found := r.askSafely(ctx, made)
	if found.none {
		found = fallback(made, found.reason)
	} else if r.settings.FallbackCheckShare > 0 && chance() < r.settings.FallbackCheckShare {
		r.checkFallback(made)
	}
	return r.answer(made, found), nil
}

// askSafely has a panic of one request cost it its model's answer, and nothing else.
func (r *Recommender) askSafely(ctx context.Context, request *prepared) (found result) {
	defer func() {
		if failed := recover(); failed != nil {
			r.log.Error("a request failed unexpectedly", "error", failed)
			found = nothing("unexpected_error")
		}
	}()
	return r.ask(ctx, request)
}

// requireModel refuses a model that the sidecar does not have; one that cannot be asked about is left to the ladder.
func (r *Recommender) requireModel(ctx context.Context, request *prepared) error {
	ctx, cancel := context.WithDeadline(ctx, request.end)
	defer cancel()
	_, err := r.contract(ctx, request.model)
	var said *pillion.Error
	if errors.As(err, &said) && said.Code == pillion.CodeRefused {
		return pillion.Invalid("model", "there is no model '%s' to recommend with", request.model)
	}
	return nil
}

// checkFallback computes the fallback of a healthy request, whose answer nobody sees, to know that it works.
func (r *Recommender) checkFallback(request *prepared) {
	r.checks.Add(1)
	if popularInSegment(request).none && popular(request).none {
		r.failedChecks.Add(1)
		r.log.Warn("the fallback had no answer when it was checked")
	}
}

func (r *Recommender) reasonOf(of *guard, err error) string {
	if reason := of.reason(err); reason != "" {
		return reason
	}
	r.log.Error("calling a dependency failed", "dependency", of.name, "error", err)
	return "unexpected_error"
}
