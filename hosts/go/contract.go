package pillion

import "encoding/json"

// Input is one input of a model.
type Input struct {
	// Name is unique in the contract.
	Name string
	// Datatype is that of the Open Inference Protocol: FP64, FP32, INT64, BOOL or BYTES.
	Datatype string
	// Source is where a value comes from: "user", "item" or "online"; empty where the manifest leaves it to the store.
	Source string
	// Format is what texts spell, as "timestamp" or "decimal(8,2)"; empty where they spell nothing.
	Format string
	// Missing is what becomes of a missing value: "asIs", "asValue", …, or "returnInvalid", which refuses the row.
	Missing string
	// HasReplacement says whether the document has a value that stands in for a missing one.
	HasReplacement bool
	// Required says whether every request must have the input, with or without a value.
	Required bool
}

// Contract is what a version of a model takes and gives.
type Contract struct {
	Model   string
	Version int64
	// Engine is what evaluates the version.
	Engine string
	// Ranking is "score" where candidates are rows, "classes" where the model's classes are its items, or empty where it
	// ranks nothing.
	Ranking string
	// Inputs are in the order of the manifest.
	Inputs []Input
	// Outputs are the names of what it gives.
	Outputs []string
	// FeatureVersion is that of the items that the sidecar has in memory for it; 0 where there are none.
	FeatureVersion int64
	// ItemsProblem says why requests cannot name items; empty where they can.
	ItemsProblem string

	byName map[string]int
}

// Input returns an input by its name.
func (c *Contract) Input(name string) (Input, bool) {
	at, known := c.byName[name]
	if !known {
		return Input{}, false
	}
	return c.Inputs[at], true
}

// SingleRow says whether the model's classes are its items, so that it scores the context alone.
func (c *Contract) SingleRow() bool { return c.Ranking == "classes" }

// parameters are those of a message, over gRPC as over HTTP: texts, whole numbers, doubles and truth values.
type parameters map[string]any

func (p parameters) text(name string) string {
	text, _ := p[name].(string)
	return text
}

func (p parameters) whole(name string) int64 {
	number, _ := whole(p[name])
	return number
}

func (p parameters) has(name string) bool {
	_, has := p[name]
	return has
}

// rowErrors are those of an answer, a JSON text.
func (p parameters) rowErrors() []RowError {
	var found []RowError
	if text := p.text("row_errors"); text != "" {
		_ = json.Unmarshal([]byte(text), &found)
	}
	return found
}

func newContract(model string, said parameters, inputs []Input, outputs []string) (*Contract, error) {
	made := &Contract{
		Model:          model,
		Version:        said.whole("version"),
		Engine:         said.text("engine"),
		Ranking:        said.text("ranking"),
		Inputs:         inputs,
		Outputs:        outputs,
		FeatureVersion: said.whole("feature_version"),
		ItemsProblem:   said.text("items_problem"),
		byName:         make(map[string]int, len(inputs)),
	}
	if made.Version < 1 {
		return nil, unusable("the sidecar's metadata of the model '%s' does not name its version: it is older than this client", model)
	}
	for at, input := range inputs {
		made.byName[input.Name] = at
	}
	return made, nil
}

func newInput(name, datatype string, said parameters) Input {
	required, isSaid := said["required"].(bool)
	return Input{
		Name:           name,
		Datatype:       datatype,
		Source:         said.text("source"),
		Format:         said.text("format"),
		Missing:        said.text("missing"),
		HasReplacement: said.has("missing_replacement"),
		Required:       required || !isSaid,
	}
}
