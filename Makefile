# The two commands of the README are `make report` and `make test`; `make help` lists the rest.
# Everything that a command lacks is installed or named by .ci/packages.

SWIFT ?= swift
INCIDENT := Fixtures/incidents/prime-day-2018
RELEASE := .build/release
# How the shipped incident is reported, as in its golden files.
WINDOW := --from 17:30 --to 19:30 --time-zone America/Los_Angeles --format markdown,json,summary,svg
# The trackers that `make tracker-test` installs where they are missing.
TRACKERS := Redmine RequestTracker

.PHONY: help report inspect golden bench gate speeds outage-lines change-points test fuzz browser-test \
  tracker-test build fixtures accuracy format lint layers clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

build: ## the release binary, .build/release/floodmark
	@bash .ci/packages build
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product floodmark

report: build ## the report of the shipped incident, in out/prime-day-2018/
	@$(RELEASE)/floodmark report $(INCIDENT) $(WINDOW) --force --output out/prime-day-2018

golden: ## write Reports/ anew: read the difference before it is committed
	@bash .ci/packages test
	@bash .ci/quietly "$(SWIFT) build --build-tests" $(SWIFT) build --build-tests
	@RECORD_GOLDEN=1 $(SWIFT) test --skip-build --filter 'GoldenIncidentTests' 2>&1 | grep -E 'Test run with|✘' ; \
	  git status --short Reports

inspect: build ## what every file of the shipped incident is
	@$(RELEASE)/floodmark inspect $(INCIDENT)

bench: build ## wall, CPU and memory as ratios to gzip -dc and to a bare inflate; MEGABYTES=500
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product incident-simulator
	@bash Benchmarks/bench $(or $(MEGABYTES),500)

gate: ## instructions per line of log against Benchmarks/instructions.txt; RECORD=1 writes it
	@bash .ci/packages gate
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product format-benchmark
	@RECORD=$(RECORD) bash Benchmarks/gate

speeds: ## megabytes per second of every access format
	@bash .ci/packages build
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product format-benchmark
	@$(RELEASE)/format-benchmark speeds

outage-lines: ## failed requests that floodmark, lnav and GoAccess see in the same files; needs both
	@bash .ci/packages build
	@missing=; for tool in lnav goaccess; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	if [ -n "$$missing" ]; then echo "make outage-lines needs these packages of Debian:$$missing" >&2; exit 1; fi
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product incident-simulator
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product floodmark
	@bash Benchmarks/outage-lines

test: ## every check that needs no more than the build's packages and cmark-gfm
	@bash .ci/packages test
	@bash .ci/quietly "$(SWIFT) build -c release" $(SWIFT) build -c release --product floodmark
	@bash .ci/quietly "$(SWIFT) build --build-tests" $(SWIFT) build --build-tests
	@bash .ci/tests $(SWIFT)

fuzz: ## wrong bytes at every door, from new seeds, for SECONDS=60; FUZZ_SEED=n runs that seed alone
	@bash .ci/packages build
	@bash .ci/quietly "$(SWIFT) build --build-tests" $(SWIFT) build --build-tests
	@bash .ci/fuzz $(SWIFT) $(or $(SECONDS),60)

browser-test: ## pages and drawings in headless Chromium; they stay in .build/pages
	@bash .ci/packages test
	@missing=; for tool in chromium rsvg-convert:librsvg2-bin tidy; do \
	  command -v $${tool%:*} >/dev/null || missing="$$missing $${tool#*:}"; done; \
	if [ -n "$$missing" ]; then echo "make browser-test needs these packages of Debian:$$missing" >&2; exit 1; fi
	@bash .ci/quietly "$(SWIFT) build --build-tests" $(SWIFT) build --build-tests
	@rm -rf .build/pages
	@bash .ci/axe .build/axe
	@FLOODMARK_AXE=$$([ -s .build/axe/axe.min.js ] && echo $(CURDIR)/.build/axe/axe.min.js) ; \
	[ -n "$$FLOODMARK_AXE" ] && export FLOODMARK_AXE ; \
	FLOODMARK_PAGES=$(CURDIR)/.build/pages $(SWIFT) test --skip-build --filter BrowserTests

tracker-test: ## attach reports to a real Redmine and Request Tracker of Debian on the loopback address; needs root
	@bash .ci/packages build
	@bash .ci/quietly "$(SWIFT) build --build-tests" $(SWIFT) build --build-tests
	@for tracker in $(TRACKERS); do \
	  bash Tests/TicketAttachmentTests/$$tracker/run $(SWIFT) || exit 1; done

fixtures: ## write the shipped incident anew
	@bash .ci/packages build
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product incident-simulator
	@$(RELEASE)/incident-simulator shipped --output $(INCIDENT)

accuracy: ## what the analysis gets right of simulated outages, as a table; ARGUMENTS="--sample" for a short one
	@bash .ci/packages build
	@bash .ci/quietly "$(SWIFT) build" $(SWIFT) build -c release --product accuracy-table
	@$(RELEASE)/accuracy-table $(ARGUMENTS)

change-points: ## change points of levels beside those of ruptures (PyPI), on the Turing Change Point Dataset; SERIES=FOLDER
	@bash .ci/packages build
	@bash Benchmarks/change-points $(SERIES)

format: ## lay out every Swift file
	@$(SWIFT) format -i -r -p Package.swift Sources Tests Benchmarks

lint: ## the format check
	@$(SWIFT) format lint --strict -r -p Package.swift Sources Tests Benchmarks

layers: ## every import is declared, so arrows only point down
	@bash .ci/packages build
	@bash .ci/quietly "the layer check" $(SWIFT) build --build-tests \
	  --explicit-target-dependency-import-check error

clean: ## remove what was built and written
	@rm -rf .build
