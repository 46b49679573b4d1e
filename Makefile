# make demo: the main job on sample calendars, no account needed.   make test: the tests.   make lint: style, types, layers.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCK   := requirements.lock
MODELS := .venv-models
FUZZ   := .venv-fuzz
AUDIT  := .venv-audit
READY  := $(VENV)/.ready

.PHONY: demo test trust trust-long trust-list fuzz lint models audit format lock clean help verdicts learn bench
help:
	@sed -n '1p' Makefile; echo "make verdicts: how often the rules are right.   make bench: what they cost (ROW=html for one)."
	@echo "make trust: what becomes of acts when something goes wrong, in figures (PART=crash for one; make trust-long: all)."
	@echo "make learn: learn from the labels anew.   make models: Graph as its SDK has it.   make audit: advisories."
	@echo "make format: let ruff write.   make lock: renew the locks.   make clean: remove $(VENV)."

demo: $(READY)
	@$(BIN)/agendad demo

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal

# Figures of docs/reliability.md: PART=crash for one part, WRITE=--write to put them there.
trust: $(READY)
	@PYTHONPATH=tests $(BIN)/python -m trust $(PART) $(WRITE)

trust-long: $(READY)
	@PYTHONPATH=tests $(BIN)/python -m trust $(PART) --long

# Bad input, guided by the code that it reaches; SECONDS for each kind.
SECONDS ?= 60
fuzz: $(FUZZ)/.ready
	@PYTHONPATH=tests $(FUZZ)/bin/python -m fuzz $(TARGET) --guided $(SECONDS)

# atheris beside what is in $(VENV): it has no wheels for some machines, and nothing else needs it.
$(FUZZ)/.ready: requirements-fuzz.lock $(READY)
	@echo "setting up $(FUZZ) (once)"
	@$(PYTHON) -m venv --clear $(FUZZ)
	@$(FUZZ)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-fuzz.lock
	@$(FUZZ)/bin/python -c "import site, pathlib, subprocess; \
	  there = subprocess.check_output(['$(BIN)/python', '-c', 'import site; print(site.getsitepackages()[0])'], text=True); \
	  pathlib.Path(site.getsitepackages()[0], 'beside.pth').write_text('import site; site.addsitedir(%r)' % there.strip())"
	@touch $@

# After a boundary or an outcome has changed on purpose: read the difference.
trust-list: $(READY)
	@PYTHONPATH=tests $(BIN)/python -m trust.crash
	@PYTHONPATH=tests $(BIN)/python -m trust.faults

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Precision, recall and confusion; KIND=bodies for one kind, SHOW=--mistakes for each mistake.
verdicts: $(READY)
	@$(BIN)/python tests/verdicts/report.py $(KIND) $(SHOW)

# After a change to the labelled sentences or titles; the same labels give the same weights.
learn: $(READY)
	@$(BIN)/python tests/verdicts/learn.py

# Each row beside a floor or a peer in the same run; on a quiet machine.
bench: $(READY)
	@$(BIN)/python -m bench $(ROW)

# The typed models of Graph are large, so they have an environment of their own.
models: $(MODELS)/.ready
	@$(MODELS)/bin/python tests/simulators/graph/make_model.py --check

$(MODELS)/.ready: requirements-models.lock
	@echo "setting up $(MODELS) (once; about a minute)"
	@$(PYTHON) -m venv --clear $(MODELS)
	@$(MODELS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-models.lock
	@touch $@

# What is locked beside the published advisories; says so where those cannot be reached.
audit: $(AUDIT)/.ready
	@$(AUDIT)/bin/python tests/audit.py $(LOCK)

$(AUDIT)/.ready: requirements-audit.lock
	@echo "setting up $(AUDIT) (once)"
	@$(PYTHON) -m venv --clear $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-audit.lock
	@touch $@

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The lock holds versions and hashes only; where packages come from is each machine's own setting.
$(READY): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "agendad needs Python 3.11 or newer; nothing was installed. Name one, e.g.: make PYTHON=python3.12 demo" >&2; exit 2; }
	@echo "setting up $(VENV) (once; about a minute)"
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "no virtual environment could be made; nothing was installed. On Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(LOCK)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv; the lock was not changed. Install uv and try again." >&2; exit 2; }
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet \
	  --group dev --output-file $(LOCK) pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet \
	  --group models --output-file requirements-models.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet \
	  --group audit --output-file requirements-audit.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet \
	  --group fuzz --output-file requirements-fuzz.lock

clean:
	rm -rf $(VENV) $(MODELS) $(AUDIT) $(FUZZ) build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache
