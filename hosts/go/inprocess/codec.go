//go:build pillion_jvm

package inprocess

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"unicode/utf8"

	"pillion.example/pillion"
)

// The packed form of batches, little-endian; see org.pillion.scoring.BatchCodec.
const (
	codeBool = iota + 1
	codeInt
	codeFloat
	codeDouble
	codeText
)

var codes = map[string]byte{
	pillion.BOOL: codeBool, pillion.INT64: codeInt, pillion.FP32: codeFloat, pillion.FP64: codeDouble, pillion.BYTES: codeText,
}

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
		packed = append(packed, codes[input.Datatype])
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
		output := pillion.Output{Values: from.values(code, rows)}
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

func (r *reader) values(code byte, rows int) any {
	switch code {
	case codeBool:
		made := make([]bool, rows)
		for row, each := range r.take(rows) {
			made[row] = each != 0
		}
		return made
	case codeInt:
		made := make([]int64, rows)
		for row := range made {
			made[row] = int64(binary.LittleEndian.Uint64(r.take(8)))
		}
		return made
	case codeFloat:
		made := make([]float32, rows)
		for row := range made {
			made[row] = math.Float32frombits(binary.LittleEndian.Uint32(r.take(4)))
		}
		return made
	case codeDouble:
		made := make([]float64, rows)
		for row := range made {
			made[row] = math.Float64frombits(binary.LittleEndian.Uint64(r.take(8)))
		}
		return made
	}
	made := make([]string, rows)
	for row := range made {
		if made[row] = r.text(); !utf8.ValidString(made[row]) {
			r.cut = true
		}
	}
	return made
}
