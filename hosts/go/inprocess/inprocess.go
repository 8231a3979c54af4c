//go:build pillion_jvm

package inprocess

/*
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "jvm.h"
*/
import "C"

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"pillion.example/pillion"
)

// Config is how a JVM is started. A process has one, and can't start it again.
type Config struct {
	// JavaHome is a JDK or a JRE; JAVA_HOME where empty.
	JavaHome string
	// ClassPath has the sidecar's jar, or the engines' jars.
	ClassPath []string
	// Options are those of the JVM, as -Xmx256m.
	Options []string
}

var (
	starting sync.Mutex
	started  bool
)

// oldest is the Java that the engine's classes are compiled for.
const oldest = 17

var release = regexp.MustCompile(`(?m)^JAVA_VERSION="(?:1\.)?(\d+)`)

// javaVersion returns which Java a JDK is of, as its release file says; 0 where it says nothing.
func javaVersion(home string) int {
	text, err := os.ReadFile(filepath.Join(home, "release"))
	if err != nil {
		return 0
	}
	found := release.FindSubmatch(text)
	if found == nil {
		return 0
	}
	version, _ := strconv.Atoi(string(found[1]))
	return version
}

// Start starts this process's JVM; once it runs, another call does nothing.
func Start(config Config) error {
	starting.Lock()
	defer starting.Unlock()
	if started {
		return nil
	}
	home := cmp.Or(config.JavaHome, os.Getenv("JAVA_HOME"))
	library := filepath.Join(home, "lib", "server", "libjvm.so")
	if _, err := os.Stat(library); home == "" || err != nil {
		return fmt.Errorf("there is no libjvm under %q: set JAVA_HOME to a JDK 17 or later", home)
	}
	if version := javaVersion(home); version != 0 && version < oldest {
		return fmt.Errorf("the JDK under %q is of Java %d: set JAVA_HOME to a JDK %d or later", home, version, oldest)
	}
	for _, path := range config.ClassPath {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("the class path has a file that is not there: %w", err)
		}
	}
	options := append([]string{"-Djava.class.path=" + strings.Join(config.ClassPath, ":"), "-Xshare:auto", "-XX:+UseSerialGC"}, config.Options...)
	given := make([]*C.char, len(options))
	for at, option := range options {
		given[at] = C.CString(option)
		defer C.free(unsafe.Pointer(given[at]))
	}
	name := C.CString(library)
	defer C.free(unsafe.Pointer(name))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if problem := C.pillion_start(name, &given[0], C.int(len(given))); problem != nil {
		defer C.free(unsafe.Pointer(problem))
		return errors.New(C.GoString(problem))
	}
	started = true
	return nil
}

// Model is a document that an engine has opened. It is safe for concurrent use until it is closed.
type Model struct {
	// Engine evaluates the document; its arithmetic is "spark" where its bits are Spark's.
	Engine, Arithmetic string
	// Inputs are what the document takes.
	Inputs []pillion.Input

	handle unsafe.Pointer
	once   sync.Once
}

var datatypes = map[string]string{
	"string": pillion.BYTES, "integer": pillion.INT64, "float": pillion.FP32, "double": pillion.FP64, "boolean": pillion.BOOL,
}

// Open has an engine open a document: "compiled", "jpmml", or "auto" for the first that takes it. [Start] comes before.
func Open(document []byte, engine string) (*Model, error) {
	starting.Lock()
	defer starting.Unlock()
	if !started {
		return nil, errors.New("no JVM runs in this process: call Start")
	}
	if len(document) == 0 {
		return nil, pillion.Invalid("", "the document is empty")
	}
	name := C.CString(engine)
	defer C.free(unsafe.Pointer(name))
	reply := C.pillion_open(unsafe.Pointer(&document[0]), C.int64_t(len(document)), name)
	if err := failed(reply); err != nil {
		return nil, err
	}
	made := &Model{handle: unsafe.Pointer(reply.bytes)}
	if err := made.describe(); err != nil {
		made.Close()
		return nil, err
	}
	return made, nil
}

func (m *Model) describe() (err error) {
	if m.Engine, err = m.text("engine"); err != nil {
		return err
	}
	if m.Arithmetic, err = m.text("arithmetic"); err != nil {
		return err
	}
	said, err := m.text("contractJson")
	if err != nil {
		return err
	}
	var contract struct {
		Inputs []struct{ Name, Type, Format, Missing string }
	}
	if err := json.Unmarshal([]byte(said), &contract); err != nil {
		return fmt.Errorf("the document's contract cannot be read: %w", err)
	}
	for _, input := range contract.Inputs {
		m.Inputs = append(m.Inputs, pillion.Input{
			Name: input.Name, Datatype: datatypes[input.Type], Format: input.Format, Missing: input.Missing, Required: true,
		})
	}
	return nil
}

func (m *Model) text(method string) (string, error) {
	name := C.CString(method)
	defer C.free(unsafe.Pointer(name))
	reply := C.pillion_text(m.handle, name)
	if err := failed(reply); err != nil {
		return "", err
	}
	defer C.free(unsafe.Pointer(reply.bytes))
	return C.GoString(reply.bytes), nil
}

// Score scores rows. Columns are those of [pillion.InferRequest]; an input that is absent is missing in every row.
func (m *Model) Score(columns map[string]any, rows int) (*pillion.Scores, error) {
	packed, err := pack(m.Inputs, columns, rows)
	if err != nil {
		return nil, err
	}
	reply := C.pillion_score(m.handle, unsafe.Pointer(&packed[0]), C.int64_t(len(packed)))
	if err := failed(reply); err != nil {
		return nil, err
	}
	defer C.free(unsafe.Pointer(reply.bytes))
	scores, err := unpack(unsafe.Slice((*byte)(unsafe.Pointer(reply.bytes)), int(reply.length)))
	if err == nil {
		scores.Engine = m.Engine
	}
	return scores, err
}

// Close frees the document.
func (m *Model) Close() {
	m.once.Do(func() { C.pillion_close(m.handle) })
}

func failed(reply C.pillion_reply) error {
	if reply.error == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(reply.error))
	said := C.GoString(reply.error)
	if _, message, isThrown := strings.Cut(said, ": "); isThrown {
		said = message
	}
	if reply.is_input != 0 {
		return pillion.NewError(pillion.ErrInvalid, pillion.CodeInvalidInput, said, nil)
	}
	return errors.New(said)
}
