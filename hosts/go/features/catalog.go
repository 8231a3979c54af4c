package features

import (
	"encoding/json"
	"math"
	"slices"

	"pillion.example/pillion"
)

// Title is the field of an item's record that holds its title.
const Title = "title"

// raw is a catalog as the store keeps it.
type raw struct {
	Version    int64
	Meta       []byte
	Batch      []byte
	IDs        []byte
	Names      []byte
	Records    [][]byte
	Popularity map[string][]byte
}

// BatchMeta is what gave the batch answers.
type BatchMeta struct {
	Run     int64   `json:"run"`
	Model   string  `json:"model"`
	Version int64   `json:"version"`
	Created float64 `json:"created"`
	// Assumed is what the run took for a request's own; nil where answers came from elsewhere, and nobody knows.
	Assumed *Assumed `json:"assumed"`
}

// Assumed is what a run of batch inference took for what a request says of itself.
type Assumed struct {
	K       int            `json:"k"`
	Online  map[string]any `json:"online"`
	Segment *string        `json:"segment"`
	Verdict string         `json:"verdict"`
}

// Popularity is a list of items by falling count; of items' numbers.
type Popularity struct {
	Items  []int64
	Counts []int64
}

// Catalog is what one feature version has in this process. It is immutable.
type Catalog struct {
	// Version is that of the features.
	Version int64
	// Created is when they were published, in seconds since 1970 UTC.
	Created float64
	// Users and Items are the schemas of the records.
	Users, Items Schema
	// TextUsers and TextItems say whether ids are text.
	TextUsers, TextItems bool
	// Popularity has the lists by segment; [Global] is always there.
	Popularity map[string]Popularity
	// Batch is of the batch answers; nil where there are none.
	Batch *BatchMeta

	buckets int64
	width   int
	names   []string
	numbers map[string]int64
	rows    map[int64]int // of an item's number
	titles  []string
	raw     raw
}

type meta struct {
	Created     *float64 `json:"created"`
	Users       *Schema  `json:"users"`
	Items       *Schema  `json:"items"`
	UserIDs     string   `json:"user_ids"`
	UserBuckets int64    `json:"user_buckets"`
	IDWidth     int      `json:"id_width"`
	Segments    []string `json:"segments"`
}

func readMeta(version int64, data []byte) (meta, error) {
	var said meta
	err := json.Unmarshal(data, &said)
	if err != nil || said.Created == nil || said.Users == nil || said.Items == nil || said.UserBuckets < 1 ||
		said.IDWidth < 1 || said.IDWidth > 8 {
		return said, corrupt("what describes feature version %d cannot be read", version)
	}
	return said, nil
}

// build decodes a catalog; every record is looked at.
func build(from raw) (*Catalog, error) {
	said, err := readMeta(from.Version, from.Meta)
	if err != nil {
		return nil, err
	}
	made := &Catalog{
		Version: from.Version, Created: *said.Created, Users: *said.Users, Items: *said.Items,
		TextUsers: said.UserIDs == "string", TextItems: from.Names != nil,
		Popularity: make(map[string]Popularity, len(from.Popularity)),
		buckets:    said.UserBuckets, width: said.IDWidth, raw: from,
	}
	if from.Batch != nil {
		made.Batch = &BatchMeta{}
		if err := json.Unmarshal(from.Batch, made.Batch); err != nil {
			return nil, corrupt("what describes the batch answers of feature version %d cannot be read", from.Version)
		}
	}
	if from.Names != nil {
		if err := json.Unmarshal(from.Names, &made.names); err != nil {
			return nil, corrupt("the dictionary of items cannot be read")
		}
		made.numbers = make(map[string]int64, len(made.names))
		for number, name := range made.names {
			made.numbers[name] = int64(number)
		}
	}
	for segment, packed := range from.Popularity {
		items, counts, err := unpackCounts(packed)
		if err != nil {
			return nil, err
		}
		made.Popularity[segment] = Popularity{items, counts}
	}
	if _, has := made.Popularity[Global]; !has {
		return nil, corrupt("feature version %d has no global popularity list", from.Version)
	}
	return made, made.readItems()
}

func (c *Catalog) readItems() error {
	numbers, err := unpackIDs(c.raw.IDs, c.width)
	if err != nil {
		return err
	}
	if len(numbers) != len(c.raw.Records) {
		return corrupt("there are %d item ids, but %d records", len(numbers), len(c.raw.Records))
	}
	at := slices.IndexFunc(c.Items.Fields, func(field Field) bool { return field.Name == Title })
	c.rows = make(map[int64]int, len(numbers))
	c.titles = make([]string, len(numbers))
	for row, record := range c.raw.Records {
		if len(record) == 0 {
			continue // the store has lost it
		}
		values, err := c.Items.Unpack(record)
		if err != nil {
			return err
		}
		c.rows[numbers[row]] = row
		if at >= 0 {
			c.titles[row], _ = values[at].(string)
		}
	}
	return nil
}

// Size is how many items have features.
func (c *Catalog) Size() int { return len(c.rows) }

// Number returns an item's number, and whether the version can name the item.
func (c *Catalog) Number(id pillion.ID) (int64, bool) {
	if !c.TextItems {
		return id.Number, !id.IsText()
	}
	number, has := c.numbers[id.Text]
	return number, has
}

// ID returns the id of an item's number.
func (c *Catalog) ID(number int64) pillion.ID {
	if c.TextItems && 0 <= number && number < int64(len(c.names)) {
		return pillion.TextID(c.names[number])
	}
	return pillion.NumberID(number)
}

// IDs returns the ids of items' numbers.
func (c *Catalog) IDs(numbers []int64) []pillion.ID {
	made := make([]pillion.ID, len(numbers))
	for at, number := range numbers {
		made[at] = c.ID(number)
	}
	return made
}

// Has says whether an item has features.
func (c *Catalog) Has(number int64) bool {
	_, has := c.rows[number]
	return has
}

// TitleOf returns an item's title; empty where there is none.
func (c *Catalog) TitleOf(number int64) string {
	if row, has := c.rows[number]; has {
		return c.titles[row]
	}
	return ""
}

// Record returns an item's values in the order of the schema.
func (c *Catalog) Record(number int64) ([]any, error) {
	row, has := c.rows[number]
	if !has {
		return nil, corrupt("feature version %d has no item %d", c.Version, number)
	}
	return c.Items.Unpack(c.raw.Records[row])
}

// Popular returns the most popular items of a segment that are not among `seen`, k at most; of `allowed` alone where that is
// not nil.
func (c *Catalog) Popular(segment string, allowed, seen map[int64]bool, k int) []int64 {
	items := c.Popularity[segment].Items
	found := make([]int64, 0, min(k, len(items)))
	for _, item := range items {
		if len(found) == k {
			break
		}
		if !seen[item] && (allowed == nil || allowed[item]) {
			found = append(found, item)
		}
	}
	return found
}

// Age returns the seconds from its publishing to a moment in seconds since 1970 UTC.
func (c *Catalog) Age(now float64) float64 { return math.Max(0, now-c.Created) }
