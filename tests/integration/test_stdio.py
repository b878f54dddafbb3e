#!/usr/bin/env python3
"""A server on stdio as a client sees it: both eras, cancelling, ends, garbage, overload."""
import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import wire  # noqa: E402
from wire import Stdio, call, initialize, legacy, modern, text_of  # noqa: E402


class Modern(unittest.TestCase):
    def test_discover_list_and_call(self):
        with Stdio() as s:
            found = s.ask(modern("server/discover", ident="d"))["result"]
            self.assertEqual(found["supportedVersions"], [wire.MODERN])
            tools = s.ask(modern("tools/list", ident=2))["result"]
            self.assertEqual([t["name"] for t in tools["tools"]],
                             ["big", "echo", "fail", "fetch", "progress", "slow"])
            self.assertIn("ttlMs", tools)
            answer = s.ask(call("echo", {"text": "grüß\n\u2028"}, 3))
            self.assertEqual(text_of(answer), "grüß\n\u2028")
            self.assertEqual(answer["result"]["structuredContent"], {"text": "grüß\n\u2028"})
            self.assertEqual(answer["result"]["resultType"], "complete")

    def test_ids_come_back_verbatim(self):
        with Stdio() as s:
            for ident in (0, "listen:0", 9007199254740993, -1, ""):
                self.assertEqual(s.ask(call("echo", {"text": "x"}, ident))["id"], ident)

    def test_wrong_arguments_are_a_tool_error_and_unknown_tools_are_not(self):
        with Stdio() as s:
            bad = s.ask(call("echo", {"text": 5}))["result"]
            self.assertTrue(bad["isError"])
            self.assertIn("text", bad["content"][0]["text"])
            self.assertEqual(s.ask(call("nobody"))["error"]["code"], -32602)
            failed = s.ask(call("fail"))["result"]
            self.assertTrue(failed["isError"])
            self.assertIn("call echo instead", failed["content"][0]["text"])

    def test_progress_only_with_a_token(self):
        with Stdio() as s:
            s.send(call("progress", {"n": 4}, 1, progressToken="p"))
            answer = s.answer(1)
            self.assertEqual(text_of(answer), "done")
            notes = [m["params"] for m in s.kept if m.get("method") == "notifications/progress"]
            self.assertGreaterEqual(len(notes), 2)
            self.assertEqual({n["progressToken"] for n in notes}, {"p"})
            steps = [n["progress"] for n in notes]
            self.assertEqual(steps, sorted(set(steps)))
            s.kept.clear()
            s.ask(call("progress", {"n": 2}, 2))
            self.assertEqual(s.kept, [])

    def test_cancelled_call_is_never_answered(self):
        with Stdio() as s:
            s.send(call("slow", {"n": 60000}, "c"),
                   {"jsonrpc": "2.0", "method": "notifications/cancelled",
                    "params": {"requestId": "c", "_meta": wire.META}},
                   {"jsonrpc": "2.0", "method": "notifications/cancelled",
                    "params": {"requestId": "unknown", "_meta": wire.META}})
            self.assertEqual(text_of(s.ask(call("echo", {"text": "on"}, 2))), "on")
            s.eof()
            self.assertEqual(s.wait(5), 0)
            self.assertIsNone(s.next())

    def test_slow_calls_do_not_hold_fast_ones(self):
        with Stdio() as s:
            s.send(call("slow", {"n": 400}, "slow"), call("echo", {"text": "x"}, "fast"))
            self.assertEqual(s.next()["id"], "fast")
            self.assertEqual(s.next()["id"], "slow")

    def test_deadline_ends_a_call(self):
        with Stdio("--deadline", "200ms") as s:
            start = time.monotonic()
            answer = s.ask(call("slow", {"n": 60000}))
            self.assertTrue(answer["result"]["isError"])
            self.assertLess(time.monotonic() - start, 5 * wire.SLOW)

    def test_cursor_opens_in_the_next_process_of_this_user(self):
        with tempfile.TemporaryDirectory() as state:
            env = {"XDG_STATE_HOME": state}
            with Stdio(env=env) as s:
                sealed = text_of(s.ask(call("echo", {"text": "secret", "seal": True})))
            self.assertNotIn("secret", sealed)
            with Stdio(env=env) as s:
                opened = s.ask(call("echo", {"text": "sealed:" + sealed, "seal": True}))
                self.assertEqual(text_of(opened), "secret")
                changed = sealed[:-1] + ("A" if sealed[-1] != "A" else "B")
                refused = s.ask(call("echo", {"text": "sealed:" + changed, "seal": True}))
                self.assertTrue(refused["result"]["isError"])
            key = os.stat(os.path.join(state, "fixture-echo", "state.key"))
            self.assertEqual(key.st_mode & 0o7777, 0o600)


class Legacy(unittest.TestCase):
    def test_each_revision_is_negotiated(self):
        for version, agreed in (("2024-11-05", None), ("2025-03-26", None), ("2025-06-18", None),
                                ("2025-11-25", None), ("2026-07-28", "2025-11-25"),
                                ("1999-01-01", "2025-11-25")):
            with self.subTest(version), Stdio() as s:
                answer = s.ask(initialize(version))["result"]
                self.assertEqual(answer["protocolVersion"], agreed or version)
                s.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
                self.assertEqual(s.ask(legacy("ping"))["result"], {})
                tools = s.ask(legacy("tools/list"))["result"]["tools"]
                self.assertEqual(len(tools), 6)
                answer = s.ask(legacy("tools/call", {"name": "echo", "arguments": {"text": "x"}}))
                # Revisions without structuredContent get the data as JSON text.
                old = version in ("2024-11-05", "2025-03-26")
                self.assertEqual(text_of(answer), '{"text":"x"}' if old else "x")
                self.assertEqual("structuredContent" in answer["result"], not old)
                self.assertNotIn("resultType", answer["result"])

    def test_batch_of_2025_03_26(self):
        with Stdio() as s:
            s.ask(initialize("2025-03-26"))
            s.send([legacy("ping", ident=1), legacy("ping", ident=2)])
            batch = s.next()
            self.assertEqual(sorted(m["id"] for m in batch), [1, 2])

    def test_cancelling(self):
        with Stdio() as s:
            s.ask(initialize())
            s.send(legacy("tools/call", {"name": "slow", "arguments": {"n": 60000}}, 5),
                   {"jsonrpc": "2.0", "method": "notifications/cancelled",
                    "params": {"requestId": 5}})
            self.assertEqual(s.ask(legacy("ping", ident=6))["result"], {})


class Hostile(unittest.TestCase):
    def test_garbage_is_answered_and_survived(self):
        with Stdio() as s:
            for line in (b"garbage\n", b"{\n", b"\xff\xfe\n", b"{\"jsonrpc\":\"2.0\",\n"):
                s.raw(line)
                message = s.next()
                self.assertEqual(message["error"]["code"], -32700, line[:20])
                self.assertNotIn("id", message)
            for line in (b"[" * 100000 + b"\n", b"[]\n", b"5\n", b"{}\n", b'{"jsonrpc":"1.0","id":1,"method":"ping"}\n'):
                s.raw(line)
                self.assertEqual(s.next()["error"]["code"], -32600, line)
            s.raw(b"\r\n\n  \n")
            self.assertEqual(text_of(s.ask(call("echo", {"text": "x"}))), "x")

    def test_line_over_the_limit_is_refused_and_the_next_one_read(self):
        with Stdio("--max-body-bytes", "64KiB") as s:
            s.raw(b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * 2000000 + b'"}\n')
            self.assertIn("error", s.next())
            self.assertEqual(text_of(s.ask(call("echo", {"text": "x"}, 2))), "x")
            at_limit = call("echo", {"text": ""}, 3)
            room = 65536 - len(wire.json.dumps(at_limit).encode())
            at_limit["params"]["arguments"]["text"] = "y" * room
            self.assertEqual(len(text_of(s.ask(at_limit))), room)

    def test_bytes_may_come_one_by_one(self):
        with Stdio() as s:
            line = wire.json.dumps(call("echo", {"text": "x"})).encode() + b"\r\n"
            for i in range(len(line)):
                s.raw(line[i:i + 1])
            self.assertEqual(text_of(s.answer(1)), "x")

    def test_full_queue_answers_busy(self):
        with Stdio("--workers", "1", "--max-queue", "1") as s:
            s.send(*[call("slow", {"n": 500}, i) for i in range(6)])
            answers = [s.answer(i)["result"] for i in range(6)]
            busy = [a for a in answers if a.get("isError")]
            self.assertGreaterEqual(len(busy), 3)
            self.assertIn("busy", busy[0]["content"][0]["text"])
            self.assertGreaterEqual(len(answers) - len(busy), 1)

    def test_large_answer_arrives_whole(self):
        with Stdio() as s:
            self.assertEqual(len(text_of(s.ask(call("big", {"n": 3000000})))), 3000000)


class Ends(unittest.TestCase):
    def test_eof_answers_what_was_read(self):
        with Stdio() as s:
            s.send(call("slow", {"n": 300}, 1))
            s.eof()
            self.assertEqual(text_of(s.answer(1)), "slept")
            self.assertEqual(s.wait(), 0)

    def test_eof_does_not_wait_for_long_calls(self):
        with Stdio() as s:
            s.send(call("slow", {"n": 60000}, 1))
            start = time.monotonic()
            s.eof()
            self.assertEqual(s.wait(), 0)
            self.assertLess(time.monotonic() - start, 5 * wire.SLOW)

    def test_eof_at_once(self):
        with Stdio() as s:
            s.eof()
            self.assertEqual(s.wait(), 0)
            self.assertIsNone(s.next())

    def test_last_line_without_newline_counts(self):
        with Stdio() as s:
            s.raw(wire.json.dumps(call("echo", {"text": "x"})).encode())
            s.eof()
            self.assertEqual(text_of(s.answer(1)), "x")
            self.assertEqual(s.wait(), 0)

    def test_reader_that_goes_ends_the_server(self):
        read, write = os.pipe()
        with Stdio(stdout=write) as s:
            os.close(write)
            os.close(read)
            s.send(call("echo", {"text": "x"}))
            self.assertEqual(s.wait(), 0)

    def test_sigterm_ends_idle_and_answers_running(self):
        with Stdio() as s:
            s.ask(call("echo"))
            s.send(call("slow", {"n": 300}, 2))
            s.ask(call("echo", ident=3))
            s.terminate()
            self.assertEqual(text_of(s.answer(2)), "slept")
            self.assertEqual(s.wait(), 0)

    def test_files_serve_as_stdin_and_stdout(self):
        with tempfile.TemporaryDirectory() as folder:
            asked, answered = (os.path.join(folder, n) for n in ("in", "out"))
            with open(asked, "w") as f:
                f.write(wire.json.dumps(call("echo", {"text": "x"})) + "\n")
            with open(asked) as i, open(answered, "w") as o:
                with wire.Process(stdin=i, stdout=o) as p:
                    self.assertEqual(p.wait(), 0)
            with open(answered) as f:
                self.assertEqual(text_of(wire.json.loads(f.read())), "x")

    def test_full_stderr_holds_nothing_up(self):
        read, write = os.pipe()
        os.set_blocking(write, False)
        try:
            while True:
                os.write(write, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(write, True)
        child = subprocess.Popen([os.path.join(wire.FIXTURES, "fixture_echo"), "--log-level",
                                  "debug"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=write)
        os.close(write)
        try:
            out, _ = child.communicate(wire.json.dumps(call("echo", {"text": "x"})).encode() +
                                       b"\n", timeout=15 * wire.SLOW)
            self.assertEqual(text_of(wire.json.loads(out)), "x")
            self.assertEqual(child.returncode, 0)
        finally:
            child.kill()
            os.close(read)


class CommandLine(unittest.TestCase):
    def test_secrets_and_unknown_flags_are_refused(self):
        status, out, err = wire.run("--http-token=hushhush")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("MCP_HTTP_TOKEN", err)
        self.assertNotIn("hushhush", err)
        status, _, err = wire.run("--dedline", "3s")
        self.assertEqual(status, 2)
        self.assertIn("--deadline", err)

    def test_call_in_this_process(self):
        self.assertEqual(wire.run("call", "echo", '{"text":"x"}')[:2], (0, "x\n"))
        self.assertEqual(wire.run("call", "fail", "{}")[0], 1)
        self.assertEqual(wire.run("call", "nobody", "{}")[0], 2)

    def test_open_bind_is_refused(self):
        status, _, err = wire.run("--http", "0.0.0.0:0")
        self.assertEqual(status, 2)
        self.assertIn("allowed_hosts", err)


if __name__ == "__main__":
    wire.fail_if_missing()
    unittest.main()
