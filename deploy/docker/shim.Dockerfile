# The shim alone, after `make wheel`: docker build -f deploy/docker/shim.Dockerfile -t pillion-shim .
FROM python:3.12-slim
RUN groupadd --system --gid 10001 pillion \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin pillion \
    && install -d -m 0700 -o pillion -g pillion /run/pillion /var/lib/pillion
COPY build/pillion-0.1.0-py3-none-any.whl /opt/pillion/
RUN pip install --no-cache-dir "/opt/pillion/pillion-0.1.0-py3-none-any.whl[grpc]"
ENV PILLION_SHIM_HOST=0.0.0.0 \
    PILLION_SHIM_WORKERS=1 \
    PILLION_SIDECAR_ADDRESS=unix:/run/pillion/sidecar.sock \
    PILLION_SIDECAR_MODELS=/models \
    PILLION_LOG_FORMAT=json
USER 10001:10001
EXPOSE 8000
VOLUME ["/models"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["pillion", "serve"]
