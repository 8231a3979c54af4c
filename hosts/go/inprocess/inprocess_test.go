//go:build pillion_jvm

package inprocess_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pillion.example/pillion"
	"pillion.example/pillion/inprocess"
	"pillion.example/pillion/pilliontest"
)

// TestMain starts the JVM where the environment names the jar and the published models, as tests/hosts/test_go_module.py does.
func TestMain(m *testing.M) {
	if err := inprocess.Start(inprocess.Config{JavaHome: "/nowhere"}); err == nil {
		panic("a libjvm that is not there was started")
	}
	for _, version := range []string{"11.0.22", "1.8.0_392"} {
		if err := startOf(version); err == nil || !strings.Contains(err.Error(), "17 or later") {
			panic(fmt.Sprintf("a JDK %s was started: %v", version, err))
		}
	}
	if err := inprocess.Start(inprocess.Config{ClassPath: []string{os.Getenv("PILLION_TEST_JAR")}}); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// startOf starts the JVM of a folder that looks like a JDK of some version.
func startOf(version string) error {
	home, err := os.MkdirTemp("", "jdk")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	server := filepath.Join(home, "lib", "server")
	err = errors.Join(
		os.MkdirAll(server, 0o755),
		os.WriteFile(filepath.Join(server, "libjvm.so"), nil, 0o600),
		os.WriteFile(filepath.Join(home, "release"), []byte("IMPLEMENTOR=\"x\"\nJAVA_VERSION=\""+version+"\"\n"), 0o600),
	)
	if err != nil {
		return err
	}
	return inprocess.Start(inprocess.Config{JavaHome: home})
}

func open(t *testing.T, name string) (*inprocess.Model, []pilliontest.VerificationRow) {
	t.Helper()
	folder := filepath.Join(os.Getenv("PILLION_TEST_MODELS"), name, "1")
	document, err := os.ReadFile(filepath.Join(folder, "model.pmml"))
	if err != nil {
		t.Fatal(err)
	}
	model, err := inprocess.Open(document, "auto")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Close)
	rows, err := pilliontest.ReadVerificationSet(folder)
	if err != nil {
		t.Fatal(err)
	}
	return model, rows
}

func TestVerificationSetsInProcess(t *testing.T) {
	for _, name := range []string{"ranker", "titles30"} {
		model, rows := open(t, name)
		columns, err := pilliontest.Columns(model.Inputs, rows)
		if err != nil {
			t.Fatal(err)
		}
		scores, err := model.Score(columns, len(rows))
		if err != nil {
			t.Fatal(err)
		}
		report, err := pilliontest.Compare(scores, rows)
		if err != nil || len(report.Differing) > 0 || model.Arithmetic != "spark" {
			t.Errorf("%s: %v of %d values differ: %v", name, report.Differing, report.Values, err)
		}
		t.Logf("%s: %d rows, %d values, %d differ", name, report.Rows, report.Values, len(report.Differing))
	}
}

// TestRecoveredNilDereferencesEndNothing scores on many threads while goroutines dereference nil and recover.
func TestRecoveredNilDereferencesEndNothing(t *testing.T) {
	model, rows := open(t, "titles30")
	columns, err := pilliontest.Columns(model.Inputs, rows[:10])
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if _, err := model.Score(columns, 10); err != nil {
					t.Error(err)
				}
				dereferenceNil(t)
			}
		})
	}
	all.Wait()
}

func dereferenceNil(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("nothing was thrown")
		}
	}()
	var nobody *inprocess.Model
	t.Log(nobody.Engine)
}

func TestBadInputIsNamed(t *testing.T) {
	model, _ := open(t, "titles30")
	for name, columns := range map[string]map[string]any{
		"hour":   {"hour": []any{7.5}},
		"colour": {"colour": "red"},
		"device": {"device": []string{"tv", "mobile"}},
	} {
		_, err := model.Score(columns, 1)
		if said := (*pillion.Error)(nil); !errors.As(err, &said) || said.Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := inprocess.Open([]byte("<PMML"), "auto"); err == nil {
		t.Error("a document that is cut short was opened")
	}
	if _, err := inprocess.Open(nil, "auto"); err == nil {
		t.Error("an empty document was opened")
	}
}
