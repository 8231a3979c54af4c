# Long proofs of docs/resilience.md; `make test` runs a small form of each.

REQUESTS ?= 10000
KILLS ?= 100
FROM_TESTS := cd tests && ../$(BIN)/python -u -m
.PHONY: chaos fuzz-breaker mutants bench-overload soak-kill soak-cancel

chaos: setup-dev build ## 16 faults × {store, sidecar, both} under load, a row each (REQUESTS=n a cell); writes docs/what-happens-when.md.
	$(FROM_TESTS) failure.matrix --requests $(REQUESTS) $(if $(RATE),--rate $(RATE)) --json ../build/chaos.json; \
	  status=$$?; [ ! -f ../build/chaos.json ] || ../$(BIN)/python -m failure.report ../build/chaos.json ../docs/what-happens-when.md; exit $$status

fuzz-breaker: setup-dev ## 100,000 random traces through our breaker and Resilience4j's.
	$(FROM_TESTS) oracle.resilience4j --traces 100000 --seed 1000000
