#!/bin/sh
# Builds the fuzz targets on a stable toolchain, without cargo-fuzz and without clang; see README.md.
set -e
cd "$(dirname "$0")"
export RUSTC_BOOTSTRAP=1
export RUSTFLAGS="--cfg fuzzing -Zsanitizer=address -Cpasses=sancov-module \
-Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
-Ccodegen-units=1"
exec cargo build --release --target "$(rustc -vV | sed -n 's/^host: //p')" "$@"
