# `make` alone lists what there is.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
TAGS    := nethttpomithttp2
PACKAGES := ./...

.DEFAULT_GOAL := help

## Playing

.PHONY: run
run: build ## Build the server and run it on http://localhost:3000
	@echo "Open http://localhost:3000 - stop with Ctrl-C"
	@./bin/tictac

.PHONY: run-cluster
run-cluster: build ## Run three servers on one Redis behind a load balancer on http://localhost:3000
	@scripts/run-cluster

.PHONY: all
all: clean run ## Clean, build and run

.PHONY: build
build: ## Build bin/tictac (needs only Go)
	@CGO_ENABLED=0 go build -trimpath -tags '$(TAGS)' -ldflags '$(LDFLAGS)' -o bin/tictac ./cmd/tictac

.PHONY: image
image: ## Build the container's image for amd64 and arm64, with docker, podman or buildah
	@scripts/image

.PHONY: clean
clean: ## Remove what was built (rooms in data/ stay)
	@rm -rf bin test-results playwright-report

## Working on it

.PHONY: check
check: ## The quick part of the tests, under 15 s once built: format, vet, lint, architecture, unit
	@scripts/check

.PHONY: test
test: tools ## Install what the tests need and run everything, with the race detector
	@scripts/test

.PHONY: soak
soak: tools ## The long tests, with their time bars asserted, without the race detector
	@scripts/soak

.PHONY: bench
bench: ## Measure the server against a plain relay, and the bars of docs/performance.md
	@scripts/bench

.PHONY: fuzz
fuzz: ## Fuzz the wire decoder for five minutes
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 5m -fuzzminimizetime 1x ./web

.PHONY: tools
tools: ## Install what the tests need: Debian packages, npm packages
	@scripts/tools

.PHONY: css
css: ## Build web/ui/app.css from its sources
	npm run --silent css

## On AWS

.PHONY: deploy
deploy: ## Deploy this version; DOMAIN, HOSTED_ZONE_ID, STATE, EMAIL and more: see deploy/deploy
	@deploy/deploy

.PHONY: status
status: ## What runs there: tasks, image, health, alarms, last events
	@deploy/status

.PHONY: logs
logs: ## Follow what the servers write; SINCE=2h to begin earlier
	@deploy/logs

.PHONY: stop
stop: ## Stop all tasks; rooms, address and all else stay
	@deploy/stop

.PHONY: start
start: ## Start them again
	@deploy/start

.PHONY: destroy
destroy: ## Delete all of it; asks first
	@deploy/destroy

.PHONY: cost
cost: ## What a month costs, for STATE, DOMAIN, EMAIL, SPOT_SHARE, PLAYERS and so on
	@go run ./deploy/cost

.PHONY: help
help:
	@awk 'BEGIN {FS = ":.*## "} /^## / {printf "\n%s\n", substr($$0, 4)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
