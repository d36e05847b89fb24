"""Runs NumPy's own tests against NumPy, then against a drop-in in its place, and compares item by item.

``python run.py --help`` tells the options; what follows ``--`` goes to pytest, as in ``-- -k savez --tb=short``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import table
import verdict

HERE = Path(__file__).resolve().parent
LEVELS = ("top", "format")
TIMEOUT = 900  # seconds a session may take; it takes about ten


class GateError(Exception):
    """The tests could not be run at all; the message is pytest's."""


def session(
    level: str,
    module: str = "savez",
    *,
    broken: str = "",
    own: Sequence[str] = (),
    pytest_args: Sequence[str] = (),
    verbose: bool = False,
) -> verdict.Report:
    """Run the items in a new interpreter, `module` in NumPy's place at `level` (``none``: NumPy itself).

    Nothing is written but in a temporary folder, which is the working directory too.
    """
    site = Path(importlib.util.find_spec("numpy").origin).parents[1]
    files = [site / name.format(core=core) for name in table.TESTS for core in ("core", "_core")]
    with tempfile.TemporaryDirectory(prefix="numpy-gate-") as scratch:
        report = Path(scratch, "report.json")
        config = Path(scratch, "pytest.ini")
        config.write_text("[pytest]\n")
        work = Path(scratch, "work")
        work.mkdir()
        paths = [str(HERE), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in paths),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": "",
            "TMPDIR": scratch,
            "SAVEZ_GATE_LEVEL": level,
            "SAVEZ_GATE_MODULE": module,
            "SAVEZ_GATE_BREAK": broken,
            "SAVEZ_GATE_OWN": ",".join(own),
            "SAVEZ_GATE_REPORT": str(report),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "plugin", "-p", "no:cacheprovider"]
        command += ["-c", str(config), f"--rootdir={site}", f"--basetemp={scratch}/pytest", "--tb=native"]
        command += [*pytest_args, *(str(file) for file in dict.fromkeys(files) if file.exists())]
        try:
            done = subprocess.run(command, cwd=work, env=environment, text=True, encoding="utf-8", errors="replace",
                                  stdout=None if verbose else subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=TIMEOUT, check=False)
        except subprocess.TimeoutExpired as error:
            raise GateError(f"level {level}: no end after {TIMEOUT} seconds; see with --verbose -- -v") from error
        if done.returncode not in (0, 1) or not report.exists():
            raise GateError(f"{done.stdout or ''}\nlevel {level}: pytest ended with status {done.returncode}".strip())
        return json.loads(report.read_text(encoding="utf-8"))


def judge(base: verdict.Report, report: verdict.Report, *, shown: int = 40) -> bool:
    """Print what `report` has to say against `base`; return whether all is well."""
    lost = verdict.lost(base, report)
    worse = {item: reason for item, reason in lost.items() if item not in table.MENDED}
    print(f"\n== {report['module']}, level {report['level']}: {verdict.count_line(report)}; {len(worse)} lost")
    print("\n".join(verdict.call_lines(report)))
    for item, reason in list(worse.items())[:shown]:
        print(f"LOST {item}: {reason}"[:300])
    for item in lost.keys() - worse.keys():
        print(f"MENDED {item}: {table.MENDED[item]}")
    if len(worse) > shown:
        print(f"LOST and {len(worse) - shown} more")
    for problem in report["problems"]:
        print(f"PROBLEM {problem}")
    return not worse and not report["problems"]


def main() -> int:
    """Run the gate; return the exit status."""
    own, theirs = sys.argv[1:], []
    if "--" in own:
        own, theirs = own[: own.index("--")], own[own.index("--") + 1 :]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", default="savez", help="the drop-in (savez; passthrough tests the gate)")
    parser.add_argument("--level", choices=[*LEVELS, "both"], default="both", help="what to replace (both)")
    parser.add_argument("--break", dest="broken", default="", metavar="NAME", help="make one function raise")
    parser.add_argument("--own", type=lambda names: names.split(","), default=(), metavar="NAMES",
                        help="fail if one of these is NumPy's own, or calls it (names with commas between, or all)")
    parser.add_argument("--verbose", action="store_true", help="show pytest's output")
    options = parser.parse_args(own)
    levels = LEVELS if options.level == "both" else (options.level,)
    if options.broken.startswith("format."):
        levels = ("format",)
    try:
        base = session("none", pytest_args=theirs, verbose=options.verbose)
        print(f"== NumPy {base['numpy']} itself: {verdict.count_line(base)}")
        good = "passed" in base["outcomes"].values()
        for level in levels:
            report = session(level, options.module, broken=options.broken, own=options.own,
                             pytest_args=theirs, verbose=options.verbose)
            good &= judge(base, report)
    except GateError as error:
        print(error)
        return 1
    print(f"\n{'PASSED' if good else 'FAILED'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
