#!/usr/bin/env python3
"""A case system's side of Liuhen's API: send events, listen to findings and clocks, receive webhooks.

Python 3.9 or later, standard library only. Where the node is and which token speaks for the system come from the environment:

    LIUHEN_URL          http://127.0.0.1:7878
    LIUHEN_TOKEN        from `liuhen admin token new ACCOUNT LABEL`
    LIUHEN_HOOK_SECRET  from the page or call that made the webhook (`receive` only)

An example to copy from, not a library: no retries of a lost connection but the one in `listen`, and no storage.
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import http.server
import json
import os
import sys
import time
import urllib.error
import urllib.request

# A message whose time differs more from ours is refused: somebody may be playing back an old one.
TOLERANCE_SECONDS = 5 * 60
# A message is small; whatever is larger is not one.
MAX_MESSAGE_BYTES = 1024 * 1024


class BadSignature(Exception):
    """The message does not come from whoever knows the secret, or not now."""


def call(path, body=None, content_type="application/json", timeout=60):
    """Asks the node; the answer is a file-like object. Raises urllib.error.HTTPError with a problem document inside."""
    request = urllib.request.Request(
        os.environ.get("LIUHEN_URL", "http://127.0.0.1:7878") + path,
        data=body,
        headers={
            "Authorization": "Bearer " + os.environ["LIUHEN_TOKEN"],
            "Content-Type": content_type,
        },
    )
    return urllib.request.urlopen(request, timeout=timeout)


def post(lines):
    """Sends events, one JSON object a line. Yields one verdict a line: taken with its index, or what is wrong with it.

    Each event has a `key` of the sender's own, so sending the same lines again is safe.
    """
    body = "\n".join(lines).encode("utf-8")
    with call("/api/v1/events", body, "application/x-ndjson") as answer:
        for line in answer:
            yield json.loads(line)


def listen():
    """Follows findings and clocks (server-sent events) for ever: yields the type of each and its JSON object."""
    while True:
        try:
            # The node sends a sign of life every 20 seconds.
            with call("/api/v1/findings/stream", timeout=60) as stream:
                kind, data = "message", []
                for raw in stream:
                    line = raw.decode("utf-8").rstrip("\r\n")
                    field, _, value = line.partition(":")
                    value = value[1:] if value.startswith(" ") else value
                    if line == "":
                        if data:
                            yield kind, json.loads("\n".join(data))
                        kind, data = "message", []
                    elif field == "event":
                        kind = value
                    elif field == "data":
                        data.append(value)
        except urllib.error.HTTPError:
            raise
        except OSError as error:
            # What was missed meanwhile stands in /api/v1/findings?case=… and comes by webhook.
            print(f"connection lost ({error}), trying again", file=sys.stderr)
            time.sleep(3)


def verify(secret, headers, body, now=None):
    """Checks a webhook (Standard Webhooks, `v1`); returns its id. Raises BadSignature.

    `body` is the bytes as they came: parse them only afterwards.
    """
    message_id = headers.get("webhook-id") or ""
    timestamp = headers.get("webhook-timestamp") or ""
    if not message_id or not timestamp.isdigit():
        raise BadSignature("id or time is missing")
    now = time.time() if now is None else now
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise BadSignature("the message is too old or of the future")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise BadSignature("LIUHEN_HOOK_SECRET is not a secret") from None
    signed = f"{message_id}.{timestamp}.".encode("utf-8") + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
    # Several may stand there while a secret is changed.
    for one in (headers.get("webhook-signature") or "").split():
        version, _, signature = one.partition(",")
        if version == "v1" and hmac.compare_digest(signature, wanted):
            return message_id
    raise BadSignature("the signature does not fit")


class Receiver(http.server.BaseHTTPRequestHandler):
    """Answers 204 to what is signed, 400 to all else. The same id twice is told once: deliveries are at least once."""

    secret = ""
    seen = set()
    left = None

    def do_POST(self):
        length = self.headers.get("content-length") or ""
        if not length.isdigit() or int(length) > MAX_MESSAGE_BYTES:
            self.answer(413)
            return
        body = self.rfile.read(int(length))
        try:
            message_id = verify(self.secret, self.headers, body)
        except BadSignature as error:
            print(f"refused: {error}", file=sys.stderr, flush=True)
            self.answer(400)
            return
        # A real system stores the message here and answers only then.
        if message_id not in self.seen:
            self.seen.add(message_id)
            print(json.dumps({"id": message_id, **json.loads(body)}, ensure_ascii=False), flush=True)
            if Receiver.left is not None:
                Receiver.left -= 1
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Silent: each message is printed above."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("post", help="send events, one JSON object a line")
    command.add_argument("file", help="file of events; - is standard input")
    command = commands.add_parser("listen", help="print findings and clocks as they come")
    command.add_argument("--count", type=int, help="end after so many")
    command = commands.add_parser("receive", help="print webhooks as they come")
    command.add_argument("--port", type=int, default=8765)
    command.add_argument("--count", type=int, help="end after so many")
    arguments = parser.parse_args()

    try:
        if arguments.command == "post":
            source = sys.stdin if arguments.file == "-" else open(arguments.file, encoding="utf-8")
            with source:
                lines = [line.strip() for line in source if line.strip()]
            refused = 0
            for verdict in post(lines):
                print(json.dumps(verdict, ensure_ascii=False), flush=True)
                refused += "index" not in verdict
            return 1 if refused else 0
        if arguments.command == "listen":
            for n, (kind, told) in enumerate(listen(), start=1):
                print(json.dumps({"type": kind, **told}, ensure_ascii=False), flush=True)
                if n == arguments.count:
                    break
            return 0
        Receiver.secret = os.environ["LIUHEN_HOOK_SECRET"]
        Receiver.left = arguments.count
        with http.server.HTTPServer(("127.0.0.1", arguments.port), Receiver) as server:
            print(f"http://127.0.0.1:{server.server_port}/ is ready", file=sys.stderr, flush=True)
            while Receiver.left is None or Receiver.left > 0:
                server.handle_request()
        return 0
    except urllib.error.HTTPError as error:
        print(f"{error.code}: {error.read().decode('utf-8', 'replace')}", file=sys.stderr)
        return 3
    except KeyError as error:
        print(f"set {error} in the environment", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
