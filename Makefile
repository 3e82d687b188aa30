# Every target makes what it needs in .venv: a fresh machine with Python 3.11 or newer, pip and make is enough.
PYTHON ?= python3
BIN := .venv/bin
# Their examples build on one another, so they are not for several workers.
PAGES := src docs README.md
# With COVERAGE=yes the tests are traced as well, and every line and branch must be reached; tests/conftest.py leaves out
# what a tracer would change. What CPython 3.11 says of a thread that it did not let the tracer follow is no failure.
TRACED := coverage run -m pytest -W "ignore:Exception ignored in thread started by:pytest.PytestUnraisableExceptionWarning"
RUN := $(if $(COVERAGE),$(TRACED),pytest)

.PHONY: demo test check coverage bench soak docs clean

demo: .venv/.base ## send a mail through a local SES, by its API and by SMTP, and show what arrived in demo/
	$(BIN)/python examples/send_a_mail.py demo

test: .venv/.dev ## all tests; those that need a server are skipped where it is missing
	rm -f .coverage .coverage.*
	$(BIN)/python -m $(RUN) -n auto tests examples
	$(BIN)/python -m $(RUN) -q $(PAGES)
ifdef COVERAGE
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
endif

coverage: ## the same, with branch coverage, 100 %
	$(MAKE) test COVERAGE=yes

check: .venv/.dev docs ## what CI asks for beside the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

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
