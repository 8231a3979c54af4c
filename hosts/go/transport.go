package pillion

import (
	"context"
	"strings"
)

// transport makes one call; errors are of type *Error.
type transport interface {
	rank(ctx context.Context, request *preparedRank) (*Ranked, error)
	infer(ctx context.Context, request *preparedInfer) (*Scores, error)
	contract(ctx context.Context, model string) (*Contract, error)
	ready(ctx context.Context) error
	close() error
}

// prepared is what a request of either kind has in the form of one version.
type prepared struct {
	contract *Contract
	arena    *arena
	ignore   bool // inputs that the version does not have
	origin   origin
}

// origin is what a call belongs to: a request, and the headers of W3C Trace Context.
type origin struct{ requestID, traceParent, traceState string }

// requireKnown refuses values by names that the version does not have, unless they are ignored.
func (p *prepared) requireKnown(given ...map[string]any) error {
	if p.ignore {
		return nil
	}
	for _, values := range given {
		for name := range values {
			if _, known := p.contract.byName[name]; !known {
				return Invalid(name, "version %d of the model '%s' has no input '%s'; Config.IgnoreUnknownInputs leaves such inputs aside",
					p.contract.Version, p.contract.Model, name)
			}
		}
	}
	return nil
}

// checkID refuses a reply that belongs to another request.
func (p *prepared) checkID(answered string) error {
	if p.origin.requestID != "" && answered != p.origin.requestID {
		return unusable("the sidecar's reply belongs to another request")
	}
	return nil
}

// headers returns what travels beside a message, as names and values.
func headers(token string, of origin) [][2]string {
	made := make([][2]string, 0, 4)
	if token != "" {
		made = append(made, [2]string{"authorization", "Bearer " + token})
	}
	for _, pair := range [][2]string{{"x-request-id", of.requestID}, {"traceparent", of.traceParent}, {"tracestate", of.traceState}} {
		if text := printable(pair[1]); text != "" {
			made = append(made, [2]string{pair[0], text})
		}
	}
	return made
}

// printable returns a text without what would end a header.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
}

// untrusted says that one side of a TLS handshake does not accept the other.
func untrusted(where endpoint, details string, cause error) error {
	return NewError(ErrUnavailable, CodeUntrusted, "the TLS handshake with the sidecar at "+where.String()+" failed: "+details, cause)
}

// unreachable says that no byte of an answer came.
func unreachable(where endpoint, details string, cause error) error {
	made := NewError(ErrUnavailable, CodeUnreachable, "the sidecar at "+where.String()+" cannot be reached: "+details, cause)
	made.Retryable = true
	return made
}
