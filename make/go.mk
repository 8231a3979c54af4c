# The Go module of hosts/go; what needs Go says so where there is none.

GO := $(firstword $(shell command -v go) $(wildcard /usr/local/go/bin/go))
NO_GO = echo "there is no Go on this machine: $(1)" >&2
# The race detector is C.
RACE := $(if $(shell command -v gcc),-race)
GO_HOST := build/hosts/go-host
.PHONY: test-go go-stubs go-host host-cases demo-go go-module

test-go: ## The Go module's tests, with the race detector where there is a C compiler.
	@$(if $(GO),cd hosts/go && $(GO) vet ./... && $(GO) test $(RACE) ./...,$(call NO_GO,the tests of hosts/go were not run))

go-stubs: setup-dev ## Generates the Go stubs of the sidecar's gRPC messages from its protocol files.
	@$(if $(GO),$(BIN)/python -m tools.go_stubs,$(call NO_GO,its stubs are made with Go) && exit 2)

go-host: ## Builds the example host, one static binary.
	@$(if $(GO),cd hosts/go && CGO_ENABLED=0 $(GO) build -buildvcs=false -o ../../$(GO_HOST) ./example,$(call NO_GO,the Go host cannot be built) && exit 2)

demo-go: setup build go-host ## The walk of `make demo` with the Go host in the shim's place, and the published models.
	$(BIN)/pillion demo --fast --host $(GO_HOST)

go-module: setup ## The Go module as a file tree that GOPROXY can name, under build/go: what a release would publish.
	$(BIN)/python -m tools.go_module build/go

host-cases: setup-dev build ## Records the shim's answers as what every host has to give (WORLDS="name name" for some).
	$(BIN)/python -m tests.hosts.record $(WORLDS)
