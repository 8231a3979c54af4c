package features

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"os"
	"path/filepath"
)

const snapshotHead = "pillion snapshot 1\n"

// SaveSnapshot writes a catalog to a file, all of it or nothing, so that a cold start without a store can answer.
func SaveSnapshot(catalog *Catalog, path string) error {
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(catalog.raw); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	sum := sha256.Sum256(body.Bytes())
	for _, part := range [][]byte{[]byte(snapshotHead), sum[:], body.Bytes()} {
		if _, err := file.Write(part); err != nil {
			file.Close()
			return err
		}
	}
	if err := file.Sync(); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// LoadSnapshot reads what [SaveSnapshot] wrote.
func LoadSnapshot(path string) (*Catalog, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	body, isSnapshot := bytes.CutPrefix(data, []byte(snapshotHead))
	if !isSnapshot || len(body) < sha256.Size || sha256.Sum256(body[sha256.Size:]) != [sha256.Size]byte(body[:sha256.Size]) {
		return nil, corrupt("%s is not a snapshot, or is not what was written there", path)
	}
	var found raw
	if err := gob.NewDecoder(bytes.NewReader(body[sha256.Size:])).Decode(&found); err != nil {
		return nil, corrupt("%s is not a snapshot: %v", path, err)
	}
	return build(found)
}

// Check reads a catalog's version, and whether a host can answer with it; an error refuses it.
type Check func(*Catalog) error

// Refresh returns the catalog of the version in use where that is another one than `known`, and keeps it in a file where
// `path` names one; nil where nothing has changed.
func Refresh(ctx context.Context, source Source, known *Catalog, check Check, path string) (*Catalog, error) {
	found, err := ReadCatalog(ctx, source, known)
	if err != nil || found == nil {
		return nil, err
	}
	if err := check(found); err != nil {
		return nil, err
	}
	if path != "" {
		if err := SaveSnapshot(found, path); err != nil {
			return found, fmt.Errorf("the snapshot cannot be kept: %w", err)
		}
	}
	return found, nil
}
