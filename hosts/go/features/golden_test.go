package features

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"pillion.example/pillion"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const goldenFolder = "../../../tests/golden/store"

// golden is a store with what it means.
type golden struct {
	Keys map[string]struct {
		Value  string
		Fields map[string]string
	}
	Meaning struct {
		Version int64
		Created float64
		UserIDs string `json:"user_ids"`
		Schemas map[string]struct {
			ID     uint32
			Fields [][2]string
		}
		Users []struct {
			ID, Bucket, Field string
			Record            []any
			Seen, Batch       []string
		}
		Items []struct {
			ID, Number, Key string
			Record          []any
		}
		Popularity map[string][][2]string
		Batch      struct {
			Run, Version int64
			Model        string
			Created      float64
		}
		Places []struct {
			ID              string
			Buckets, Bucket json.Number
			Field           string
		}
	}
}

// memory is a store in memory.
type memory struct {
	strings map[string][]byte
	hashes  map[string]map[string][]byte
}

func (m memory) Read(_ context.Context, fields []HashField, keys []string) (hashed, strings [][]byte, err error) {
	for _, field := range fields {
		hashed = append(hashed, m.hashes[field.Key][field.Field])
	}
	for _, key := range keys {
		strings = append(strings, m.strings[key])
	}
	return hashed, strings, nil
}

func read(t *testing.T, name string) (golden, memory) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(goldenFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	var found golden
	if err := json.Unmarshal(data, &found); err != nil {
		t.Fatal(err)
	}
	store := memory{map[string][]byte{}, map[string]map[string][]byte{}}
	for key, held := range found.Keys {
		if held.Fields == nil {
			store.strings[key] = unhex(t, held.Value)
			continue
		}
		store.hashes[key] = map[string][]byte{}
		for field, value := range held.Fields {
			store.hashes[key][field] = unhex(t, value)
		}
	}
	return found, store
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// cells spells values as the goldens do: doubles and floats by their bits, whole numbers in decimal.
func cells(values []any) []any {
	made := make([]any, len(values))
	for at, value := range values {
		switch of := value.(type) {
		case float64:
			made[at] = fmt.Sprintf("%016x", math.Float64bits(of))
		case float32:
			made[at] = fmt.Sprintf("%08x", math.Float32bits(of))
		case int64:
			made[at] = strconv.FormatInt(of, 10)
		default:
			made[at] = value
		}
	}
	return made
}

func (g golden) id(text string) pillion.ID {
	if g.Meaning.UserIDs == "string" {
		return pillion.TextID(text)
	}
	number, _ := strconv.ParseInt(text, 10, 64)
	return pillion.NumberID(number)
}

func texts(catalog *Catalog, numbers []int64) []string {
	made := make([]string, 0, len(numbers))
	for _, id := range catalog.IDs(numbers).Each() {
		made = append(made, id.String())
	}
	return made
}

func eachGolden(t *testing.T, check func(*testing.T, golden, memory, *Catalog)) {
	files, err := os.ReadDir(goldenFolder)
	if err != nil || len(files) < 4 {
		t.Fatalf("the golden stores: %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(file.Name(), func(t *testing.T) {
			found, store := read(t, file.Name())
			catalog, err := ReadCatalog(t.Context(), store, nil)
			if err != nil {
				t.Fatal(err)
			}
			check(t, found, store, catalog)
		})
	}
}

func TestTheReaderFindsTheVersionAndItsItems(t *testing.T) {
	eachGolden(t, func(t *testing.T, found golden, _ memory, catalog *Catalog) {
		meaning := found.Meaning
		if catalog.Version != meaning.Version || catalog.Created != meaning.Created || catalog.TextUsers != (meaning.UserIDs == "string") {
			t.Errorf("got version %d of %v", catalog.Version, catalog.Created)
		}
		for name, schema := range map[string]Schema{"users": catalog.Users, "items": catalog.Items} {
			expected := meaning.Schemas[name]
			if schema.ID != expected.ID || len(schema.Fields) != len(expected.Fields) {
				t.Errorf("%s: got schema %d with %v", name, schema.ID, schema.Fields)
			}
		}
		if catalog.Size() != len(meaning.Items) {
			t.Errorf("got %d items", catalog.Size())
		}
		for _, item := range meaning.Items {
			number, _ := strconv.ParseInt(item.Number, 10, 64)
			record, err := catalog.Record(number)
			if err != nil {
				t.Fatal(err)
			}
			if got := cells(record); !slices.Equal(got, item.Record) {
				t.Errorf("item %s is %v, not %v", item.ID, got, item.Record)
			}
			if known, has := catalog.Number(catalog.ID(number)); catalog.ID(number).String() != item.ID || !has || known != number {
				t.Errorf("item %d is called %s", number, catalog.ID(number))
			}
			if itemKey(catalog.Version, number) != item.Key {
				t.Errorf("item %d has the key %s", number, itemKey(catalog.Version, number))
			}
		}
		for segment, pairs := range meaning.Popularity {
			list := catalog.Popularity[segment]
			var got [][2]string
			for at, id := range texts(catalog, list.Items) {
				got = append(got, [2]string{id, strconv.FormatInt(list.Counts[at], 10)})
			}
			if !slices.Equal(got, pairs) {
				t.Errorf("%s is %v, not %v", segment, got, pairs)
			}
		}
		if len(catalog.Popularity) != len(meaning.Popularity) {
			t.Errorf("lists are %v", slices.Collect(maps.Keys(catalog.Popularity)))
		}
		if batch := catalog.Batch; batch == nil || batch.Run != meaning.Batch.Run || batch.Model != meaning.Batch.Model ||
			batch.Version != meaning.Batch.Version || batch.Created != meaning.Batch.Created {
			t.Errorf("batch is %+v", batch)
		}
	})
}

func TestTheReaderFindsUsersWhereTheyAre(t *testing.T) {
	eachGolden(t, func(t *testing.T, found golden, store memory, catalog *Catalog) {
		for _, expected := range found.Meaning.Users {
			user, err := ReadUser(t.Context(), store, catalog, found.id(expected.ID), nil)
			if err != nil {
				t.Fatal(err)
			}
			record := make([]any, len(catalog.Users.Fields))
			for at, field := range catalog.Users.Fields {
				record[at] = user.Features[field.Name]
			}
			if got := cells(record); !slices.Equal(got, expected.Record) {
				t.Errorf("user %s is %v, not %v", expected.ID, got, expected.Record)
			}
			if !slices.Equal(texts(catalog, user.Seen), expected.Seen) || !slices.Equal(texts(catalog, user.Batch), expected.Batch) {
				t.Errorf("user %s has seen %v and has the batch answer %v", expected.ID, user.Seen, user.Batch)
			}
			bucket, field := place(found.id(expected.ID), catalog.buckets)
			if strconv.FormatInt(bucket, 10) != expected.Bucket || field != expected.Field {
				t.Errorf("user %s is at %d, %s", expected.ID, bucket, field)
			}
		}
		if nobody, err := ReadUser(t.Context(), store, catalog, found.id("424242"), nil); err != nil || nobody.Features != nil {
			t.Errorf("somebody unknown is %v, %v", nobody, err)
		}
	})
}

// TestAnswersOfTheVersionBeforeStandIn publishes the golden version once more, as version 2 without batch answers.
func TestAnswersOfTheVersionBeforeStandIn(t *testing.T) {
	eachGolden(t, func(t *testing.T, found golden, store memory, _ *Catalog) {
		for key, value := range maps.Clone(store.strings) {
			for _, kind := range []string{"meta1", "ids1", "names1", "pop1:", "i1:"} {
				if rest, is := strings.CutPrefix(key, kind); is {
					store.strings[strings.Replace(kind, "1", "2", 1)+rest] = value
				}
			}
		}
		store.strings["active"], store.strings["batch"] = []byte("2"), []byte("1")
		gone := found.Meaning.Items[0]
		number, _ := strconv.ParseInt(gone.Number, 10, 64)
		delete(store.strings, itemKey(2, number))
		catalog, err := ReadCatalog(t.Context(), store, nil)
		if err != nil {
			t.Fatal(err)
		}
		if catalog.Batch == nil || catalog.Batch.Run != found.Meaning.Batch.Run || catalog.AnswersAreOwn() {
			t.Fatalf("batch is %+v", catalog.Batch)
		}
		for _, expected := range found.Meaning.Users {
			user, err := ReadUser(t.Context(), store, catalog, found.id(expected.ID), nil)
			if err != nil {
				t.Fatal(err)
			}
			left := slices.DeleteFunc(slices.Clone(expected.Batch), func(id string) bool { return id == gone.ID })
			if got := texts(catalog, user.Batch); !slices.Equal(got, left) {
				t.Errorf("user %s has the batch answer %v, not %v", expected.ID, got, left)
			}
		}
		delete(store.strings, "batch1")
		if catalog, err = ReadCatalog(t.Context(), store, nil); err != nil || catalog.Batch != nil {
			t.Errorf("got %+v, %v", catalog, err)
		}
	})
}

func TestUsersWhoseIdsAreTextHaveThePlacesThatAreTold(t *testing.T) {
	found, _ := read(t, "text.json")
	if len(found.Meaning.Places) < 10 {
		t.Fatalf("%d places are told", len(found.Meaning.Places))
	}
	for _, expected := range found.Meaning.Places {
		buckets, _ := expected.Buckets.Int64()
		bucket, field := place(pillion.TextID(expected.ID), buckets)
		if decimal(bucket) != expected.Bucket.String() || field != expected.Field {
			t.Errorf("%q is at %d, %s, not at %s", expected.ID, bucket, field, expected.Bucket)
		}
	}
}

func TestASnapshotComesBackAsItWasAndABrokenOneIsRefused(t *testing.T) {
	eachGolden(t, func(t *testing.T, _ golden, _ memory, catalog *Catalog) {
		path := filepath.Join(t.TempDir(), "folder", "snapshot")
		if err := SaveSnapshot(catalog, path); err != nil {
			t.Fatal(err)
		}
		again, err := LoadSnapshot(path)
		if err != nil {
			t.Fatal(err)
		}
		if again.Version != catalog.Version || again.Size() != catalog.Size() || len(again.Popularity) != len(catalog.Popularity) ||
			*again.Batch != *catalog.Batch || again.TextItems != catalog.TextItems {
			t.Errorf("got %+v", again)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{0, 30, len(data) / 2, len(data) - 1} {
			broken := slices.Clone(data)
			broken[at] ^= 1
			refused(t, path, broken)
			refused(t, path, data[:at])
		}
	})
}

func refused(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSnapshot(path); !isCorrupt(err) {
		t.Errorf("got %v", err)
	}
}

func isCorrupt(err error) bool {
	var said *pillion.Error
	return errors.As(err, &said) && said.Code == CodeCorrupt
}

// TestEveryBrokenRecordIsRefused cuts records at each byte, lengthens them, and puts another schema or type in.
func TestEveryBrokenRecordIsRefused(t *testing.T) {
	_, store := read(t, "numbers.json")
	catalog, err := ReadCatalog(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range []Schema{catalog.Users, catalog.Items} {
		record := store.strings["i1:{0}:0"]
		if schema.ID == catalog.Users.ID {
			record = store.hashes["u1:{0}"]["0"]
		}
		if _, err := schema.Unpack(record); err != nil {
			t.Fatal(err)
		}
		for end := range record {
			if _, err := schema.Unpack(record[:end]); !isCorrupt(err) {
				t.Errorf("cut at %d: %v", end, err)
			}
		}
		if _, err := schema.Unpack(append(slices.Clone(record), 0xc0)); !isCorrupt(err) {
			t.Errorf("too long: %v", err)
		}
	}
	if _, err := catalog.Users.Unpack(store.strings["i1:{0}:0"]); !isCorrupt(err) {
		t.Errorf("another schema: %v", err)
	}
	record := slices.Clone(store.hashes["u1:{0}"]["0"])
	record[6] = 0xc3 // true in place of a double
	if _, err := catalog.Users.Unpack(record); !isCorrupt(err) {
		t.Errorf("another type: %v", err)
	}
}

func TestAStoreThatLacksWhatItNamesIsCorrupt(t *testing.T) {
	for _, key := range []string{"meta1", "ids1", "pop1:global"} {
		_, store := read(t, "numbers.json")
		delete(store.strings, key)
		if _, err := ReadCatalog(t.Context(), store, nil); !isCorrupt(err) {
			t.Errorf("without %s: %v", key, err)
		}
	}
	_, store := read(t, "numbers.json")
	delete(store.strings, "active")
	if _, err := ReadCatalog(t.Context(), store, nil); !errors.Is(err, pillion.ErrUnavailable) || isCorrupt(err) {
		t.Errorf("without a version: %v", err)
	}
}

func TestAVersionThatIsKnownIsNotReadAgain(t *testing.T) {
	_, store := read(t, "numbers.json")
	catalog, err := ReadCatalog(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ReadCatalog(t.Context(), store, catalog); again != nil || err != nil {
		t.Errorf("got %v, %v", again, err)
	}
}
