# The Go module of hosts/go; what needs Go says so where there is none.

GO := $(firstword $(shell command -v go) $(wildcard /usr/local/go/bin/go))
NO_GO = echo "there is no Go on this machine: $(1)" >&2
# The race detector is C.
RACE := $(if $(shell command -v gcc),-race)
.PHONY: test-go go-stubs host-cases

test-go: ## The Go module's tests, with the race detector where there is a C compiler.
	@$(if $(GO),cd hosts/go && $(GO) vet ./... && $(GO) test $(RACE) ./...,$(call NO_GO,the tests of hosts/go were not run))

go-stubs: setup-dev ## Generates the Go stubs of the sidecar's gRPC messages from its protocol files.
	@$(if $(GO),$(BIN)/python -m tools.go_stubs,$(call NO_GO,its stubs are made with Go) && exit 2)

host-cases: setup-dev build ## Records the shim's answers as what every host has to give (WORLDS="name name" for some).
	$(BIN)/python -m tests.hosts.record $(WORLDS)
