package pillion

import "fmt"

// InferRequest is rows for a model.
type InferRequest struct {
	// Model is its name.
	Model string
	// Contract pins a version; nil for the one that serves.
	Contract *Contract
	// RequestID travels to the sidecar's log; the reply must have it.
	RequestID string
	// TraceParent and TraceState are the headers of W3C Trace Context, passed on as they came.
	TraceParent, TraceState string
	// Columns has slices of Rows values by input, or one value that counts for every row; an input that is absent is
	// missing in every row.
	Columns map[string]any
	// Rows is how many there are.
	Rows int
	// Outputs are those that are wanted; none for all.
	Outputs []string
}

// Output is a column that a model gave.
type Output struct {
	// Values is []float64, []float32, []int64, []bool or []string, one per row.
	Values any
	// Missing says which rows have no value; nil where all have one.
	Missing []bool
}

// Scores is a model's answer to rows.
type Scores struct {
	// Outputs has a column by output.
	Outputs map[string]Output
	// RowErrors are the rows that could not be scored; their outputs are missing.
	RowErrors []RowError
	// Version is the model's version that scored.
	Version int64
	// Engine is what evaluated it.
	Engine string
}

type preparedInfer struct {
	*InferRequest
	prepared
	inputs []tensor
}

func prepareInfer(request *InferRequest, with prepared) (*preparedInfer, error) {
	with.origin = origin{request.RequestID, request.TraceParent, request.TraceState}
	made := &preparedInfer{InferRequest: request, prepared: with}
	if request.Rows < 1 {
		return nil, Invalid("rows", "a request has rows, and not %d", request.Rows)
	}
	if err := with.requireKnown(request.Columns); err != nil {
		return nil, err
	}
	return made, made.fill()
}

func (p *preparedInfer) fill() error {
	inputs, onlyOnes := make([]column, len(p.contract.Inputs)), true
	for at, input := range p.contract.Inputs {
		values, err := columnOf(input, p.Columns[input.Name], p.Rows)
		if err != nil {
			return err
		}
		_, isOne := values.(repeated)
		inputs[at], onlyOnes = values, onlyOnes && isOne
	}
	for at, input := range p.contract.Inputs {
		one, isContext := inputs[at].(repeated)
		if at == 0 && onlyOnes && p.Rows > 1 {
			isContext = false // one column has to say how many rows there are
		}
		if isContext {
			inputs[at] = repeated{one.value, 1}
		}
		made, err := p.arena.column(input, inputs[at])
		if err != nil {
			return err
		}
		made.context = isContext
		p.inputs = append(p.inputs, made)
	}
	return nil
}

// check holds a reply against its request.
func (p *preparedInfer) check(scores *Scores, answered string) error {
	if err := p.checkID(answered); err != nil {
		return err
	}
	for _, name := range p.Outputs {
		if _, has := scores.Outputs[name]; !has {
			return unusable("the sidecar's reply lacks the output '%s'", name)
		}
	}
	return nil
}

// readOutput decodes a tensor's bytes.
func readOutput(name, datatype string, rows int, data []byte, missing string) (Output, error) {
	mask, err := missingMask(missing, rows)
	if err != nil {
		return Output{}, unusable("the output '%s': %v", name, err)
	}
	values, rest, err := ReadColumn(datatype, rows, data)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes are left over", len(rest))
	}
	if err != nil {
		return Output{}, unusable("the output '%s': %v", name, err)
	}
	return Output{values, mask}, nil
}
