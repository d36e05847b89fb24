"""`python -m bench.instructions`: instructions of the engine's hot paths, against the counts that are kept.

They are counted by valgrind, so that they are the same however busy the machine is, to a fraction of a per
cent. The kernel's are not among them. All is done by one thread, on one processor: callgrind would leave out what
others do. Another compiler makes another program: then keep counts of the old engine with the new compiler first.
"""

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BENCH = Path(__file__).resolve().parent
PATHS = BENCH / "peers/target/release/paths"
KEPT = BENCH / "instructions.json"

#: Some processors copy by one instruction that counts as many as it copies bytes.
ENVIRONMENT = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-ERMS,-FSRM"}

#: What is more than this above the kept count is reported by the exit status.
TOLERANCE = 0.03


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.instructions", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep the counts of this run")
    options = parser.parse_args()
    names = subprocess.run([PATHS], check=True, capture_output=True, text=True).stdout.splitlines()
    processors = sorted(os.sched_getaffinity(0))
    with ThreadPoolExecutor(len(processors)) as pool:
        counted = pool.map(count, names, itertools.cycle(processors))
        counts = dict(zip(names, counted, strict=True))
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {"counts": {}, "compiler": ""}
    worse = [name for name in names if _show(name, counts[name], kept["counts"].get(name))]
    if kept["compiler"] != _compiler():
        print(f"the kept counts are those of {kept['compiler'] or 'no compiler'}, these of {_compiler()}")
    if options.keep:
        KEPT.write_text(json.dumps({"compiler": _compiler(), "counts": counts}, indent=1) + "\n")
    elif worse:
        sys.exit(f"more than {TOLERANCE:.0%} above the kept count: {', '.join(worse)}")


def count(name, processor):
    """The instructions of one path."""
    with tempfile.TemporaryDirectory() as place:
        command = [
            *("taskset", "--cpu-list", str(processor)),
            "valgrind",
            "--tool=callgrind",
            "--toggle-collect=paths::measured",
            f"--callgrind-out-file={place}/out",
            str(PATHS),
            name,
        ]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ENVIRONMENT)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or collected is None:
        sys.exit(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    return int(collected[1])


def _show(name, now, kept):
    """Prints a line; tells whether the count is beyond the tolerance."""
    if kept is None:
        print(f"{name:30}{now:>14,}  new")
        return False
    change = now / kept - 1
    print(f"{name:30}{now:>14,}{kept:>14,}{change:>+9.2%}")
    return change > TOLERANCE


def _compiler():
    return subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
