// Programs in Go: one plan, one model, rows in and outputs out.
//
// This file is what all of them share: it reads plan and rows, prepares a row's features, and answers a command a line
// on standard input.
//
//	check N FILE   scores N rows and writes the outputs; answers 1 where the compiler contracts a*b + c, else 0
//	time N CALLS   scores N rows that often; answers the nanoseconds of all calls
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	otherwise = iota
	add
	multiply
	bucketed
	is
	scale
	constant
)

const (
	number = iota
	logisticRule
	softmax
	boostedLogistic
	votes
	mean
)

type step struct{ operation, a, b, first, count int }

type plan struct {
	fields, rule, outputs int
	fused                 bool
	sparseBelow           float64
	steps                 []step
	constants             []float64
	featureNumbers        []int
	numbers, feature      []float64
}

// model is in linear.go, multinomial.go and trees.go.
type model interface {
	// score scores the row in plan.feature.
	score(p *plan, out []float64)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

func readArray(file io.Reader) []float64 {
	var size int64
	must(binary.Read(file, binary.LittleEndian, &size))
	values := make([]float64, size)
	must(binary.Read(file, binary.LittleEndian, values))
	return values
}

func readInts(file io.Reader) []int {
	values := readArray(file)
	ints := make([]int, len(values))
	for i, value := range values {
		ints[i] = int(value)
	}
	return ints
}

func readPlan(path string) (*plan, model) {
	opened, err := os.Open(path)
	must(err)
	defer opened.Close()
	file := bufio.NewReader(opened)
	about := readArray(file)
	p := &plan{fields: int(about[0]), sparseBelow: about[1], rule: int(about[2]), outputs: int(about[3]), fused: about[4] != 0}
	rows := readInts(file)
	for i := 0; i < len(rows); i += 5 {
		p.steps = append(p.steps, step{rows[i], rows[i+1], rows[i+2], rows[i+3], rows[i+4]})
	}
	p.constants = readArray(file)
	p.featureNumbers = readInts(file)
	p.numbers = make([]float64, p.fields+len(p.steps))
	p.feature = make([]float64, len(p.featureNumbers))
	return p, readModel(file, p)
}

func bucket(value float64, bounds []float64) float64 {
	if value != value {
		return float64(len(bounds) - 1)
	}
	found := 0
	for found < len(bounds)-2 && value >= bounds[found+1] {
		found++
	}
	return float64(found)
}

// prepare makes the features of a row.
func (p *plan) prepare(row []float64) {
	copy(p.numbers, row)
	for i := range p.steps {
		at := &p.steps[i]
		c := p.constants[at.first:]
		a, made := p.numbers[at.a], 0.0
		switch at.operation {
		case otherwise:
			made = a
			if a != a {
				made = c[0]
			}
		case add:
			made = a + p.numbers[at.b]
		case multiply:
			made = a * p.numbers[at.b]
		case bucketed:
			made = bucket(a, c[:at.count])
		case is:
			if a == c[0] {
				made = 1
			}
		case scale:
			made = (a - c[0]) * c[1]
		case constant:
			made = c[0]
		}
		p.numbers[p.fields+i] = made
	}
	for i, at := range p.featureNumbers {
		p.feature[i] = p.numbers[at]
	}
}

// dot is a sum of products in Spark's order: two fused lanes where both vectors are dense.
func dot(x, y []float64, inLanes bool) float64 {
	even, odd, i, n := 0.0, 0.0, 0, len(x)
	y = y[:n]
	if inLanes {
		for ; i < n-1; i += 2 {
			even = math.FMA(x[i], y[i], even)
			odd = math.FMA(x[i+1], y[i+1], odd)
		}
	}
	sum := even + odd
	for ; i < n; i++ {
		sum += float64(x[i] * y[i]) // the conversion keeps a compiler from fusing
	}
	return sum
}

// isDense says whether a row's vector is one that Spark keeps dense.
func (p *plan) isDense() bool {
	stored := 0
	for _, value := range p.feature {
		if value != 0 {
			stored++
		}
	}
	return float64(stored) >= p.sparseBelow
}

func logistic(margin float64, out []float64) {
	out[0] = 1 / (1 + math.Exp(margin))
	out[1] = 1 - out[0]
}

func scoreAll(p *plan, m model, rows, out []float64) {
	for i, n := 0, len(rows)/p.fields; i < n; i++ {
		p.prepare(rows[i*p.fields : (i+1)*p.fields])
		m.score(p, out[i*p.outputs:(i+1)*p.outputs])
	}
}

//go:noinline
func product(x, y, z float64) float64 { return x*y - z }

func contracts() int {
	a := 1 + math.Ldexp(1, -30)
	if product(a, a, float64(a*a)) != 0 {
		return 1
	}
	return 0
}

func main() {
	p, m := readPlan(os.Args[1])
	file, err := os.Open(os.Args[2])
	must(err)
	known := readArray(bufio.NewReader(file))
	var rows, out []float64
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.SplitN(lines.Text(), " ", 3)
		n, err := strconv.Atoi(words[1])
		must(err)
		if len(rows) != n*p.fields {
			rows, out = make([]float64, n*p.fields), make([]float64, n*p.outputs)
			for i := 0; i < len(rows); i += copy(rows[i:], known) {
			}
		}
		if words[0] == "check" {
			scoreAll(p, m, rows, out)
			to, err := os.Create(words[2])
			must(err)
			must(binary.Write(to, binary.LittleEndian, out))
			must(to.Close())
			fmt.Println(contracts())
			continue
		}
		calls, err := strconv.Atoi(words[2])
		must(err)
		from := time.Now()
		for ; calls > 0; calls-- {
			scoreAll(p, m, rows, out)
		}
		fmt.Println(time.Since(from).Nanoseconds())
	}
}
