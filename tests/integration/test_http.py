#!/usr/bin/env python3
"""A server over Streamable HTTP: both eras, who may call, limits, overload, cancelling, ends."""
import json
import os
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import wire  # noqa: E402
from wire import Http, call, initialize, legacy, modern, text_of  # noqa: E402

TOKEN = "0123456789abcdef0123456789abcdef"
BEARER = {"Authorization": "Bearer " + TOKEN}


class Modern(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Http()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_discover_list_and_call(self):
        status, _, found = self.server.post(modern("server/discover"))
        self.assertEqual((status, found["result"]["supportedVersions"]), (200, [wire.MODERN]))
        _, headers, tools = self.server.post(modern("tools/list", ident="l"))
        self.assertEqual(len(tools["result"]["tools"]), 6)
        self.assertTrue(headers["content-type"].startswith("application/json"))
        self.assertNotIn("mcp-session-id", headers)
        _, _, answer = self.server.post(call("echo", {"text": "grüß"}, 7))
        self.assertEqual((answer["id"], text_of(answer)), (7, "grüß"))

    def test_one_connection_serves_many_requests(self):
        before = self.server.metric("mcp_connections_total")
        connection = self.server.connect()
        for i in range(20):
            self.assertEqual(self.server.post(call("echo", {"text": str(i)}, i),
                                              connection=connection)[0], 200)
        connection.close()
        self.assertEqual(self.server.metric("mcp_connections_total"), before + 2)

    def test_progress_makes_the_answer_a_stream(self):
        status, headers, messages = self.server.post(call("progress", {"n": 3}, 1,
                                                          progressToken=5))
        self.assertEqual(status, 200)
        self.assertTrue(headers["content-type"].startswith("text/event-stream"))
        self.assertEqual(messages[0]["method"], "notifications/progress")
        self.assertEqual(messages[0]["params"]["progressToken"], 5)
        self.assertEqual(text_of(messages[-1]), "done")

    def test_headers_must_agree_with_the_body(self):
        for header in ({"Mcp-Method": "tools/list"}, {"MCP-Protocol-Version": "2025-11-25"},
                       {"Mcp-Name": "slow"}, {"Mcp-Method": None}, {"Mcp-Name": None}):
            status, _, answer = self.server.post(call("echo"), header)
            self.assertEqual((status, answer["error"]["code"]), (400, -32020), header)

    def test_wrong_requests_have_their_codes(self):
        meta = dict(wire.META)
        meta["io.modelcontextprotocol/protocolVersion"] = "2099-01-01"
        future = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}
        for message, header, expected in (
                (b"garbage", {}, (400, -32700)), (b"{}", {}, (400, -32600)),
                (modern("no/such"), {}, (404, -32601)),
                (future, {"MCP-Protocol-Version": "2099-01-01"}, (400, -32022)),
                (call("nobody"), {}, (200, -32602))):
            status, _, answer = self.server.post(message, header)
            self.assertEqual((status, answer["error"]["code"]), expected, message)

    def test_wrong_paths_methods_and_types(self):
        for method, path, expected in (("GET", "/", 404), ("GET", "/nowhere", 404),
                                       ("PUT", "/mcp", 405), ("POST", "/health", 405)):
            self.assertEqual(self.server.request(method, path)[0], expected, (method, path))
        self.assertEqual(self.server.post(modern("tools/list"),
                                          {"Content-Type": "text/plain"})[0], 415)

    def test_foreign_hosts_and_origins_are_refused(self):
        for header in ({"Host": "evil.example"}, {"Origin": "https://evil.example"},
                       {"Host": "127.0.0.1.evil.example"}, {"Origin": "null"}):
            self.assertEqual(self.server.post(call("echo"), header)[0], 403, header)
        for header in ({"Host": "localhost:1"}, {"Origin": "http://localhost:3000"}):
            self.assertEqual(self.server.post(call("echo"), header)[0], 200, header)

    def test_health_and_metrics(self):
        for path in ("/health", "/health/live", "/health/ready"):
            status, _, body = self.server.request("GET", path, headers={"Host": "evil.example"})
            self.assertEqual((status, json.loads(body)), (200, {"status": "ok"}), path)
        status, headers, body = self.server.request("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertIn("version=0.0.4", headers["content-type"])
        self.assertIn(b"mcp_build_info{name=\"fixture-echo\"", body)
        self.assertEqual(self.server.request("GET", "/metrics",
                                             headers={"Host": "evil.example"})[0], 403)

    def test_hangup_cancels_the_call(self):
        before = self.server.metric("mcp_calls_running")
        connection = self.server.connect()
        message = call("slow", {"n": 60000})
        connection.request("POST", "/mcp", json.dumps(message),
                           {"Content-Type": "application/json", "Mcp-Method": "tools/call",
                            "MCP-Protocol-Version": wire.MODERN, "Mcp-Name": "slow"})
        self.server.wait_metric("mcp_calls_running", before + 1)
        connection.sock.close()
        connection.close()
        end = time.monotonic() + 10 * wire.SLOW
        while self.server.metric("mcp_calls_running") > before:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def test_large_answer_arrives_whole(self):
        _, _, answer = self.server.post(call("big", {"n": 5000000}))
        self.assertEqual(len(text_of(answer)), 5000000)


class Legacy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Http()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_session_from_initialize_to_delete(self):
        status, headers, answer = self.server.post(initialize())
        self.assertEqual((status, answer["result"]["protocolVersion"]), (200, "2025-11-25"))
        session = {"Mcp-Session-Id": headers["mcp-session-id"],
                   "MCP-Protocol-Version": "2025-11-25"}
        self.assertEqual(self.server.post({"jsonrpc": "2.0",
                                           "method": "notifications/initialized"}, session)[0], 202)
        self.assertEqual(self.server.post(legacy("ping"), session)[2]["result"], {})
        _, _, answer = self.server.post(
            legacy("tools/call", {"name": "echo", "arguments": {"text": "x"}}), session)
        answer = answer[-1] if isinstance(answer, list) else answer
        self.assertEqual(text_of(answer), "x")
        self.assertEqual(self.server.post(legacy("ping"), {**session, "MCP-Protocol-Version":
                                                           "1999-01-01"})[0], 400)
        self.assertEqual(self.server.request("DELETE", headers=session)[0] // 100, 2)
        self.assertEqual(self.server.post(legacy("ping"), session)[0], 404)

    def test_unknown_session_is_not_found(self):
        self.assertEqual(self.server.post(legacy("ping"), {"Mcp-Session-Id": "nobody"})[0], 404)

    def test_cancelling_by_notification(self):
        _, headers, _ = self.server.post(initialize())
        session = {"Mcp-Session-Id": headers["mcp-session-id"]}
        thread = threading.Thread(target=self.server.post, args=(
            legacy("tools/call", {"name": "slow", "arguments": {"n": 60000}}, 9), session))
        thread.start()
        self.server.wait_metric("mcp_calls_running", 1)
        self.server.post({"jsonrpc": "2.0", "method": "notifications/cancelled",
                          "params": {"requestId": 9}}, session)
        thread.join(15 * wire.SLOW)
        self.assertFalse(thread.is_alive())


class Access(unittest.TestCase):
    def test_token_is_asked_for_and_checked(self):
        with Http("--auth", "token", env={"MCP_HTTP_TOKEN": TOKEN}) as s:
            status, headers, _ = s.post(call("echo"))
            self.assertEqual(status, 401)
            self.assertTrue(headers["www-authenticate"].startswith("Bearer"))
            wrong = {"Authorization": "Bearer " + TOKEN[:-1] + "e"}
            status, headers, _ = s.post(call("echo"), wrong)
            self.assertEqual(status, 401)
            self.assertIn("invalid_token", headers["www-authenticate"])
            status, _, answer = s.post(call("echo"), BEARER)
            self.assertEqual(status, 200)
            self.assertEqual(answer["result"]["structuredContent"]["principal"], "token")
            self.assertEqual(s.request("GET", "/metrics")[0], 401)
            self.assertEqual(s.request("GET", "/health")[0], 200)
            self.assertEqual(s.metric("mcp_auth_refused_total", BEARER), 3)
            self.assertFalse([e for e in s.log if TOKEN in json.dumps(e)])

    def test_refused_before_the_body_is_read(self):
        with Http("--auth", "token", env={"MCP_HTTP_TOKEN": TOKEN}) as s:
            with socket.create_connection(("127.0.0.1", s.port), 10 * wire.SLOW) as peer:
                peer.sendall(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
                             b"Content-Type: application/json\r\n\r\n")
                self.assertIn(b" 401 ", peer.recv(100))

    def test_starts_that_would_be_open_are_refused(self):
        for args, env, says in (
                (("0.0.0.0:0",), {}, "auth: token"),
                (("0.0.0.0:0", "--auth", "token"), {}, "http_token"),
                (("0.0.0.0:0", "--auth", "token"), {"MCP_HTTP_TOKEN": "short"}, "32 bytes"),
                (("0.0.0.0:0", "--auth", "token"), {"MCP_HTTP_TOKEN": TOKEN}, "allowed_hosts"),
                (("0.0.0.0:0", "--auth", "platform"), {}, "allowed_hosts")):
            status, _, err = wire.run("--http", *args, env=env)
            self.assertEqual(status, 2, args)
            self.assertIn(says, err)
            self.assertNotIn(TOKEN, err)

    def test_allowed_host_is_needed_on_other_binds(self):
        with Http("--http", "0.0.0.0:0", "--auth", "token", "--allowed-hosts", "costs.example",
                  env={"MCP_HTTP_TOKEN": TOKEN}) as s:
            self.assertEqual(s.post(call("echo"), {**BEARER, "Host": "costs.example"})[0], 200)
            self.assertEqual(s.post(call("echo"), {**BEARER, "Host": "evil.example"})[0], 403)


class Limits(unittest.TestCase):
    def test_sizes_are_bounded(self):
        with Http("--max-body-bytes", "64KiB", "--max-header-bytes", "4KiB") as s:
            self.assertEqual(s.post(call("echo", {"text": "x" * 70000}))[0], 413)
            self.assertEqual(s.post(call("echo"), {"X-Large": "x" * 5000})[0], 431)
            self.assertEqual(s.post(call("echo", {"text": "x" * 60000}))[0], 200)

    def test_full_queue_answers_503(self):
        with Http("--workers", "1", "--max-queue", "1") as s:
            answers = []
            threads = [threading.Thread(target=lambda i=i: answers.append(
                s.post(call("slow", {"n": 700}, i)))) for i in range(8)]
            for t in threads:
                t.start()
            for t in threads:
                t.join(20 * wire.SLOW)
            refused = [a for a in answers if a[0] == 503]
            self.assertGreaterEqual(len(refused), 5)
            self.assertEqual(refused[0][1]["retry-after"], "1")
            self.assertEqual(refused[0][2]["error"]["code"], -32603)
            self.assertIn("retry_after_ms", refused[0][2]["error"]["data"])
            self.assertGreaterEqual(len([a for a in answers if a[0] == 200]), 1)

    def test_connections_are_bounded(self):
        with Http("--max-connections", "3") as s:
            peers = [socket.create_connection(("127.0.0.1", s.port), 10) for _ in range(3)]
            end = time.monotonic() + 10 * wire.SLOW
            gone = b"?"
            while gone != b"" and time.monotonic() < end:
                with socket.create_connection(("127.0.0.1", s.port), 10) as extra:
                    extra.settimeout(10)
                    try:
                        extra.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        answer = extra.recv(100)
                        gone = b"" if answer == b"" or b" 503 " in answer else answer
                    except ConnectionError:
                        gone = b""
            self.assertEqual(gone, b"")
            for p in peers:
                p.close()

    def test_slow_headers_time_out(self):
        with Http("--header-timeout", "200ms") as s:
            with socket.create_connection(("127.0.0.1", s.port), 10 * wire.SLOW) as peer:
                peer.sendall(b"POST /mcp HTTP/1.1\r\nHost: loc")
                self.assertRegex(peer.recv(1000), rb"^$|^HTTP/1.1 408 ")

    def test_hostile_bytes_are_refused(self):
        with Http() as s:
            for data in (b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n", b"GET\r\n\r\n",
                         b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                         b"Content-Length: 6\r\n\r\nhello",
                         b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                         b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
                         b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
                         b"POST /mcp HTTP/1.1\r\n\r\n"):
                with socket.create_connection(("127.0.0.1", s.port), 10 * wire.SLOW) as peer:
                    peer.sendall(data)
                    self.assertRegex(peer.recv(1000), rb"^HTTP/1.1 4\d\d ", data)
            self.assertEqual(s.post(call("echo"))[0], 200)


class Ends(unittest.TestCase):
    def test_sigterm_answers_what_runs_and_exits_zero(self):
        with Http() as s:
            got = []
            thread = threading.Thread(target=lambda: got.append(s.post(call("slow", {"n": 500}))))
            thread.start()
            s.wait_metric("mcp_calls_running", 1)
            start = time.monotonic()
            s.terminate()
            thread.join(15 * wire.SLOW)
            self.assertEqual(text_of(got[0][2]), "slept")
            self.assertEqual(s.wait(), 0)
            self.assertLess(time.monotonic() - start, 5 * wire.SLOW)
            with self.assertRaises(OSError):
                socket.create_connection(("127.0.0.1", s.port), 1)

    def test_sigterm_ends_idle_connections_at_once(self):
        with Http() as s:
            connection = s.connect()
            s.post(call("echo"), connection=connection)
            start = time.monotonic()
            s.terminate()
            self.assertEqual(s.wait(), 0)
            self.assertLess(time.monotonic() - start, 3 * wire.SLOW)
            connection.close()

    def test_address_in_use_is_a_clear_failure(self):
        with Http() as s:
            status, _, err = wire.run("--http", f"127.0.0.1:{s.port}")
            self.assertEqual(status, 1)
            self.assertIn(str(s.port), err)


if __name__ == "__main__":
    wire.fail_if_missing()
    unittest.main()
