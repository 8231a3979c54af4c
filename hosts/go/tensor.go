package pillion

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// The datatypes of the Open Inference Protocol that models take and give.
const (
	FP64  = "FP64"
	FP32  = "FP32"
	INT64 = "INT64"
	BOOL  = "BOOL"
	BYTES = "BYTES"
)

const exactWhole = 1 << 53

// tensor is an input as it travels: little-endian bytes, and which rows have no value.
type tensor struct {
	name     string
	datatype string
	rows     int
	start    int // of its bytes in the arena
	end      int
	missing  string
	context  bool
}

// arena holds the bytes of a request's tensors.
type arena struct{ bytes []byte }

var arenas = sync.Pool{New: func() any { return &arena{bytes: make([]byte, 0, 4096)} }}

const largestPooled = 1 << 20

func (a *arena) release() {
	if cap(a.bytes) <= largestPooled {
		a.bytes = a.bytes[:0]
		arenas.Put(a)
	}
}

func (a *arena) of(t tensor) []byte { return a.bytes[t.start:t.end] }

// value puts one value into the arena as a tensor of one row.
func (a *arena) value(input Input, value any) (tensor, error) {
	made := tensor{name: input.Name, datatype: input.Datatype, rows: 1, start: len(a.bytes)}
	isMissing, err := a.append(input, 0, value)
	if isMissing {
		made.missing = "0"
	}
	made.end = len(a.bytes)
	return made, err
}

// column puts a column into the arena.
func (a *arena) column(input Input, values column) (tensor, error) {
	made := tensor{name: input.Name, datatype: input.Datatype, rows: values.rows(), start: len(a.bytes)}
	missing, err := a.fill(input, values)
	made.end, made.missing = len(a.bytes), rowsText(missing)
	return made, err
}

// fill puts a column's bytes at the end; it returns the rows that have no value.
func (a *arena) fill(input Input, values column) (missing []int, err error) {
	switch values := values.(type) {
	case slice[float64]:
		if input.Datatype == FP64 {
			for _, value := range values {
				a.bytes = binary.LittleEndian.AppendUint64(a.bytes, math.Float64bits(value))
			}
			return nil, nil
		}
	case slice[int64]:
		if input.Datatype == INT64 {
			for _, value := range values {
				a.bytes = binary.LittleEndian.AppendUint64(a.bytes, uint64(value))
			}
			return nil, nil
		}
	}
	for row := range values.rows() {
		isMissing, err := a.append(input, row, values.at(row))
		if err != nil {
			return nil, err
		}
		if isMissing {
			missing = append(missing, row)
		}
	}
	return missing, nil
}

// append puts a value's bytes at the end; it says whether the value is missing.
func (a *arena) append(input Input, row int, value any) (bool, error) {
	switch input.Datatype {
	case FP64:
		number, isNumber := float(value)
		if value != nil && !isNumber {
			return false, unfit(input, row, value)
		}
		a.bytes = binary.LittleEndian.AppendUint64(a.bytes, math.Float64bits(number))
	case FP32:
		number, isNumber := float(value)
		single := float32(number)
		if value != nil && (!isNumber || (float64(single) != number && number == number)) {
			return false, unfit(input, row, value)
		}
		a.bytes = binary.LittleEndian.AppendUint32(a.bytes, math.Float32bits(single))
	case INT64:
		number, isWhole := whole(value)
		if value != nil && !isWhole {
			return false, unfit(input, row, value)
		}
		a.bytes = binary.LittleEndian.AppendUint64(a.bytes, uint64(number))
	case BOOL:
		truth, isBool := value.(bool)
		if value != nil && !isBool {
			return false, unfit(input, row, value)
		}
		bit := byte(0)
		if truth {
			bit = 1
		}
		a.bytes = append(a.bytes, bit)
	default:
		text, isText := value.(string)
		if value != nil && (!isText || !utf8.ValidString(text)) {
			return false, unfit(input, row, value)
		}
		a.bytes = binary.LittleEndian.AppendUint32(a.bytes, uint32(len(text)))
		a.bytes = append(a.bytes, text...)
	}
	return value == nil, nil
}

// float returns a number as a double where that changes nothing.
func float(value any) (float64, bool) {
	switch number := value.(type) {
	case float64:
		return number, true
	case float32:
		return float64(number), true
	}
	number, isWhole := whole(value)
	return float64(number), isWhole && -exactWhole <= number && number <= exactWhole
}

func whole(value any) (int64, bool) {
	switch number := value.(type) {
	case int64:
		return number, true
	case int:
		return int64(number), true
	case int32:
		return int64(number), true
	case int16:
		return int64(number), true
	case int8:
		return int64(number), true
	case uint8:
		return int64(number), true
	case uint16:
		return int64(number), true
	case uint32:
		return int64(number), true
	}
	return 0, false
}

func unfit(input Input, row int, value any) error {
	shown := fmt.Sprintf("%#v", value)
	if len(shown) > 60 {
		shown = strings.ToValidUTF8(shown[:60], "") + "…"
	}
	return Invalid(input.Name, "the input '%s', row %d: %s is not of type %s", input.Name, row, shown, input.Datatype)
}

// rowsText returns ascending rows as "0,3,7-9".
func rowsText(rows []int) string {
	var text []byte
	for first := 0; first < len(rows); {
		last := first
		for last+1 < len(rows) && rows[last+1] == rows[last]+1 {
			last++
		}
		if first > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, int64(rows[first]), 10)
		if last > first {
			text = strconv.AppendInt(append(text, '-'), int64(rows[last]), 10)
		}
		first = last + 1
	}
	return string(text)
}

// missingMask returns which rows a "0,3,7-9" names; nil for none.
func missingMask(text string, rows int) ([]bool, error) {
	if text == "" {
		return nil, nil
	}
	mask := make([]bool, rows)
	for part := range strings.SplitSeq(text, ",") {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		first, err := strconv.Atoi(low)
		last, err2 := strconv.Atoi(high)
		if err != nil || err2 != nil || first < 0 || last < first || last >= rows {
			return nil, fmt.Errorf("%q is not among %d rows", part, rows)
		}
		for row := first; row <= last; row++ {
			mask[row] = true
		}
	}
	return mask, nil
}
