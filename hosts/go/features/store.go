package features

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"pillion.example/pillion"
)

// StoreConfig is how to reach an online store.
type StoreConfig struct {
	// URL is redis://HOST:PORT/0, rediss://… for TLS, unix:///PATH, redis+cluster://HOST:PORT,HOST:PORT, or
	// redis+sentinel://HOST:PORT,HOST:PORT/SERVICE, the last two with rediss+ for TLS.
	URL string
	// Password is that of the store, where it is not in the URL.
	Password string
	// SentinelPassword is that of the Sentinels, where they have one.
	SentinelPassword string
}

const (
	dialTimeout  = time.Second
	replyTimeout = 2 * time.Second // from which a connection without replies is given up
	shortestWait = 20 * time.Millisecond
	longestWait  = 250 * time.Millisecond
	ringScale    = 8
	bufferSize   = 1 << 16
)

// Store is the online store. It connects in the background, so that a store that is not there yet is no error, and is safe for
// concurrent use. It makes no retries: retrying is its caller's work.
type Store struct {
	option  rueidis.ClientOption
	closing context.Context
	stop    context.CancelFunc
	done    chan struct{}

	mu      sync.Mutex
	client  rueidis.Client
	problem error
}

// OpenStore returns a store, to which connections are made in the background.
func OpenStore(config StoreConfig) (*Store, error) {
	option, err := options(config)
	if err != nil {
		return nil, err
	}
	option.DisableRetry = true
	option.DisableCache = true
	option.Dialer.Timeout = dialTimeout
	option.ConnWriteTimeout = replyTimeout
	option.RingScaleEachConn = ringScale
	option.ReadBufferEachConn, option.WriteBufferEachConn = bufferSize, bufferSize
	store := &Store{option: option, done: make(chan struct{})}
	store.closing, store.stop = context.WithCancel(context.Background())
	first := make(chan struct{})
	go store.connect(first)
	<-first
	return store, nil
}

// connect tries until there is a client, which finds a store that was restarted by itself. `first` is closed after one try.
func (s *Store) connect(first chan struct{}) {
	defer close(s.done)
	for wait := shortestWait; ; wait = min(2*wait, longestWait) {
		client, err := rueidis.NewClient(s.option)
		s.mu.Lock()
		s.client, s.problem = client, err
		if err != nil {
			s.client = nil
		}
		s.mu.Unlock()
		if first != nil {
			close(first)
			first = nil
		}
		if err == nil {
			return
		}
		select {
		case <-s.closing.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Close gives the connections back.
func (s *Store) Close() {
	s.stop()
	<-s.done
	if s.client != nil {
		s.client.Close()
	}
}

func (s *Store) current() (rueidis.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		return nil, unreachable(s.problem)
	}
	return s.client, nil
}

// Ping returns nil once the store has answered.
func (s *Store) Ping(ctx context.Context) error {
	client, err := s.current()
	if err != nil {
		return err
	}
	return translate(ctx, client.Do(ctx, client.B().Ping().Build()).Error())
}

// Read implements [Source].
func (s *Store) Read(ctx context.Context, fields []HashField, keys []string) (hashed, strings [][]byte, err error) {
	client, err := s.current()
	if err != nil {
		return nil, nil, err
	}
	commands := make(rueidis.Commands, 0, len(fields)+len(keys))
	for _, field := range fields {
		commands = append(commands, client.B().Hget().Key(field.Key).Field(field.Field).Build())
	}
	for _, key := range keys {
		commands = append(commands, client.B().Get().Key(key).Build())
	}
	values := make([][]byte, len(commands))
	for at, result := range client.DoMulti(ctx, commands...) {
		value, err := result.AsBytes()
		if err != nil && !rueidis.IsRedisNil(err) {
			return nil, nil, translate(ctx, err)
		}
		values[at] = value
	}
	return values[:len(fields)], values[len(fields):], nil
}

// translate is the one place where the library's errors become ours.
func translate(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return pillion.NewError(pillion.ErrDeadline, pillion.CodeDeadline, "the store did not answer in time", ctx.Err())
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return pillion.NewError(pillion.ErrDeadline, pillion.CodeDeadline, "the store did not answer in time", err)
	}
	if reply, isReply := rueidis.IsRedisErr(err); isReply {
		return failed("the store declined: %s", reply.Error())
	}
	if rueidis.IsParseErr(err) {
		return failed("the store's answer is not one: %v", err)
	}
	return unreachable(err)
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// unreachable says that a connection could not be made, or broke. Reading changes nothing, so it may be tried again.
func unreachable(err error) error {
	made := pillion.NewError(pillion.ErrUnavailable, CodeUnreachable, "the store cannot be reached", err)
	made.Retryable = true
	return made
}
