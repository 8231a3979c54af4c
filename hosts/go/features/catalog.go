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
	// Last is the version of the last run of batch inference, where this one has no batch answers; 0 where there is none.
	Last int64
	// Before is what stands in for this version's batch answers, as long as the store has it.
	Before *rawAnswers
}

// rawAnswers is what the store keeps of a version whose batch answers stand in for those of the version in use.
type rawAnswers struct {
	Version            int64
	Meta, Batch, Names []byte
}

// answerPlace is where batch answers are, and how their items become those of the version in use.
type answerPlace struct {
	version int64
	buckets int64
	width   int
	numbers []int64 // by the number that an item had, the one that it has now, −1 where it is gone; nil where they are the same
}

// unpack returns the items of an answer, best first; of a version before, those that the catalog has.
func (p *answerPlace) unpack(packed []byte, catalog *Catalog) ([]int64, error) {
	items, err := unpackIDs(packed, p.width)
	if err != nil || p.version == catalog.Version {
		return items, err
	}
	kept := items[:0]
	for _, item := range items {
		if p.numbers != nil {
			if item < 0 || item >= int64(len(p.numbers)) {
				return nil, corrupt("a batch answer of feature version %d names an item that it does not have", p.version)
			}
			item = p.numbers[item]
		}
		if catalog.Has(item) {
			kept = append(kept, item)
		}
	}
	return kept, nil
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
	// Batch is of the batch answers, which may be of a version before; nil where there are none.
	Batch *BatchMeta

	buckets int64
	width   int
	names   []string
	numbers map[string]int64
	rows    map[int64]int // of an item's number
	titles  []string
	raw     raw
	answers answerPlace // of Batch
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
	if from.Names != nil {
		if err := json.Unmarshal(from.Names, &made.names); err != nil {
			return nil, corrupt("the dictionary of items cannot be read")
		}
		made.numbers = make(map[string]int64, len(made.names))
		for number, name := range made.names {
			made.numbers[name] = int64(number)
		}
	}
	if err := made.readBatch(); err != nil {
		return nil, err
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

// readBatch finds what describes the batch answers: this version's own, or those of a version before.
func (c *Catalog) readBatch() error {
	described := c.raw.Batch
	c.answers = answerPlace{version: c.Version, buckets: c.buckets, width: c.width}
	if before := c.raw.Before; described == nil && before != nil {
		said, err := readMeta(before.Version, before.Meta)
		if err != nil {
			return err
		}
		if (said.UserIDs == "string") != c.TextUsers || (before.Names != nil) != c.TextItems {
			return nil // ids are of another kind now
		}
		described = before.Batch
		c.answers = answerPlace{version: before.Version, buckets: said.UserBuckets, width: said.IDWidth}
		if before.Names != nil {
			var names []string
			if err := json.Unmarshal(before.Names, &names); err != nil {
				return corrupt("the dictionary of items of feature version %d cannot be read", before.Version)
			}
			c.answers.numbers = make([]int64, len(names))
			for at, name := range names {
				number, has := c.numbers[name]
				if !has {
					number = -1
				}
				c.answers.numbers[at] = number
			}
		}
	}
	if described == nil {
		return nil
	}
	c.Batch = &BatchMeta{}
	if err := json.Unmarshal(described, c.Batch); err != nil {
		return corrupt("what describes the batch answers of feature version %d cannot be read", c.answers.version)
	}
	return nil
}

// AnswersAreOwn says whether batch answers were computed from this version's features, and not from those of one before.
func (c *Catalog) AnswersAreOwn() bool { return c.answers.version == c.Version }

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

// IDs returns the ids of items' numbers, which it may hold on to.
func (c *Catalog) IDs(numbers []int64) pillion.IDs {
	if !c.TextItems {
		return pillion.NumberIDs(numbers...)
	}
	texts := make([]string, len(numbers))
	for at, number := range numbers {
		texts[at] = c.ID(number).String()
	}
	return pillion.IDs{Texts: texts}
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

// Popular returns the most popular items of a segment that a user has not seen, k at most; of `allowed` alone where that is not
// nil.
func (c *Catalog) Popular(segment string, allowed map[int64]bool, user *User, k int) []int64 {
	items := c.Popularity[segment].Items
	found := make([]int64, 0, min(k, len(items)))
	for _, item := range items {
		if len(found) == k {
			break
		}
		if !user.HasSeen(item) && (allowed == nil || allowed[item]) {
			found = append(found, item)
		}
	}
	return found
}

// Age returns the seconds from its publishing to a moment in seconds since 1970 UTC.
func (c *Catalog) Age(now float64) float64 { return math.Max(0, now-c.Created) }
