package pillion

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
)

const longestSocketPath = 107

// UsualAddress is the Unix socket where host and sidecar of one user meet if nobody says otherwise.
//
// It reads XDG_RUNTIME_DIR, and without one XDG_CACHE_HOME or HOME.
func UsualAddress(get func(string) string) string {
	if run := get("XDG_RUNTIME_DIR"); run != "" {
		return "unix:" + filepath.Join(run, "pillion", "sidecar.sock")
	}
	cache := cmp.Or(get("XDG_CACHE_HOME"), filepath.Join(get("HOME"), ".cache"))
	return "unix:" + filepath.Join(cache, "pillion", "run", "sidecar.sock")
}

// endpoint is where a sidecar listens: a path, or a host and a port.
type endpoint struct {
	path string
	host string
	tls  bool
}

func parseAddress(address string) (endpoint, error) {
	if path, isUnix := strings.CutPrefix(address, "unix:"); isUnix {
		path = "/" + strings.TrimLeft(path, "/")
		switch {
		case path == "/" || !strings.HasPrefix(strings.TrimPrefix(address, "unix:"), "/"):
			return endpoint{}, fmt.Errorf("the sidecar's address %q needs an absolute path: unix:/PATH", address)
		case len(path) > longestSocketPath:
			return endpoint{}, fmt.Errorf("the socket's path %q has %d bytes, but %d are the most", path, len(path), longestSocketPath)
		}
		return endpoint{path: path}, nil
	}
	parts, err := url.Parse(address)
	if err != nil || (parts.Scheme != "http" && parts.Scheme != "https") || parts.Hostname() == "" {
		return endpoint{}, fmt.Errorf("the sidecar's address %q is none of unix:/PATH, http://HOST:PORT and https://HOST:PORT", address)
	}
	port := cmp.Or(parts.Port(), map[string]string{"http": "80", "https": "443"}[parts.Scheme])
	return endpoint{host: net.JoinHostPort(parts.Hostname(), port), tls: parts.Scheme == "https"}, nil
}

func (e endpoint) network() (network, address string) {
	if e.path != "" {
		return "unix", e.path
	}
	return "tcp", e.host
}

func (e endpoint) url() string {
	switch {
	case e.path != "":
		return "http://sidecar"
	case e.tls:
		return "https://" + e.host
	}
	return "http://" + e.host
}

// target is the address for gRPC, without a resolver: a name is looked up at each attempt to connect.
func (e endpoint) target() string {
	if e.path != "" {
		return "unix:" + e.path
	}
	return "passthrough:///" + e.host
}

func (e endpoint) String() string {
	_, address := e.network()
	return address
}
