"""Measures going back to runs: forks, rebuilding, holds, comparing. The peer has nothing like it."""

import json
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import time


class Runs:
    """One store, and the program on it with one server."""

    def __init__(self, program: pathlib.Path, port: str, folder: pathlib.Path) -> None:
        self.program = str(program)
        self.url = "http://127.0.0.1:%s/v1" % port
        self.store = folder / "store.sqlite"

    def __call__(self, *arguments: str, expected: int = 0) -> dict:
        ended = subprocess.run(
            [self.program, *arguments, "--json", "--store", str(self.store)], capture_output=True, text=True)
        if ended.returncode != expected:
            sys.exit("rlm-tui %s failed: %s" % (arguments[0], ended.stderr))
        return json.loads(ended.stdout)

    def run(self, context: pathlib.Path, *flags: str) -> dict:
        return self(
            "run", "Do as the script says.", "--context", str(context), "--model", "openai/root", "--sub-model",
            "openai/sub", "--base-url", self.url, "--headless", "--max-iterations", "300", *flags)

    def size(self) -> int:
        """Bytes of the database without its contexts."""
        with sqlite3.connect(self.store) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            pages, size = (database.execute("PRAGMA " + name).fetchone()[0] for name in ("page_count", "page_size"))
            free = database.execute("PRAGMA freelist_count").fetchone()[0]
            return (pages - free) * size


def place(folder: pathlib.Path, name: str) -> pathlib.Path:
    folder = folder / name
    folder.mkdir()
    return folder


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit("bench: " + what)


def fork(program: pathlib.Path, server, folder: pathlib.Path, times: int) -> dict:
    """An answer by hand in one of a hundred slices of 10 MB: the fork's own time, and what it adds."""
    context = folder / "context.txt"
    context.write_text("".join("line %07d of the long text\n" % line for line in range(350_000))[:10_000_000])
    with server("slices", 0) as port:
        runs = Runs(program, port, folder)
        empty = runs(*["list"])
        check(empty == [], "the store was not empty")
        base = runs.size()
        original = runs.run(context)
        before = runs.size()
        own = []
        for number in range(times):
            forked = runs("rerun", original["run"], "i1.c8", "--response", "changed %d" % number, "--continue")
            check(forked["live_calls"] == 0 and forked["recorded_calls"] == 99, "the fork asked again: %s" % forked)
            check("changed %d" % number in forked["answer"], "the fork did not take the change")
            own.append(forked["wall_seconds"])
        added = (runs.size() - before) / times
    return {"fork-own": (statistics.median(own), None), "fork-size": (added / (before - base), None)}


def rebuild(program: pathlib.Path, server, folder: pathlib.Path, times: int) -> dict:
    """A response by hand after 200 blocks, which all run again with their recorded answers."""
    context = folder / "context.txt"
    context.write_text("alpha beta gamma\n")
    with server("rebuild", 0) as port:
        runs = Runs(program, port, folder)
        original = runs.run(context)
        check(original["iterations"] == 201 and original["calls"] == 2001, "the run to rebuild is another one")
        own = []
        for _ in range(times):
            forked = runs("rerun", original["run"], "i201", "--response", "```repl\nFINAL(part[0] + '!')\n```", "--continue")
            check(forked["answer"] == "ok!" and forked["diverged"] == [], "it was not rebuilt as it was: %s" % forked)
            check(forked["recorded_calls"] == 2000, "2,000 answers were recorded")
            own.append(forked["wall_seconds"])
    return {"rebuild": (statistics.median(own), None)}


def holds(program: pathlib.Path, server, folder: pathlib.Path, times: int) -> dict:
    context = folder / "context.txt"
    context.write_text("alpha beta gamma\n")
    own = []
    with server("thousand", 0) as port:
        runs = Runs(program, port, folder)
        for _ in range(times):
            held = runs.run(context, "--hold", "depth>0")
            check(held["status"] == "held" and len(held["held"]) == 1000, "1,000 calls were not held")
            resumed = runs("resume", held["run"], "--release", "all")
            check(resumed["answer"] == "1000", "not all were let go: %s" % resumed)
            own.append(resumed["wall_seconds"])
    return {"holds": (statistics.median(own), None)}


def diff(program: pathlib.Path, server, folder: pathlib.Path, times: int) -> dict:
    context = folder / "context.txt"
    context.write_text("alpha beta gamma\n")
    own = []
    with server("ten-thousand", 0) as port:
        runs = Runs(program, port, folder)
        original = runs.run(context)
        forked = runs("rerun", original["run"], "i1.c8", "--response", "changed", "--continue")
        for _ in range(max(times, 5)):
            started = time.perf_counter()
            found = runs("diff", original["run"], forked["run"])
            own.append(time.perf_counter() - started)
            check(found["first_difference"] == "i1.c8", "the difference was not found: %s" % found)
    return {"diff": (statistics.median(own), None)}


def measure(program: pathlib.Path, server, folder: pathlib.Path, times: int) -> dict:
    found = {}
    for part in (fork, rebuild, holds, diff):
        found.update(part(program, server, place(folder, part.__name__), times))
    return found
