# Long proofs of docs/resilience.md; `make test` runs a small form of each.

REQUESTS ?= 10000
KILLS ?= 100

PROGRAM := $(BIN)/python -u -m tools
.PHONY: chaos fuzz-breaker breaker-traces mutants overload bench-fallback soak-kill soak-shim soak-cancel

chaos: setup-dev build ## 16 faults × {store, sidecar, both} under load, a row each (REQUESTS=n a cell; MINUTES=n stops in time and the next call goes on; FRESH=1 starts anew; RATE=n; PATIENT=1 for a busy machine); writes docs/failure-modes.md.
	$(if $(FRESH),rm -f build/chaos-cells.json)
	$(PROGRAM).chaos.matrix --requests $(REQUESTS) $(if $(RATE),--rate $(RATE)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(PATIENT),--patient) \
	  --state build/chaos-cells.json --json build/chaos.json; status=$$?; \
	  [ $$status -gt 1 ] || $(PROGRAM).chaos.report build/chaos.json docs/failure-modes.md; [ $$status -eq 3 ] || exit $$status

fuzz-breaker: setup-dev ## 100,000 random traces through our breaker and Resilience4j's.
	$(PROGRAM).oracle.resilience4j --traces 100000 --seed 1000000

breaker-traces: setup-dev ## Records traces of our breaker that breakers in other languages are held to, half of them with Resilience4j beside it.
	$(PROGRAM).oracle.resilience4j --traces 60 --steps 80 --seed 4600 --record tests/golden/breaker/traces.jsonl

MUTATION := build/mutation
mutants: setup-dev ## Changes the resilience package in every small way, and counts what its tests notice (≥ 90 %).
	rm -rf $(MUTATION) && mkdir -p $(MUTATION)/tests/unit
	cp -r python/src $(MUTATION)/src && cp -r tests/__init__.py tests/support $(MUTATION)/tests/
	cp -r tests/unit/__init__.py tests/unit/resilience $(MUTATION)/tests/unit/ && rm $(MUTATION)/tests/unit/resilience/test_package.py
	cp pytest.ini $(MUTATION)/ && cp make/mutants.cfg $(MUTATION)/setup.cfg
	cd $(MUTATION) && ../../$(BIN)/mutmut run --max-children 2
	cd $(MUTATION) && ../../$(BIN)/python ../../make/mutants.py

soak-kill: setup-dev build ## Kills store and sidecar in turn under load (KILLS=n, PATIENT=1), and times the model's return.
	$(PROGRAM).chaos.soak_kill --kills $(KILLS) $(if $(PATIENT),--patient)

soak-shim: setup-dev build ## Stops the shim with SIGTERM under load (SIGNALS=n, 3 s each): no accepted request is lost.
	$(PROGRAM).chaos.soak_shim --signals $(or $(SIGNALS),100) $(if $(PATIENT),--patient)

soak-cancel: setup-dev build ## Cancels 100,000 calls at random moments, and looks whose answer the others get.
	$(PROGRAM).chaos.cancel --cancellations 100000

overload: setup-dev build ## Offers 2 and 5 times the peak to 1, 2 and 4 workers: who is answered, who is refused, memory, the model's return (3 minutes); writes docs/overload.md.
	$(PROGRAM).chaos.overload --page docs/overload.md

bench-fallback: setup-dev ## How long an answer from memory takes, in process (≤ 2 ms).
	$(PROGRAM).chaos.fallback
