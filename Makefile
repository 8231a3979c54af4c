# Two commands do everything: `make demo` and `make test`. Each sets up what it needs, inside this folder.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MVN := cd jvm-sidecar && ./mvnw -q -B
JAVAC := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/javac,javac)
NEED_JDK = v=$$($(JAVAC) -version 2>&1 | sed -n 's/^javac \(1\.\)\{0,1\}\([0-9]*\).*/\2/p'); \
	if [ -z "$$v" ]; then echo "a JDK 17 or later is needed: install one and put its bin folder on PATH, or set JAVA_HOME" >&2; exit 2; \
	elif [ "$$v" -lt 17 ]; then echo "a JDK 17 or later is needed, but $(JAVAC) is of JDK $$v" >&2; exit 2; fi
JAR := jvm-sidecar/server/target/pillion-sidecar.jar
# The Javas whose start is measured: the one on PATH, and one that has an AOT cache where there is one.
START_JAVAS = $(shell command -v java) $(firstword $(wildcard /usr/lib/jvm/*25*/bin/java))
HOST_JAR := hosts/java/example-host/target/pillion-example-host-0.1.0.jar
JAVA_HOST := java -Xmx256m -cp $(HOST_JAR):$(dir $(HOST_JAR))lib/* org.pillion.example.ExampleHost
HOST_SOURCES := $(shell find hosts/java -path '*/src/main/*' -type f -o -name pom.xml)
JAVA_SOURCES := $(shell find jvm-sidecar -name '*.java' -path '*/src/main/*' -o -name pom.xml -o -path '*/src/main/resources/*' -type f -o -path '*/src/main/proto/*' -type f)
export PATH := $(abspath $(BIN)):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev build java-host demo-java maven dist demo serve models test test-python test-unit test-java parity goldens golden-stores test-spark support stubs fuzz-engine lint fmt docs lock clean fuzz-server fuzz-memory bench-builds bench-features bench-memory bench-items bench-serving bench-rank bench-hosts lab lab-gpu profile-engine bench-engine fuzz cds bench-start wheel soak audit

help: ## Lists the targets.
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## Makes the virtual environment that running needs.
setup-dev: $(VENV)/.ready-dev ## Adds what tests and linters need.

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed, this is $$($(PYTHON) --version)" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: python/requirements.lock python/pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r python/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e python
	@touch $@

$(VENV)/.ready-dev: python/requirements-dev.lock $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r python/requirements-dev.lock
	@touch $@

build: $(JAR) ## Builds the sidecar's jar.

$(JAR): $(JAVA_SOURCES)
	@$(NEED_JDK)
	$(MVN) package -DskipTests -pl server -am
	@touch -c $@

java-host: $(HOST_JAR) ## Builds the example host of hosts/java.

$(HOST_JAR): $(JAVA_SOURCES) $(HOST_SOURCES)
	@$(NEED_JDK)
	$(MVN) package -DskipTests -pl ../hosts/java/example-host -am
	@touch -c $@

demo-java: setup build java-host ## The walk of `make demo` with the Java host in the shim's place, and the published models.
	$(BIN)/pillion demo --fast --host '$(JAVA_HOST) client --exit-with-stdin'

# What Java hosts depend on; the sidecar's own modules come along.
PUBLISHED := ../hosts/java/bom,../hosts/java/embedded,../hosts/java/client,../hosts/java/recommender

maven: ## The Maven repository that a release would publish, under build/maven.
	@$(NEED_JDK)
	rm -rf build/maven
	$(MVN) -Pdist deploy -DskipTests -Dmaven.install.skip=true -DaltDeploymentRepository=pillion::file://$(abspath build/maven) \
		-pl $(PUBLISHED) -am
	find build/maven -name '*-tests.jar*' -delete

dist: wheel maven go-module ## What a release would publish, under build/: the wheel, the Maven repository and the Go module.

wheel: setup build ## The Python wheel with the sidecar's jar in it, under build/.
	cd python && ../$(BIN)/python -m hatchling build -t wheel -d ../build

cds: setup build ## Makes the JVM's archive (CDS on 17, AOT cache on 25) that the sidecar starts faster with.
	$(BIN)/pillion prepare --models pmml-models $(if $(SIDECAR_JAVA),--java $(SIDECAR_JAVA))

# Run

demo: setup build ## The main job on real data: train, publish, serve, break, recover (FAST=1: the published models).
	$(BIN)/pillion demo $(if $(FAST),--fast)

serve: setup build ## Embedded store, sidecar and shim with the published models, until Ctrl-C.
	$(BIN)/pillion up --models pmml-models

models: setup build ## Trains the demo models anew and publishes them under pmml-models/.
	$(BIN)/pillion train demo --models pmml-models --contents data/movielens/contents.npz

# Test and format

test: lint test-java test-go test-python ## Linters, then all tests.

test-java: ## The JVM's tests.
	@$(NEED_JDK)
	$(MVN) verify
	@touch -c $(JAR) $(HOST_JAR)

test-unit: setup-dev ## Python's unit tests: no JVM, no Spark, no store, no process; within a minute.
	$(BIN)/python -m pytest -q tests/unit

# tests/conformance runs alone: tritonclient's HTTP client brings gevent, whose event loops die with the process
# when JPype's reference thread happens to be the one that collects them.
test-python: setup-dev build ## Python's tests, and those that cross processes.
	$(BIN)/python -m pytest -q --durations 30 --ignore tests/conformance
	$(BIN)/python -m pytest -q tests/conformance

lint: setup-dev ## ruff, mypy --strict, import-linter, Spotless.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	cd python && ../$(BIN)/mypy
	cd python && ../$(BIN)/lint-imports
	$(MVN) spotless:check

fmt: setup-dev ## Formats both languages.
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	$(MVN) spotless:apply

# Another Spark

SPARK ?= 4.2
SPARK_VENV := build/spark-$(SPARK)

# An environment with another Spark, which stands before that of the tests.
$(SPARK_VENV)/.ready: python/requirements-spark-$(SPARK).lock $(VENV)/.ready-dev
	$(BIN)/python -m venv --clear --without-pip $(SPARK_VENV)
	$(BIN)/python -m pip --python $(SPARK_VENV)/bin/python install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	$(BIN)/python -m tools.spark_environment $(SPARK_VENV)
	@touch $@

test-spark: setup-dev build $(SPARK_VENV)/.ready ## Golden cases, parity and the Python API with another Spark (SPARK=3.5, 4.0, 4.1 or 4.2; CASES=name,name).
	$(SPARK_VENV)/bin/python -m tools.golden.with_spark $(SPARK_VENV)/goldens --cases "$(CASES)"
	$(SPARK_VENV)/bin/python -m pytest -q -o cache_dir=$(SPARK_VENV)/cache tests/parity/test_parity_of_a_pipeline.py tests/process/api

# Record and generate

parity: setup build java-host ## Every route over the demo models, hosts in Go and Java too, row by row and bit by bit.
	@$(if $(GO),$(MAKE) -s go-host,$(call NO_GO,parity goes without the route of the Go host))
	$(BIN)/pillion parity --models pmml-models --demo-data data/movielens --rows 10000 --exact-rows 48000 --goldens tests/golden/data \
		$(if $(GO),--host 'go host=$(GO_HOST)') --host 'java host=$(JAVA_HOST) client --exit-with-stdin' --host 'java host, embedded=$(JAVA_HOST) embedded --exit-with-stdin' \
		--demand compiled --json build/parity.json --html build/parity.html

golden-stores: setup-dev ## Writes tests/golden/store: the online store, byte by byte, for readers in all languages.
	$(BIN)/python -m tools.golden.feature_store

goldens: setup-dev build ## Records the golden cases anew with Spark (CASES=name,name for some), then docs/support.md.
	$(BIN)/python -m tools.golden.record --cases "$(CASES)"
	$(MAKE) support

support: setup-dev build ## Writes docs/support.md from what the engines make of the golden cases.
	$(BIN)/python -m tools.golden.support

stubs: setup-dev ## Generates the Python classes of the sidecar's gRPC messages from its protocol files.
	$(BIN)/python -m tools.stubs

docs: setup ## Writes the generated references: the Python API's, the command line's and the shim's.
	$(BIN)/python -m pillion.cli.docs docs
	cp docs/openapi.json hosts/go/example/openapi.json

# Long tests: fuzzing and soaks

fuzz: fuzz-engine fuzz-server fuzz-memory fuzz-breaker ## All kinds of fuzzing, one after the other (about three quarters of an hour).

fuzz-engine: setup-dev build ## Random pipelines and rows, Spark against the compiled engine, for 20 minutes (MINUTES=n).
	PILLION_FUZZ_MINUTES=$(or $(MINUTES),20) $(BIN)/python -m pytest -q -s tests/process/property

fuzz-server: setup-dev build ## Random requests and bytes against a sidecar, for minutes (PILLION_FUZZ_S each).
	PILLION_FUZZ_S=$${PILLION_FUZZ_S:-120} $(BIN)/python -m pytest -q --timeout 7200 tests/conformance/test_fuzz.py

fuzz-memory: setup-dev build ## Requests of all sizes and encodings against a heap of 614 MiB, for 10 minutes (SECONDS=n).
	$(BIN)/python -m tools.fuzz.memory --seconds $(or $(SECONDS),600)

soak: setup-dev build ## 200 SIGTERMs under load (SIGNALS=n): no accepted request is lost, and each end takes five seconds at most.
	PILLION_TEST_SIGNALS=$(or $(SIGNALS),200) $(BIN)/python -m pytest -q -s --timeout 7200 tests/process/sidecar/test_drain.py

# Benchmarks

bench-engine: setup-dev build ## Every way to score eight models, in one table of ratios (about 15 minutes).
	$(MVN) -Pbenchmarks -pl benchmarks -am package -DskipTests
	$(BIN)/python jvm-sidecar/benchmarks/bench.py build/bench-engine $(BENCH)

profile-engine: setup build ## Where the engine spends its time (MODEL=logistic ROUTE=compiled-maps), after bench-engine.
	$(MVN) -Pbenchmarks -pl benchmarks -am package -DskipTests
	$(BIN)/python jvm-sidecar/benchmarks/hot_methods.py build/bench-engine $(or $(MODEL),logistic) $(or $(ROUTE),compiled-maps)

bench-rank: setup-dev build ## Ranking by full rows, with the context once, and by ids of resident items, into docs/benchmarks-rank.md.
	$(MVN) -Pbenchmarks -pl benchmarks -am package -DskipTests
	$(BIN)/python jvm-sidecar/benchmarks/rank.py build/bench-rank --page docs/benchmarks-rank.md --plot docs/benchmarks-rank.svg $(BENCH)
	$(BIN)/python -m tools.benchmarks.by_ids --page docs/benchmarks-rank.md

bench-serving: setup-dev build ## A call's cost by transport and encoding, into docs/benchmarks-serving.md (about 10 minutes; SECONDS=n a cell).
	$(BIN)/python -m tools.benchmarks.serving --seconds $(or $(SECONDS),3) --page docs/benchmarks-serving.md

bench-hosts: setup-dev build java-host ## The shim, Go and Java beside each other, into docs/benchmarks-hosts.md (about 3 minutes; needs Go and wrk for all of it).
	$(BIN)/python -m tools.benchmarks.hosts --page docs/benchmarks-hosts.md $(BENCH)

bench-start: setup build ## Start to first verified answer, and memory, into docs/benchmarks-start.md (about 2 minutes; RUNS=n).
	$(BIN)/python -m tools.benchmarks.start --runs $(or $(RUNS),5) --json build/bench-start.json --page docs/benchmarks-start.md $(foreach java,$(START_JAVAS),--java $(java))

bench-features: setup-dev build ## The online store's reads, memory and writes, and pairs scored, into docs/benchmarks-features.md (about 5 minutes; BENCH="--feast PYTHON").
	$(BIN)/python -m tools.benchmarks.features --page docs/benchmarks-features.md $(BENCH)

bench-memory: setup-dev build ## What a sidecar has resident, and a model and a connection more, by a sidecar's JVM options and without (about 3 minutes).
	$(BIN)/python -m tools.benchmarks.memory

bench-items: setup-dev build ## How long a catalog takes to load into the sidecar, and what an item takes (ITEMS=1000000, FEATURES=20, HEAP=1g).
	$(BIN)/python -m tools.benchmarks.items_in_memory --items $(or $(ITEMS),1000000) --features $(or $(FEATURES),20) --heap $(or $(HEAP),1g)

bench-builds: setup-dev build ## gRPC's times, start and jar of two builds in turn (BEFORE=the other jar; about 3 minutes).
	$(BIN)/python -m tools.benchmarks.builds $(BEFORE)

LAB_MODELS := build/lab-models
lab: setup-dev build ## Which language, place and hardware scores five models how fast, into build/lab.html, in about 25 minutes (QUICK=1 for a look, into build/lab-quick.html).
	$(BIN)/python jvm-sidecar/benchmarks/lab_models.py $(LAB_MODELS)
	$(BIN)/pillion lab --model pmml-models/ranker $(foreach model,gbt-100x5 forest-50x8 logistic multinomial-1000,--model $(LAB_MODELS)/$(model)) --out $(if $(QUICK),build/lab-quick.html --quick,build/lab.html)

lab-gpu: ## The lab's models on a device, where there are PyTorch and NumPy (LAB=folder, by `make lab`; DEVICE=cuda), into build/lab-gpu.json.
	$(PYTHON) python/src/pillion/lab/programs/torch/device.py $(or $(LAB),build/lab.work) --device $(or $(DEVICE),cuda) --out build/lab-gpu.json

include make/resilience.mk make/maintenance.mk make/go.mk
