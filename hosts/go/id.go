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

// NumberIDs returns ids that are whole numbers.
func NumberIDs(numbers ...int64) []ID {
	ids := make([]ID, len(numbers))
	for at, number := range numbers {
		ids[at].Number = number
	}
	return ids
}

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
