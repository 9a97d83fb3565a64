"""FastAPI with python-jose, on uvicorn with uvloop and httptools."""

import base64
import json
import os

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from jose import jwk, jws
from jose.exceptions import JOSEError

KEY = jwk.construct(json.loads(os.environ["TOPPER_WEBHOOK_PUBLIC_KEY"]), algorithm="ES256")

app = FastAPI(max_body_size=256 * 1024)


def matches(signature: str, body: bytes) -> bool:
    """Puts the encoded body between the two dots, and verifies the result."""
    header, _, rest = signature.partition("..")
    payload = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
    try:
        jws.verify(f"{header}.{payload}.{rest}", KEY, algorithms=["ES256"])
    except JOSEError:
        return False
    return True


@app.post("/webhooks/topper")
async def receive(request: Request) -> PlainTextResponse:
    body = await request.body()
    signature = request.headers.get("x-topper-jws-signature")
    if not signature:
        return PlainTextResponse("signature_missing", 401)
    if not matches(signature, body):
        return PlainTextResponse("signature_invalid", 401)
    try:
        json.loads(body)
    except ValueError:
        return PlainTextResponse("event_unreadable", 400)
    return PlainTextResponse("processed")


class Server(uvicorn.Server):
    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        if self.started:
            print("listening", flush=True)


# No line for each request: the other peers write none either.
config = uvicorn.Config(
    app,
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    loop="uvloop",
    http="httptools",
    log_level="warning",
    access_log=False,
)
Server(config).run()
