package pilliontest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"

	"pillion.example/pillion"
)

// VerificationRow is a row with what Spark computed of it.
type VerificationRow struct {
	Input    map[string]any `json:"input"`
	Expected map[string]any `json:"expected"`
}

// ReadVerificationSet reads verification.jsonl of a version's folder.
func ReadVerificationSet(folder string) ([]VerificationRow, error) {
	path := filepath.Join(folder, "verification.jsonl")
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var rows []VerificationRow
	lines := json.NewDecoder(file)
	lines.UseNumber() // a double would lose whole numbers
	for {
		var row VerificationRow
		switch err := lines.Decode(&row); {
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, fmt.Errorf("%s, line %d: %w", path, len(rows)+1, err)
		}
		rows = append(rows, row)
	}
}

// Difference is a value that is not Spark's.
type Difference struct {
	Row      int
	Output   string
	Expected any
	Got      any
}

// Report is what became of a verification set.
type Report struct {
	Rows, Values int
	Differing    []Difference
}

// Verify scores a verification set in one call, and holds every output against Spark's; see [Compare].
func Verify(ctx context.Context, client *pillion.Client, model string, rows []VerificationRow) (Report, error) {
	contract, err := client.Metadata(ctx, model)
	if err != nil {
		return Report{}, err
	}
	columns, err := Columns(contract.Inputs, rows)
	if err != nil {
		return Report{}, err
	}
	scores, err := client.Infer(ctx, pillion.InferRequest{Model: model, Contract: contract, Columns: columns, Rows: len(rows)})
	if err != nil {
		return Report{}, err
	}
	return Compare(scores, rows)
}

// Columns returns the inputs of rows by column.
func Columns(inputs []pillion.Input, rows []VerificationRow) (map[string]any, error) {
	columns := make(map[string]any, len(inputs))
	for _, input := range inputs {
		column := make([]any, len(rows))
		for at, row := range rows {
			var err error
			if column[at], err = typed(row.Input[input.Name], input.Datatype); err != nil {
				return nil, fmt.Errorf("row %d, input %s: %w", at, input.Name, err)
			}
		}
		columns[input.Name] = column
	}
	return columns, nil
}

// Compare holds a model's answer to rows against Spark's, bit by bit. All NaNs are one.
func Compare(scores *pillion.Scores, rows []VerificationRow) (Report, error) {
	failed := make(map[int]bool, len(scores.RowErrors))
	for _, each := range scores.RowErrors {
		failed[each.Row] = true
	}
	report := Report{Rows: len(rows)}
	for at, row := range rows {
		if row.Expected["error"] == true {
			// Spark has no outputs for the row.
			if report.Values++; !failed[at] {
				report.Differing = append(report.Differing, Difference{at, "error", true, false})
			}
			continue
		}
		for name, expected := range row.Expected {
			output, has := scores.Outputs[name]
			if !has {
				return report, fmt.Errorf("the model gives no output %s", name)
			}
			report.Values++
			if got := valueAt(output, at); !same(expected, got) {
				report.Differing = append(report.Differing, Difference{at, name, expected, got})
			}
		}
	}
	return report, nil
}

func typed(value any, datatype string) (any, error) {
	text, isText := value.(string)
	number, isNumber := value.(json.Number)
	switch {
	case isNumber && datatype == pillion.INT64:
		return number.Int64()
	case isNumber && (datatype == pillion.FP64 || datatype == pillion.FP32):
		return number.Float64()
	case isText && (datatype == pillion.FP64 || datatype == pillion.FP32):
		return strconv.ParseFloat(text, 64)
	}
	return value, nil
}

func valueAt(output pillion.Output, row int) any {
	if output.Missing != nil && output.Missing[row] {
		return nil
	}
	return reflect.ValueOf(output.Values).Index(row).Interface()
}

func same(expected, got any) bool {
	text := fmt.Sprint(expected)
	switch number := got.(type) {
	case float64:
		wanted, err := strconv.ParseFloat(text, 64)
		return err == nil && (math.Float64bits(wanted) == math.Float64bits(number) || (wanted != wanted && number != number))
	case float32:
		wanted, err := strconv.ParseFloat(text, 32)
		return err == nil && (math.Float32bits(float32(wanted)) == math.Float32bits(number) || (wanted != wanted && number != number))
	case int64:
		wanted, err := strconv.ParseInt(text, 10, 64)
		return err == nil && wanted == number
	}
	return expected == got
}
