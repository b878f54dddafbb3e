"""Drives a server over stdio or HTTP for integration tests: processes, lines, requests, both eras."""
import http.client
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time

FIXTURES = os.environ.get("MCP_FIXTURES", "build/release/tests/support")
SLOW = 5 if os.environ.get("MCP_SAN") else 1
MODERN = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
}


def modern(method, params=None, ident=1, **meta):
    """A request of the modern era."""
    return {"jsonrpc": "2.0", "id": ident, "method": method,
            "params": {**(params or {}), "_meta": {**META, **meta}}}


def legacy(method, params=None, ident=1):
    request = {"jsonrpc": "2.0", "id": ident, "method": method}
    if params is not None:
        request["params"] = params
    return request


def initialize(version="2025-11-25", ident=0):
    return legacy("initialize", {"protocolVersion": version, "capabilities": {},
                                 "clientInfo": {"name": "test", "version": "1"}}, ident)


def call(tool, args=None, ident=1, **meta):
    return modern("tools/call", {"name": tool, "arguments": args or {}}, ident, **meta)


def text_of(answer):
    return "\n".join(b["text"] for b in answer["result"]["content"] if b["type"] == "text")


class Process:
    """A server process with its stderr collected; ends with the with block."""

    def __init__(self, *args, program="fixture_echo", env=None, stdin=subprocess.PIPE,
                 stdout=subprocess.PIPE):
        self.state = tempfile.TemporaryDirectory()
        full = {k: v for k, v in os.environ.items()
                if not k.startswith("MCP_") and k not in ("PORT", "K_SERVICE")}
        full["XDG_STATE_HOME"] = full["XDG_CONFIG_HOME"] = self.state.name
        full.update(env or {})
        self.child = subprocess.Popen([os.path.join(FIXTURES, program), *args], stdin=stdin,
                                      stdout=stdout, stderr=subprocess.PIPE, env=full)
        self.log = []
        self.events = queue.Queue()
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()

    def _read_log(self):
        for line in self.child.stderr:
            try:
                entry = json.loads(line)
            except ValueError:
                entry = {"text": line.decode(errors="replace")}
            self.log.append(entry)
            self.events.put(entry)
        self.events.put(None)

    def wait(self, seconds=15):
        """The exit status."""
        status = self.child.wait(seconds * SLOW)
        self.reader.join(5)
        return status

    def terminate(self):
        self.child.send_signal(signal.SIGTERM)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        # An orderly end lets a sanitizer tell its leaks; a call that still runs would delay it.
        if self.child.poll() is None:
            self.terminate()
            try:
                self.child.wait(1)
            except subprocess.TimeoutExpired:
                self.child.kill()
        self.child.wait()
        self.reader.join(5)
        for pipe in (self.child.stdin, self.child.stdout, self.child.stderr):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass
        self.state.cleanup()
        noise = [e["text"] for e in self.log if "text" in e]
        if any("Sanitizer" in line or "runtime error" in line for line in noise):
            raise AssertionError("".join(noise))


class Stdio(Process):
    """Lines in, lines out; answers are kept until somebody asks for their id."""

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.lines = queue.Queue()
        self.kept = []
        if self.child.stdout:
            threading.Thread(target=self._read_lines, daemon=True).start()

    def _read_lines(self):
        for line in self.child.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def raw(self, data):
        self.child.stdin.write(data)
        self.child.stdin.flush()

    def send(self, *messages):
        self.raw(b"".join(json.dumps(m).encode() + b"\n" for m in messages))

    def next(self, seconds=15):
        """The next message, None at the end of stdout."""
        return self.lines.get(timeout=seconds * SLOW)

    def answer(self, ident, seconds=15):
        for message in self.kept:
            if message.get("id") == ident and "method" not in message:
                self.kept.remove(message)
                return message
        while True:
            message = self.next(seconds)
            if message is None:
                raise EOFError(f"no answer to {ident!r}; log: {self.log}")
            if isinstance(message, dict) and message.get("id") == ident and "method" not in message:
                return message
            self.kept.append(message)

    def ask(self, message):
        self.send(message)
        return self.answer(message["id"])

    def eof(self):
        self.child.stdin.close()


class Http(Process):
    """A server on a free loopback port, read from its log line."""

    def __init__(self, *args, **more):
        super().__init__("--http", "127.0.0.1:0", *args, stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, **more)
        while True:
            entry = self.events.get(timeout=15 * SLOW)
            if entry is None:
                raise EOFError(f"not listening: {self.log}")
            if entry.get("message") == "listening":
                self.port = int(entry["url"].rsplit(":", 1)[1].split("/")[0])
                return

    def connect(self, seconds=20):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds * SLOW)

    def request(self, method, path="/mcp", body=None, headers=None, connection=None):
        """(status, headers, body bytes)"""
        own = connection or self.connect()
        try:
            own.request(method, path, body, headers or {})
            answer = own.getresponse()
            data = answer.read()
        finally:
            if connection is None:
                own.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, data

    def post(self, message, headers=None, connection=None):
        """(status, headers, JSON or None) of one message; an SSE stream gives its messages."""
        head = {"Content-Type": "application/json",
                "Accept": "application/json, text/event-stream"}
        if isinstance(message, dict) and "_meta" in (message.get("params") or {}):
            head["MCP-Protocol-Version"] = MODERN
            head["Mcp-Method"] = message["method"]
            if message["method"] == "tools/call":
                head["Mcp-Name"] = message["params"]["name"]
        head.update(headers or {})
        head = {k: v for k, v in head.items() if v is not None}
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        status, back, body = self.request("POST", "/mcp", data, head, connection)
        if back.get("content-type", "").startswith("text/event-stream"):
            return status, back, [json.loads(line[6:]) for line in body.decode().splitlines()
                                  if line.startswith("data: ")]
        return status, back, json.loads(body) if body else None

    def metric(self, name, headers=None):
        _, _, body = self.request("GET", "/metrics", headers=headers)
        for line in body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        raise KeyError(name)

    def wait_metric(self, name, value, seconds=10):
        end = time.monotonic() + seconds * SLOW
        while self.metric(name) < value:
            if time.monotonic() > end:
                raise TimeoutError(f"{name} is {self.metric(name)}, not {value}")
            time.sleep(0.02)


class Events:
    """The event stream of one request, read event by event."""

    def __init__(self, server, method, body=None, headers=None):
        self.connection = server.connect()
        head = {"Accept": "application/json, text/event-stream", **(headers or {})}
        if body is not None:
            head["Content-Type"] = "application/json"
            body = json.dumps(body)
        self.connection.request(method, "/mcp", body, head)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        if self.status != 200:
            self.close()

    def next(self):
        """(id, message or None) of the next event; None at the end of the stream."""
        ident, data = None, None
        while True:
            line = self.answer.readline().decode()
            if not line:
                return None
            line = line.rstrip("\n")
            if line.startswith("id: "):
                ident = line[4:]
            elif line.startswith("data: "):
                data = line[6:]
            elif not line and data is not None:
                return ident, json.loads(data) if data else None

    def rest(self):
        out = []
        while True:
            event = self.next()
            if event is None:
                self.close()
                return out
            out.append(event)

    def close(self):
        self.answer.close()
        self.connection.close()


def run(*args, env=None, program="fixture_echo"):
    """(status, stdout, stderr) of a program that ends by itself."""
    with tempfile.TemporaryDirectory() as state:
        full = {k: v for k, v in os.environ.items() if not k.startswith("MCP_")}
        full["XDG_STATE_HOME"] = full["XDG_CONFIG_HOME"] = state
        full.update(env or {})
        done = subprocess.run([os.path.join(FIXTURES, program), *args], env=full,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=30 * SLOW)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def fail_if_missing(program="fixture_echo"):
    if not os.access(os.path.join(FIXTURES, program), os.X_OK):
        sys.exit(f"{program} is missing in {FIXTURES}: make fixtures")
