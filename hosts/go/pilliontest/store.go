package pilliontest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
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
func (s *Store) Read(ctx context.Context, fields []features.HashField, keys []string) (hashed, strings [][]byte, err error) {
	if err := s.Ping(ctx); err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, field := range fields {
		hashed = append(hashed, s.hashes[field.Key][field.Field])
	}
	for _, key := range keys {
		strings = append(strings, s.strings[key])
	}
	return hashed, strings, nil
}
