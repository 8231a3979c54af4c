package recommend

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"pillion.example/pillion"
)

// HandlerConfig is how the routes behave.
type HandlerConfig struct {
	// MaxBody is the longest body of a request, 256 KiB where left out.
	MaxBody int64
	// AdminToken opens POST /v1/breakers/{name}; nobody may do that where it is empty.
	AdminToken string
	// OnRequest is told of each answered request; the route is a pattern.
	OnRequest func(route, method string, status int, took time.Duration)
	// OnAnswer is told of each recommendation.
	OnAnswer func(Recommendation)
}

const (
	defaultMaxBody = 1 << 18
	requestHeader  = "X-Request-Id"
	// RecommendationsRoute takes POST.
	RecommendationsRoute = "/v1/recommendations"
)

var acceptedID = regexp.MustCompile(`^[A-Za-z0-9._:/-]{1,128}$`)

// Handler returns the shim's routes: GET and POST /v1/recommendations, /healthz, /readyz, /v1/status, /v1/breakers/{name}.
func Handler(recommender *Recommender, config HandlerConfig) http.Handler {
	config.MaxBody = cmp.Or(config.MaxBody, defaultMaxBody)
	routes := &routes{recommender, config}
	mux := http.NewServeMux()
	routes.add(mux, "POST "+RecommendationsRoute, routes.post)
	routes.add(mux, "GET "+RecommendationsRoute+"/{user_id...}", routes.get)
	routes.add(mux, "GET /healthz", func(http.ResponseWriter, *http.Request) (int, any) {
		return http.StatusOK, map[string]bool{"live": true}
	})
	routes.add(mux, "GET /readyz", routes.ready)
	routes.add(mux, "GET /v1/status", func(http.ResponseWriter, *http.Request) (int, any) {
		return http.StatusOK, statusBody(recommender.Status())
	})
	routes.add(mux, "POST /v1/breakers/{name}", routes.force)
	routes.add(mux, "/", func(writer http.ResponseWriter, request *http.Request) (int, any) {
		// A known path that is asked by another method comes here, too.
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			other := request.Clone(request.Context())
			other.Method = method
			if _, found := mux.Handler(other); found != "/" {
				writer.Header().Set("Allow", method)
				return http.StatusMethodNotAllowed, problem("method_not_allowed", "Method Not Allowed", "")
			}
		}
		return http.StatusNotFound, problem("not_found", "Not Found", "")
	})
	return mux
}

type routes struct {
	recommender *Recommender
	config      HandlerConfig
}

// add registers a route, which gets an id, and whose answer is counted.
func (h *routes) add(mux *http.ServeMux, pattern string, answer func(http.ResponseWriter, *http.Request) (int, any)) {
	route := pattern[strings.Index(pattern, "/"):]
	mux.HandleFunc(pattern, func(writer http.ResponseWriter, request *http.Request) {
		started := time.Now()
		id := request.Header.Get(requestHeader)
		if !acceptedID.MatchString(id) {
			var random [16]byte
			_, _ = rand.Read(random[:])
			id = hex.EncodeToString(random[:])
			request.Header.Set(requestHeader, id)
		}
		status, body := answer(writer, request)
		data, err := json.Marshal(body)
		if err != nil {
			status, data = http.StatusInternalServerError, []byte(`{"error":{"code":"internal","message":"the answer cannot be written","field":null}}`)
			h.recommender.log.Error("an answer cannot be written", "error", err)
		}
		header := writer.Header()
		header.Set("Content-Type", "application/json")
		header.Set(requestHeader, id)
		header.Set("Content-Length", strconv.Itoa(len(data)))
		writer.WriteHeader(status)
		_, _ = writer.Write(data)
		if h.config.OnRequest != nil {
			h.config.OnRequest(route, request.Method, status, time.Since(started))
		}
	})
}

func (h *routes) post(writer http.ResponseWriter, request *http.Request) (int, any) {
	data, err := io.ReadAll(http.MaxBytesReader(writer, request.Body, h.config.MaxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge, problem("too_large", "the body is longer than "+strconv.FormatInt(h.config.MaxBody, 10)+" bytes", "")
	} else if err != nil {
		return http.StatusRequestTimeout, problem("timeout", "the body did not arrive", "")
	}
	asked, err := h.recommender.readBody(data)
	return h.recommend(request, asked, err)
}

func (h *routes) get(_ http.ResponseWriter, request *http.Request) (int, any) {
	asked, err := h.recommender.readQuery(request.PathValue("user_id"), request.URL.Query())
	return h.recommend(request, asked, err)
}

func (h *routes) recommend(request *http.Request, asked Request, err error) (int, any) {
	if err == nil {
		asked.Deadline, err = readDeadline(request.Header)
	}
	if err == nil {
		asked.RequestID = request.Header.Get(requestHeader)
		asked.TraceParent, asked.TraceState = request.Header.Get("Traceparent"), request.Header.Get("Tracestate")
		var answer Recommendation
		if answer, err = h.recommender.Recommend(request.Context(), asked); err == nil {
			if h.config.OnAnswer != nil {
				h.config.OnAnswer(answer)
			}
			return http.StatusOK, answerBody(answer)
		}
	}
	var said *pillion.Error
	if errors.As(err, &said) && errors.Is(err, pillion.ErrInvalid) {
		return http.StatusBadRequest, problem(said.Code, said.Error(), said.Field)
	}
	h.recommender.log.Error("a request failed", "error", err)
	return http.StatusServiceUnavailable, problem("dependency", "the request cannot be answered now", "")
}

func (h *routes) ready(_ http.ResponseWriter, request *http.Request) (int, any) {
	dependencies := map[string]string{}
	for name, err := range h.recommender.Ping(request.Context()) {
		dependencies[name] = "up"
		if err != nil {
			dependencies[name] = "down"
		}
	}
	status := http.StatusOK
	if !h.recommender.Ready() {
		status = http.StatusServiceUnavailable
	}
	return status, map[string]any{
		"ready": h.recommender.Ready(), "snapshot": orNull(h.recommender.Status().SnapshotVersion), "dependencies": dependencies,
	}
}

func (h *routes) force(writer http.ResponseWriter, request *http.Request) (int, any) {
	expected := "Bearer " + h.config.AdminToken
	switch given := request.Header.Get("Authorization"); {
	case h.config.AdminToken == "":
		return http.StatusForbidden, problem("forbidden", "breakers cannot be forced: this host has no administrator's token", "")
	case subtle.ConstantTimeCompare([]byte(given), []byte(expected)) != 1:
		writer.Header().Set("WWW-Authenticate", "Bearer")
		return http.StatusUnauthorized, problem("unauthorized", "the header 'Authorization' does not carry the administrator's token", "")
	}
	var body struct {
		Mode string `json:"mode"`
	}
	name := request.PathValue("name")
	if err := json.NewDecoder(http.MaxBytesReader(writer, request.Body, h.config.MaxBody)).Decode(&body); err != nil {
		return http.StatusBadRequest, problem("invalid_input", "the body is not as it must be: "+err.Error(), "")
	}
	if _, has := h.recommender.Status().Dependencies[name]; !has {
		return http.StatusNotFound, problem("not_found", "there is no breaker '"+name+"', only store, sidecar", "name")
	}
	if !h.recommender.ForceBreaker(name, body.Mode) {
		return http.StatusBadRequest, problem("invalid_input", "the field 'mode' is none of open, closed and auto", "mode")
	}
	return http.StatusOK, map[string]any{"name": name, "state": h.recommender.Status().Dependencies[name].State}
}
