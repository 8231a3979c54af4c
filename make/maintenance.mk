# Maintenance: what is built and what is pinned.

clean: ## Removes what was built; the virtual environment stays.
	rm -rf build
	$(MVN) clean

COMPILE := uv pip compile --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header -q
LOCK := $(COMPILE) python/pyproject.toml -c python/constraints.in
lock: ## Pins all dependencies anew (needs uv).
	$(LOCK) --extra build --extra store --extra train --extra grpc -o python/requirements.lock
	$(LOCK) --extra build --extra store --extra train --extra grpc --extra boosters --extra lab --extra dev -c python/requirements.lock -o python/requirements-dev.lock
	$(LOCK) --extra java --extra bench -c python/requirements-dev.lock -o python/requirements-bench.lock
	for spark in 3.5 4.0 4.1 4.2; do echo "pyspark==$$spark.*" | $(COMPILE) - -o python/requirements-spark-$$spark.lock; done
	$(COMPILE) tools/benchmarks/mlserver.in -o python/requirements-mlserver.lock
	$(COMPILE) jvm-sidecar/benchmarks/rivals.in -o python/requirements-rivals.lock

audit: setup ## Looks up known vulnerabilities in pinned dependencies; needs pip-audit and osv-scanner, and access to their feeds.
	@for tool in pip-audit osv-scanner; do command -v $$tool >/dev/null || { echo "$$tool is needed for an audit, and a way to its feed: install it and try again" >&2; exit 2; }; done
	pip-audit --require-hashes -r python/requirements.lock
	osv-scanner scan source -r jvm-sidecar
