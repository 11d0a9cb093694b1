"""Measures rlm-tui beside its peer, the rlms package, on one scripted model server in one run.

    make bench                 everything (about five minutes)
    make bench ARGS=--quick    fewer repetitions

Medians are printed with what is promised (promises.py). A figure that is worse is measured once more; where it still is, the
exit status is 1. The peer is installed into a virtual environment of its own.
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

import promises
import travel

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


def row(what: str, own: str, other: str, goal: str, verdict: str) -> None:
    print("%-62s %12s %12s %12s  %s" % (what, own, other, goal, verdict), flush=True)


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


def shown(figure: str, value: float) -> str:
    if value is None:
        return ""
    if figure == "fork-size":
        return "%.1f %%" % (value * 100)
    if figure == "stored" or figure.endswith("-memory"):
        return "%.2f MB" % (value / 1e6)
    if figure == "import-million":
        return seconds(value)
    return seconds(value) if figure.endswith(("-run", "-index")) and not figure.startswith("first") else milliseconds(value)


def measure_sequential_run(folder: pathlib.Path, context: str, times: int) -> dict:
    own, _, other = runs(folder, "sequential", 100, context, times, "--look-ahead", "off")
    return {"sequential-run": (own, other)}


def measure_batched(folder: pathlib.Path, context: str, times: int) -> dict:
    own, _, other = runs(folder, "batched", 0, context, times)
    return {"batched-run": (own, other), "batched-call": (own / 5000, other / 5000)}


def measure_sequential_call(folder: pathlib.Path, context: str, times: int) -> dict:
    # What a run costs by itself is in both, so that the difference is that of 180 sub-calls. The peer's start varies by
    # more than its difference, so that no figure of it is given.
    short, _, _ = runs(folder, "sequential", 0, context, times, "--look-ahead", "off")
    long, _, _ = runs(folder, "sequential-200", 0, context, times, "--look-ahead", "off")
    return {"sequential-call": ((long - short) / 180, None)}


def measure_stored(folder: pathlib.Path, _context: str, _times: int) -> dict:
    lines = ("line %06d: the quick report of segment %d says nothing new\n" % (i, i % 97) for i in range(20_000))
    context = folder / "megabyte.txt"
    context.write_text("".join(lines)[: 1 << 20], encoding="utf-8")
    store = folder / "long"
    store.mkdir()
    log = folder / "log"
    with Server("long", 0) as port:
        result = ours(port, str(context), str(store / "store.sqlite"))
        peer(port, str(context), str(log))
    if result["iterations"] != 200:
        sys.exit("the long run had %d iterations, not 200" % result["iterations"])
    return {"stored": (folder_size(store), folder_size(log))}


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


METADATA = {"type": "metadata", "timestamp": "2026-01-01T00:00:00", "root_model": "root", "max_iterations": 1000, "backend": "openai"}


def write_million(path: pathlib.Path) -> None:
    """A log of 1,000 iterations with 1,000 sub-calls each, whose prompts and answers all differ."""
    with path.open("w") as file:
        file.write(json.dumps(METADATA) + "\n")
        number = 0
        for iteration in range(1, 1001):
            calls = []
            for _ in range(1000):
                number += 1
                call = {
                    "root_model": "sub",
                    "prompt": "Part %d of the report: does line %d name a fault of the pump?" % (number, number * 7),
                    "response": "no fault in part %d" % number,
                    "usage_summary": {"model_usage_summaries": {
                        "sub": {"total_calls": 1, "total_input_tokens": 20, "total_output_tokens": 5, "total_cost": 0.0001}}},
                    "execution_time": 0.1,
                }
                if number % 1000 == 0:
                    call.update(response="", error="refused", usage_summary={"model_usage_summaries": {}})
                calls.append(call)
            result = {"stdout": "done %d\n" % iteration, "stderr": "", "locals": {}, "execution_time": 0.5, "rlm_calls": calls}
            file.write(json.dumps({
                "type": "iteration", "iteration": iteration, "timestamp": "2026-01-01T00:00:00",
                "prompt": [{"role": "user", "content": "Question: What failed?\n\nContexts:\nc"}],
                "response": "```repl\nx = %d\n```" % iteration, "code_blocks": [{"code": "x = %d" % iteration, "result": result}],
                "final_answer": "nothing" if iteration == 1000 else None, "iteration_time": 1.5}) + "\n")


def write_line(path: pathlib.Path) -> None:
    """A log with one line of 100 MB: an answer with escapes in it."""
    with path.open("w") as file:
        file.write(json.dumps(METADATA) + "\n")
        file.write(json.dumps({
            "type": "iteration", "iteration": 1, "prompt": [], "response": "a line of the answer with é in it\n" * 2_700_000,
            "code_blocks": [], "final_answer": "a"}) + "\n")


def imported(path: pathlib.Path, store: pathlib.Path) -> tuple:
    """Seconds of `import`, and the most bytes of memory it had."""
    started = time.perf_counter()
    memory = 0
    with tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(
            [str(PROGRAM), "import", str(path), "--store", str(store)], stdout=subprocess.DEVNULL, stderr=complaints)
        # Not the figure of wait4: to the kernel a child begins with the most memory that this script ever had.
        while child.poll() is None:
            memory = max(memory, most_memory(child.pid))
            time.sleep(0.02)
        took = time.perf_counter() - started
        if child.returncode != 0:
            complaints.seek(0)
            sys.exit("import failed: %r" % complaints.read())
    return took, memory


def most_memory(process: int) -> int:
    """The most bytes of memory that a process has had since it was started; 0 once it has ended."""
    try:
        lines = pathlib.Path("/proc/%d/status" % process).read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def measure_import(folder: pathlib.Path, _context: str, times: int) -> dict:
    million, store = folder / "million.jsonl", folder / "million.sqlite"
    write_million(million)
    took, memory = imported(million, store)
    line = folder / "line.jsonl"
    write_line(line)
    _, line_memory = imported(line, folder / "line.sqlite")
    opened = statistics.median(first_screen(store, "open", "latest") for _ in range(max(times, 5)))
    return {
        "import-million": (took, None), "import-million-memory": (memory, None), "import-line-memory": (line_memory, None),
        "first-screen-million": (opened, None),
    }


def measure_first_screen(folder: pathlib.Path, _context: str, times: int) -> dict:
    store = folder / "demo.sqlite"
    environment = dict(os.environ, XDG_STATE_HOME=str(folder))
    for _ in range(3):
        subprocess.run(
            [str(PROGRAM), "demo", "--headless", "--store", str(store)], check=True, capture_output=True, env=environment)
    for sample in sorted((ROOT / "sample-runs").glob("*.jsonl")):
        subprocess.run([str(PROGRAM), "import", str(sample), "--store", str(store)], check=True, capture_output=True)
    times = max(times, 5)
    listed = statistics.median(first_screen(store) for _ in range(times))
    opened = statistics.median(first_screen(store, "open", "latest") for _ in range(times))
    return {"first-screen-list": (listed, None), "first-screen-run": (opened, None)}


def measure_travel(folder: pathlib.Path, _context: str, times: int) -> dict:
    return travel.measure(PROGRAM, Server, folder, times)


def measure_map(folder: pathlib.Path, _context: str, times: int) -> dict:
    program = PROGRAM.with_name("map-figures")
    subprocess.run([str(program), str(folder), "--make"], check=True)
    found = [
        json.loads(subprocess.run([str(program), str(folder)], check=True, capture_output=True, text=True).stdout)
        for _ in range(times)
    ]
    middle = {name: statistics.median(figures[name] for figures in found) for name in found[0]}
    return {
        "map-index": (middle["index_seconds"], None),
        "map-memory": (middle["index_peak_mb"] * 1e6, None),
        "map-matching": (1 / middle["matching_mb_per_second"], None),
    }


# The batch comes first: the peer's time in it says how fast the machine is now.
MEASUREMENTS = [
    measure_batched, measure_sequential_run, measure_sequential_call, measure_stored, measure_import,
    measure_first_screen, measure_travel, measure_map,
]


def bench(folder: pathlib.Path, context: str, times: int) -> bool:
    """Whether every promise held."""
    slower = 1.0
    all_held = True
    for measure in MEASUREMENTS:
        for attempt in (1, 2):
            place = folder / ("%s-%d" % (measure.__name__, attempt))
            place.mkdir()
            found = measure(place, context, times)
            if "batched-run" in found:
                slower = promises.slowness(found["batched-run"][1])
            missed = [figure for figure, (own, _) in found.items() if own > promises.limit(figure, slower)]
            if not missed:
                break
            if attempt == 1:
                print("worse than promised: %s; measured once more" % ", ".join(missed), file=sys.stderr)
        for figure, (own, other) in found.items():
            what = promises.PROMISES[figure][0]
            goal = shown(figure, promises.limit(figure, slower))
            row(what, shown(figure, own), shown(figure, other), goal, "MISSED" if figure in missed else "ok")
        all_held = all_held and not missed
    if slower > 1:
        print("the peer took %.1f times as long as on the machine of the promises; so may times here" % slower)
    return all_held


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
        has_kept = bench(folder, str(context), times)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not has_kept:
        sys.exit("bench: worse than BENCHMARKS.md promises")


if __name__ == "__main__":
    main()
