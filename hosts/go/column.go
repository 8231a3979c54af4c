package pillion

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// column is values by row.
type column interface {
	rows() int
	at(row int) any
}

// repeated is one value that counts for every row.
type repeated struct {
	value any
	count int
}

func (r repeated) rows() int { return r.count }

func (r repeated) at(int) any { return r.value }

type slice[T any] []T

func (s slice[T]) rows() int { return len(s) }

func (s slice[T]) at(row int) any { return s[row] }

// asColumn returns a column, and whether there is one: of what is no slice there is none.
func asColumn(given any) (column, bool) {
	switch values := given.(type) {
	case []float64:
		return slice[float64](values), true
	case []float32:
		return slice[float32](values), true
	case []int64:
		return slice[int64](values), true
	case []int:
		return slice[int](values), true
	case []bool:
		return slice[bool](values), true
	case []string:
		return slice[string](values), true
	case []any:
		return slice[any](values), true
	}
	return nil, false
}

// columnOf returns the column of `rows` values that was given, or one value for every row.
func columnOf(input Input, given any, rows int) (column, error) {
	values, isColumn := asColumn(given)
	if !isColumn {
		return repeated{given, rows}, nil
	}
	if values.rows() != rows {
		return nil, Invalid(input.Name, "the input '%s' has %d values for %d rows", input.Name, values.rows(), rows)
	}
	return values, nil
}

// AppendColumn appends an input's values as they travel: little-endian, texts behind their length, zero or nothing where one is
// missing. A column is a slice of `rows` values, or one value that counts for every row. It returns the rows without a value, too.
func AppendColumn(packed []byte, input Input, given any, rows int) (longer []byte, missing []int, err error) {
	values, err := columnOf(input, given, rows)
	if err != nil {
		return nil, nil, err
	}
	into := arena{packed}
	missing, err = into.fill(input, values)
	return into.bytes, missing, err
}

// ValueAt returns the value of an input in a row: int64, float64, bool or string, nil for missing. A column is a slice of `rows`
// values, or one value that counts for every row.
func ValueAt(input Input, column any, rows, row int) (any, error) {
	values, err := columnOf(input, column, rows)
	if err != nil {
		return nil, err
	}
	value := values.at(row)
	if value == nil {
		return nil, nil
	}
	var checked arena
	if _, err := checked.append(input, row, value); err != nil {
		return nil, err
	}
	switch input.Datatype {
	case FP64, FP32:
		number, _ := float(value)
		return number, nil
	case INT64:
		number, _ := whole(value)
		return number, nil
	}
	return value, nil
}

// widths are bytes a value, of datatypes whose values all have as many.
var widths = map[string]int{FP64: 8, INT64: 8, FP32: 4, BOOL: 1}

// ReadColumn reads `rows` values as [AppendColumn] writes them: []float64, []float32, []int64, []bool or []string. It returns what
// follows them, too.
func ReadColumn(datatype string, rows int, data []byte) (values any, rest []byte, err error) {
	if datatype == BYTES {
		return readTexts(rows, data)
	}
	width, isKnown := widths[datatype]
	switch {
	case !isKnown:
		return nil, nil, fmt.Errorf("there is no datatype %s", datatype)
	case rows < 0 || len(data)/width < rows:
		return nil, nil, fmt.Errorf("there are %d bytes for %d values of type %s", len(data), rows, datatype)
	}
	packed, rest := data[:rows*width], data[rows*width:]
	switch datatype {
	case FP64:
		values = decoded(packed, width, func(at []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(at)) })
	case FP32:
		values = decoded(packed, width, func(at []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(at)) })
	case INT64:
		values = decoded(packed, width, func(at []byte) int64 { return int64(binary.LittleEndian.Uint64(at)) })
	case BOOL:
		values = decoded(packed, width, func(at []byte) bool { return at[0] != 0 })
	}
	return values, rest, nil
}

func decoded[T any](packed []byte, width int, read func([]byte) T) []T {
	values := make([]T, len(packed)/width)
	for row := range values {
		values[row] = read(packed[row*width:])
	}
	return values
}

func readTexts(rows int, data []byte) (any, []byte, error) {
	values := make([]string, max(0, min(rows, len(data)/4)))
	for row := range rows {
		if len(data) < 4 {
			return nil, nil, fmt.Errorf("text %d is cut off", row)
		}
		length := int(binary.LittleEndian.Uint32(data))
		if data = data[4:]; len(data) < length {
			return nil, nil, fmt.Errorf("text %d is cut off", row)
		}
		values[row], data = string(data[:length]), data[length:]
		if !utf8.ValidString(values[row]) {
			return nil, nil, fmt.Errorf("text %d is no UTF-8", row)
		}
	}
	return values, data, nil
}
