package pillion

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	headerLength = "Inference-Header-Content-Length"
	idleTimeout  = 60 * time.Second // below the sidecar's own, so that no connection is used while it is being closed
	idlePerHost  = 64
)

// httpTransport is the sidecar over HTTP with binary tensors.
type httpTransport struct {
	where  endpoint
	token  func() string
	client *http.Client
}

func newHTTP(where endpoint, config Config) *httpTransport {
	dialer := &net.Dialer{Timeout: connectTimeout}
	network, address := where.network()
	return &httpTransport{where: where, token: config.Token, client: &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
			TLSClientConfig:     config.TLS,
			MaxIdleConnsPerHost: idlePerHost,
			IdleConnTimeout:     idleTimeout,
			DisableCompression:  true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (t *httpTransport) close() error {
	t.client.CloseIdleConnections()
	return nil
}

func (t *httpTransport) ready(ctx context.Context) error {
	_, _, err := t.call(ctx, http.MethodGet, "/v2/health/ready", origin{}, nil, nil)
	return err
}

type jsonTensor[P any] struct {
	Name       string `json:"name"`
	Datatype   string `json:"datatype"`
	Shape      []int  `json:"shape"`
	Parameters P      `json:"parameters"`
}

// binaryTensor is one whose bytes follow the JSON.
type binaryTensor = jsonTensor[struct {
	Size    int    `json:"binary_data_size"`
	Context bool   `json:"context,omitempty"`
	Missing string `json:"missing_rows,omitempty"`
}]

type jsonMetadata struct {
	Inputs     []jsonTensor[parameters] `json:"inputs"`
	Outputs    []jsonTensor[parameters] `json:"outputs"`
	Parameters parameters               `json:"parameters"`
}

func (t *httpTransport) contract(ctx context.Context, model string) (*Contract, error) {
	body, _, err := t.call(ctx, http.MethodGet, "/v2/models/"+url.PathEscape(model), origin{}, nil, nil)
	if err != nil {
		return nil, err
	}
	var said jsonMetadata
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&said); err != nil {
		return nil, unusable("the sidecar's metadata of the model '%s' cannot be read: %v", model, err)
	}
	inputs := make([]Input, 0, len(said.Inputs))
	for _, input := range said.Inputs {
		inputs = append(inputs, newInput(input.Name, input.Datatype, numbers(input.Parameters)))
	}
	outputs := make([]string, 0, len(said.Outputs))
	for _, output := range said.Outputs {
		outputs = append(outputs, output.Name)
	}
	return newContract(model, numbers(said.Parameters), inputs, outputs)
}

// numbers turns whole numbers of JSON into int64.
func numbers(said parameters) parameters {
	for name, value := range said {
		if number, isNumber := value.(json.Number); isNumber {
			if whole, err := number.Int64(); err == nil {
				said[name] = whole
			}
		}
	}
	return said
}

type jsonRank struct {
	ID             string         `json:"id,omitempty"`
	Parameters     map[string]any `json:"parameters"`
	K              int            `json:"k"`
	Context        []binaryTensor `json:"context"`
	Candidates     []binaryTensor `json:"candidates,omitempty"`
	ItemDefaults   []binaryTensor `json:"item_defaults,omitempty"`
	ItemIDs        IDs            `json:"item_ids,omitzero"`
	Items          IDs            `json:"items,omitzero"`
	List           string         `json:"list,omitempty"`
	ListSize       int            `json:"list_size,omitempty"`
	Exclude        IDs            `json:"exclude,omitzero"`
	FeatureVersion int64          `json:"feature_version,omitempty"`
	UserVector     string         `json:"user_vector,omitempty"`
	ItemVector     string         `json:"item_vector,omitempty"`
}

type jsonRanked struct {
	ID             string            `json:"id"`
	ModelVersion   string            `json:"model_version"`
	Items          []ID              `json:"items"`
	Scores         []json.RawMessage `json:"scores"`
	Candidates     int               `json:"candidates"`
	Unscored       int               `json:"unscored"`
	FeatureVersion int64             `json:"feature_version"`
	SeenShare      float64           `json:"seen_share"`
	Parameters     parameters        `json:"parameters"`
}

func (t *httpTransport) rank(ctx context.Context, request *preparedRank) (*Ranked, error) {
	message := jsonRank{
		ID:             request.RequestID,
		Parameters:     jsonParameters(request.ignore),
		K:              request.K,
		Context:        heads(request.context),
		Candidates:     heads(request.candidates),
		ItemDefaults:   heads(request.defaults),
		List:           request.List,
		ListSize:       request.ListSize,
		Exclude:        request.Excluded,
		FeatureVersion: request.FeatureVersion,
		UserVector:     request.UserVector,
		ItemVector:     request.ItemVector,
	}
	if request.contract.SingleRow() {
		message.Items = request.Items
	} else {
		message.ItemIDs, message.Items = request.Items, request.CandidateIDs
	}
	body, _, err := t.post(ctx, "rank", message, &request.prepared)
	if err != nil {
		return nil, err
	}
	var reply jsonRanked
	if err := json.Unmarshal(body, &reply); err != nil {
		return nil, unusable("the sidecar's reply is not one of the rank route: %v", err)
	}
	said := reply.Parameters
	version, _ := strconv.ParseInt(reply.ModelVersion, 10, 64)
	ranked := &Ranked{
		Items:          make([]RankedItem, len(reply.Items)),
		Candidates:     reply.Candidates,
		Unscored:       reply.Unscored,
		FeatureVersion: reply.FeatureVersion,
		Version:        version,
		Engine:         said.text("engine"),
		SeenShare:      reply.SeenShare,
		RowErrors:      said.rowErrors(),
	}
	for at, text := range reply.Scores {
		if at >= len(ranked.Items) {
			break
		}
		ranked.Items[at].ID = reply.Items[at]
		// "Infinity" stands in quotes, which ParseFloat reads without them.
		if ranked.Items[at].Score, err = strconv.ParseFloat(string(bytes.Trim(text, `"`)), 64); err != nil {
			return nil, unusable("the sidecar's reply has the score %s", text)
		}
	}
	return ranked, request.check(ranked, len(reply.Scores), reply.ID)
}

type jsonInfer struct {
	ID         string         `json:"id,omitempty"`
	Parameters map[string]any `json:"parameters"`
	Inputs     []binaryTensor `json:"inputs"`
	Outputs    []jsonOutput   `json:"outputs,omitempty"`
}

type jsonOutput struct {
	Name string `json:"name"`
}

type jsonInferred struct {
	ID           string         `json:"id"`
	ModelVersion string         `json:"model_version"`
	Outputs      []binaryTensor `json:"outputs"`
	Parameters   parameters     `json:"parameters"`
}

func (t *httpTransport) infer(ctx context.Context, request *preparedInfer) (*Scores, error) {
	message := jsonInfer{ID: request.RequestID, Parameters: jsonParameters(request.ignore), Inputs: heads(request.inputs)}
	message.Parameters["binary_data_output"] = true
	for _, name := range request.Outputs {
		message.Outputs = append(message.Outputs, jsonOutput{name})
	}
	body, length, err := t.post(ctx, "infer", message, &request.prepared)
	if err != nil {
		return nil, err
	}
	if length > len(body) {
		return nil, unusable("the sidecar's reply is shorter than its JSON")
	}
	var reply jsonInferred
	if err := json.Unmarshal(body[:length], &reply); err != nil {
		return nil, unusable("the sidecar's reply is not one of the V2 protocol: %v", err)
	}
	said := reply.Parameters
	version, _ := strconv.ParseInt(reply.ModelVersion, 10, 64)
	scores := &Scores{
		Outputs:   make(map[string]Output, len(reply.Outputs)),
		RowErrors: said.rowErrors(),
		Version:   version,
		Engine:    said.text("engine"),
	}
	tail := body[length:]
	for _, output := range reply.Outputs {
		size := output.Parameters.Size
		if size < 0 || size > len(tail) {
			return nil, unusable("the output '%s' is cut off", output.Name)
		}
		column, err := readOutput(output.Name, output.Datatype, request.Rows, tail[:size], output.Parameters.Missing)
		if err != nil {
			return nil, err
		}
		scores.Outputs[output.Name], tail = column, tail[size:]
	}
	return scores, request.check(scores, reply.ID)
}

func jsonParameters(ignoreUnknown bool) map[string]any {
	made := map[string]any{"on_row_error": "null"}
	if ignoreUnknown {
		made["unknown_inputs"] = "ignore"
	}
	return made
}

// heads describes tensors, whose bytes follow the JSON in the arena's order.
func heads(tensors []tensor) []binaryTensor {
	made := make([]binaryTensor, len(tensors))
	for at, each := range tensors {
		made[at] = binaryTensor{Name: each.name, Datatype: each.datatype, Shape: []int{each.rows}}
		said := &made[at].Parameters
		said.Size, said.Context, said.Missing = each.end-each.start, each.context, each.missing
	}
	return made
}

// post sends JSON with the arena's bytes after it; it returns the reply and the length of its JSON.
func (t *httpTransport) post(ctx context.Context, action string, message any, request *prepared) ([]byte, int, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return nil, 0, Invalid("", "the request cannot be written: %v", err)
	}
	content := http.Header{}
	content.Set("Content-Type", "application/octet-stream")
	content.Set(headerLength, strconv.Itoa(len(body)))
	version := strconv.FormatInt(request.contract.Version, 10)
	path := "/v2/models/" + url.PathEscape(request.contract.Model) + "/versions/" + version + "/" + action
	// The library may read the body after an answer came, when the arena has another request's bytes: so they are copied.
	reply, said, err := t.call(ctx, http.MethodPost, path, request.origin, content, append(body, request.arena.bytes...))
	if err != nil {
		return nil, 0, err
	}
	length := len(reply)
	if text := said.Get(headerLength); text != "" {
		if length, err = strconv.Atoi(text); err != nil || length < 0 {
			return nil, 0, unusable("the sidecar's reply has the header %s: %s", headerLength, excerpt(text))
		}
	}
	return reply, length, nil
}

// call is the one place where the standard library's errors become ours.
func (t *httpTransport) call(
	ctx context.Context, method, path string, of origin, content http.Header, body []byte,
) ([]byte, http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, method, t.where.url()+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, Invalid("model", "the request cannot be written: %v", err)
	}
	// Without a body of its own to read again, the library would not send a request twice.
	request.GetBody = nil
	if content != nil {
		request.Header = content
	}
	if end, has := ctx.Deadline(); has {
		left := float64(time.Until(end)) / float64(time.Millisecond)
		request.Header.Set("X-Deadline-Ms", strconv.FormatFloat(left, 'f', 3, 64))
	}
	for _, header := range headers(t.token(), of) {
		request.Header.Set(header[0], header[1])
	}
	response, err := t.client.Do(request)
	if err != nil {
		return nil, nil, t.failure(ctx, err)
	}
	defer response.Body.Close()
	reply, err := io.ReadAll(response.Body)
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, t.failure(ctx, err)
		}
		return nil, nil, NewError(ErrUnavailable, CodeSidecar, "the sidecar at "+t.where.String()+" broke off: "+excerpt(err.Error()), err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, nil, declined(response.StatusCode, reply)
	}
	return reply, response.Header, nil
}

func (t *httpTransport) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return NewError(ErrDeadline, CodeDeadline, "the sidecar did not answer in time", ctx.Err())
	}
	if isTLS(err) {
		return untrusted(t.where, excerpt(err.Error()), err)
	}
	if strings.Contains(err.Error(), "malformed HTTP") {
		return NewError(ErrUnavailable, CodeSidecar, "the sidecar at "+t.where.String()+" does not speak HTTP: "+excerpt(err.Error()), err)
	}
	return unreachable(t.where, excerpt(err.Error()), err)
}

func declined(code int, body []byte) error {
	var said struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &said) != nil || said.Error == "" {
		said.Error = "no reason given"
	}
	sentence := "the sidecar declined with status " + strconv.Itoa(code) + ": " + excerpt(said.Error)
	switch {
	case code == http.StatusGatewayTimeout:
		return NewError(ErrDeadline, CodeDeadline, sentence, context.DeadlineExceeded)
	case code == http.StatusConflict:
		return NewError(ErrInvalid, CodeLacksItems, sentence, nil)
	case 400 <= code && code < 500:
		return NewError(ErrInvalid, CodeRefused, sentence, nil)
	}
	return NewError(ErrUnavailable, CodeSidecar, sentence, nil)
}
