package features

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/redis/rueidis"
)

// options reads redis://HOST:PORT/0, rediss://…, unix:///PATH, redis+cluster://HOST:PORT,HOST:PORT and
// redis+sentinel://HOST:PORT,HOST:PORT/SERVICE, the last two with rediss+ for TLS. No error holds the password.
func options(config StoreConfig) (rueidis.ClientOption, error) {
	scheme, rest, _ := strings.Cut(config.URL, "://")
	kind, variant, _ := strings.Cut(scheme, "+")
	hosts := rest
	if end := strings.IndexAny(hosts, "/?"); end >= 0 {
		hosts = hosts[:end]
	}
	if at := strings.LastIndex(hosts, "@"); at >= 0 {
		hosts = hosts[at+1:]
	}
	// The library's reader takes one host, so it gets the first.
	first, _, _ := strings.Cut(hosts, ",")
	single := kind + "://" + strings.Replace(rest, hosts, first, 1)
	service := ""
	if variant == "sentinel" {
		parts, err := url.Parse(single)
		if err != nil || strings.Trim(parts.Path, "/") == "" {
			return rueidis.ClientOption{}, errors.New("the store's URL with +sentinel names no service: redis+sentinel://HOST:PORT/SERVICE")
		}
		service = strings.Trim(parts.Path, "/")
		parts.Path = ""
		single = parts.String()
	}
	made, err := rueidis.ParseURL(single)
	if err != nil || (variant != "" && variant != "cluster" && variant != "sentinel") || (kind != "unix" && hosts == "") {
		return made, errors.New("the store's URL is none of redis://HOST:PORT/0, rediss://, unix:///PATH, redis+cluster:// and redis+sentinel://")
	}
	if variant == "" {
		made.ForceSingleClient = true
	} else {
		made.InitAddress = made.InitAddress[:0]
		for host := range strings.SplitSeq(hosts, ",") {
			if _, _, err := net.SplitHostPort(host); err != nil {
				return made, fmt.Errorf("the store's URL has the address %q, which is no HOST:PORT", host)
			}
			made.InitAddress = append(made.InitAddress, host)
		}
	}
	if config.Password != "" {
		made.Password = config.Password
	}
	if variant == "sentinel" {
		made.Sentinel = rueidis.SentinelOption{MasterSet: service, Password: config.SentinelPassword, TLSConfig: made.TLSConfig}
	}
	return made, addAuthorities(&made, single)
}

func addAuthorities(made *rueidis.ClientOption, single string) error {
	parts, err := url.Parse(single)
	if err != nil {
		return errors.New("the store's URL cannot be read")
	}
	file := parts.Query().Get("ssl_ca_certs")
	if file == "" {
		return nil
	}
	if made.TLSConfig == nil {
		return errors.New("the store's URL has ssl_ca_certs, but no TLS: it begins with rediss://")
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("the certificates that the store's URL names cannot be read: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s has no certificate in PEM form, %s bytes", file, strconv.Itoa(len(pem)))
	}
	made.TLSConfig.RootCAs = pool
	made.TLSConfig.MinVersion = tls.VersionTLS12
	return nil
}
