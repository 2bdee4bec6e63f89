# Everything a person or a machine does here is one of these verbs. They need Python 3.11 or newer, and make.

BIN := .venv/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo up test check fix proof bench chaos assets lock clean run-time development

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: run-time assets  ## the whole system with sample cases, until Ctrl-C (ONCE=1: ends by itself; RUTA_PORT, RUTA_DATA)
	@exec $(BIN)/ruta demo $(if $(filter-out 0,$(ONCE)),--once)

up: run-time assets  ## the whole system without sample cases, until Ctrl-C
	@exec $(BIN)/ruta up

# The short chaos run waits more than it works, so it runs beside the others. With ARGS there is one run, of those.
BESIDE := tests/chaos/test_short.py::test_nothing_is_lost_or_doubled_whatever_is_killed

test: development assets  ## every test, on an own PostgreSQL and Valkey (ARGS=… goes to pytest)
ifneq ($(ARGS),)
	@$(BIN)/python -m pytest $(ARGS)
else
	@said=$$(mktemp); $(BIN)/python -m pytest $(BESIDE) >$$said 2>&1 & beside=$$!; \
	trap 'kill $$beside 2>/dev/null; rm -f $$said' EXIT INT TERM; \
	$(BIN)/python -m pytest --deselect $(BESIDE); others=$$?; \
	wait $$beside; chaos=$$?; cat $$said; exit $$((others + chaos))
endif

check: development  ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy deploy services shared
	$(BIN)/lint-imports

fix: development  ## mend what lint and format can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

proof: development  ## the rule proof against counting, on 10,000 random tables (TABLES=N; two minutes)
	@RUTA_PROOF_TABLES=$(or $(TABLES),10000) $(BIN)/python -m pytest -q tests/unit/referral/decisions/test_proof.py $(ARGS)

bench: development assets  ## benchmarks with their ratios (COMPARE=file, OUT=file, LARGE=1, ONLY="ladder bus …")
	@$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(filter-out 0,$(LARGE)),--large) \
		$(if $(COMPARE),--compare "$(COMPARE)") $(if $(OUT),--out "$(OUT)") $(ARGS)

chaos: development assets  ## kill everything in turn and count what was lost (SHORT=1: two minutes)
	@$(BIN)/python -m tests.chaos $(if $(filter-out 0,$(SHORT)),--short) $(ARGS)

assets: run-time  ## style sheet and scripts of the pages, built when their lock or source changed
	@$(BIN)/python -m shared.web.assets

lock:  ## resolve every dependency anew (needs uv)
	@deploy/lock.sh

clean:  ## remove what was built or installed, keep data (.ruta)
	rm -rf .venv node_modules .cache build dist *.egg-info shared/web/static/build
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

run-time:
	@deploy/install.sh requirements.lock

development:
	@deploy/install.sh requirements-dev.lock
