package recommend

import (
	"cmp"
	"time"
	"unicode/utf8"

	"pillion.example/pillion"
	"pillion.example/pillion/features"
)

// Request is one call for recommendations.
type Request struct {
	// UserID is the user.
	UserID pillion.ID
	// K is how many items are wanted; the setting where 0.
	K int
	// Candidates are items to rank; the store's choice where nil. Items that the user has seen are left out of it.
	Candidates []pillion.ID
	// Context is what the request says of itself, by name, as pillion.toml declares it: string, int64, float64 or bool.
	// "timestamp", in seconds since 1970 UTC, is what hours and weekdays are derived from, and now where it is not given.
	Context map[string]any
	// Model is its name; the setting where empty.
	Model string
	// RequestID travels to the sidecar and into logs.
	RequestID string
	// Deadline is what the caller will wait; the setting, where that is less or this is 0.
	Deadline time.Duration
	// TraceParent and TraceState are the headers of W3C Trace Context, passed on as they came.
	TraceParent, TraceState string
}

// prepared is a request that passed the checks, as every rung gets it.
type prepared struct {
	*Request
	k          int
	model      string
	catalog    *features.Catalog
	online     map[string]any
	segment    string         // empty where none has a popularity list
	candidates []int64        // of those given that the version can name; nil where none were given
	allowed    map[int64]bool // the same
	nameless   []pillion.ID
	started    time.Time
	end        time.Time // of the deadline, less the reserve
	now        float64   // in seconds since 1970 UTC
	findings   findings
}

// findings are what the online step learned, whether or not it had an answer.
type findings struct {
	user     features.User
	unknown  []pillion.ID
	seenOf   int // candidates that the user has seen
	unscored int
	share    float64
	timings  Timings
}

func (r *Recommender) prepare(request *Request, catalog *features.Catalog, started time.Time) (*prepared, error) {
	settings := &r.settings
	if err := checkID(request.UserID, r.project.Users.Type, "user_id"); err != nil {
		return nil, err
	}
	k := cmp.Or(request.K, settings.K)
	if k < 1 || k > settings.MaxK {
		return nil, pillion.Invalid("k", "the field 'k' must be a whole number from 1 to %d, not %d", settings.MaxK, k)
	}
	if len(request.Candidates) > settings.MaxCandidates {
		return nil, pillion.Invalid("candidates", "the field 'candidates' has %d items, but %d are the most", len(request.Candidates), settings.MaxCandidates)
	}
	for _, id := range request.Candidates {
		if err := checkID(id, r.project.Items.Type, "candidates"); err != nil {
			return nil, err
		}
	}
	now := float64(started.UnixNano()) / 1e9
	online, err := r.online.read(request.Context, now)
	if err != nil {
		return nil, err
	}
	limit := settings.Deadline
	if request.Deadline > 0 {
		limit = min(limit, request.Deadline)
	}
	made := &prepared{
		Request: request, k: k, model: cmp.Or(request.Model, settings.Model), catalog: catalog, online: online,
		started: started, end: started.Add(limit - settings.Reserve), now: now,
	}
	if catalog != nil {
		made.segment = segmentOf(catalog, online, r.project.Segments)
		made.number(request.Candidates)
	}
	return made, nil
}

func (p *prepared) number(given []pillion.ID) {
	if given == nil {
		return
	}
	p.candidates, p.allowed = make([]int64, 0, len(given)), make(map[int64]bool, len(given))
	nameless := map[pillion.ID]bool{}
	for _, id := range given {
		number, has := p.catalog.Number(id)
		switch {
		case !has && !nameless[id]:
			nameless[id] = true
			p.nameless = append(p.nameless, id)
		case has && !p.allowed[number]:
			p.allowed[number] = true
			p.candidates = append(p.candidates, number)
		}
	}
}

func checkID(id pillion.ID, kind, field string) error {
	if kind == "string" {
		if id.IsText() && utf8.ValidString(id.Text) && utf8.RuneCountInString(id.Text) <= longestText {
			return nil
		}
		return pillion.Invalid(field, "the field '%s' has %s, but an id is text of 1 to %d characters", field, id, longestText)
	}
	if id.IsText() || id.Number < 0 {
		return pillion.Invalid(field, "the field '%s' has %s, but an id is a whole number from 0 to 2**63 - 1", field, shown(id.String()))
	}
	return nil
}

// segmentOf returns the most telling segment of a request that has a popularity list; empty where none has.
func segmentOf(catalog *features.Catalog, online map[string]any, fields []string) string {
	for _, field := range fields {
		value := online[field]
		if value == nil {
			continue
		}
		name := segmentName(field, value)
		if _, has := catalog.Popularity[name]; has {
			return name
		}
	}
	return ""
}
