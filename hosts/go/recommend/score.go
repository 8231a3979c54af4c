package recommend

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"pillion.example/pillion"
	"pillion.example/pillion/features"
)

// ask is the first rung: the model, asked for one request. What was learned stays with the request for the rungs below.
func (r *Recommender) ask(ctx context.Context, request *prepared) result {
	if time.Until(request.end) <= 0 {
		return nothing(pillion.CodeDeadline)
	}
	if !r.admission.TryAcquirePermit() {
		r.overloaded.Add(1)
		return nothing("overloaded")
	}
	r.admitted.Add(1)
	defer func() {
		r.admitted.Add(-1)
		r.admission.ReleasePermit()
	}()
	ctx, cancel := context.WithDeadline(ctx, request.end)
	defer cancel()
	started := time.Now()
	err := r.fetch(ctx, request)
	request.findings.timings.Fetch = time.Since(started)
	reason := ""
	if err != nil {
		if reason = r.reasonOf(r.storeGuard, err); !r.settings.AskWithoutStore {
			return nothing(reason)
		}
	}
	contract, err := r.contract(ctx, request.model)
	if err != nil {
		return nothing(r.reasonOf(r.sidecarGuard, err))
	}
	return r.askWith(ctx, request, contract, reason)
}

// askWith ranks by a version's contract; where the sidecar declines and another version serves by now, once more by that one's.
func (r *Recommender) askWith(ctx context.Context, request *prepared, contract *pillion.Contract, reason string) result {
	found, err := r.rank(ctx, request, contract, reason)
	var said *pillion.Error
	if errors.As(err, &said) && said.Code == pillion.CodeRefused {
		if now, again := r.client.FreshMetadata(ctx, request.model); again == nil && now.Version != contract.Version {
			found, err = r.rank(ctx, request, now, reason)
		}
	}
	if err != nil {
		return nothing(r.reasonOf(r.sidecarGuard, err))
	}
	return found
}

func (r *Recommender) fetch(ctx context.Context, request *prepared) error {
	var absent []int64
	for _, number := range request.candidates {
		if !request.catalog.Has(number) {
			absent = append(absent, number)
		}
	}
	return r.storeGuard.call(ctx, func(ctx context.Context) error {
		user, err := features.ReadUser(ctx, r.source, request.catalog, request.UserID, absent)
		if err != nil {
			return err
		}
		request.findings.user = *user
		return nil
	})
}

// contract returns that of the serving version; the sidecar is asked only where it was never read.
func (r *Recommender) contract(ctx context.Context, model string) (*pillion.Contract, error) {
	if _, known := r.contracts.Load(model); known {
		return r.client.Metadata(ctx, model)
	}
	var found *pillion.Contract
	err := r.sidecarGuard.call(ctx, func(ctx context.Context) error {
		var err error
		found, err = r.client.Metadata(ctx, model)
		return err
	})
	if err == nil {
		r.contracts.Store(model, true)
	}
	return found, err
}

func (r *Recommender) rank(ctx context.Context, request *prepared, contract *pillion.Contract, reason string) (result, error) {
	started := time.Now()
	bound := r.binder.bind(contract, request.catalog)
	user := &request.findings.user
	switch {
	case bound.problem != nil:
		return result{}, pillion.NewError(pillion.ErrInvalid, pillion.CodeRefused, bound.problem.Error(), nil)
	case reason != "" && !bound.hasUserDefaults:
		return nothing(reason), nil
	case user.Features == nil:
		if reason = cmp.Or(reason, "unknown_user"); !bound.takesUnknown {
			return nothing(reason), nil
		}
	}
	if reason == "" && r.comesAhead(request, bound) {
		return nothing("computed_ahead"), nil
	}
	chosen := choose(request)
	if request.candidates != nil && len(chosen) == 0 {
		return result{source: Online, created: request.catalog.Created, reason: "no_candidates"}, nil
	}
	asked := r.rankRequest(request, bound, chosen)
	request.findings.timings.Assemble = time.Since(started)
	started = time.Now()
	var ranked *pillion.Ranked
	err := r.sidecarGuard.call(ctx, func(ctx context.Context) error {
		var err error
		ranked, err = r.client.Rank(ctx, asked)
		return err
	})
	request.findings.timings.Score = time.Since(started)
	if err != nil {
		return result{}, err
	}
	started = time.Now()
	defer func() { request.findings.timings.Rank = time.Since(started) }()
	return readRanked(request, contract, ranked, reason), nil
}

func readRanked(request *prepared, contract *pillion.Contract, ranked *pillion.Ranked, reason string) result {
	request.findings.unscored, request.findings.share = ranked.Unscored, ranked.SeenShare
	if ranked.Candidates == 0 && !contract.SingleRow() {
		return result{source: Online, created: request.catalog.Created, reason: "no_candidates"}
	}
	if len(ranked.Items) == 0 {
		if ranked.Unscored > 0 {
			return nothing(cmp.Or(reason, "no_scores"))
		}
		return nothing(cmp.Or(reason, "no_candidates"))
	}
	found := result{
		source: Online, created: request.catalog.Created, reason: reason, model: contract.Model, version: ranked.Version,
		engine: ranked.Engine, items: make([]int64, 0, len(ranked.Items)), scores: make([]float64, 0, len(ranked.Items)),
	}
	for _, item := range ranked.Items {
		if number, has := request.catalog.Number(item.ID); has {
			found.items, found.scores = append(found.items, number), append(found.scores, item.Score)
		}
	}
	return found
}

// choose returns the unseen ones of the candidates given that have features, and notes what was left out.
func choose(request *prepared) []int64 {
	if request.candidates == nil {
		return nil
	}
	of := &request.findings
	chosen := make([]int64, 0, len(request.candidates))
	for _, number := range request.candidates {
		_, fetched := of.user.Items[number]
		switch {
		case !fetched && !request.catalog.Has(number):
			of.unknown = append(of.unknown, request.catalog.ID(number))
		case of.user.HasSeen(number):
			of.seenOf++
		default:
			chosen = append(chosen, number)
		}
	}
	of.unknown = append(of.unknown, request.nameless...)
	return chosen
}

// rankRequest is the context, and which items are to be ranked: those chosen, or the unseen ones of a list.
func (r *Recommender) rankRequest(request *prepared, bound *bound, chosen []int64) pillion.RankRequest {
	catalog, user := request.catalog, &request.findings.user
	asked := pillion.RankRequest{
		Model: request.model, Contract: bound.contract, RequestID: request.RequestID,
		TraceParent: request.TraceParent, TraceState: request.TraceState,
		K: request.k, Context: make(map[string]any, len(bound.user)+len(bound.online)),
	}
	for _, name := range bound.user {
		value := user.Features[name]
		if value == nil {
			value = bound.defaults[name]
		}
		asked.Context[name] = value
	}
	for _, name := range bound.online {
		asked.Context[name] = request.online[name]
	}
	if bound.contract.SingleRow() {
		if request.candidates == nil {
			asked.Excluded = catalog.IDs(user.Seen)
		} else {
			asked.Items = catalog.IDs(chosen)
		}
		return asked
	}
	asked.FeatureVersion = catalog.Version
	for _, name := range bound.item {
		if value, has := bound.defaults[name]; has {
			if asked.Defaults == nil {
				asked.Defaults = map[string]any{}
			}
			asked.Defaults[name] = value
		}
	}
	if request.candidates == nil {
		asked.List, asked.ListSize = cmp.Or(request.segment, features.Global), r.settings.CandidateCount
		asked.Excluded = catalog.IDs(user.Seen)
		if phase := r.project.serving(request.model).FirstPhase; phase != nil {
			asked.UserVector, asked.ItemVector = phase.User, phase.Item
		}
		return asked
	}
	describe(&asked, bound, chosen, user, catalog)
	return asked
}

// describe names the candidates that the sidecar has in memory, and gives the features of those that it does not have.
func describe(asked *pillion.RankRequest, bound *bound, chosen []int64, user *features.User, catalog *features.Catalog) {
	known, outside := make([]int64, 0, len(chosen)), []int64(nil)
	for _, number := range chosen {
		if _, fetched := user.Items[number]; fetched {
			outside = append(outside, number)
		} else {
			known = append(known, number)
		}
	}
	asked.Items = catalog.IDs(known)
	if outside == nil {
		return
	}
	asked.CandidateIDs, asked.Candidates = catalog.IDs(outside), map[string]any{}
	for _, input := range bound.contract.Inputs {
		if _, isContext := asked.Context[input.Name]; isContext {
			continue
		}
		column := make([]any, len(outside))
		for at, number := range outside {
			column[at] = user.Items[number][input.Name]
		}
		asked.Candidates[input.Name] = column
	}
}

// comesAhead says whether a request is answered by what was computed ahead, though the model could be asked.
//
// With the mode "auto" it is where the planner says so, and the model would be given what the run was given: each value of the
// request that the model takes, the same segment, the same versions of model and features, no candidates of the request's own.
func (r *Recommender) comesAhead(request *prepared, bound *bound) bool {
	serving, batch := r.project.serving(request.model), request.catalog.Batch
	if serving.Mode == "online" || batch == nil || batch.Model != request.model ||
		request.now-batch.Created > serving.MaxAgeHours*3600 {
		return false
	}
	left := len(itemsAhead(request))
	if serving.Mode == "batch" {
		return left > 0
	}
	assumed := batch.Assumed
	if assumed == nil || assumed.Verdict != "batch" || !request.catalog.AnswersAreOwn() || batch.Version != bound.contract.Version || request.candidates != nil ||
		request.k > left {
		return false
	}
	segment := ""
	if assumed.Segment != nil {
		segment = *assumed.Segment
	}
	return request.segment == segment && !slices.ContainsFunc(bound.online, func(name string) bool {
		return !sameValue(request.online[name], assumed.Online[name])
	})
}

func sameValue(a, b any) bool {
	left, isLeft := number(a)
	right, isRight := number(b)
	if isLeft || isRight {
		return isLeft && isRight && left == right
	}
	return a == b
}
