# Every target makes what it needs in .venv: a fresh machine with Python 3.11 or newer, pip and make is enough.
PYTHON ?= python3
BIN := .venv/bin
# Their examples build on one another, so they are not for several workers.
PAGES := src docs README.md
# Times of expressions, which a tracer changes; bytes and sends by the thousand, which it makes slow; and dozens of threads
# that begin at once, which CPython 3.11 does not always let it follow. They reach no line that others do not, and
# `make test` runs them without a tracer.
SLOW := advisories/test_building advisories/test_expressions advisories/test_folding transports/test_many_sends \
	transports/test_concurrency transports/smtp/test_cuts transports/smtp/test_misbehaviours ses/client/boto/test_cuts \
	ses/client/direct/test_troubles policies/test_region_loss policies/test_failover_machine policies/test_outage \
	policies/test_stack policies/rate/test_against_the_box policies/sandbox/test_guard_and_box \
	templates/text/test_properties templates/untrusted/test_process templates/test_mail_types
# What that CPython says of a thread that it did not follow.
NO_TRACER := -W "ignore:Exception ignored in thread started by:pytest.PytestUnraisableExceptionWarning"
NOT_TRACED := $(SLOW:%=--ignore tests/%.py)

.PHONY: demo test check coverage bench soak docs clean

demo: .venv/.base ## send a mail through a local SES, by its API and by SMTP, and show what arrived in demo/
	$(BIN)/python examples/send_a_mail.py demo

test: .venv/.dev ## all tests; those that need a server are skipped where it is missing
	$(BIN)/python -m pytest -n auto tests examples
	$(BIN)/python -m pytest -q $(PAGES)

check: .venv/.dev coverage docs ## what CI asks for beside the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

coverage: .venv/.dev ## branch coverage, 100 %
	rm -f .coverage .coverage.*
	SESMAIL_EXAMPLES=5 $(BIN)/python -m coverage run -m pytest -n auto -q -m "not server" $(NO_TRACER) $(NOT_TRACED) tests examples
	$(BIN)/python -m coverage run -m pytest -q $(PAGES)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

docs: .venv/.dev ## the documentation, warnings are errors
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

bench: .venv/.bench ## speed and memory, beside the peers
	$(BIN)/python -m benchmarks

soak: .venv/.dev ## the property tests with many more examples, lines cut at every byte, and ten times as many sends
	SESMAIL_SENDS=100000 $(BIN)/python -m pytest -q --timeout 7200 tests/transports/test_many_sends.py
	SESMAIL_EXAMPLES=20000 $(BIN)/python -m pytest -n auto -m "not server" --timeout 7200 \
		--ignore tests/transports/test_many_sends.py tests/mail tests/mime tests/local tests/ses tests/lines tests/transports

clean:
	rm -rf .venv .nox build dist demo docs/_build .coverage .coverage.*

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

.venv/.base: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable ".[direct,local]"
	touch $@

.venv/.dev: .venv/.base
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

.venv/.bench: .venv/.base
	$(BIN)/python -m pip install --quiet --group bench
	touch $@
