"""An OpenAI-compatible server on loopback that plays a model by a script.

A script is an object with `turn(messages, number)`, which gives the text of the n-th turn (from 0) of a model with a
REPL, and `answer(prompt)`, which gives the answer to a plain request, or raises `Refusal`.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# US dollars a token.
PRICE_IN, PRICE_OUT = 0.15e-6, 0.60e-6


class Refusal(Exception):
    """Answered with status 400."""


def scripted_server(script):
    """Starts the server on a free port. Gives it and its base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            messages = body["messages"]
            size = sum(len(message["content"]) for message in messages)
            try:
                if messages[0]["role"] == "system":
                    number = sum(message["role"] == "assistant" for message in messages)
                    text = script.turn(messages, number)
                else:
                    text = script.answer(messages[-1]["content"])
            except Refusal as refusal:
                error = {"message": str(refusal), "code": "content_filter"}
                return self.send(400, "application/json", {"error": error})
            # A model takes its time, a little more for more words.
            time.sleep(0.04 + size / 400_000 + len(text) / 4_000)
            counts = {"prompt_tokens": size // 4 + 1, "completion_tokens": len(text) // 4 + 1}
            usage = dict(counts, cost=round(
                counts["prompt_tokens"] * PRICE_IN + counts["completion_tokens"] * PRICE_OUT, 8))
            if body.get("stream"):
                self.stream(text, usage)
            else:
                message = {"role": "assistant", "content": text}
                choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
                self.send(200, "application/json", {"choices": choices, "usage": usage})

        def stream(self, text, usage):
            pieces = [text[at:at + 40] for at in range(0, len(text), 40)]
            chunks = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
            chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            chunks.append({"choices": [], "usage": usage})
            lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"]
            self.send(200, "text/event-stream", "".join(lines))

        def send(self, status, kind, content):
            payload = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}/v1"
