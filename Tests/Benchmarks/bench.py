"""Measures rlm-tui beside its peer, the rlms package, on one scripted model server in one run.

    make bench                 everything (about five minutes)
    make bench ARGS=--quick    fewer repetitions

Medians are printed, with the figure to reach. The peer is installed into a virtual environment of its own.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = ROOT / ".build-release" / "release"
PROGRAM = RELEASE / "rlm-tui"
SERVER = RELEASE / "scripted-server"
PEER_HOME = ROOT / ".build-bench"
PEER_VERSION = "0.1.3"


def peer_python() -> str:
    """The Python that has the peer, made on first use."""
    python = PEER_HOME / "bin" / "python"
    if not python.exists():
        print("installing rlms %s into %s" % (PEER_VERSION, PEER_HOME.name), file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", PEER_HOME], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "rlms==" + PEER_VERSION], check=True)
    return str(python)


class Server:
    """The scripted server with one scenario, for the time of a `with`."""

    def __init__(self, scenario: str, milliseconds: int) -> None:
        self.command = [str(SERVER), scenario, str(milliseconds)]

    def __enter__(self) -> str:
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self.process.stdout.readline().strip()

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        self.process.wait(10)


def ours(port: str, context: str, store: str, *flags: str) -> dict:
    """One headless run; what it prints with --json, and the whole program's seconds."""
    command = [
        str(PROGRAM), "run", "Do as the script says.", "--context", context, "--model", "openai/root", "--sub-model",
        "openai/sub", "--base-url", "http://127.0.0.1:%s/v1" % port, "--headless", "--json", "--store", store,
        "--max-iterations", "300", *flags,
    ]
    started = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if ended.returncode != 0:
        sys.exit("rlm-tui failed: " + ended.stderr)
    return dict(json.loads(ended.stdout), program_seconds=seconds)


def peer(port: str, context: str, log: str = "-") -> float:
    command = [peer_python(), str(pathlib.Path(__file__).with_name("peer.py")), port, context, log]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode != 0:
        sys.exit("the peer failed: " + ended.stderr[-2000:])
    return float(ended.stdout.split()[-1])


def row(what: str, own: str, other: str, goal: str, reached: bool) -> None:
    print("%-62s %12s %12s %12s  %s" % (what, own, other, goal, "ok" if reached else "MISSED"))


def seconds(value: float) -> str:
    return "%.2f s" % value


def milliseconds(value: float) -> str:
    return "%.2f ms" % (value * 1000)


def folder_size(folder: pathlib.Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def runs(folder: pathlib.Path, scenario: str, wait: int, context: str, times: int, *flags: str) -> tuple:
    """Both programs in turn on one server, so that what else the machine does falls on both."""
    own, whole, other = [], [], []
    with Server(scenario, wait) as port:
        for number in range(times):
            result = ours(port, context, str(folder / ("%s-%d-%d.sqlite" % (scenario, wait, number))), *flags)
            own.append(result["wall_seconds"])
            whole.append(result["program_seconds"])
            other.append(peer(port, context))
    return statistics.median(own), statistics.median(whole), statistics.median(other)


def bench_runs(folder: pathlib.Path, context: str, times: int) -> None:
    own, whole, other = runs(folder, "sequential", 100, context, times, "--look-ahead", "off")
    row("3 iterations, 20 sequential sub-calls of 100 ms", seconds(own), seconds(other), "2.60 s", own <= 2.6)
    row("  the same, the whole program from its start", seconds(whole), "", "", True)
    own, whole, other = runs(folder, "batched", 0, context, times)
    row("5,000 batched sub-calls of 0 ms", seconds(own), seconds(other), "1.50 s", own <= 1.5)
    row("  own time a batched sub-call", milliseconds(own / 5000), milliseconds(other / 5000), "0.25 ms",
        own / 5000 <= 0.00025)
    # What a run costs by itself is in both, so that the difference is that of 180 sub-calls.
    short, _, short_other = runs(folder, "sequential", 0, context, times)
    own, whole, other = runs(folder, "sequential-200", 0, context, times)
    own, other = (own - short) / 180, (other - short_other) / 180
    row("own time a sequential sub-call", milliseconds(own), milliseconds(other), "0.70 ms", own <= 0.0007)


def bench_size(folder: pathlib.Path) -> None:
    lines = ("line %06d: the quick report of segment %d says nothing new\n" % (i, i % 97) for i in range(20_000))
    context = folder / "megabyte.txt"
    context.write_text("".join(lines)[: 1 << 20], encoding="utf-8")
    store = folder / "long"
    store.mkdir()
    log = folder / "log"
    with Server("long", 0) as port:
        result = ours(port, str(context), str(store / "store.sqlite"))
        peer(port, str(context), str(log))
    own, other = folder_size(store), folder_size(log)
    row("stored, %d iterations over a 1 MB context" % result["iterations"], "%.2f MB" % (own / 1e6),
        "%.0f MB" % (other / 1e6), "4 MB", own <= 4e6 and result["iterations"] == 200)


def first_screen(store: pathlib.Path, *arguments: str) -> float:
    """Seconds from the program's start until a terminal of 120 by 40 has its last byte of the first screen."""
    import fcntl
    import pty
    import select
    import struct
    import termios

    started = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", LANG="C.UTF-8")
        # The size must be there before the program asks for it.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.execv(PROGRAM, [str(PROGRAM), *arguments, "--store", str(store)])
    seen = b""
    last = started
    # The key line at the bottom is drawn last; after it nothing comes for a while.
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.3)
        if not ready:
            break
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break
        last = time.perf_counter()
    usable = b"leave" in seen or b"help" in seen
    os.write(terminal, b"Q")
    end = time.perf_counter() + 5
    while time.perf_counter() < end:
        ready, _, _ = select.select([terminal], [], [], 0.1)
        if ready:
            try:
                if not os.read(terminal, 65536):
                    break
            except OSError:
                break
    os.close(terminal)
    os.waitpid(child, 0)
    if not usable:
        sys.exit("the first screen was not usable: %r" % seen[-500:])
    return last - started


def bench_first_screen(folder: pathlib.Path, times: int) -> None:
    store = folder / "demo.sqlite"
    environment = dict(os.environ, XDG_STATE_HOME=str(folder))
    for _ in range(3):
        subprocess.run(
            [str(PROGRAM), "demo", "--headless", "--store", str(store)], check=True, capture_output=True, env=environment)
    for sample in sorted((ROOT / "sample-runs").glob("*.jsonl")):
        subprocess.run([str(PROGRAM), "import", str(sample), "--store", str(store)], check=True, capture_output=True)
    listed = statistics.median(first_screen(store) for _ in range(times))
    opened = statistics.median(first_screen(store, "open", "latest") for _ in range(times))
    row("first usable screen, demo store, list of runs", milliseconds(listed), "", "50 ms", listed <= 0.05)
    row("first usable screen, demo store, one run", milliseconds(opened), "", "50 ms", opened <= 0.05)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--quick", action="store_true", help="one repetition instead of five")
    times = 1 if options.parse_args().quick else 5
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rlm-tui-bench-"))
    try:
        peer_python()
        context = folder / "small.txt"
        context.write_text("alpha beta gamma\n" * 500, encoding="utf-8")
        print("%s, %d processors, Python %s; medians of %d" % (
            platform.machine(), os.cpu_count() or 0, platform.python_version(), times))
        print("%-62s %12s %12s %12s" % ("", "rlm-tui", "rlms " + PEER_VERSION, "to reach"))
        bench_runs(folder, str(context), times)
        bench_size(folder)
        bench_first_screen(folder, max(times, 5))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
