package recommend

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pillion.example/pillion"
)

// ownFields are the members of a request's body.
var ownFields = []string{"user_id", "k", "candidates", "context", "model"}

// readBody reads a request's JSON: no member that is not declared, and every value of its type.
func (r *Recommender) readBody(data []byte) (Request, error) {
	var made Request
	decoder := json.NewDecoder(bytes.NewReader(data))
	var raw map[string]json.RawMessage
	if err := decoder.Decode(&raw); err != nil || raw == nil {
		return made, pillion.Invalid("", "the body is not as it must be: it is no JSON object")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return made, pillion.Invalid("", "the body is not as it must be: something follows the JSON object")
	}
	for name := range raw {
		if !slices.Contains(ownFields, name) {
			return made, unknownField(name, name, ownFields)
		}
	}
	user, has := raw["user_id"]
	if !has {
		return made, pillion.Invalid("user_id", "the field 'user_id' is not as it must be: it is missing")
	}
	var err error
	if err = readID(user, "user_id", r.project.Users.Type, &made.UserID); err != nil {
		return made, err
	}
	if text := raw["k"]; isGiven(text) {
		number, isWhole := readValue(text).(int64)
		if !isWhole {
			return made, pillion.Invalid("k", "the field 'k' is not as it must be: it is no whole number")
		}
		if made.K, err = r.checkK(number); err != nil {
			return made, err
		}
	}
	if text := raw["model"]; isGiven(text) {
		model, isText := readValue(text).(string)
		if !isText {
			return made, pillion.Invalid("model", "the field 'model' is not as it must be: it is no text")
		}
		made.Model = model
	}
	if made.Candidates, err = r.readCandidates(raw["candidates"]); err != nil {
		return made, err
	}
	made.Context, err = r.readContext(raw["context"])
	return made, err
}

func isGiven(text json.RawMessage) bool { return len(text) > 0 && !bytes.Equal(text, []byte("null")) }

func (r *Recommender) checkK(number int64) (int, error) {
	if number < 1 || number > int64(r.settings.MaxK) {
		return 0, pillion.Invalid("k", "the field 'k' must be a whole number from 1 to %d, not %d", r.settings.MaxK, number)
	}
	return int(number), nil
}

func (r *Recommender) readCandidates(text json.RawMessage) ([]pillion.ID, error) {
	if !isGiven(text) {
		return nil, nil
	}
	var raw []json.RawMessage
	if json.Unmarshal(text, &raw) != nil {
		return nil, pillion.Invalid("candidates", "the field 'candidates' is not as it must be: it is no list")
	}
	ids := make([]pillion.ID, len(raw))
	for at, each := range raw {
		if err := readID(each, "candidates", r.project.Items.Type, &ids[at]); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func readID(text json.RawMessage, field, kind string, id *pillion.ID) error {
	// The text is a JSON value already, so it is not read as one again.
	if err := id.UnmarshalJSON(text); err != nil || id.IsText() != (kind == "string") {
		wanted := "a whole number from 0 to 2**63 - 1"
		if kind == "string" {
			wanted = fmt.Sprintf("text of 1 to %d characters", longestText)
		}
		return pillion.Invalid(field, "the field '%s' has %s, but an id is %s", field, shown(string(text)), wanted)
	}
	return nil
}

func (r *Recommender) readContext(text json.RawMessage) (map[string]any, error) {
	if !isGiven(text) {
		return nil, nil
	}
	var raw map[string]json.RawMessage
	if json.Unmarshal(text, &raw) != nil {
		return nil, pillion.Invalid("context", "the field 'context' is not as it must be: it is no object")
	}
	values := make(map[string]any, len(raw))
	for name, each := range raw {
		declared, has := r.online.fields[name]
		if !has {
			return nil, unknownField("context."+name, name, r.online.known())
		}
		value := readValue(each)
		if !isOfKind(value, declared.Type) {
			return nil, pillion.Invalid("context."+name, "the field 'context.%s' is not as it must be: it is not %s", name, whatIs[declared.Type])
		}
		values[name] = value
	}
	return values, nil
}

func unknownField(field, name string, known []string) error {
	return pillion.Invalid(field, "a request has no field '%s'; known are %s", name, cmp.Or(strings.Join(known, ", "), "none"))
}

// readValue returns a JSON value: int64, float64, bool or string, nil for null, and the text itself for anything else.
func readValue(text json.RawMessage) any {
	if number, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return number
	}
	var value any
	if json.Unmarshal(text, &value) != nil {
		return text
	}
	switch value.(type) {
	case nil, bool, string, float64:
		return value
	}
	return text
}

// isOfKind says whether a value has a JSON type that a declared type can be read from.
func isOfKind(value any, kind string) bool {
	if value == nil {
		return true
	}
	switch kind {
	case "string", "date":
		_, is := value.(string)
		return is
	case "boolean":
		_, is := value.(bool)
		return is
	case "integer":
		_, is := value.(int64)
		return is
	}
	_, is := number(value)
	return is
}

// readQuery reads a GET: the user is the path's last part, and the query has everything else, as text.
func (r *Recommender) readQuery(user string, query url.Values) (Request, error) {
	var made Request
	if r.project.Users.Type == "string" {
		made.UserID = pillion.TextID(user)
	} else {
		number, err := strconv.ParseInt(user, 10, 64)
		if err != nil {
			return made, pillion.Invalid("user_id", "the field 'user_id' has %s, but an id is a whole number from 0 to 2**63 - 1", shown(user))
		}
		made.UserID = pillion.NumberID(number)
	}
	made.Context = map[string]any{}
	for name, values := range query {
		text := values[len(values)-1]
		switch declared, has := r.online.fields[name]; {
		case name == "k":
			number, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return made, pillion.Invalid("k", "the field 'k' is not as it must be: it is no whole number")
			}
			if made.K, err = r.checkK(number); err != nil {
				return made, err
			}
		case name == "model":
			made.Model = text
		case !has:
			return made, unknownField(name, name, append([]string{"k", "model"}, r.online.known()...))
		default:
			value, fits := readText(text, declared.Type)
			if !fits {
				return made, pillion.Invalid(name, "the field '%s' is not as it must be: it is not %s", name, whatIs[declared.Type])
			}
			made.Context[name] = value
		}
	}
	return made, nil
}

func readText(text, kind string) (any, bool) {
	switch kind {
	case "string", "date":
		return text, true
	case "boolean":
		value, err := strconv.ParseBool(text)
		return value, err == nil
	case "integer":
		value, err := strconv.ParseInt(text, 10, 64)
		return value, err == nil
	}
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil
}

const deadlineHeader = "X-Deadline-Ms"

// readDeadline returns what the caller will wait; 0 where the header is absent.
func readDeadline(header http.Header) (time.Duration, error) {
	text := header.Get(deadlineHeader)
	if text == "" {
		return 0, nil
	}
	milliseconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(milliseconds > 0) {
		return 0, pillion.Invalid(deadlineHeader, "the field '%s' is not as it must be: it is no number above 0", deadlineHeader)
	}
	if milliseconds > float64(time.Hour/time.Millisecond) {
		milliseconds = float64(time.Hour / time.Millisecond)
	}
	return max(1, time.Duration(milliseconds*float64(time.Millisecond))), nil
}
