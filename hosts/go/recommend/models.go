package recommend

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"pillion.example/pillion"
	"pillion.example/pillion/features"
)

// bound is a contract whose every input has a place to come from.
type bound struct {
	contract *pillion.Contract
	catalog  *features.Catalog
	user     []string
	item     []string
	online   []string
	defaults map[string]any
	// takesUnknown says whether a user without features may be scored.
	takesUnknown bool
	// hasUserDefaults says whether every input from the user's record has a declared default.
	hasUserDefaults bool
	problem         error
}

var fits = map[string][]features.Kind{
	pillion.BYTES: {"str"}, pillion.INT64: {"i64"}, pillion.FP32: {"f32", "i64"}, pillion.FP64: {"f64", "f32", "i64"},
	pillion.BOOL: {"bool"},
}

var declaredFits = map[string][]string{
	pillion.BYTES: {"string"}, pillion.INT64: {"integer"}, pillion.FP32: {"float", "integer"},
	pillion.FP64: {"double", "float", "integer"}, pillion.BOOL: {"boolean"},
	"decimal": {"decimal"}, "date": {"date"}, "timestamp": {"timestamp"}, "array<string>": {"string"},
}

// binder keeps what a contract means in terms of a feature version.
type binder struct {
	project *Project
	mu      sync.Mutex
	known   map[string]*bound
}

// bind finds a place for every input to come from; its problem names what the store or the project file lacks.
func (b *binder) bind(contract *pillion.Contract, catalog *features.Catalog) *bound {
	b.mu.Lock()
	defer b.mu.Unlock()
	if found := b.known[contract.Model]; found != nil && found.contract == contract && found.catalog == catalog {
		return found
	}
	made := b.make(contract, catalog)
	b.known[contract.Model] = made
	return made
}

func (b *binder) make(contract *pillion.Contract, catalog *features.Catalog) *bound {
	made := &bound{contract: contract, catalog: catalog, defaults: map[string]any{}, takesUnknown: true, hasUserDefaults: true}
	var absent, undeclared, unfit []string
	for _, input := range contract.Inputs {
		given, isDeclared := b.project.Inputs[input.Name]
		source := input.Source
		if source == "" && isDeclared {
			source = given.Source
		}
		if source == "" {
			source = sourceOf(input.Name, contract, catalog)
		}
		schema := map[string]*features.Schema{"user": &catalog.Users, "item": &catalog.Items}[source]
		if source == "item" && contract.SingleRow() {
			schema = nil
		}
		var kind features.Kind
		hasKind := false
		if schema != nil {
			kind, hasKind = schema.Kind(input.Name)
		}
		wanted := cmp.Or(input.Format, input.Datatype)
		form, _, _ := strings.Cut(wanted, "(")
		switch {
		case source == "online" && !isDeclared:
			undeclared = append(undeclared, "'"+input.Name+"'")
			continue
		case source != "online" && !hasKind:
			absent = append(absent, fmt.Sprintf("'%s' (%s)", input.Name, cmp.Or(source, "any source")))
			continue
		case isDeclared && !slices.Contains(declaredFits[form], given.Type):
			unfit = append(unfit, fmt.Sprintf("'%s' (%s instead of %s)", input.Name, given.Type, wanted))
			continue
		case hasKind && !slices.Contains(fits[input.Datatype], kind):
			unfit = append(unfit, fmt.Sprintf("'%s' (%s instead of %s)", input.Name, kind, wanted))
			continue
		}
		made.add(input, source, given)
	}
	made.problem = problems(contract.Model, absent, unfit, undeclared)
	return made
}

func (b *bound) add(input pillion.Input, source string, given DeclaredInput) {
	if source == "online" {
		b.online = append(b.online, input.Name)
		return
	}
	standIn, _ := converted(given.Default, &given)
	standIn = handOn(standIn, given.Type)
	if given.Default != nil && standIn != nil {
		b.defaults[input.Name] = standIn
	}
	if source == "item" {
		b.item = append(b.item, input.Name)
		return
	}
	b.user = append(b.user, input.Name)
	if standIn == nil {
		b.takesUnknown = b.takesUnknown && input.Missing != "returnInvalid"
		b.hasUserDefaults = b.hasUserDefaults && input.HasReplacement
	}
}

func sourceOf(name string, contract *pillion.Contract, catalog *features.Catalog) string {
	if _, has := catalog.Items.Kind(name); has && !contract.SingleRow() {
		return "item"
	}
	if _, has := catalog.Users.Kind(name); has {
		return "user"
	}
	return ""
}

func problems(model string, absent, unfit, undeclared []string) error {
	var said []string
	if absent != nil {
		said = append(said, "wants features that the store lacks: "+strings.Join(absent, ", "))
	}
	if unfit != nil {
		said = append(said, "wants features of other types: "+strings.Join(unfit, ", "))
	}
	if undeclared != nil {
		said = append(said, "wants values of the request that the project file does not declare: "+strings.Join(undeclared, ", "))
	}
	if said == nil {
		return nil
	}
	return errors.New("the model '" + model + "' " + strings.Join(said, "; and "))
}
