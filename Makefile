# Everything a newcomer does. `make help` lists it. Needs: Python 3.11, 3.12 or 3.13 with venv, and make.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: audit help demo demo-full demo-reset install dev check test test-all bench docs pictures messages clean

BIN := .venv/bin
UV_VERSION := 0.13.9

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

##@ Try it
demo: .venv/.runtime catalogues ## Two offices with data, site and worker; prints the address and demo sign-ins. Ctrl-C stops all
	@exec $(BIN)/gongzhi demo

demo-full: .venv/.runtime catalogues ## The same with all 58,251 Boston requests
	@exec $(BIN)/gongzhi demo --full

demo-reset: .venv/.runtime catalogues ## Delete the demo's data and begin anew
	@exec $(BIN)/gongzhi demo --reset

install: .venv/.runtime catalogues ## The environment of a real installation, without demo data; then read docs/operate
	@echo "Ready: $(BIN)/gongzhi. What comes next: docs/operate/install.md"

dev: .venv/.ok catalogues ## Site that reloads when the code changes (data: var/)
	@$(BIN)/gongzhi demo --no-serve && GONGZHI_DEBUG=1 exec $(BIN)/gongzhi manage runserver

##@ Check it
check: .venv/.ok ## Lint, types, floor plan, catalogues
	@$(BIN)/python tools/run_checks.py static

test: .venv/.ok ## Everything that must hold before a change lands, on both databases and in a real browser
	@$(BIN)/python tools/run_checks.py static tests

test-all: test ## The same as `make test`, a long hour of random kills, then the benches
	@GONGZHI_CHAOS_REPORTS=60 $(BIN)/pytest -q tests/chaos
	@$(MAKE) bench

bench: .venv/.ok catalogues ## Measure: one script per claim (bench/)
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done
	@$(BIN)/python bench/measuring/table.py

audit: .venv/.ok ## Ask the registry whether any pinned package has a known hole (needs the open network)
	@$(BIN)/python tools/audit.py

##@ Write for it
docs: .venv/.ok ## Make the manual's pages that follow from data; check all documents
	@$(BIN)/python tools/manual_pages.py
	@$(BIN)/pytest -q tests/house/test_documents.py

pictures: .venv/.ok catalogues ## Make the pictures of the README anew (docs/pictures); they come from the browser test
	@GONGZHI_PICTURES=docs/pictures $(BIN)/pytest -q -p no:cacheprovider tests/browser/test_journey.py

messages: .venv/.ok ## Take new interface texts into the catalogues, say what lacks a translation, compile
	@$(BIN)/python tools/catalogues.py update && $(BIN)/python tools/catalogues.py compile

clean: ## Remove what is made: environment, caches, compiled catalogues. The data in var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist test-results
	@find src -name '*.mo' -delete

# -- the environment: one stamp file for each step --------------------------------------------------------

.PHONY: catalogues
catalogues:
	@$(BIN)/python tools/catalogues.py compile

.venv/bin/uv:
	@UV_VERSION=$(UV_VERSION) tools/make_venv.sh

# Development packages that are already there stay (--inexact).
.venv/.runtime: .venv/bin/uv pyproject.toml uv.lock
	@tools/sync.sh --no-dev && touch $@

.venv/.ok: .venv/bin/uv pyproject.toml uv.lock requirements-dev.lock
	@tools/sync.sh && touch $@ .venv/.runtime
