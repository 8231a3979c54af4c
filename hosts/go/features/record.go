package features

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"
)

// Kind is what a record's field holds: "f64", "f32", "i64", "bool" or "str".
type Kind string

// Field is a field of a record.
type Field struct {
	Name string
	Kind Kind
}

// Schema is the fields of a record, in the order in which they are packed.
type Schema struct {
	// ID is the CRC-32 of names and kinds; the first value of each record.
	ID     uint32
	Fields []Field
}

// UnmarshalJSON reads [["age", "f64"], …].
func (s *Schema) UnmarshalJSON(data []byte) error {
	var raw [][2]string
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	s.Fields = make([]Field, len(raw))
	lines := make([]string, len(raw))
	for at, pair := range raw {
		switch Kind(pair[1]) {
		case "f64", "f32", "i64", "bool", "str":
		default:
			return corrupt("a schema in the store has a field '%s' of unknown kind '%s'", pair[0], pair[1])
		}
		s.Fields[at] = Field{pair[0], Kind(pair[1])}
		lines[at] = pair[0] + ":" + pair[1]
	}
	s.ID = crc32.ChecksumIEEE([]byte(strings.Join(lines, "\n")))
	return nil
}

// Kind returns that of a field, and whether there is one.
func (s *Schema) Kind(name string) (Kind, bool) {
	for _, field := range s.Fields {
		if field.Name == name {
			return field.Kind, true
		}
	}
	return "", false
}

// The lead bytes of MessagePack's floating numbers, which are read bit by bit: a conversion could change a NaN.
const (
	leadFloat32 = 0xca
	leadFloat64 = 0xcb
)

// Unpack returns a record's values in the schema's order: float64, float32, int64, bool or string; nil is missing.
func (s *Schema) Unpack(record []byte) ([]any, error) {
	count, rest, err := msgp.ReadArrayHeaderBytes(record)
	if err != nil {
		return nil, corrupt("a record cannot be read: %v", err)
	}
	id, rest, err := msgp.ReadUint32Bytes(rest)
	if err != nil || id != s.ID || int(count) != len(s.Fields)+1 {
		return nil, corrupt("a record is of another schema than its version's")
	}
	values := make([]any, len(s.Fields))
	for at, field := range s.Fields {
		if values[at], rest, err = readValue(field, rest); err != nil {
			return nil, err
		}
	}
	if len(rest) > 0 {
		return nil, corrupt("a record has %d bytes too many", len(rest))
	}
	return values, nil
}

func readValue(field Field, data []byte) (any, []byte, error) {
	if len(data) == 0 {
		return nil, nil, corrupt("a record is cut short at the field '%s'", field.Name)
	}
	if msgp.NextType(data) == msgp.NilType {
		return nil, data[1:], nil
	}
	switch field.Kind {
	case "f64":
		if data[0] == leadFloat64 && len(data) >= 9 {
			return math.Float64frombits(binary.BigEndian.Uint64(data[1:])), data[9:], nil
		}
	case "f32":
		if data[0] == leadFloat32 && len(data) >= 5 {
			return math.Float32frombits(binary.BigEndian.Uint32(data[1:])), data[5:], nil
		}
	case "i64":
		if number, rest, err := msgp.ReadInt64Bytes(data); err == nil {
			return number, rest, nil
		}
	case "bool":
		if truth, rest, err := msgp.ReadBoolBytes(data); err == nil {
			return truth, rest, nil
		}
	case "str":
		if text, rest, err := msgp.ReadStringBytes(data); err == nil && utf8.ValidString(text) {
			return text, rest, nil
		}
	}
	return nil, nil, corrupt("the field '%s' of a record is no %s, or is cut short", field.Name, field.Kind)
}

// unpackIDs returns numbers of items, little-endian, `width` bytes each.
func unpackIDs(packed []byte, width int) ([]int64, error) {
	if width < 1 || width > 8 || len(packed)%width != 0 {
		return nil, corrupt("a list of items has %d bytes, which %d does not divide", len(packed), width)
	}
	numbers := make([]int64, len(packed)/width)
	for at := range numbers {
		number := uint64(0)
		for place := (at+1)*width - 1; place >= at*width; place-- {
			number = number<<8 | uint64(packed[place])
		}
		numbers[at] = int64(number)
	}
	return numbers, nil
}

// unpackCounts returns numbers of items with their counts.
func unpackCounts(packed []byte) (numbers, counts []int64, err error) {
	if len(packed)%16 != 0 {
		return nil, nil, corrupt("a popularity list has %d bytes, which 16 does not divide", len(packed))
	}
	half := len(packed) / 2
	if numbers, err = unpackIDs(packed[:half], 8); err == nil {
		counts, err = unpackIDs(packed[half:], 8)
	}
	return numbers, counts, err
}
