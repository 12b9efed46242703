# The commands of daily work; `make` lists them.

LINTER_VERSION := v2.15.0
LINTER := .ci/bin/golangci-lint-$(LINTER_VERSION)

NFPM_VERSION := v2.45.2
NFPM := .ci/bin/nfpm-$(NFPM_VERSION)

# What the program says of itself.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null)
STAMP := -X parley/internal/obs.version=$(VERSION) -X parley/internal/obs.revision=$(REVISION)

# Time that `make fuzz` spends on each target.
FUZZTIME ?= 10000x

.DEFAULT_GOAL := help
.PHONY: help build release test race lint bench fuzz

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

build: ## build bin/parley, one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags "$(STAMP)" -o bin/parley ./cmd/parley

release: $(NFPM) ## make binaries, Debian packages and checksums in dist/
	VERSION=$(VERSION) STAMP="$(STAMP)" NFPM=$(CURDIR)/$(NFPM) packaging/release

test: ## run all tests with the race detector and say what was skipped
	@.ci/test

race: ## repeat the tests that race on purpose, looking for rare interleavings
	@.ci/test -count=10 -run 'Race|Concurrent'

lint: $(LINTER) ## run the linters of .golangci.yml
	go vet ./...
	$(LINTER) run ./...

bench: ## measure the server against the floor, on each database that is there
	go run ./bench

fuzz: ## run every fuzz target with FUZZTIME inputs (10000x), or for a time (1m)
	@.ci/fuzz $(FUZZTIME)

# Built from source, so that the Go toolchain is all that is needed. The version is in
# the name: another one is built anew.
$(LINTER):
	GOBIN=$(CURDIR)/.ci/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINTER_VERSION)
	mv .ci/bin/golangci-lint $@

$(NFPM):
	GOBIN=$(CURDIR)/.ci/bin go install github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM_VERSION)
	mv .ci/bin/nfpm $@
