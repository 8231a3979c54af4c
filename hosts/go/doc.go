// Package pillion is a client of Pillion's sidecar, which scores Spark's pipelines to Spark's bits.
//
// A [Client] ranks items for a context, scores rows, and says whether the sidecar is ready. It sends what the serving
// version's contract asks for, fills what is missing, and pins the version, so that a swap to a version with other inputs
// turns no request into an error.
//
//	client, err := pillion.New(pillion.Config{Address: "unix:/run/pillion/sidecar.sock"})
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	ranked, err := client.Rank(ctx, pillion.RankRequest{
//		Model:   "ranker",
//		K:       10,
//		Context: map[string]any{"device": "tv", "hour": 21},
//		List:    "global",
//	})
//
// Package [pillion.example/pillion/recommend] is the data plane around it: features from the online store, and a
// degradation ladder under the model.
package pillion
