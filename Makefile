# The two commands of the README are `make report` and `make test`; `make help` lists the rest.
# Everything that a command lacks is installed or named by .ci/packages.

SWIFT ?= swift
INCIDENT := Fixtures/incidents/prime-day-2018
OUT := out
BIN := $(OUT)/.bin
RELEASE := .build/release

.PHONY: help report test build golden fixtures accuracy bench format lint layers clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

build: ## the release binary, .build/release/floodmark
	@bash .ci/packages build
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product floodmark

report: build ## the report of the shipped incident
	@mkdir -p $(OUT)
	@$(RELEASE)/floodmark report $(INCIDENT) --from 17:30 --to 19:30 \
	  --time-zone America/Los_Angeles --format markdown,json \
	  --output $(OUT)/prime-day-2018 --force
	@echo "The report lies in $(OUT)/prime-day-2018/report.md"

test: ## every check that needs no more than the build's packages and cmark-gfm
	@bash .ci/packages test
	@bash .ci/quietly "$(SWIFT) build -c release" $(SWIFT) build -c release --product floodmark
	@bash .ci/quietly "$(SWIFT) build --build-tests" $(SWIFT) build --build-tests
	@bash .ci/tests $(SWIFT)

golden: build ## write Reports/ anew; read them as prose before they are committed
	@RECORD_GOLDEN=1 $(SWIFT) test || true

fixtures: ## write the shipped incident anew
	@bash .ci/packages build
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product incident-simulator
	@$(RELEASE)/incident-simulator shipped --output $(INCIDENT)

accuracy: build ## causes, onsets and shortfalls against planted truth
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product incident-simulator
	@bash Benchmarks/accuracy

bench: build ## wall and CPU as ratios to gzip -dc and to a bare inflate, and peak memory
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product incident-simulator
	@bash Benchmarks/bench

format: ## lay out every Swift file
	@$(SWIFT) format -i -r -p Package.swift Sources Tests Benchmarks

lint: ## the format check
	@$(SWIFT) format lint --strict -r -p Package.swift Sources Tests Benchmarks

layers: ## every import is declared, so arrows only point down
	@bash .ci/packages build
	@bash .ci/quietly "the layer check" $(SWIFT) build --build-tests \
	  --explicit-target-dependency-import-check error

clean: ## remove what was built and written
	@rm -rf .build $(OUT)
