package pillion

import (
	"encoding/json"
	"errors"
	"strconv"
)

// ID is the id of a user or an item: a whole number from 0 to 2⁶³ − 1, or text of 1 to 200 characters.
type ID struct {
	// Number is the id where it is a whole number.
	Number int64
	// Text is the id where it is text, and empty where it is a number.
	Text string
}

// NumberID returns an id that is a whole number.
func NumberID(number int64) ID { return ID{Number: number} }

// TextID returns an id that is text.
func TextID(text string) ID { return ID{Text: text} }

// IsText says whether the id is text.
func (id ID) IsText() bool { return id.Text != "" }

// String returns the id as text.
func (id ID) String() string {
	if id.IsText() {
		return id.Text
	}
	return strconv.FormatInt(id.Number, 10)
}

// MarshalJSON returns a JSON string or a whole number.
func (id ID) MarshalJSON() ([]byte, error) {
	if id.IsText() {
		return json.Marshal(id.Text)
	}
	return strconv.AppendInt(nil, id.Number, 10), nil
}

// UnmarshalJSON reads a JSON string or a whole number.
func (id *ID) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		id.Number = 0
		if err := json.Unmarshal(data, &id.Text); err != nil {
			return err
		}
		if id.Text == "" {
			return errors.New("an id is not empty")
		}
		return nil
	}
	number, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil || number < 0 {
		return errors.New("an id is a whole number from 0 to 2**63 - 1, or text")
	}
	*id = ID{Number: number}
	return nil
}

// IDs are ids of items, in order, as they travel: all of them are whole numbers, or all are text.
type IDs struct {
	// Numbers are the ids where they are whole numbers.
	Numbers []int64
	// Texts are the ids where they are text.
	Texts []string
}

// NumberIDs returns ids that are whole numbers.
func NumberIDs(numbers ...int64) IDs { return IDs{Numbers: numbers} }

// Len returns how many there are.
func (ids IDs) Len() int { return len(ids.Numbers) + len(ids.Texts) }

// IsZero says whether there are none.
func (ids IDs) IsZero() bool { return ids.Len() == 0 }

// Each returns the ids one by one.
func (ids IDs) Each() []ID {
	made := make([]ID, 0, ids.Len())
	for _, number := range ids.Numbers {
		made = append(made, NumberID(number))
	}
	for _, text := range ids.Texts {
		made = append(made, TextID(text))
	}
	return made
}

// MarshalJSON returns a JSON array of strings or of whole numbers.
func (ids IDs) MarshalJSON() ([]byte, error) {
	if ids.Texts != nil {
		return json.Marshal(ids.Texts)
	}
	return json.Marshal(ids.Numbers)
}
