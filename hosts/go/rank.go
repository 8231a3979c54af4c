package pillion

import "slices"

// Catalog is the list of all items that the sidecar has in memory.
const Catalog = "*"

// RankRequest is a context, and the items to rank for it.
//
// Values are float64, float32, whole numbers, bool or string; nil is missing. Columns are slices of one of these, or
// []any where values are missing.
type RankRequest struct {
	// Model is its name.
	Model string
	// Contract pins a version; nil for the one that serves.
	Contract *Contract
	// RequestID travels to the sidecar's log; the reply must have it.
	RequestID string
	// TraceParent and TraceState are the headers of W3C Trace Context, passed on as they came.
	TraceParent, TraceState string
	// K is how many items are wanted, at most.
	K int
	// Context has inputs with one value each, which count for every item.
	Context map[string]any
	// Items are ids of items that the sidecar has in memory; of a model whose classes are its items, those that may be
	// returned.
	Items IDs
	// List names items of the sidecar's in place of Items: [Catalog], "global", or a segment's such as "country=DE".
	List string
	// ListSize is how many of the list, those excluded not counted; 0 for all.
	ListSize int
	// Excluded are items that are not returned.
	Excluded IDs
	// Candidates has columns of inputs: items that the sidecar does not have in memory, after those that it has.
	Candidates map[string]any
	// CandidateIDs are what the candidates are called; their row numbers where there are none.
	CandidateIDs IDs
	// Defaults has inputs with one value each, which stands in where an item has none.
	Defaults map[string]any
	// FeatureVersion is whose items are meant; 0 for the sidecar's active one.
	FeatureVersion int64
	// UserVector and ItemVector name a first phase: the items with the largest dot products are the list.
	UserVector, ItemVector string
}

// RankedItem is an item with its score.
type RankedItem struct {
	ID    ID
	Score float64
}

// Ranked are items in order.
type Ranked struct {
	// Items are best first: by falling score, and by rising id where scores are equal.
	Items []RankedItem
	// Candidates is how many items were ranked.
	Candidates int
	// Unscored is how many of them got no score.
	Unscored int
	// FeatureVersion is whose items they are; 0 where they are of none.
	FeatureVersion int64
	// Version is the model's version that scored.
	Version int64
	// Engine is what evaluated it.
	Engine string
	// SeenShare is the share of all items that a first phase looked at before its time was up; 0 where there was none.
	SeenShare float64
	// RowErrors are the candidates that could not be scored.
	RowErrors []RowError
}

// Reason says why there are no items: "no_candidates" where there was none to rank, "no_scores" where none has a score. It is
// empty where there are some.
func (r *Ranked) Reason() string {
	switch {
	case len(r.Items) > 0:
		return ""
	case r.Candidates == 0:
		return "no_candidates"
	default:
		return "no_scores"
	}
}

// RowError says why a row could not be scored.
type RowError struct {
	Row     int    `json:"row"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// byID says whether the request names items that the sidecar has in memory.
func (r *RankRequest) byID(contract *Contract) bool {
	return !contract.SingleRow() && (r.Items.Numbers != nil || r.Items.Texts != nil || r.List != "")
}

// preparedRank is a rank request in the form of one version, with its values as bytes.
type preparedRank struct {
	*RankRequest
	prepared
	context    []tensor
	candidates []tensor
	defaults   []tensor
}

// prepareRank checks the values of a request against a contract; what the contract asks for and nobody gave is missing.
func prepareRank(request *RankRequest, with prepared) (*preparedRank, error) {
	with.origin = origin{request.RequestID, request.TraceParent, request.TraceState}
	made := &preparedRank{RankRequest: request, prepared: with}
	if request.K < 1 {
		return nil, Invalid("k", "the field 'k' must be a whole number from 1, not %d", request.K)
	}
	if err := with.requireKnown(request.Context, request.Candidates, request.Defaults); err != nil {
		return nil, err
	}
	return made, made.fill()
}

func (p *preparedRank) fill() error {
	contract, byID := p.contract, p.byID(p.contract)
	p.context = make([]tensor, 0, len(contract.Inputs))
	for _, input := range contract.Inputs {
		value, isGiven := p.Context[input.Name]
		if !isGiven {
			if _, isColumn := p.Candidates[input.Name]; isColumn || (byID && !input.Required) {
				continue
			}
		}
		made, err := p.arena.value(input, value)
		if err != nil {
			return err
		}
		p.context = append(p.context, made)
	}
	rows := p.CandidateIDs.Len()
	for _, input := range contract.Inputs {
		given, isGiven := p.Candidates[input.Name]
		if !isGiven {
			continue
		}
		values, isColumn := asColumn(given)
		if !isColumn {
			return Invalid(input.Name, "the input '%s' is a column: it must be a slice, not %T", input.Name, given)
		}
		made, err := p.arena.column(input, values)
		if err != nil {
			return err
		}
		if rows == 0 {
			rows = made.rows
		}
		if made.rows != rows {
			return Invalid(input.Name, "the input '%s' has %d values, but there are %d candidates", input.Name, made.rows, rows)
		}
		p.candidates = append(p.candidates, made)
	}
	for _, input := range contract.Inputs {
		if value, isGiven := p.Defaults[input.Name]; isGiven && !p.isContext(input.Name) {
			made, err := p.arena.value(input, value)
			if err != nil {
				return err
			}
			p.defaults = append(p.defaults, made)
		}
	}
	return nil
}

func (p *preparedRank) isContext(name string) bool {
	return slices.ContainsFunc(p.context, func(t tensor) bool { return t.name == name })
}

// check holds a reply against its request.
func (p *preparedRank) check(ranked *Ranked, scores int, answered string) error {
	if err := p.checkID(answered); err != nil {
		return err
	}
	switch {
	case len(ranked.Items) != scores || len(ranked.Items) > p.K:
		return unusable("the sidecar's reply has %d items and %d scores", len(ranked.Items), scores)
	case p.FeatureVersion != 0 && (p.Items.Len() > 0 || p.List != "") && ranked.FeatureVersion != p.FeatureVersion:
		return unusable("the sidecar ranked items of feature version %d, not %d", ranked.FeatureVersion, p.FeatureVersion)
	}
	return nil
}
