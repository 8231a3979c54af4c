# The example host in Go alone, after `make go-host`: docker build -f deploy/docker/host-go.Dockerfile -t pillion-host-go .
FROM debian:12-slim
RUN groupadd --system --gid 10001 pillion \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin pillion \
    && install -d -m 0700 -o pillion -g pillion /run/pillion /var/lib/pillion
COPY build/hosts/go-host /usr/local/bin/pillion-host
ENV PILLION_SHIM_HOST=0.0.0.0 \
    PILLION_SIDECAR_ADDRESS=unix:/run/pillion/sidecar.sock \
    PILLION_SIDECAR_MODELS=/models \
    PILLION_LOG_FORMAT=json
USER 10001:10001
EXPOSE 8000
VOLUME ["/models"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/pillion-host"]
