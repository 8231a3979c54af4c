// A host of generated types, whose package is made beside it; tests/hosts/test_typed_code.py runs it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"

	"example.com/host/model"
	"pillion.example/pillion"
	"pillion.example/pillion/pilliontest"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run scores the rows of a version's folder, whose outputs it is told, as the generated types, and prints the report and the
// counts.
func run(ctx context.Context, address, folder string, outputs []string) error {
	client, err := pillion.New(pillion.Config{Address: address})
	if err != nil {
		return err
	}
	defer client.Close()
	contract, err := client.Metadata(ctx, model.Model)
	if err != nil {
		return err
	}
	rows, err := pilliontest.ReadVerificationSet(folder)
	if err != nil {
		return err
	}
	columns, err := pilliontest.Columns(contract.Inputs, rows)
	if err != nil {
		return err
	}
	reader := model.Reader{Unseen: model.MissingUnseen}
	typed := make([]model.Row, len(rows))
	for at := range rows {
		values := make(map[string]any)
		for input, column := range columns {
			values[input] = column.([]any)[at]
		}
		if typed[at], err = reader.Row(values); err != nil {
			return err
		}
	}
	predictions, err := model.Infer(ctx, client, typed)
	if err != nil {
		return err
	}
	report, err := pilliontest.Compare(scores(outputs, predictions), rows)
	if err != nil {
		return err
	}
	strict := model.Reader{}
	_, refused := strict.Device("never seen")
	device, _ := strict.Device("tv")
	asked := pillion.RankRequest{Model: model.Model, K: 1}
	if contract.SingleRow() {
		asked.Context = typed[0].Inputs()
	} else {
		asked.Candidates = model.Columns(typed[:2])
	}
	top, err := client.Rank(ctx, asked)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"values": report.Values, "differing": len(report.Differing), "unseen": reader.UnseenCounts(),
		"refused": errors.Is(refused, pillion.ErrInvalid), "strict": strict.UnseenCounts()["device"],
		"known": device == model.DeviceTv, "ranked": len(top.Items), "document": model.Document,
	})
}

// scores puts predictions back into columns, by the order of their fields, which is that of the model's outputs.
func scores(outputs []string, predictions []model.Prediction) *pillion.Scores {
	made := &pillion.Scores{Outputs: make(map[string]pillion.Output)}
	for at, output := range outputs {
		kind := reflect.TypeOf(model.Prediction{}).Field(at + 1).Type.Elem()
		values := reflect.MakeSlice(reflect.SliceOf(kind), len(predictions), len(predictions))
		missing := make([]bool, len(predictions))
		for row := range predictions {
			value := reflect.ValueOf(predictions[row]).Field(at + 1)
			if missing[row] = value.IsNil(); !missing[row] {
				values.Index(row).Set(value.Elem())
			}
		}
		made.Outputs[output] = pillion.Output{Values: values.Interface(), Missing: missing}
	}
	for row := range predictions {
		if predictions[row].Error != nil {
			made.RowErrors = append(made.RowErrors, *predictions[row].Error)
		}
	}
	return made
}
