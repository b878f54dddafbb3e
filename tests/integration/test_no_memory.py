#!/usr/bin/env python3
"""Each allocation of the size of messages, files and answers fails once: the rest goes on, and says why."""
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import focus_client as client  # noqa: E402
import wire  # noqa: E402
from wire import call, initialize, legacy, modern  # noqa: E402

ECHO = os.path.join(wire.FIXTURES, "torture_echo")
AWS = os.path.join(wire.FIXTURES, "torture_aws")
LARGE = 64 << 10  # what only sizes from outside reach; smaller ones are ours and may end the program
MOST = 400


class Torture(unittest.TestCase):
    """`once` runs a program with one failing allocation, for n = 1, 2, ... until none has failed."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.home = self.folder.name
        self.mark = os.path.join(self.home, "failed")
        self.failed = 0

    def tearDown(self):
        self.folder.cleanup()

    def environment(self, n, least=LARGE):
        return {**client.environment(self.home), "FAIL_AT": str(n), "FAIL_MIN": str(least),
                "FAIL_MARK": self.mark}

    def each(self, once, least=LARGE):
        for n in range(1, MOST):
            if os.path.exists(self.mark):
                os.unlink(self.mark)
            with self.subTest(allocation=n):
                once(self.environment(n, least), lambda: os.path.exists(self.mark))
            if not os.path.exists(self.mark):
                self.assertGreater(n, 1, "nothing has failed")
                self.failed = n - 1
                return
        self.fail("no end")

    def finished(self, process, status=(0,)):
        self.assertIn(process.returncode, status, process.stderr[-3000:])
        for word in (b"Sanitizer", b"runtime error"):
            self.assertNotIn(word, process.stderr)

    def talk(self, program, args, lines, env):
        """The answers of one stdio session by their ids."""
        done = subprocess.run([program, *args], input=b"".join(json.dumps(m).encode() + b"\n"
                                                               for m in lines),
                              capture_output=True, env=env, timeout=60 * wire.SLOW)
        if done.returncode in (1, 2) and os.path.exists(self.mark):
            self.finished(done, (1, 2))
            self.assertRegex(done.stderr, rb"memory")  # could not begin, and says why
            return None
        self.finished(done)
        lines = done.stdout.splitlines(True)
        if lines and not lines[-1].endswith(b"\n"):
            # What nobody could keep until it was read: the stream ends there, and the log says why.
            self.assertTrue(os.path.exists(self.mark))
            self.assertIn(b"no memory for what waits to be sent", done.stderr)
            return None
        return [json.loads(line) for line in lines]

    def one_each(self, requests, answers, has_failed):
        """Each request has one answer; without a failure a result, else an error that names it."""
        if answers is None:
            return
        with_id = [a.get("id") for a in answers]
        for request in requests:
            ident = request.get("id")
            if ident is not None and with_id.count(ident) != 1:
                # What could not even be read has an answer without id.
                self.assertTrue(has_failed() and None in with_id, (request["method"], answers))
        for answer in answers:
            said = answer.get("error", {}).get("message", "")
            if answer.get("result", {}).get("isError"):
                said = answer["result"]["content"][0]["text"]
            if said:
                self.assertTrue(has_failed(), answer)
                self.assertRegex(said, r"memory|busy", answer)


class Stdio(Torture):
    def test_a_session_with_large_messages(self):
        requests = [initialize(), {"jsonrpc": "2.0", "method": "notifications/initialized"},
                    legacy("tools/list", ident=1),
                    legacy("tools/call", {"name": "echo", "arguments": {"text": "x" * 200000}}, 2),
                    legacy("tools/call", {"name": "big", "arguments": {"n": 300000}}, 3),
                    legacy("ping", ident=4)]
        self.each(lambda env, failed: self.one_each(
            requests, self.talk(ECHO, ["--text", "json"], requests, env), failed))
        self.assertGreater(self.failed, 5)


class Costs(Torture):
    def setUp(self):
        super().setUp()
        self.csv = os.path.join(self.home, "bill.csv")
        with open(self.csv, "wb") as f:
            subprocess.run([client.generator(), "--last-day", "2026-11-20", "--months", "2",
                            "--family", "aws"], stdout=f, check=True)
        self.dataset = os.path.join(self.home, "set.db")

    def bring(self, env=None, dataset=None):
        return subprocess.run([AWS, "import", self.csv, "--dataset", dataset or self.dataset],
                              capture_output=True, env=env or client.environment(self.home),
                              timeout=120 * wire.SLOW)

    def test_an_import_is_whole_or_not_at_all(self):
        def once(env, failed):
            if os.path.exists(self.dataset):
                os.unlink(self.dataset)
            done = self.bring(env)
            if done.returncode == 0:
                self.finished(done)
            else:
                self.assertTrue(failed())
                self.finished(done, (1,))
                self.assertIn(b"memory", done.stderr)
            # Whatever happened: the next one finds nothing in its way.
            self.finished(self.bring())
        self.each(once)
        self.assertGreater(self.failed, 5)

    def test_costs_over_stdio(self):
        self.finished(self.bring())
        requests = [modern("tools/list", ident=1),
                    call("get_costs", {"group_by": ["resource"], "limit": 50}, 2),
                    call("get_resources", {"limit": 20}, 3), call("get_forecast", {}, 4),
                    modern("resources/read", {"uri": "cost://dimensions"}, 5)]
        self.each(lambda env, failed: self.one_each(
            requests, self.talk(AWS, ["--dataset", self.dataset, "--now", client.NOW], requests, env),
            failed))
        self.assertGreater(self.failed, 3)


class Web(Torture):
    def test_calls_over_http(self):
        large = json.dumps(call("echo", {"text": "y" * 150000}, 1)).encode()
        small = json.dumps(call("big", {"n": 200000}, 2)).encode()

        def post(port, body, name):
            with socket.create_connection(("127.0.0.1", port), 30 * wire.SLOW) as peer:
                peer.sendall(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                             b"Content-Type: application/json\r\nMcp-Method: tools/call\r\n"
                             b"MCP-Protocol-Version: 2026-07-28\r\nMcp-Name: %s\r\n"
                             b"Content-Length: %d\r\n\r\n" % (name, len(body)) + body)
                got = b""
                try:
                    while True:
                        data = peer.recv(1 << 16)
                        if not data:
                            return got
                        got += data
                except ConnectionError:
                    return got

        def once(env, failed):
            try:
                server = Server(env)
            except EOFError:  # not even started: it says why
                self.assertTrue(failed())
                return
            with server as s:
                for body, name in ((large, b"echo"), (small, b"big"), (small, b"big")):
                    answer = post(s.port, body, name)
                    if not failed():
                        self.assertRegex(answer, rb"^HTTP/1.1 200 ")
                    # Half an answer is none: the connection ends without its length.
                    elif answer and b"\r\n\r\n" in answer:
                        self.assertRegex(answer, rb"^HTTP/1.1 (200|413|431|500|503) ")
                s.terminate()
                self.assertEqual(s.wait(), 0)

        self.each(once)
        self.assertGreater(self.failed, 5)

    def test_fetches(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"z" * 300000)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as upstream:
            threading.Thread(target=upstream.serve_forever, daemon=True).start()
            requests = [call("fetch", {"url": f"http://127.0.0.1:{upstream.server_address[1]}/"}, 1),
                        modern("tools/list", ident=2)]
            self.each(lambda env, failed: self.one_each(
                requests, self.talk(ECHO, [], requests, env), failed))
            upstream.shutdown()
        self.assertGreater(self.failed, 3)


class Server(wire.Http):
    """torture_echo over HTTP."""

    def __init__(self, env):
        super().__init__(program="torture_echo", env=env)


if __name__ == "__main__":
    wire.fail_if_missing("torture_echo")
    unittest.main()
