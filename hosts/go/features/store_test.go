package features

import (
	"errors"
	"net"
	"strings"
	"testing"

	"pillion.example/pillion"
)

func TestAStoreThatIsNotThereIsUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	store, err := OpenStore(StoreConfig{URL: "redis://" + address})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()

	_, _, err = store.Read(t.Context(), nil, []string{"active"})

	var said *pillion.Error
	if !errors.As(err, &said) || said.Code != CodeUnreachable || !said.Retryable {
		t.Errorf("got %v", err)
	}
}

func TestURLs(t *testing.T) {
	for url, addresses := range map[string]int{
		"redis://127.0.0.1:6379/0":                  1,
		"redis://:secret@127.0.0.1:6379":            1,
		"unix:///run/store.sock":                    1,
		"redis+cluster://a:1,b:2":                   2,
		"rediss+sentinel://u:p@a:1,b:2,c:3/service": 3,
	} {
		made, err := options(StoreConfig{URL: url})
		if err != nil || len(made.InitAddress) != addresses {
			t.Errorf("%s: %v, %v", url, made.InitAddress, err)
		}
	}
	for _, url := range []string{
		"", "127.0.0.1:6379", "http://h:1", "redis+ring://h:1", "redis+sentinel://h:1", "redis+cluster://:secret@h",
		"redis://h:1?ssl_ca_certs=/absent", "rediss://:secret@h:1?ssl_ca_certs=/absent",
	} {
		if _, err := options(StoreConfig{URL: url}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
