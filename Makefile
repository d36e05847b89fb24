# `make` alone lists what can be made.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
VENV_NUMPY1 := .venv-numpy1
NPZ := target/release/npz
PEERS := conformance/peers/target/release/peers
BENCH_PEERS := bench/peers/Cargo.toml
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PIP := -m pip install -q --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help build demo docs test lint test-rust test-conformance test-python test-numpy test-bench test-large bench bench-instructions bench-peers fuzz clean npz package judges

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 26

build: npz package ## target/release/npz, and .venv in which `import savez` finds the release build

npz:
	cargo build --release --locked -p savez-cli

package: $(VENV)/.ready
	VIRTUAL_ENV=$(abspath $(VENV)) $(VENV)/bin/maturin develop --release --locked -q

demo: build ## save arrays, list them, read them back with savez and with NumPy
	$(VENV)/bin/python examples/demo.py $(NPZ)

docs: package ## docs/reference.md, from the docstrings
	$(VENV)/bin/python docs/generate.py

test: lint test-rust test-conformance test-python test-numpy test-bench ## every test but the large ones

lint: $(VENV)/.ready
	cargo fmt --all --check
	cargo fmt --manifest-path $(BENCH_PEERS) --check
	cargo clippy --locked --workspace --all-features --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --all-features -p savez -p savez-derive -p savez-deflate -p savez-text
	$(VENV)/bin/ruff check -q python examples conformance docs bench

test-rust:
	cargo test --locked -p savez --no-default-features
	cargo test --locked --workspace --all-features

test-conformance: build judges
	cargo build --release --locked --manifest-path conformance/peers/Cargo.toml
	NPZ=$(abspath $(NPZ)) PEERS=$(abspath $(PEERS)) $(VENV)/bin/python -m pytest -q conformance

test-python: package
	$(VENV)/bin/python -m pytest -q python/tests --ignore python/tests/numpy_gate

# Those that are to be our own, not NumPy's under another name.
OWN := --own save,savez,savez_compressed,load,savetxt,loadtxt,NpzFile.__getitem__,format.write_array,format.read_array,format.open_memmap

test-numpy: package $(VENV_NUMPY1)/.ready ## NumPy's own tests, run against savez, with NumPy 2 and 1
	$(VENV)/bin/python python/tests/numpy_gate/run.py $(OWN)
	PYTHONPATH=$(abspath python) $(VENV_NUMPY1)/bin/python python/tests/numpy_gate/run.py $(OWN)

test-large: build ## archives beyond 4 GiB and 70,000 members, arrays of 1 GiB: 12 GB of disk, 5 GB of memory, some minutes
	NPZ=$(abspath $(NPZ)) $(VENV)/bin/python -m pytest -q conformance -m large
	$(VENV)/bin/python -m pytest -q python/tests --ignore python/tests/numpy_gate -m large

# The harness, not the figures: those need a quiet machine.
test-bench: package
	$(VENV)/bin/python -m pytest -q -p no:cacheprovider bench/tests

ONLY ?=
QUICK ?=
OUTPUT ?= target/bench$(if $(QUICK),-quick)
bench: build bench-peers $(VENV)/.bench ## time savez beside NumPy and others; ONLY=save,load for a part, QUICK=1 to try
	$(if $(findstring corpus,$(ONLY)),$(VENV)/bin/python -m bench.corpus)
	$(VENV)/bin/python -m bench $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick) --output $(OUTPUT)

KEEP ?=
bench-instructions: bench-peers $(VENV)/.ready ## count instructions of hot paths, against the kept counts; KEEP=1 keeps
	$(VENV)/bin/python -m bench.instructions $(if $(KEEP),--keep)

bench-peers:
	cargo build --release --locked --manifest-path $(BENCH_PEERS)

T ?= 60
fuzz: ## fuzz every target for T seconds
	fuzz/build.sh -q
	for target in npy_header dtype archive table; do \
		mkdir -p fuzz/corpus/$$target; \
		fuzz/target/*/release/$$target fuzz/corpus/$$target crates/savez/tests/data -max_len=8192 -max_total_time=$(T) || exit 1; \
	done

clean: ## delete what was built
	rm -rf target conformance/peers/target bench/peers/target fuzz/target $(VENV) $(VENV_NUMPY1) .demo python/savez/*.so

# The judges of our archives that are no libraries. 7-Zip's command is 7zz in Debian's package 7zip, 7z in others.
judges:
	@command -v unzip > /dev/null || ($(SUDO) apt-get update && $(SUDO) apt-get install -y unzip)
	@command -v 7zz > /dev/null || command -v 7z > /dev/null || ($(SUDO) apt-get update && $(SUDO) apt-get install -y 7zip)

$(VENV)/.ready: conformance/requirements.txt python/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python $(PIP) -r conformance/requirements.txt -r python/requirements.txt
	touch $@

$(VENV)/.bench: $(VENV)/.ready bench/requirements.txt
	$(VENV)/bin/python $(PIP) -r bench/requirements.txt
	touch $@

$(VENV_NUMPY1)/.ready: Makefile
	$(PYTHON) -m venv $(VENV_NUMPY1)
	$(VENV_NUMPY1)/bin/python $(PIP) numpy==1.26.4 pytest hypothesis
	touch $@
