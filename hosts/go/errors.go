package pillion

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// The kinds of errors, for [errors.Is].
var (
	// ErrUnavailable says that the sidecar or the store gave no usable answer.
	ErrUnavailable = errors.New("unavailable")
	// ErrDeadline says that the time was up.
	ErrDeadline = errors.New("deadline exceeded")
	// ErrInvalid says that the request is not as it must be.
	ErrInvalid = errors.New("invalid")
	// ErrBreakerOpen says that a breaker let no call through.
	ErrBreakerOpen = errors.New("breaker open")
)

// The codes of an [Error], which answers of package recommend give as their reason.
const (
	CodeUnreachable  = "sidecar_unreachable"
	CodeUntrusted    = "sidecar_untrusted"
	CodeSidecar      = "sidecar"
	CodeRefused      = "sidecar_refused"
	CodeLacksItems   = "sidecar_lacks_items"
	CodeInvalidInput = "invalid_input"
	CodeDeadline     = "deadline_exceeded"
)

// Error is what went wrong, in a sentence for people and a code for programs.
type Error struct {
	// Kind is one of the four above.
	Kind error
	// Code is stable.
	Code string
	// Field is the input that is not as it must be; empty where the error is not about one.
	Field string
	// Retryable says that nothing was processed, so that the same call may be made again at once.
	Retryable bool

	message string
	cause   error
}

// NewError returns an error.
func NewError(kind error, code, message string, cause error) *Error {
	return &Error{Kind: kind, Code: code, message: message, cause: cause}
}

// Error returns the sentence.
func (e *Error) Error() string { return e.message }

// Is says whether the error is of a kind.
func (e *Error) Is(target error) bool { return target == e.Kind }

// Unwrap returns what caused it.
func (e *Error) Unwrap() error { return e.cause }

// Invalid returns an error that names the field that is not as it must be.
func Invalid(field, format string, arguments ...any) *Error {
	return &Error{Kind: ErrInvalid, Code: CodeInvalidInput, Field: field, message: fmt.Sprintf(format, arguments...)}
}

func unusable(format string, arguments ...any) *Error {
	return &Error{Kind: ErrUnavailable, Code: CodeSidecar, message: fmt.Sprintf(format, arguments...)}
}

// isTLS says whether a handshake failed because one side does not accept what the other shows.
func isTLS(err error) bool {
	var verification *tls.CertificateVerificationError
	var alert tls.AlertError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &alert) || errors.As(err, &authority) || errors.As(err, &record)
}
