package recommend

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"pillion.example/pillion"
)

const longestText = 200

// whatIs says what a value of a type looks like.
var whatIs = map[string]string{
	"string":    "text of at most 200 characters",
	"integer":   "a whole number",
	"float":     "a number",
	"double":    "a number",
	"decimal":   "a number",
	"boolean":   "true or false",
	"date":      "a date such as 2026-02-28",
	"timestamp": "a time in seconds since 1970",
}

// onlineInputs are the request's own fields, as a project file declares them.
type onlineInputs struct {
	names  []string // in the file's order, without a timestamp that is only there to derive from
	fields map[string]DeclaredInput
}

func newOnlineInputs(project *Project) onlineInputs {
	made := onlineInputs{fields: map[string]DeclaredInput{}}
	derives := false
	for _, name := range project.order {
		if input := project.Inputs[name]; input.Source == "online" {
			made.names = append(made.names, name)
			made.fields[name] = input
			derives = derives || input.Derive != ""
		}
	}
	if _, has := made.fields[Timestamp]; derives && !has {
		made.fields[Timestamp] = DeclaredInput{Source: "online", Type: Timestamp}
	}
	return made
}

// read returns the value of each input as models take it; nil is missing.
func (o *onlineInputs) read(context map[string]any, now float64) (map[string]any, error) {
	given := make(map[string]any, len(context)+1)
	for name, value := range context {
		declared, has := o.fields[name]
		if !has {
			return nil, pillion.Invalid(name, "a request has no field '%s'; pillion.toml declares: %s", name, cmp.Or(strings.Join(o.known(), ", "), "none"))
		}
		if value == nil {
			continue
		}
		found, fits := converted(value, &declared)
		if !fits {
			return nil, pillion.Invalid(name, "the field '%s' must be %s, not %s", name, described(&declared), shown(value))
		}
		given[name] = found
	}
	moment, has := given[Timestamp].(float64)
	if !has {
		moment = now
	}
	values := make(map[string]any, len(o.names))
	for _, name := range o.names {
		declared := o.fields[name]
		value, isGiven := given[name]
		switch {
		case name == Timestamp:
			value = moment
		case !isGiven && declared.Derive != "":
			value = derived(&declared, moment)
		case !isGiven:
			value, _ = converted(declared.Default, &declared)
		}
		values[name] = handOn(value, declared.Type)
	}
	return values, nil
}

func (o *onlineInputs) known() []string {
	names := slices.Clone(o.names)
	if _, has := o.fields[Timestamp]; has && !slices.Contains(names, Timestamp) {
		names = append(names, Timestamp)
	}
	return names
}

func derived(declared *DeclaredInput, moment float64) any {
	at := instant(moment).In(declared.zone)
	if declared.Derive == "hour" {
		return int64(at.Hour())
	}
	return int64((at.Weekday() + 6) % 7) // Monday is 0
}

func instant(seconds float64) time.Time {
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(math.Round(part*1e6))*1000).UTC()
}

// converted returns a value in its declared type, and whether it is of it and in range.
func converted(value any, declared *DeclaredInput) (any, bool) {
	if value == nil {
		return nil, true
	}
	switch declared.Type {
	case "string":
		text, isText := value.(string)
		return text, isText && utf8.ValidString(text) && utf8.RuneCountInString(text) <= longestText
	case "boolean":
		truth, isBool := value.(bool)
		return truth, isBool
	case "date":
		text, isText := value.(string)
		_, err := time.Parse(time.DateOnly, text)
		return text, isText && err == nil
	}
	found, isNumber := number(value)
	if !isNumber || (declared.bounded && !(declared.low <= found && found <= declared.high)) {
		return nil, false
	}
	switch declared.Type {
	case "integer":
		whole, isWhole := value.(int64)
		if plain, isInt := value.(int); isInt {
			whole, isWhole = int64(plain), true
		}
		return whole, isWhole
	case "decimal":
		return value, !math.IsNaN(found) && !math.IsInf(found, 0)
	case "timestamp":
		return found, math.Abs(found) < 2.5e11 && found > -6.2e10
	case "float":
		single := float64(float32(found))
		return single, !math.IsInf(single, 0) || math.IsInf(found, 0)
	}
	return found, true
}

// handOn returns a value as models take it: decimals, dates and timestamps are texts.
func handOn(value any, kind string) any {
	if value == nil {
		return nil
	}
	switch kind {
	case "timestamp":
		seconds, _ := number(value)
		text := instant(seconds).Format("2006-01-02T15:04:05.000000")
		return strings.TrimSuffix(text, ".000000") + "Z"
	case "decimal":
		if whole, isWhole := value.(int64); isWhole {
			return strconv.FormatInt(whole, 10)
		}
		found, _ := number(value)
		if found == 0 {
			return "0"
		}
		return strconv.FormatFloat(found, 'f', -1, 64)
	}
	return value
}

func described(declared *DeclaredInput) string {
	if declared.bounded {
		return fmt.Sprintf("%s from %v to %v", whatIs[declared.Type], declared.Range[0], declared.Range[1])
	}
	return whatIs[declared.Type]
}

func shown(value any) string {
	text := fmt.Sprintf("%v", value)
	if of, isText := value.(string); isText {
		text = strconv.QuoteToASCII(of)
	}
	if len(text) > longestText {
		text = text[:longestText] + "…"
	}
	return text
}
