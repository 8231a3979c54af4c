package recommend

import (
	"fmt"
	"strconv"
	"time"

	"pillion.example/pillion"
	"pillion.example/pillion/features"
)

// Source is the rung of the degradation ladder that gave an answer.
type Source string

const (
	// Online is the model, asked for this request.
	Online Source = "online"
	// Batch is this user's top items, computed ahead.
	Batch Source = "batch"
	// Segment is what is popular in the request's segment.
	Segment Source = "segment"
	// Popular is what is popular with everybody.
	Popular Source = "popular"
)

// Item is one item of an answer.
type Item struct {
	ID pillion.ID
	// Title is empty where the store has none.
	Title string
	// Score is nil where the rung has none, as a batch answer.
	Score *float64
}

// Timings are where a request's time went; a step that was not reached took none.
type Timings struct {
	Fetch, Assemble, Score, Rank, Total time.Duration
}

// Recommendation is an answer.
type Recommendation struct {
	RequestID string
	UserID    pillion.ID
	// Items are best first; they may be fewer than asked for, or none.
	Items []Item
	// Source is the rung that gave them.
	Source Source
	// Reason says why it is not an online answer about a known user, or why it is empty; else it is empty.
	Reason string
	// Model gave the scores; empty where none did.
	Model   string
	Version int64
	Engine  string
	// FeatureAge is how long ago the features or lists used were published, or the batch answer was computed; negative where
	// there are none.
	FeatureAge time.Duration
	// Unknown are candidates that the store does not know, and that were left out.
	Unknown []pillion.ID
	// Seen is how many candidates were left out because the user has seen them.
	Seen int
	// Unscored is how many candidates the model gave no score.
	Unscored int
	// SeenShare is the share of all items that a first phase looked at; 0 where there was none.
	SeenShare float64
	Timings   Timings
	// DeadlineLeft is the time that was left of the request's.
	DeadlineLeft time.Duration
}

// result is what a rung has found, or why it has nothing.
type result struct {
	source  Source
	items   []int64
	scores  []float64 // nil where the rung has none
	created float64
	reason  string
	model   string
	version int64
	engine  string
	none    bool // nothing was found, for the reason
}

func nothing(reason string) result { return result{none: true, reason: reason} }

func (r *Recommender) answer(request *prepared, found result) Recommendation {
	catalog, of := request.catalog, &request.findings
	items := make([]Item, len(found.items))
	for at, number := range found.items {
		items[at].ID = catalog.ID(number)
		title, fetched := of.user.Titles[number]
		if !fetched {
			title = catalog.TitleOf(number)
		}
		items[at].Title = title
		if found.scores != nil {
			items[at].Score = &found.scores[at]
		}
	}
	of.timings.Total = time.Since(request.started)
	return Recommendation{
		RequestID: request.RequestID, UserID: request.UserID, Items: items, Source: found.source, Reason: found.reason,
		Model: found.model, Version: found.version, Engine: found.engine,
		FeatureAge: seconds(max(0, request.now-found.created)),
		Unknown:    of.unknown, Seen: of.seenOf, Unscored: of.unscored, SeenShare: of.share, Timings: of.timings,
		DeadlineLeft: time.Until(request.end.Add(r.settings.Reserve)),
	}
}

func (r *Recommender) withoutSnapshot(request *prepared) Recommendation {
	return Recommendation{
		RequestID: request.RequestID, UserID: request.UserID, Source: Popular, Reason: "no_snapshot", FeatureAge: -1,
		Timings: Timings{Total: time.Since(request.started)}, DeadlineLeft: time.Until(request.end.Add(r.settings.Reserve)),
	}
}

func seconds(number float64) time.Duration { return time.Duration(number * float64(time.Second)) }

// segmentName returns the name of a segment, as `country=DE` or `member=true`.
func segmentName(field string, value any) string {
	if number, isFloat := value.(float64); isFloat {
		text := strconv.FormatFloat(number, 'g', -1, 64)
		if number == float64(int64(number)) {
			text = strconv.FormatFloat(number, 'f', 1, 64) // as Python writes it
		}
		return field + "=" + text
	}
	return field + "=" + fmt.Sprint(value)
}

// The rungs that answer from memory.

func batchAnswer(request *prepared) result {
	batch, items := request.catalog.Batch, itemsAhead(request)
	if batch == nil || len(items) == 0 {
		return nothing("no_batch_answer")
	}
	return result{
		source: Batch, items: items[:min(request.k, len(items))], created: batch.Created, model: batch.Model, version: batch.Version,
	}
}

func popularInSegment(request *prepared) result {
	if request.segment == "" {
		return nothing("no_segment")
	}
	items := request.catalog.Popular(request.segment, request.allowed, &request.findings.user, request.k)
	if len(items) == 0 {
		return nothing("no_segment")
	}
	return result{source: Segment, items: items, created: request.catalog.Created}
}

// popular is what is popular with everybody; of given candidates, all that are known.
func popular(request *prepared) result {
	catalog, user := request.catalog, &request.findings.user
	items := catalog.Popular(features.Global, request.allowed, user, request.k)
	if request.candidates != nil {
		has := make(map[int64]bool, len(items))
		for _, item := range items {
			has[item] = true
		}
		for _, item := range request.candidates {
			if len(items) < request.k && catalog.Has(item) && !user.HasSeen(item) && !has[item] {
				items = append(items, item)
			}
		}
	}
	if len(items) == 0 {
		return nothing("nothing_popular")
	}
	return result{source: Popular, items: items, created: catalog.Created}
}

// fallback asks the rungs in memory; the last one has an empty answer.
func fallback(request *prepared, reason string) result {
	for _, rung := range []func(*prepared) result{batchAnswer, popularInSegment, popular} {
		if found := rung(request); !found.none {
			found.reason = reason
			return found
		}
	}
	return result{source: Popular, created: request.catalog.Created, reason: reason}
}

// itemsAhead returns the user's items computed ahead, less those seen since and those that were not asked for, best first.
func itemsAhead(request *prepared) []int64 {
	var left []int64
	if request.catalog.Batch == nil {
		return nil
	}
	user := &request.findings.user
	for _, item := range user.Batch {
		if !user.HasSeen(item) && (request.allowed == nil || request.allowed[item]) {
			left = append(left, item)
		}
	}
	return left
}
