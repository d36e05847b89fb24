# `make` alone lists what can be made.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
NPZ := target/release/npz
PEERS := conformance/peers/target/release/peers
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.DEFAULT_GOAL := help
.PHONY: help build demo test test-rust test-conformance test-large lint clean npz

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 26

build: npz $(VENV)/.ready ## target/release/npz, and .venv with Python packages to test against

npz:
	cargo build --release --locked -p savez-cli

demo: build ## save arrays, list them, read them back with NumPy
	$(VENV)/bin/python examples/demo.py $(NPZ)

test: lint test-rust test-conformance ## every test but the large ones

lint:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-features --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --all-features -p savez -p savez-derive

test-rust:
	cargo test --locked -p savez --no-default-features
	cargo test --locked --workspace --all-features

test-conformance: build unzip
	cargo build --release --locked --manifest-path conformance/peers/Cargo.toml
	NPZ=$(abspath $(NPZ)) PEERS=$(abspath $(PEERS)) $(VENV)/bin/python -m pytest -q conformance

test-large: build ## archives beyond 4 GiB and 70,000 members: 12 GB of disk, some minutes
	NPZ=$(abspath $(NPZ)) $(VENV)/bin/python -m pytest -q conformance -m large

clean: ## delete what was built
	rm -rf target conformance/peers/target $(VENV) .demo

# The judge of our archives that is no library. Present on most machines.
.PHONY: unzip
unzip:
	@command -v unzip > /dev/null || ($(SUDO) apt-get update && $(SUDO) apt-get install -y unzip)

$(VENV)/.ready: conformance/requirements.txt examples/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install -q --disable-pip-version-check -r conformance/requirements.txt -r examples/requirements.txt
	touch $@
