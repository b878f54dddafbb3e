#!/usr/bin/env python3
"""What the official suite does not look at: stdio in both eras, Origin, Host, batches, sentinels."""
import base64
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import wire  # noqa: E402
from wire import Http, Stdio, call, initialize, legacy, modern, text_of  # noqa: E402

PROGRAM = os.path.join("..", "conformance", "fixture_everything")
LISTS = ("tools/list", "resources/list", "resources/templates/list", "prompts/list")


def line(message):
    return json.dumps(message).encode() + b"\n"


def simple(era, ident):
    if era == "modern":
        return call("test_simple_text", {}, ident)
    return legacy("tools/call", {"name": "test_simple_text"}, ident)


class Lines(unittest.TestCase):
    def opened(self, era):
        server = Stdio(program=PROGRAM)
        server.ask(modern("server/discover", ident="probe") if era == "modern" else initialize())
        return server

    def test_a_modern_connection_stays_modern(self):
        with self.opened("modern") as s:
            s.ask(simple("modern", 1))
            error = s.ask(initialize(ident=2))["error"]
            self.assertEqual((error["code"], error["data"]["supported"]), (-32022, [wire.MODERN]))
            self.assertEqual(s.ask(simple("modern", 3))["id"], 3)

    def test_a_legacy_connection_stays_legacy(self):
        with self.opened("legacy") as s:
            self.assertEqual(s.ask(modern("server/discover", ident=1))["error"]["code"], -32601)
            self.assertNotIn("resultType", s.ask(simple("legacy", 2))["result"])

    def test_a_probe_may_still_become_legacy(self):
        with self.opened("modern") as s:
            self.assertEqual(s.ask(initialize("2024-11-05", 1))["result"]["protocolVersion"], "2024-11-05")

    def test_a_claim_that_is_none_decides_nothing(self):
        with Stdio(program=PROGRAM) as s:
            for claim, code in ((5, -32602), ("2025-11-25", -32022), ("2099-01-01", -32022)):
                message = modern("tools/list", ident="c")
                message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = claim
                self.assertEqual(s.ask(message)["error"]["code"], code, claim)
            self.assertIn("result", s.ask(initialize(ident=2)))

    def test_garbage_between_messages(self):
        rows = ((b"garbage\n", -32700), (b"{\n", -32700), (b"\xff\xfe\n", -32700), (b'"\\ud800"\n', -32700),
                (b"5\n", -32600), (b"{}\n", -32600), (b"[]\n", -32600),
                (b'{"jsonrpc":"2.0","id":null,"method":"ping"}\n', -32600),
                (b'{"jsonrpc":"1.0","id":1,"method":"ping"}\n', -32600),
                (b'{"jsonrpc":"2.0","id":1,"method":5}\n', -32600))
        for era in ("modern", "legacy"):
            with self.opened(era) as s:
                for i, (bytes_, code) in enumerate(rows):
                    s.raw(bytes_)
                    self.assertEqual(s.next()["error"]["code"], code, bytes_)
                    self.assertEqual(s.ask(simple(era, i + 10))["id"], i + 10)
                s.raw(b"\n\r\n  \n")  # nothing is no message
                self.assertEqual(s.ask(simple(era, 99))["id"], 99)
                self.assertEqual(s.kept, [])

    def test_lines_in_pieces_and_with_carriage_returns(self):
        for era in ("modern", "legacy"):
            with self.opened(era) as s:
                both = line(simple(era, 1)) + line(simple(era, 2)).replace(b"\n", b"\r\n") + line(simple(era, 3))[:20]
                for at in range(0, len(both), 7):
                    s.raw(both[at:at + 7])
                self.assertEqual({s.next()["id"], s.next()["id"]}, {1, 2})
                s.raw(line(simple(era, 3))[20:])
                self.assertEqual(s.next()["id"], 3)

    def test_the_end_in_the_middle_of_a_message(self):
        for era in ("modern", "legacy"):
            with self.opened(era) as s:
                s.raw(line(simple(era, 1)) + b'{"jsonrpc":"2.0","id":2,')
                s.eof()
                answers = [s.next(), s.next()]
                self.assertIn(-32700, [a["error"]["code"] for a in answers if "error" in a])
                self.assertIn(1, [a.get("id") for a in answers])
                self.assertEqual(s.wait(), 0)

    def test_a_reader_that_goes_ends_the_server_in_either_era(self):
        for era in ("modern", "legacy"):
            read, write = os.pipe()
            with Stdio(program=PROGRAM, stdout=write) as s:
                os.close(write)
                s.send(modern("server/discover", ident="probe") if era == "modern" else initialize())
                os.read(read, 1)
                os.close(read)
                s.send(simple(era, 1))
                self.assertEqual(s.wait(), 0)

    def test_ids_of_both_kinds_stay_apart(self):
        with self.opened("modern") as s:
            s.raw(b'{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/list","params":{"_meta":%s}}\n'
                  % json.dumps(wire.META).encode())
            self.assertEqual(s.next()["id"], 9007199254740993)
            s.send(simple("modern", 1), simple("modern", "1"))
            self.assertEqual({repr(s.next()["id"]), repr(s.next()["id"])}, {"1", "'1'"})


class Cursors(unittest.TestCase):
    def test_a_cursor_that_was_not_given_is_refused(self):
        with Http(program=PROGRAM) as s:
            session = {"Mcp-Session-Id": s.post(initialize())[1]["mcp-session-id"]}
            for method in LISTS:
                for cursor in ("x", "AAAA", 5, None):
                    for message, headers in ((modern(method, {"cursor": cursor}), {}),
                                             (legacy(method, {"cursor": cursor}), session)):
                        status, _, body = s.post(message, headers)
                        self.assertEqual((status, body["error"]["code"]), (200, -32602), (method, cursor))


class Hosts(unittest.TestCase):
    def test_each_of_both_headers_alone_is_enough_to_refuse(self):
        good, evil = ("localhost:1", "127.0.0.1", "[::1]:99"), ("evil.example.com", "localhost.evil.com", "127.0.0.1.nip.io")
        with Http(program=PROGRAM) as s:
            for method in ("POST", "GET", "DELETE", "OPTIONS"):
                for host in evil:
                    self.assertEqual(s.request(method, headers={"Host": host})[0], 403, (method, host))
                    for scheme in ("http://", "https://"):
                        self.assertEqual(s.request(method, headers={"Origin": scheme + host})[0], 403, (method, host))
                for origin in ("null", "", "file://", "http://localhost/path"):
                    self.assertEqual(s.request(method, headers={"Origin": origin})[0], 403, (method, origin))
            for host in good:
                self.assertEqual(s.post(simple("modern", 1), {"Host": host})[0], 200, host)
                self.assertEqual(s.post(simple("modern", 1), {"Origin": "http://" + host})[0], 200, host)
            self.assertEqual(s.post(simple("modern", 1), {"Host": good[0], "Origin": "http://evil.example.com"})[0], 403)


class Batches(unittest.TestCase):
    def session(self, server, version):
        return {"Mcp-Session-Id": server.post(initialize(version))[1]["mcp-session-id"]}

    def test_batches_over_http(self):
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        with Http(program=PROGRAM) as s:
            old = self.session(s, "2025-03-26")
            status, _, answers = s.post(line([simple("legacy", 1), note, legacy("ping", ident="p"),
                                              legacy("nix", ident=3)]), old)
            self.assertEqual(status, 200)
            by_id = {a["id"]: a for a in answers}
            self.assertEqual(set(by_id), {1, "p", 3})
            self.assertEqual((by_id["p"]["result"], by_id[3]["error"]["code"]), ({}, -32601))
            self.assertEqual(s.post(line([note, note]), old)[0], 202)
            answers = s.post(line([initialize(ident=5), legacy("ping", ident=6)]), old)[2]
            self.assertEqual({a["id"]: "error" in a for a in answers}, {5: True, 6: False})
            for message, headers in ((b"[]", old), (line([1]), old), (line([simple("modern", 1)]), old),
                                     (line([simple("legacy", 1)]), self.session(s, "2025-06-18")),
                                     (line([simple("modern", 1)]), {"MCP-Protocol-Version": wire.MODERN})):
                status, _, body = s.post(message, headers)
                self.assertEqual((status, body["error"]["code"]), (400, -32600), message)

    def test_batches_over_stdio(self):
        with Stdio(program=PROGRAM) as s:
            s.ask(initialize("2025-03-26"))
            s.send([simple("legacy", 1), legacy("ping", ident=2)])
            self.assertEqual({a["id"] for a in s.next()}, {1, 2})
        with Stdio(program=PROGRAM) as s:
            s.ask(initialize("2025-11-25"))
            s.send([simple("legacy", 1)])
            self.assertEqual(s.next()["error"]["code"], -32600)


def sentinel(text):
    return "=?base64?%s?=" % base64.b64encode(text.encode()).decode()


class Sentinels(unittest.TestCase):
    def test_names_in_base64(self):
        with Http(program=PROGRAM) as s:
            def name(value):
                status, _, body = s.post(simple("modern", 1), {"Mcp-Name": value})
                return status if status == 200 else (status, body["error"]["code"])
            self.assertEqual(name(sentinel("test_simple_text")), 200)
            for wrong in (sentinel("test_image_content"), "=?base64?dGVzdF9zaW1wbGVfdGV4dA?=",
                          "=?base64?dGVzdF9zaW1wbGVfdGV4dA=?=", "=?base64?!!!!?=", "=?base64?dGVzdF9zaW1wbGVfdGV4dB==?=",
                          "=?BASE64?%s?=" % base64.b64encode(b"test_simple_text").decode(),
                          "=?base64?dGVzdF9zaW1wbGVfdGV4dA==", "dGVzdF9zaW1wbGVfdGV4dA==?="):
                self.assertEqual(name(wrong), (400, -32020), wrong)

    def test_arguments_in_headers(self):
        with Http(program=PROGRAM) as s:
            def region(value, header):
                args = {} if value is None else {"region": value}
                status, _, body = s.post(call("test_x_mcp_header", args), {"Mcp-Param-Region": header})
                return 200 if status == 200 else (status, body["error"]["code"])
            for value, header in (("eu", "eu"), ("eu", sentinel("eu")), ("grüß", sentinel("grüß")), (None, None),
                                  ("=?base64?eu", "=?base64?eu"), ("a\nb", sentinel("a\nb")), (None, "stray")):
                self.assertEqual(region(value, header), 200, (value, header))
            for value, header in (("eu", None), ("eu", "us"), ("eu", "EU"), ("eu", sentinel("us")), ("eu", "=?base64?eu?=")):
                self.assertEqual(region(value, header), (400, -32020), (value, header))


class Errors(unittest.TestCase):
    def test_codes_and_their_status(self):
        with Http(program=PROGRAM) as s:
            session = {"Mcp-Session-Id": s.post(initialize())[1]["mcp-session-id"]}
            rows = (
                (b"{", {}, 400, -32700), (b"\xff", {}, 400, -32700), (b"", {}, 400, -32700),
                (b"5", {}, 400, -32600), (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', {}, 400, -32600),
                (call("nix"), {}, 200, -32602), (modern("tools/call", {"name": 5}), {"Mcp-Name": "x"}, 200, -32602),
                (modern("prompts/get", {"name": "nix"}), {"Mcp-Name": "nix"}, 200, -32602),
                (modern("resources/read", {"uri": "no://such"}), {"Mcp-Name": "no://such"}, 200, -32602),
                (modern("nix"), {}, 404, -32601), (modern("ping"), {}, 404, -32601),
                (legacy("nix"), session, 200, -32601), (legacy("tools/call", {"name": "nix"}), session, 200, -32602),
                (legacy("tools/call", []), session, 200, -32602),
                (legacy("resources/read", {"uri": "no://such"}), session, 200, -32002),
            )
            for message, headers, status, code in rows:
                got, _, body = s.post(message, headers)
                self.assertEqual((got, body["error"]["code"]), (status, code), message)

    def test_a_bad_argument_is_the_tools_error_in_every_revision(self):
        with Http(program=PROGRAM) as s:
            _, _, body = s.post(call("greet", {"name": 5}))
            self.assertTrue(body["result"]["isError"])
            for version in ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"):
                session = {"Mcp-Session-Id": s.post(initialize(version))[1]["mcp-session-id"]}
                _, _, body = s.post(legacy("tools/call", {"name": "greet", "arguments": {}}), session)
                self.assertTrue(body["result"]["isError"])
                self.assertIn("name", text_of(body))


if __name__ == "__main__":
    wire.fail_if_missing(PROGRAM)
    unittest.main()
