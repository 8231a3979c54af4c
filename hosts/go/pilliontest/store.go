package pilliontest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pillion.example/pillion/features"
)

// Store is an online store in memory.
type Store struct {
	mu      sync.Mutex
	strings map[string][]byte
	hashes  map[string]map[string][]byte
	failure func() error
}

// ReadStore returns a store with the bytes of a file of tests/golden/store.
func ReadStore(test testing.TB, path string) *Store {
	test.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		test.Fatal(err)
	}
	var raw struct {
		Keys map[string]struct {
			Value  string
			Fields map[string]string
		}
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		test.Fatal(err)
	}
	made := &Store{strings: map[string][]byte{}, hashes: map[string]map[string][]byte{}}
	for key, held := range raw.Keys {
		if held.Fields == nil {
			made.strings[key], _ = hex.DecodeString(held.Value)
			continue
		}
		made.hashes[key] = map[string][]byte{}
		for field, value := range held.Fields {
			made.hashes[key][field], _ = hex.DecodeString(value)
		}
	}
	return made
}

// Fail has every call return what a function returns; it may panic. nil for none.
func (s *Store) Fail(failure func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = failure
}

// Republish publishes version 1 once more, as another one.
func (s *Store) Republish(version int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := strconv.FormatInt(version, 10)
	for key, value := range maps.Clone(s.strings) {
		for _, kind := range []string{"meta", "ids", "names", "pop", "i", "batch"} {
			rest, is := strings.CutPrefix(key, kind+"1")
			if is && (rest == "" || rest[0] == ':') {
				s.strings[kind+next+rest] = value
			}
		}
	}
	for key, fields := range maps.Clone(s.hashes) {
		s.hashes[strings.Replace(key, "1", next, 1)] = fields
	}
	s.strings["active"] = []byte(next)
}

// SetField puts a field of a hash.
func (s *Store) SetField(key, field string, value []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := maps.Clone(s.hashes[key])
	changed[field] = value
	s.hashes[key] = changed
}

// Ping implements [pillion.example/pillion/recommend.Store].
func (s *Store) Ping(context.Context) error {
	s.mu.Lock()
	failure := s.failure
	s.mu.Unlock()
	if failure != nil {
		return failure()
	}
	return nil
}

// Read implements [features.Source].
func (s *Store) Read(ctx context.Context, fields []features.HashField, keys []string) (hashed, values [][]byte, err error) {
	if err := s.Ping(ctx); err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, field := range fields {
		hashed = append(hashed, s.hashes[field.Key][field.Field])
	}
	for _, key := range keys {
		values = append(values, s.strings[key])
	}
	return hashed, values, nil
}
