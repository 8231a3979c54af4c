// A host in Go with the program in C in its process, by cgo: rows in Go's memory in, outputs there out.
//
// It answers the commands of the other programs; one call of C scores all rows.
package main

/*
#cgo LDFLAGS: -lm
#define main main_of_c
#include PROGRAM
#undef main

static void shape(int *row, int *answer) { *row = fields, *answer = outputs; }
*/
import "C"

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

func readRows(path string) []float64 {
	opened, err := os.Open(path)
	must(err)
	defer opened.Close()
	file := bufio.NewReader(opened)
	var size int64
	must(binary.Read(file, binary.LittleEndian, &size))
	values := make([]float64, size)
	must(binary.Read(file, binary.LittleEndian, values))
	return values
}

func main() {
	C.read_plan(C.CString(os.Args[1]))
	var fields, outputs C.int
	C.shape(&fields, &outputs)
	known := readRows(os.Args[2])
	var rows, out []float64
	score := func() {
		C.score_all((*C.double)(&rows[0]), C.int64_t(len(rows)/int(fields)), (*C.double)(&out[0]))
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.SplitN(lines.Text(), " ", 3)
		n, err := strconv.Atoi(words[1])
		must(err)
		if len(rows) != n*int(fields) {
			rows, out = make([]float64, n*int(fields)), make([]float64, n*int(outputs))
			for i := 0; i < len(rows); i += copy(rows[i:], known) {
			}
		}
		if words[0] == "check" {
			score()
			to, err := os.Create(words[2])
			must(err)
			must(binary.Write(to, binary.LittleEndian, out))
			must(to.Close())
			fmt.Println(C.contracts())
			continue
		}
		calls, err := strconv.Atoi(words[2])
		must(err)
		from := time.Now()
		for ; calls > 0; calls-- {
			score()
		}
		fmt.Println(time.Since(from).Nanoseconds())
	}
}
