package features

import (
	"context"
	"slices"
	"strconv"

	"pillion.example/pillion"
)

// HashField is a field of a hash.
type HashField struct{ Key, Field string }

// Source is where the store's bytes come from. Its errors are those of [Store].
type Source interface {
	// Read returns fields of hashes and values of keys, in one trip and in the order asked for; nil where there is none.
	Read(ctx context.Context, fields []HashField, keys []string) (hashed, strings [][]byte, err error)
}

// User is what the store knows of a user, and of candidates that the catalog in this process lacks.
type User struct {
	// Features are by name, nil is missing; nil where the store does not know the user.
	Features map[string]any
	// Seen are items' numbers, ascending.
	Seen []int64
	// Batch is the user's batch answer, best first, of items' numbers; nil where there is none. Of a version before, items that
	// the catalog lacks are left out.
	Batch []int64
	// Items are features by number of an item.
	Items map[int64]map[string]any
	// Titles are those of these items.
	Titles map[int64]string
}

// HasSeen says whether an item is among those that the user has seen.
func (u *User) HasSeen(number int64) bool {
	_, has := slices.BinarySearch(u.Seen, number)
	return has
}

// ReadUser fetches a user's side of a request in one trip.
func ReadUser(ctx context.Context, source Source, catalog *Catalog, id pillion.ID, absent []int64) (*User, error) {
	bucket, field := place(id, catalog.buckets)
	fields := make([]HashField, 0, 3)
	fields = append(fields,
		HashField{usersKey(catalog.Version, bucket), field}, HashField{seenKey(catalog.Version, bucket), field})
	if catalog.Batch != nil {
		answers := &catalog.answers
		bucket, field := place(id, answers.buckets)
		fields = append(fields, HashField{batchKey(answers.version, catalog.Batch.Run, bucket), field})
	}
	hashed, records, err := source.Read(ctx, fields, itemKeys(catalog.Version, absent))
	if err != nil {
		return nil, err
	}
	user := &User{}
	if hashed[0] != nil {
		if user.Features, err = named(&catalog.Users, hashed[0]); err != nil {
			return nil, err
		}
	}
	if hashed[1] != nil {
		if user.Seen, err = unpackIDs(hashed[1], catalog.width); err != nil {
			return nil, err
		}
	}
	if len(hashed) > 2 && hashed[2] != nil {
		if user.Batch, err = catalog.answers.unpack(hashed[2], catalog); err != nil {
			return nil, err
		}
	}
	for at, record := range records {
		if record == nil {
			continue
		}
		values, err := named(&catalog.Items, record)
		if err != nil {
			return nil, err
		}
		if user.Items == nil {
			user.Items, user.Titles = map[int64]map[string]any{}, map[int64]string{}
		}
		user.Titles[absent[at]], _ = values[Title].(string)
		delete(values, Title)
		user.Items[absent[at]] = values
	}
	return user, nil
}

func named(schema *Schema, record []byte) (map[string]any, error) {
	values, err := schema.Unpack(record)
	if err != nil {
		return nil, err
	}
	made := make(map[string]any, len(values))
	for at, field := range schema.Fields {
		made[field.Name] = values[at]
	}
	return made, nil
}

// trip is how many values are read at once.
const trip = 2000

// ReadCatalog reads the feature version in use. It returns nil where that is the one of `known`, which may be nil.
func ReadCatalog(ctx context.Context, source Source, known *Catalog) (*Catalog, error) {
	_, strings, err := source.Read(ctx, nil, []string{active})
	if err != nil {
		return nil, err
	}
	if strings[0] == nil {
		return nil, failed("the store has no features: none were loaded yet, or it has lost them")
	}
	version, err := strconv.ParseInt(string(strings[0]), 10, 64)
	if err != nil || version < 1 {
		return nil, corrupt("the store's key '%s' does not name a version", active)
	}
	_, strings, err = source.Read(ctx, nil, []string{metaKey(version), batchMetaKey(version), lastBatch})
	if err != nil {
		return nil, err
	}
	found := raw{Version: version, Meta: strings[0], Batch: strings[1]}
	if found.Batch == nil {
		found.Last, _ = strconv.ParseInt(string(strings[2]), 10, 64)
	}
	if known != nil && known.Version == version && string(known.raw.Meta) == string(found.Meta) &&
		string(known.raw.Batch) == string(found.Batch) && known.raw.Last == found.Last {
		return nil, nil
	}
	if found.Last > 0 {
		_, strings, err = source.Read(ctx, nil, []string{metaKey(found.Last), batchMetaKey(found.Last), namesKey(found.Last)})
		if err != nil {
			return nil, err
		}
		if strings[0] != nil && strings[1] != nil {
			found.Before = &rawAnswers{found.Last, strings[0], strings[1], strings[2]}
		}
	}
	if _, strings, err = source.Read(ctx, nil, []string{idsKey(version), namesKey(version)}); err != nil {
		return nil, err
	}
	if found.IDs, found.Names = strings[0], strings[1]; found.Meta == nil || found.IDs == nil {
		return nil, corrupt("the store names feature version %d, but does not have it", version)
	}
	if err := readLists(ctx, source, &found); err != nil {
		return nil, err
	}
	return build(found)
}

func readLists(ctx context.Context, source Source, into *raw) error {
	said, err := readMeta(into.Version, into.Meta)
	if err != nil {
		return err
	}
	segments := append([]string{Global}, said.Segments...)
	keys := make([]string, len(segments))
	for at, segment := range segments {
		keys[at] = popularityKey(into.Version, segment)
	}
	_, lists, err := source.Read(ctx, nil, keys)
	if err != nil {
		return err
	}
	into.Popularity = make(map[string][]byte, len(segments))
	for at, segment := range segments {
		if lists[at] != nil {
			into.Popularity[segment] = lists[at]
		}
	}
	numbers, err := unpackIDs(into.IDs, said.IDWidth)
	if err != nil {
		return err
	}
	into.Records = make([][]byte, 0, len(numbers))
	for part := range slices.Chunk(numbers, trip) {
		_, records, err := source.Read(ctx, nil, itemKeys(into.Version, part))
		if err != nil {
			return err
		}
		into.Records = append(into.Records, records...)
	}
	return nil
}
