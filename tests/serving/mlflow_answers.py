"""Run with the stock ``mlflow`` package: what its scoring server answers to some bodies.

Reads ``{"model": folder, "bodies": [[content type, Base64 body], …]}`` from standard input and
writes ``[[status, text], …]`` to standard output.
"""

import asyncio
import base64
import json
import sys

import mlflow.pyfunc
from mlflow.pyfunc import scoring_server


async def ask(app, content_type, body):
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/invocations",
        "raw_path": b"/invocations",
        "query_string": b"",
        "headers": [(b"content-type", content_type.encode()), (b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "root_path": "",
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], text.decode()


async def main():
    asked = json.load(sys.stdin)
    app = scoring_server.init(mlflow.pyfunc.load_model(asked["model"]))
    answers = [
        await ask(app, content_type, base64.b64decode(body))
        for content_type, body in asked["bodies"]
    ]
    print("ANSWERS " + json.dumps(answers))


asyncio.run(main())
