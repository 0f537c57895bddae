# The targets that the README names. `make help` lists them.
SHELL := /bin/sh
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help install demo test check clean
.NOTPARALLEL:

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## Set up: .venv from the lock file, and the jars. Quick when nothing has changed.
	@scripts/setup.sh

demo: install ## Send events through the whole platform, and check every figure. ARGS="--players FILE" for other data.
	@$(BIN)/tallystick demo $(ARGS)

test: install check ## Every check, then every test. ARGS="-k words" for some of them.
	@$(BIN)/tallystick dev jars fetch s3a >/dev/null
	@scripts/test.sh $(ARGS)

check: install ## Format, lint, types, imports, contracts, and that generated files are what the contracts say.
	@$(BIN)/ruff format --check --quiet . || { echo "fix: $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy contracts codegen sdk api streaming tests
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/tallystick fmt --check
	@$(BIN)/tallystick lint
	@$(BIN)/tallystick generate --check
	@$(BIN)/tallystick golden --check
	@$(BIN)/tallystick codeowners --check

clean: ## Remove what the targets above made, but for .venv and the user's cache.
	@$(BIN)/tallystick dev down || true
	rm -rf .tallystick demo-out dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache spark-warehouse
