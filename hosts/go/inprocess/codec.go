//go:build pillion_jvm

package inprocess

import (
	"encoding/binary"
	"errors"
	"slices"

	"pillion.example/pillion"
)

// codes of datatypes in the packed form of batches, little-endian; see org.pillion.scoring.BatchCodec.
var codes = [...]string{1: pillion.BOOL, pillion.INT64, pillion.FP32, pillion.FP64, pillion.BYTES}

func pack(inputs []pillion.Input, columns map[string]any, rows int) ([]byte, error) {
	if rows < 1 {
		return nil, pillion.Invalid("rows", "a request has rows, and not %d", rows)
	}
	for name := range columns {
		if !slices.ContainsFunc(inputs, func(input pillion.Input) bool { return input.Name == name }) {
			return nil, pillion.Invalid(name, "the model has no input '%s'", name)
		}
	}
	packed := binary.LittleEndian.AppendUint32(nil, uint32(rows))
	packed = binary.LittleEndian.AppendUint32(packed, uint32(len(inputs)))
	for _, input := range inputs {
		packed = appendText(packed, input.Name)
		packed = append(packed, byte(slices.Index(codes[:], input.Datatype)))
		flags := len(packed)
		packed = append(packed, make([]byte, rows)...)
		var missing []int
		var err error
		if packed, missing, err = pillion.AppendColumn(packed, input, columns[input.Name], rows); err != nil {
			return nil, err
		}
		for _, row := range missing {
			packed[flags+row] = 1
		}
	}
	return packed, nil
}

func appendText(packed []byte, text string) []byte {
	return append(binary.LittleEndian.AppendUint32(packed, uint32(len(text))), text...)
}

var errCut = errors.New("the engine's reply is cut short")

type reader struct {
	data []byte
	cut  bool
}

func (r *reader) take(count int) []byte {
	if count < 0 || len(r.data) < count {
		r.cut = true
		return make([]byte, max(0, min(count, 8)))
	}
	taken := r.data[:count]
	r.data = r.data[count:]
	return taken
}

func (r *reader) whole() int { return int(int32(binary.LittleEndian.Uint32(r.take(4)))) }

func (r *reader) text() string { return string(r.take(r.whole())) }

func unpack(data []byte) (*pillion.Scores, error) {
	from := &reader{data: data}
	rows, count := from.whole(), from.whole()
	made := &pillion.Scores{Outputs: make(map[string]pillion.Output, max(0, min(count, len(data))))}
	for range count {
		name := from.text()
		code := from.take(1)[0]
		flags := from.take(rows)
		if from.cut {
			return nil, errCut
		}
		output := pillion.Output{Values: from.values(int(code), rows)}
		if slices.Contains(flags, 1) {
			output.Missing = make([]bool, rows)
			for row, flag := range flags {
				output.Missing[row] = flag == 1
			}
		}
		made.Outputs[name] = output
	}
	for range from.whole() {
		each := pillion.RowError{Row: from.whole(), Field: from.text()}
		_ = from.text() // the value
		each.Message = from.text()
		made.RowErrors = append(made.RowErrors, each)
		if from.cut {
			break
		}
	}
	if from.cut || len(from.data) > 0 {
		return nil, errCut
	}
	return made, nil
}

func (r *reader) values(code, rows int) any {
	if code >= len(codes) {
		r.cut = true
		return nil
	}
	values, rest, err := pillion.ReadColumn(codes[code], rows, r.data)
	r.data, r.cut = rest, r.cut || err != nil
	return values
}
