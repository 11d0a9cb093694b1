"""The peer: one run of the rlms package against the scripted server. Prints its wall seconds as the last line."""

import sys
import time

from rlm import RLM
from rlm.logger import RLMLogger


def main() -> None:
    port, context_path, log_folder = sys.argv[1], sys.argv[2], sys.argv[3]
    with open(context_path, encoding="utf-8") as file:
        context = file.read()
    url = "http://127.0.0.1:%s/v1" % port
    peer = RLM(
        backend="openai",
        backend_kwargs={"model_name": "root", "base_url": url, "api_key": "none"},
        other_backends=["openai"],
        other_backend_kwargs=[{"model_name": "sub", "base_url": url, "api_key": "none"}],
        environment="local",
        max_iterations=300,
        logger=RLMLogger(log_dir=log_folder) if log_folder != "-" else None,
        verbose=False,
    )
    started = time.perf_counter()
    answer = peer.completion(context, root_prompt="Do as the script says.")
    seconds = time.perf_counter() - started
    print(answer.response[:60].replace("\n", " "), file=sys.stderr)
    print(seconds)


main()
