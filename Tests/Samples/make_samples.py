"""Makes the files of sample-runs/: runs over made-up texts, exported by the program that ran them.

    python3 make_samples.py PATH/TO/rlm-tui FOLDER

Two are answered by offline/lexical, two by a model that is played from a script. The texts and the scripts are the same
every time, and so are the runs, but for ids and times.
"""

import os
import subprocess
import sys
import tempfile

import long
import recovery
import texts
from scripted_model import scripted_server

SAMPLES = [
    ("needle", "What is the combination of the chart room safe?", "harbour-log.txt", texts.harbour_log, None),
    ("count", "How many tickets are labelled billing?", "tickets.txt", texts.tickets, None),
    ("recovery", recovery.QUESTION, "maintenance.txt", texts.maintenance, recovery.Script),
    ("long", long.QUESTION, "the-sextant.txt", texts.novel, long.Script),
]

LARGEST = 300_000


def make(binary, folder, name, question, context, text, script):
    """Runs one sample in a folder of its own, so that no path gets into it, and exports it."""
    with tempfile.TemporaryDirectory() as home:
        with open(os.path.join(home, context), "w", encoding="utf-8") as file:
            file.write(text())
        environment = {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8", "TZ": "UTC"}
        store = ["--store", os.path.join(home, "runs.sqlite")]
        model, server = ["--model", "offline/lexical"], None
        if script:
            # The address is given by the environment: it is no part of what the run was asked.
            server, environment["OPENAI_BASE_URL"] = scripted_server(script())
            model = ["--model", "openai/scripted"]

        def program(*arguments):
            command = [binary, *arguments, *store]
            result = subprocess.run(command, cwd=home, env=environment, stdout=subprocess.PIPE, timeout=300)
            if result.returncode:
                sys.exit(f"{name}: {' '.join(arguments[:2])} ended with {result.returncode}")
            return result.stdout.decode()

        limits = ["--max-iterations", "40", "--max-depth", "2"]
        answer = program("run", question, "--context", context, *model, *limits, "--headless")
        path = os.path.join(folder, name + ".jsonl")
        program("export", "latest", "--format", "rlms", "-o", path, "--force")
        if server:
            server.shutdown()
        with open(path, encoding="utf-8") as file:
            content = file.read()
        for trace in (home, os.path.expanduser("~") + "/", os.getcwd()):
            if trace in content:
                sys.exit(f"{name}: the file names a path of this machine: {trace}")
        size = len(content.encode())
        if size > LARGEST:
            sys.exit(f"{name}: {size} bytes are too many")
        print(f"{name}: {size} bytes. {answer.strip().splitlines()[0]}")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    binary, folder = map(os.path.abspath, sys.argv[1:])
    os.makedirs(folder, exist_ok=True)
    for sample in SAMPLES:
        make(binary, folder, *sample)


if __name__ == "__main__":
    main()
