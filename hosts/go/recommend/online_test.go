package recommend

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pillion.example/pillion"
)

const declared = `
model = "ranker"
segments = ["country"]

[users]
type = "string"

[inputs.hour]
source = "online"
type = "integer"
range = [0, 23]
derive = "hour"
zone = "Europe/Zurich"

[inputs.weekday]
source = "online"
type = "integer"
derive = "weekday"

[inputs.country]
source = "online"
type = "string"
default = "CH"

[inputs.rate]
source = "online"
type = "float"

[inputs.price]
source = "online"
type = "decimal"

[inputs.day]
source = "online"
type = "date"

[inputs.since]
source = "online"
type = "timestamp"

[inputs.member]
source = "online"
type = "boolean"

[inputs.age]
source = "user"
type = "double"
`

func projectOf(t *testing.T, text string) (Project, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), ProjectFile)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadProject(path)
}

func inputsOf(t *testing.T) onlineInputs {
	t.Helper()
	project, err := projectOf(t, declared)
	if err != nil {
		t.Fatal(err)
	}
	return newOnlineInputs(&project)
}

// The moment is Sunday, 2024-03-31, 01:30 in UTC, when clocks in Zurich have just gone from 2 to 3.
const moment = 1711848600.0

func TestOnlineInputsAreHandedOnAsModelsTakeThem(t *testing.T) {
	inputs := inputsOf(t)
	for _, each := range []struct {
		name     string
		given    any
		expected any
	}{
		{"hour", nil, int64(3)},
		{"hour", int64(7), int64(7)},
		{"weekday", nil, int64(6)},
		{"country", nil, "CH"},
		{"country", "DE", "DE"},
		{"rate", 0.1, float64(float32(0.1))},
		{"rate", int64(2), 2.0},
		{"price", 0.1, "0.1"},
		{"price", 1e21, "1000000000000000000000"},
		{"price", int64(5), "5"},
		{"price", math.Copysign(0, -1), "0"},
		{"day", "2024-02-29", "2024-02-29"},
		{"since", 1700000000.5, "2023-11-14T22:13:20.500000Z"},
		{"since", int64(0), "1970-01-01T00:00:00Z"},
		{"member", true, true},
		{"member", nil, nil},
	} {
		context := map[string]any{}
		if each.given != nil {
			context[each.name] = each.given
		}
		values, err := inputs.read(context, moment)
		if err != nil || values[each.name] != each.expected {
			t.Errorf("%s of %v is %v, not %v: %v", each.name, each.given, values[each.name], each.expected, err)
		}
	}
}

func TestOnlineInputsThatDoNotFitAreNamed(t *testing.T) {
	inputs := inputsOf(t)
	for _, each := range []struct {
		name  string
		given any
	}{
		{"hour", int64(24)}, {"hour", 7.0}, {"hour", "7"}, {"country", strings.Repeat("é", 201)}, {"country", "\xff"}, {"rate", 1e300},
		{"rate", true}, {"price", math.Inf(1)}, {"day", "2023-02-29"}, {"day", "yesterday"}, {"since", 1e300}, {"member", int64(1)},
		{"colour", "red"}, {"age", 3.0},
	} {
		_, err := inputs.read(map[string]any{each.name: each.given}, moment)
		if said := (*pillion.Error)(nil); !errors.As(err, &said) || said.Field != each.name || !errors.Is(err, pillion.ErrInvalid) {
			t.Errorf("%s of %v: %v", each.name, each.given, err)
		}
	}
}

func TestAProjectFileThatCannotBeServedIsRefused(t *testing.T) {
	for text, word := range map[string]string{
		"model = ":                                         "toml",
		"segments = [\"country\"]":                         "country",
		"[inputs.a]\nsource = \"online\"":                  "type",
		"[inputs.a]\nsource = \"mars\"\ntype = \"string\"": "mars",
		"[inputs.a]\nsource = \"user\"\ntype = \"double\"\nrange = [2, 1]":                                "range",
		"[inputs.a]\nsource = \"online\"\ntype = \"integer\"\nderive = \"month\"":                         "month",
		"[inputs.a]\nsource = \"online\"\ntype = \"integer\"\nderive = \"hour\"\nzone = \"Mars/Olympus\"": "Mars/Olympus",
		"[models.a]\nmode = \"sometimes\"":                                                                "sometimes",
	} {
		if _, err := projectOf(t, text); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
