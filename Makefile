# Two commands are enough: `make run` and `make test`. The rest: `make help`.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell command -v $(name) 2>/dev/null)))
VENV := .venv/bin
PYTEST_ARGS ?= -n 2

# What root makes in somebody's checkout belongs to that somebody, who can then go on without root.
HAND_OVER = if [ "$$(id -u)" = 0 ] && [ "$$(stat -c %u .)" != 0 ]; then \
	find . -xdev -uid 0 \( -type d -o -links 1 \) -exec chown -h --reference=. {} +; fi

INSTALL = $(PYTHON) requirements/install.py

# Run a command, then clean up whatever its end was. Ctrl-C reaches the command itself; this shell outlives it, and
# make, which it reaches too, needs no word about it.
THEN = ; code=$$?; $(HAND_OVER); [ $$code = 130 ] || exit $$code

COMPILE = .local/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help run test lint bench schemathesis faults fuzz translations stop clean lock upgrade base dev triage train telemetry python

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: base ## run everything on http://127.0.0.1:8001; PORT=9001 EMULATOR_PORT=9002 choose other ports; Ctrl-C stops it
	@trap : INT; $(VENV)/python manage.py run $(THEN)

test: dev ## run the tests; PYTEST_ARGS="-x tests/accounts" passes arguments on
	@trap : INT; $(VENV)/python -m pytest $(PYTEST_ARGS); code=$$?; \
	$(VENV)/python -m salesbrain.embedded_postgres stop --if-unused; (exit $$code) $(THEN)

lint: dev ## check style, types, import direction and missing migrations
	@( $(VENV)/ruff check . && $(VENV)/ruff format --check . && $(VENV)/python -m mypy . && \
	$(VENV)/python -c "from importlinter.cli import lint_imports_command; lint_imports_command()" && \
	$(VENV)/python manage.py makemigrations --check --dry-run ) $(THEN)

bench: base ## measure speed and size, about 25 minutes on 2 cores; BENCH=quick about 3, BENCH=tiny only tests the benchmark, 1 to 2; PARTS="ingest reads" only those
	@trap : INT; $(VENV)/python -m bench $(PARTS) $(THEN)

schemathesis: dev ## send the API thousands of generated requests; CASES=100 of each kind, SEED=1 for others
	@mkdir -p .local && rm -f .local/schemathesis.ndjson
	@trap : INT; SALESBRAIN_SCHEMATHESIS_CASES=$(or $(CASES),40) SALESBRAIN_SCHEMATHESIS_SEED=$(or $(SEED),20261122) \
	SALESBRAIN_SCHEMATHESIS_REPORT=.local/schemathesis.ndjson $(VENV)/python -m pytest tests/acceptance/test_schema_is_true.py $(PYTEST_ARGS) \
	&& $(VENV)/python tests/acceptance/schema_report.py .local/schemathesis.ndjson $(THEN)

faults: dev ## kill, disconnect and overload a running installation and check that no event is lost, about 15 minutes; FAULTS=quick about 2
	@trap : INT; FAULTS=$(FAULTS) $(VENV)/python -m pytest tests/faults $(THEN)

translations: dev ## take new texts into locale/ and compile it; then fill in what is empty in locale/*/LC_MESSAGES/django.po
	@$(VENV)/python .ci/translations.py update $(THEN)

fuzz: dev ## search for slow mails and bodies that break the parser, SECONDS=60 each, then thousands of webhook and sync inputs
	@trap : INT; ( $(VENV)/python -m tests.fuzz.slow_text $(or $(SECONDS),60) && $(VENV)/python -m tests.fuzz $(SECONDS) && FUZZ=1 $(VENV)/python -m pytest $(PYTEST_ARGS) \
	tests/instantly/webhooks/test_any_body.py tests/instantly/sync/test_any_answer.py ) $(THEN)

stop: ## stop a run that is still going, and the embedded database
	@if [ -x $(VENV)/python ]; then $(VENV)/python -m salesbrain.local.run stop; else echo "Nothing is installed, so nothing runs."; fi

clean: ## delete the embedded database, its demo data and the installed packages
	@if [ -x $(VENV)/python ]; then $(VENV)/python -m salesbrain.local.run clean; \
	elif [ -e .local/postgres ]; then \
		echo "error: .venv is gone, which stops the embedded database properly. 'make base clean' installs it again and cleans."; \
		exit 1; fi
	@rm -rf .local .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: python ## write requirements/*.txt with hashes after a change of requirements/*.in; versions that still fit stay
	@$(PYTHON) -m venv .local/lock && .local/lock/bin/pip install --quiet --disable-pip-version-check uv
	@$(COMPILE) requirements/base.in --output-file requirements/base.txt
	@$(COMPILE) requirements/dev.in --constraint requirements/base.txt --output-file requirements/dev.txt
	@$(COMPILE) requirements/triage.in --constraint requirements/base.txt --output-file requirements/triage.txt
	@$(COMPILE) requirements/telemetry.in --constraint requirements/base.txt --output-file requirements/telemetry.txt
	@$(COMPILE) requirements/train.in --constraint requirements/base.txt --output-file requirements/train.txt
	@$(COMPILE) requirements/fuzz.in --output-file requirements/fuzz.txt
	@if grep -n '://' requirements/*.txt; then echo "error: an address got into requirements/*.txt" >&2; exit 1; fi

upgrade: ## take the newest versions that fit requirements/*.in, and install them; then run the tests
	@$(MAKE) --no-print-directory lock UPGRADE=--upgrade
	@git --no-pager diff --stat -- requirements
	@$(MAKE) --no-print-directory dev

base: python .venv/base.stamp # what the product runs on
triage: base .venv/triage.stamp ## add sentence embeddings, which make the triage of replies more accurate (Linux on x86-64, 70 MB; nothing is sent anywhere)

train: base .venv/train.stamp ## add what `manage.py train_triage` needs

telemetry: base .venv/telemetry.stamp ## add what reports errors to a Sentry server (SENTRY_DSN) and traces to an OpenTelemetry collector (OTEL_EXPORTER_OTLP_ENDPOINT)

.venv/triage.stamp .venv/train.stamp .venv/telemetry.stamp: .venv/%.stamp: requirements/%.txt .venv/bin/python | python
	@trap : INT; $(INSTALL) $* && touch $@ $(THEN)


dev: python .venv/dev.stamp # and what tests and checks need
	@$(INSTALL) tools $(THEN)

.venv/base.stamp: requirements/base.txt .venv/bin/python | python
	@trap : INT; $(INSTALL) base && touch $@ $(THEN)

# dev.txt holds all of base.txt, at the same versions.
.venv/dev.stamp: requirements/base.txt requirements/dev.txt .venv/bin/python | python
	@trap : INT; $(INSTALL) dev && touch .venv/base.stamp $@ $(THEN)

# Has no recipe: where it is missing, or a link to a Python that was removed, both stamps are made anew.
.venv/bin/python:

python:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "error: $(if $(PYTHON),$(PYTHON) is not Python 3.11 or later,Python 3.11 or later is missing). Install it (Debian:" \
		"apt-get install python3 python3-venv), or name it: make run PYTHON=/path/to/python3"; exit 1; } >&2
