// Command example is a recommendation service in one file: the shim's routes, Prometheus' metrics, and an end that loses no
// request. It is told where store and sidecar are by the environment, as the shim is.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"pillion.example/pillion"
	"pillion.example/pillion/features"
	"pillion.example/pillion/metrics"
	"pillion.example/pillion/recommend"
)

//go:embed openapi.json
var openAPI []byte

const (
	drain       = 5 * time.Second
	readTimeout = 5 * time.Second
	idleTimeout = 2 * time.Minute
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := Run(ctx, os.Getenv, os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// Run serves until the context ends, or standard input does where that is a pipe.
func Run(ctx context.Context, get func(string) string, in *os.File, out, log io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if said, err := in.Stat(); err == nil && said.Mode()&os.ModeNamedPipe != 0 {
		go func() {
			_, _ = io.Copy(io.Discard, in)
			stop() // whoever started this process has gone
		}()
	}
	logger := newLogger(get("PILLION_LOG_FORMAT"), log)
	project, err := recommend.FindProject(get)
	if err != nil {
		return err
	}
	settings, err := recommend.FromEnvironment(recommend.Defaults(), get)
	if err != nil {
		return err
	}
	port := cmp.Or(get("PILLION_SHIM_PORT"), "8000")
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("PILLION_SHIM_PORT is %q, but must be a port's number", port)
	}
	client, err := pillion.New(pillion.Config{
		Address:   cmp.Or(get("PILLION_SIDECAR_ADDRESS"), pillion.UsualAddress(get)),
		Transport: pillion.Transport(get("PILLION_HOST_TRANSPORT")),
	})
	if err != nil {
		return err
	}
	defer client.Close()
	store, err := features.OpenStore(features.StoreConfig{
		URL: cmp.Or(get("PILLION_STORE_URL"), "redis://127.0.0.1:6379/0"), Password: get("PILLION_STORE_PASSWORD"),
	})
	if err != nil {
		return err
	}
	defer store.Close()
	counts := metrics.New()
	recommender, err := recommend.New(recommend.Config{
		Client: client, Store: store, Project: project, Settings: settings, Log: logger, OnBreaker: counts.Breaker,
	})
	if err != nil {
		return err
	}
	recommender.Start(ctx)
	defer recommender.Close()
	counts.Watch(recommender)
	registry := prometheus.NewRegistry()
	registry.MustRegister(counts)

	routes := http.NewServeMux()
	routes.Handle("/", recommend.Handler(recommender, recommend.HandlerConfig{
		AdminToken: get("PILLION_SHIM_ADMIN_TOKEN"), OnRequest: counts.Request, OnAnswer: counts.Answer,
	}))
	routes.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	routes.HandleFunc("GET /openapi.json", func(writer http.ResponseWriter, _ *http.Request) {
		writer.Header().Set("Content-Type", "application/json")
		_, _ = writer.Write(openAPI)
	})
	return serve(ctx, routes, net.JoinHostPort(cmp.Or(get("PILLION_SHIM_HOST"), "127.0.0.1"), port), out)
}

// newLogger writes text for people, or one JSON object a line, with the words of the shim's levels.
func newLogger(format string, log io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{ReplaceAttr: func(_ []string, attribute slog.Attr) slog.Attr {
		if level, is := attribute.Value.Any().(slog.Level); is && attribute.Key == slog.LevelKey {
			attribute.Value = slog.StringValue(map[slog.Level]string{
				slog.LevelDebug: "debug", slog.LevelInfo: "info", slog.LevelWarn: "warning", slog.LevelError: "error",
			}[level])
		}
		return attribute
	}}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(log, options))
	}
	return slog.New(slog.NewTextHandler(log, options))
}

// serve answers until the context ends, and finishes what is under way.
func serve(ctx context.Context, routes http.Handler, address string, out io.Writer) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: routes, ReadTimeout: readTimeout, IdleTimeout: idleTimeout}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintf(out, "LISTENING host http://%s\n", listener.Addr())
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := server.Shutdown(last); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return server.Close()
}
