"""Runs rows: every contender in a process of its own, all in turn, round after round.

In each round everybody runs once, in another order. So whatever else the machine does hits all alike,
and figures of the same round can be divided by each other.
"""

import contextlib
import json
import mmap
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import files
from .row import OURS, Place

REPOSITORY = Path(__file__).resolve().parents[1]
PEERS = REPOSITORY / "bench/peers/target/release/peers"

#: Rounds go on after the row's least number of them until a row has taken so many seconds.
SECONDS_A_ROW = 12
MOST_ROUNDS = 15

#: So many rounds are run by everybody; the others by those that take less than so many times our time.
LEAST_ROUNDS = 3
FAR_SLOWER = 8


#: All free memory is got ready before rows of so many bytes, and before each run of so many; but so much of it.
MUCH = 64 << 20
MOST = 1 << 30
SPARED = 1 << 30


class ContenderError(Exception):
    """A contender broke down; its words."""


class Process:
    """A contender's process."""

    def __init__(self, command, cores):
        self._process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )

    def answer(self):
        line = self._process.stdout.readline()
        if not line:
            words = self._process.stderr.read().strip().splitlines()
            raise ContenderError(words[-1] if words else "ended without a word")
        return json.loads(line)

    def ask(self, what):
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return self.answer()

    def end(self):
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()


class Runner:
    """
    Runs rows, one after the other.

    Parameters
    ----------
    disk, memory : path-like
        Directories on a disk and in memory, in which each row gets one of its own.
    quick : bool
        Small sizes and three rounds, to see that all works.
    peers : path-like, optional
        The Rust program; without it, its contenders are left out.
    tell : callable
        Is told what is going on, as text.
    """

    def __init__(self, disk, memory, quick=False, peers=PEERS, tell=lambda text: None):
        self._disk, self._memory, self._quick = disk, memory, quick
        self._peers = peers if peers is not None and Path(peers).exists() else None
        self._tell = tell

    def run(self, topic, row):
        """
        Runs a row.

        Returns
        -------
        dict
            ``samples``: for each contender what was measured, a list for each quantity, one value a
            round; ``sizes`` of the files they wrote or read, and of the ``members`` in them; ``left_out``:
            contenders that could not run, and why.
        """
        parent = self._memory if row.memory else self._disk
        with tempfile.TemporaryDirectory(dir=parent, prefix="savez-bench-") as directory:
            return _Running(self, topic, row, Place(Path(directory), self._quick)).run()

    def command(self, topic, row, contender, place):
        path = str(contender.path(row, place))
        if contender.is_rust:
            return [str(self._peers), *contender.peer, str(row.repeat), str(place.directory), path]
        return _worker(topic, row.name, contender.name, place)


def _worker(topic, row_name, what, place):
    quick = "quick" if place.quick else "whole"
    return [sys.executable, "-m", "bench.worker", topic, row_name, what, str(place.directory), quick]


class _Running:
    """A row being run."""

    def __init__(self, runner, topic, row, place):
        self._runner, self._topic, self._row, self._place = runner, topic, row, place
        self._processes = {}
        self._left_out = {}
        self._sizes = {}
        self._members = {}
        # The most that a contender's process has taken in a run, in bytes.
        self._memory = {}

    def run(self):
        try:
            self._start()
            samples = self._rounds()
            return {
                "samples": {name: _columns(rounds) for name, rounds in samples.items()},
                "sizes": self._sizes,
                "members": self._members,
                "left_out": self._left_out,
            }
        finally:
            for process in self._processes.values():
                process.end()

    def _rounds(self):
        """What each contender took in each round; of the far slower ones in the first rounds only."""
        quick, row = self._runner._quick, self._row
        samples = {name: [] for name in self._processes}
        start = time.monotonic()
        for number in range(LEAST_ROUNDS if quick else MOST_ROUNDS):
            if number >= row.rounds and time.monotonic() - start > SECONDS_A_ROW:
                break
            self._runner._tell(f"{row.name}: round {number + 1}")
            taking_part = [
                name for name in samples if number < LEAST_ROUNDS or not _far_slower(samples, name)
            ]
            for name, taken in self._round(taking_part, number).items():
                samples[name].append(taken)
        return samples

    def _round(self, names, number):
        """What each contender took: of a row of parts the sums, and the seconds of each part."""
        parts = [part.name for part in self._row.parts]
        if not parts:
            return {name: self._once(name) for name in _in_turn(names, number)}
        taken = {name: {} for name in names}
        for at, part in enumerate(parts):
            self._runner._tell(f"{self._row.name}: round {number + 1}, {part}")
            for name in _in_turn(names, number * len(parts) + at):
                taken[name][part] = self._processes[name].ask(f"run {part}")
        return {name: _together(samples) for name, samples in taken.items()}

    def _start(self):
        row, place = self._row, self._place
        self._runner._tell(f"{row.name}: making the files")
        if row.make is not None:
            subprocess.run(_worker(self._topic, row.name, "--make", place), cwd=REPOSITORY, check=True)
        present = self._present()
        # All at once, if there is room for it: importing takes longer than most of the work.
        for group in [[contender] for contender in present] if row.alone else [present]:
            for contender in group:
                command = self._runner.command(self._topic, row, contender, place)
                self._processes[contender.name] = Process(command, self._cores())
            for contender in group:
                self._get_ready(contender.name)
        if not row.memory:
            os.sync()
        if self._amount() >= MUCH:
            _have_at_hand(_free())

    def _present(self):
        """The contenders that can run here."""
        present = []
        for contender in self._row.contenders:
            if contender.is_there(self._runner._peers):
                present.append(contender)
            else:
                self._left_out[contender.name] = f"{contender.needs or 'bench/peers'} is not there"
        return present

    def _cores(self):
        available = os.sched_getaffinity(0)
        if len(available) < self._row.cores:
            raise ContenderError(f"this row is for {self._row.cores} cores; there are {len(available)}")
        return sorted(available)[: self._row.cores]

    def _get_ready(self, name):
        self._runner._tell(f"{self._row.name}: {name} gets ready")
        try:
            self._processes[name].answer()
            self._around(name, lambda: self._processes[name].ask("check"))
        except ContenderError as error:
            self._left_out[name] = str(error)
            self._processes.pop(name).end()

    def _once(self, name):
        taken = self._around(name, lambda: self._processes[name].ask("run"))
        self._memory[name] = max(self._memory.get(name, 0), taken["memory"])
        return taken

    def _around(self, name, act):
        row = self._row
        contender = row.contender(name)
        path = contender.path(row, self._place)
        if row.before is not None:
            row.before(path)
        if row.alone:
            files.alone_in_cache(path, self._place.directory)
        if row.cold:
            files.drop_from_cache(self._place.directory)
        _have_at_hand(_free() if self._amount() >= MOST else self._needed(contender))
        done = act()
        with contextlib.suppress(OSError):
            self._sizes[name] = files.size(path)
            if row.members:
                self._members[name] = files.parts(path) if row.parts else files.members(path)
        if row.after is not None:
            row.after(path)
        return done

    def _needed(self, contender):
        """Bytes of memory that a run will take: of the process, or of the page cache for what it saves."""
        return max(self._amount(), self._memory.get(contender.name, 0))

    def _amount(self):
        """Bytes that are saved or loaded in a run, if it is a matter of bytes."""
        return int(self._row.amount) if self._row.unit == "B" and not self._row.parts else 0


def _free():
    """Bytes of memory that nobody uses, but for some that are left to whoever wants them meanwhile."""
    with contextlib.suppress(OSError), open("/proc/meminfo") as lines:
        free = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemFree"))
        return max(0, free - SPARED)
    return 0


def _have_at_hand(nbytes):
    """Has the system get so much memory ready, and gives it back.

    A virtual machine returns memory to its host that has been free for some seconds; whoever takes it next
    would pay for getting it again, and that would be whoever runs after the slowest. Which of the free
    memory is taken next nobody knows: to be sure of much of it, all has to be had.
    """
    if nbytes:
        with mmap.mmap(-1, nbytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
            with contextlib.suppress(AttributeError, OSError):
                memory.madvise(mmap.MADV_HUGEPAGE)
            for start in range(0, nbytes, mmap.PAGESIZE):
                memory[start] = 1


def _together(samples):
    """What a round took of whoever did several parts."""
    return {
        "seconds": sum(sample["seconds"] for sample in samples.values()),
        "processor": sum(sample["processor"] for sample in samples.values()),
        "memory": max(sample["memory"] for sample in samples.values()),
        "read": sum(sample["read"] for sample in samples.values()),
        "parts": {part: sample["seconds"] for part, sample in samples.items()},
    }


def _far_slower(samples, name):
    """Whether more rounds would tell nothing new of a contender, and keep the others waiting."""
    if name == OURS or OURS not in samples:
        return False
    theirs, ours = (min(sample["seconds"] for sample in samples[who]) for who in (name, OURS))
    return theirs > FAR_SLOWER * ours


def _in_turn(names, number):
    """In another order each round, the same in every run: nobody always follows the same one."""
    names = list(names)
    random.Random(number).shuffle(names)
    return names


def _columns(rounds):
    return {key: [sample[key] for sample in rounds] for key in rounds[0]}
