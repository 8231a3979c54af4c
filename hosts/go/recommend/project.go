package recommend

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
	_ "time/tzdata" // the zones of hours and weekdays, where the system has none

	"github.com/BurntSushi/toml"
)

// Timestamp is the request's field that hours and weekdays are derived from.
const Timestamp = "timestamp"

// ProjectFile is what a project file is called where nobody names one.
const ProjectFile = "pillion.toml"

// Project is what a project file says of serving; the rest of the file is for training and loading.
type Project struct {
	Model      string                   `toml:"model"`
	K          int                      `toml:"k"`
	Candidates int                      `toml:"candidates"`
	Segments   []string                 `toml:"segments"`
	Models     map[string]Serving       `toml:"models"`
	Users      Table                    `toml:"users"`
	Items      Table                    `toml:"items"`
	Inputs     map[string]DeclaredInput `toml:"inputs"`

	// Names of inputs in the order of the file.
	order []string
}

// Table says of which type the ids of users or of items are.
type Table struct {
	Type string `toml:"type"`
}

// Serving is how a model is served.
type Serving struct {
	Mode        string      `toml:"mode"`
	MaxAgeHours float64     `toml:"max_age_hours"`
	FirstPhase  *FirstPhase `toml:"first_phase"`
}

// FirstPhase names the vectors whose dot products say which items go on to the model.
type FirstPhase struct {
	User string `toml:"user"`
	Item string `toml:"item"`
}

// DeclaredInput is one value that a model takes, or that makes a segment.
type DeclaredInput struct {
	Source  string `toml:"source"`
	Type    string `toml:"type"`
	Column  string `toml:"column"`
	Default any    `toml:"default"`
	Range   []any  `toml:"range"`
	Derive  string `toml:"derive"`
	Zone    string `toml:"zone"`
	zone    *time.Location
	low     float64
	high    float64
	bounded bool
}

const defaultMaxAgeHours = 48

// ReadProject reads a project file. Python's package checks the whole file; this checks what a host needs of it.
func ReadProject(path string) (Project, error) {
	var found Project
	said, err := toml.DecodeFile(path, &found)
	if err != nil {
		return found, fmt.Errorf("the project file %s: %w", path, err)
	}
	for _, key := range said.Keys() {
		if len(key) == 2 && key[0] == "inputs" {
			found.order = append(found.order, key[1])
		}
	}
	if err := found.prepare(); err != nil {
		return found, fmt.Errorf("the project file %s: %w", path, err)
	}
	return found, nil
}

// FindProject reads the file of PILLION_CONFIG, else pillion.toml in the working directory or in the model repository of
// PILLION_SIDECAR_MODELS; without any it returns an empty project.
func FindProject(get func(string) string) (Project, error) {
	if named := get("PILLION_CONFIG"); named != "" {
		return ReadProject(named)
	}
	for _, folder := range []string{".", get("PILLION_SIDECAR_MODELS")} {
		path := filepath.Join(folder, ProjectFile)
		if _, err := os.Stat(path); folder != "" && err == nil {
			return ReadProject(path)
		}
	}
	empty := Project{}
	return empty, empty.prepare()
}

func (p *Project) prepare() error {
	if len(p.order) != len(p.Inputs) {
		p.order = p.order[:0]
		for name := range p.Inputs {
			p.order = append(p.order, name)
		}
	}
	for name, input := range p.Inputs {
		if input.Source != "user" && input.Source != "item" && input.Source != "online" {
			return fmt.Errorf("the input '%s' has the source %q, which is none of user, item and online", name, input.Source)
		}
		if _, known := whatIs[input.Type]; !known {
			return fmt.Errorf("the input '%s' has the unknown type %q", name, input.Type)
		}
		if input.Derive != "" && input.Derive != "hour" && input.Derive != "weekday" {
			return fmt.Errorf("the input '%s' derives %q, which is neither hour nor weekday", name, input.Derive)
		}
		zone, err := time.LoadLocation(cmp.Or(input.Zone, "UTC"))
		if err != nil {
			return fmt.Errorf("the input '%s': %w", name, err)
		}
		input.zone = zone
		if len(input.Range) == 2 {
			low, isLow := number(input.Range[0])
			high, isHigh := number(input.Range[1])
			if !isLow || !isHigh || low > high {
				return fmt.Errorf("the range of the input '%s' is not two numbers, the lower one first", name)
			}
			input.low, input.high, input.bounded = low, high, true
		}
		p.Inputs[name] = input
	}
	for _, name := range p.Segments {
		if p.Inputs[name].Source != "online" {
			return fmt.Errorf("the segment '%s' is not an input of the source 'online'", name)
		}
	}
	for name, serving := range p.Models {
		serving.Mode = cmp.Or(serving.Mode, "online")
		if serving.Mode != "online" && serving.Mode != "batch" && serving.Mode != "auto" {
			return fmt.Errorf("the model '%s' has the mode %q, which is none of online, batch and auto", name, serving.Mode)
		}
		serving.MaxAgeHours = cmp.Or(serving.MaxAgeHours, defaultMaxAgeHours)
		p.Models[name] = serving
	}
	if _, declared := p.Inputs[Timestamp]; declared && p.Inputs[Timestamp].Type != Timestamp {
		return errors.New("the online input 'timestamp' is of the type 'timestamp'")
	}
	return nil
}

func (p *Project) serving(model string) Serving {
	if serving, has := p.Models[model]; has {
		return serving
	}
	return Serving{Mode: "online", MaxAgeHours: defaultMaxAgeHours}
}

func number(value any) (float64, bool) {
	switch of := value.(type) {
	case int64:
		return float64(of), true
	case int:
		return float64(of), true
	case float64:
		return of, true
	}
	return 0, false
}
