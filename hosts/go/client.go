package pillion

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Transport is how a client speaks with the sidecar.
type Transport string

const (
	// GRPC is the default. Over TCP its address is that of the sidecar's option --grpc.
	GRPC Transport = "grpc"
	// HTTP has binary tensors, by the standard library alone.
	HTTP Transport = "http"
)

// Config is how to reach a sidecar. Its zero values are useful but for the address.
type Config struct {
	// Address is unix:/PATH of a Unix socket, http://HOST:PORT, or https://HOST:PORT for TLS.
	Address string
	// Transport is [GRPC] where left out.
	Transport Transport
	// Reserve is what a call leaves of its context's deadline to whoever made it.
	Reserve time.Duration
	// Timeout bounds a call whose context has no deadline; 10 s where left out.
	Timeout time.Duration
	// ContractAge is the age from which a contract is read again in the background, 1 s where left out. A swap is noticed
	// after so long; meanwhile the version that was pinned answers.
	ContractAge time.Duration
	// IgnoreUnknownInputs leaves inputs aside that the serving version does not have; else they are errors.
	IgnoreUnknownInputs bool
	// Token is sent over TCP as a bearer token where it returns one; it is asked for each call, so it can change.
	Token func() string
	// TLS is the configuration for https://; the system's authorities where nil.
	TLS *tls.Config
}

const (
	shortestBackoff    = 20 * time.Millisecond
	longestBackoff     = 250 * time.Millisecond
	connectTimeout     = time.Second
	defaultTimeout     = 10 * time.Second
	defaultContractAge = time.Second
	longestExcerpt     = 300
)

// Client is a client of one sidecar. It is safe for concurrent use, connects when it is first used, and makes no retries but
// one after a swap of versions.
type Client struct {
	config    Config
	transport transport
	contracts sync.Map // of *known by model
	reading   sync.WaitGroup
	closing   context.Context
	stop      context.CancelFunc
}

type known struct {
	contract  atomic.Pointer[Contract]
	readAt    atomic.Int64 // nanoseconds since an arbitrary moment, as time.Since counts
	isReading atomic.Bool
}

// New returns a client. It does not connect: a sidecar that is not there yet is no error.
func New(config Config) (*Client, error) {
	where, err := parseAddress(config.Address)
	if err != nil {
		return nil, err
	}
	config.Timeout = cmp.Or(config.Timeout, defaultTimeout)
	config.ContractAge = cmp.Or(config.ContractAge, defaultContractAge)
	if config.Token == nil || where.path != "" {
		config.Token = func() string { return "" }
	}
	client := &Client{config: config}
	client.closing, client.stop = context.WithCancel(context.Background())
	switch config.Transport {
	case GRPC, "":
		client.transport, err = newGRPC(where, config)
	case HTTP:
		client.transport = newHTTP(where, config)
	default:
		err = fmt.Errorf("the transport %q is none of %q and %q", config.Transport, GRPC, HTTP)
	}
	if err != nil {
		return nil, err
	}
	return client, nil
}

// Close gives connections back and waits for what goes on in the background.
func (c *Client) Close() error {
	c.stop()
	c.reading.Wait()
	return c.transport.close()
}

// Rank ranks items for a context. Its errors are of [ErrUnavailable], [ErrDeadline] and [ErrInvalid].
func (c *Client) Rank(ctx context.Context, request RankRequest) (*Ranked, error) {
	return withContract(ctx, c, request.Model, request.Contract, func(ctx context.Context, with prepared) (*Ranked, error) {
		made, err := prepareRank(&request, with)
		if err != nil {
			return nil, err
		}
		return c.transport.rank(ctx, made)
	})
}

// Infer scores rows. Its errors are those of Rank.
func (c *Client) Infer(ctx context.Context, request InferRequest) (*Scores, error) {
	return withContract(ctx, c, request.Model, request.Contract, func(ctx context.Context, with prepared) (*Scores, error) {
		made, err := prepareInfer(&request, with)
		if err != nil {
			return nil, err
		}
		return c.transport.infer(ctx, made)
	})
}

// Ready returns nil once the sidecar says that it is ready.
func (c *Client) Ready(ctx context.Context) error {
	ctx, cancel, err := c.deadline(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	return c.transport.ready(ctx)
}

// Metadata returns the contract of a model's serving version, of at most [Config.ContractAge] and the time of one call.
func (c *Client) Metadata(ctx context.Context, model string) (*Contract, error) {
	if contract := c.remembered(model); contract != nil {
		return contract, nil
	}
	return c.FreshMetadata(ctx, model)
}

// FreshMetadata asks the sidecar for the contract of a model's serving version.
func (c *Client) FreshMetadata(ctx context.Context, model string) (*Contract, error) {
	ctx, cancel, err := c.deadline(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	return c.read(ctx, model)
}

// remembered returns the contract that was read last, and has it read again in the background where it is old; nil where there is
// none.
func (c *Client) remembered(model string) *Contract {
	of := c.known(model)
	contract := of.contract.Load()
	if contract != nil && time.Since(start)-time.Duration(of.readAt.Load()) > c.config.ContractAge && of.isReading.CompareAndSwap(false, true) {
		c.reading.Go(func() {
			defer of.isReading.Store(false)
			// Where it cannot be read, the one that is known goes on.
			_, _ = c.FreshMetadata(c.closing, model)
		})
	}
	return contract
}

// read asks for a contract and keeps it; an unchanged one stays the same pointer.
func (c *Client) read(ctx context.Context, model string) (*Contract, error) {
	of := c.known(model)
	contract, err := c.transport.contract(ctx, model)
	if err != nil {
		return nil, err
	}
	of.readAt.Store(int64(time.Since(start)))
	if before := of.contract.Load(); before != nil && before.Version == contract.Version &&
		before.FeatureVersion == contract.FeatureVersion && before.ItemsProblem == contract.ItemsProblem {
		return before, nil
	}
	of.contract.Store(contract)
	return contract, nil
}

var start = time.Now()

func (c *Client) known(model string) *known {
	if of, is := c.contracts.Load(model); is {
		return of.(*known)
	}
	of, _ := c.contracts.LoadOrStore(model, &known{})
	return of.(*known)
}

// withContract makes a call in its time with the contract of the serving version. Where that call is refused and another version
// serves by now, it is made once more with that one's; a version that the caller pinned is not changed.
func withContract[T any](
	ctx context.Context, c *Client, model string, pinned *Contract, call func(context.Context, prepared) (*T, error),
) (*T, error) {
	ctx, cancel, err := c.deadline(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	ask := func(contract *Contract) (*T, error) {
		values := arenas.Get().(*arena)
		defer values.release()
		return call(ctx, prepared{contract: contract, arena: values, ignore: c.config.IgnoreUnknownInputs})
	}
	if pinned != nil {
		return ask(pinned)
	}
	contract := c.remembered(model)
	if contract == nil {
		if contract, err = c.read(ctx, model); err != nil {
			return nil, err
		}
	}
	made, err := ask(contract)
	if err == nil || !errors.Is(err, ErrInvalid) {
		return made, err
	}
	now, again := c.read(ctx, model)
	if again != nil || now.Version == contract.Version {
		return nil, err
	}
	return ask(now)
}

// deadline returns a context with the deadline of a call, which leaves the reserve to the caller.
func (c *Client) deadline(ctx context.Context) (context.Context, context.CancelFunc, error) {
	end, has := ctx.Deadline()
	if !has {
		ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
		return ctx, cancel, nil
	}
	end = end.Add(-c.config.Reserve)
	switch {
	case time.Until(end) <= 0:
		return nil, nil, NewError(ErrDeadline, CodeDeadline, "no time is left for a call of the sidecar", context.DeadlineExceeded)
	case c.config.Reserve == 0:
		return ctx, func() {}, nil // one timer for the same moment is enough
	}
	ctx, cancel := context.WithDeadline(ctx, end)
	return ctx, cancel, nil
}

// excerpt returns so much of a server's text as belongs into an error.
func excerpt(text string) string {
	if len(text) > longestExcerpt {
		return text[:longestExcerpt] + "…"
	}
	return text
}
