package features

import (
	"fmt"

	"pillion.example/pillion"
)

// The codes of a [pillion.Error] of the store, which answers give as their reason.
const (
	CodeUnreachable = "store_unreachable"
	CodeStore       = "store"
	CodeCorrupt     = "corrupt_record"
)

// corrupt says that a value is not what was written there.
func corrupt(format string, arguments ...any) error {
	return pillion.NewError(pillion.ErrUnavailable, CodeCorrupt, fmt.Sprintf(format, arguments...), nil)
}

func failed(format string, arguments ...any) error {
	return pillion.NewError(pillion.ErrUnavailable, CodeStore, fmt.Sprintf(format, arguments...), nil)
}
