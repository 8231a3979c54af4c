# The example host in Java alone, after `make java-host`:
# docker build -f deploy/docker/host-java.Dockerfile -t pillion-host-java hosts/java/example-host/target
FROM eclipse-temurin:25-jre
RUN groupadd --system --gid 10001 pillion \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin pillion \
    && install -d -m 0700 -o pillion -g pillion /run/pillion /var/lib/pillion
COPY lib /opt/pillion/lib
COPY pillion-example-host-0.1.0.jar /opt/pillion/
ENV PILLION_SHIM_HOST=0.0.0.0 \
    PILLION_SIDECAR_ADDRESS=unix:/run/pillion/sidecar.sock \
    PILLION_SIDECAR_MODELS=/models
USER 10001:10001
EXPOSE 8000
VOLUME ["/models"]
STOPSIGNAL SIGTERM
# 60 % of the container's memory is heap.
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=60", "-XX:+ExitOnOutOfMemoryError", \
    "-cp", "/opt/pillion/pillion-example-host-0.1.0.jar:/opt/pillion/lib/*", "org.pillion.example.ExampleHost"]
# `embedded` in its place ranks in this process, without a sidecar.
CMD ["client"]
