#!/usr/bin/env python3
"""Asking the client back over both transports and eras, and log messages on a call's own stream."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import wire  # noqa: E402
from wire import Http, Stdio, call, initialize, legacy, text_of  # noqa: E402

PROGRAM = os.path.join("..", "conformance", "fixture_everything")
CAN_ASK = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}, "roots": {}}}
ASKING = "test_input_required_result_multi_round"
ANSWER = {"action": "accept", "content": {"name": "Ann"}}


def opening(**capabilities):
    message = initialize()
    message["params"]["capabilities"] = capabilities
    return message


def again(before, responses, ident):
    """The next round of a call."""
    message = call(ASKING, {}, ident, **CAN_ASK)
    message["params"]["requestState"] = before["requestState"]
    message["params"]["inputResponses"] = responses
    return message


class Modern(unittest.TestCase):
    def rounds(self, ask):
        first = ask(call(ASKING, {}, 1, **CAN_ASK))["result"]
        self.assertEqual(first["resultType"], "input_required")
        self.assertEqual(first["inputRequests"]["step1"]["method"], "elicitation/create")
        second = ask(again(first, {"step1": ANSWER}, 2))["result"]
        self.assertEqual(list(second["inputRequests"]), ["step2"])
        last = ask(again(second, {"step2": ANSWER}, 3))["result"]
        self.assertEqual(last["resultType"], "complete")
        second["requestState"] += "x"
        self.assertEqual(ask(again(second, {"step2": ANSWER}, 4))["error"]["code"], -32602)

    def test_rounds_over_stdio(self):
        with Stdio(program=PROGRAM) as s:
            self.rounds(s.ask)

    def test_rounds_over_http(self):
        with Http(program=PROGRAM) as s:
            self.rounds(lambda m: s.post(m)[2])

    def test_a_client_that_cannot_answer_is_told_what_it_lacks(self):
        with Http(program=PROGRAM) as s:
            status, _, body = s.post(call("test_missing_capability"))
            self.assertEqual(status, 400)
            self.assertEqual(body["error"]["code"], -32021)
            self.assertEqual(body["error"]["data"], {"requiredCapabilities": {"sampling": {}}})

    def test_logs_only_for_who_asked(self):
        with Stdio(program=PROGRAM) as s:
            s.ask(call("test_logging_tool", {}, 1))
            self.assertEqual(s.kept, [])
            s.ask(call("test_logging_tool", {}, 2, **{"io.modelcontextprotocol/logLevel": "error"}))
            self.assertEqual(s.kept, [])
            s.ask(call("test_logging_tool", {}, 3, **{"io.modelcontextprotocol/logLevel": "info"}))
            self.assertEqual([m["method"] for m in s.kept], ["notifications/message"] * 3)


class Legacy(unittest.TestCase):
    def test_questions_are_live_requests_on_stdio(self):
        with Stdio(program=PROGRAM) as s:
            s.ask(opening(elicitation={}))
            s.send(legacy("tools/call", {"name": ASKING}, 1))
            for _ in range(2):
                question = s.next()
                self.assertEqual(question["method"], "elicitation/create")
                # Other traffic goes on meanwhile, and strangers' answers are passed over.
                s.send({"jsonrpc": "2.0", "id": 12345, "result": {}})
                self.assertEqual(s.ask(legacy("ping", ident=9))["result"], {})
                s.send({"jsonrpc": "2.0", "id": question["id"], "result": ANSWER})
            self.assertIn("accept", text_of(s.answer(1)))

    def test_a_refused_question_ends_the_call(self):
        with Stdio(program=PROGRAM) as s:
            s.ask(opening(elicitation={}))
            s.send(legacy("tools/call", {"name": ASKING}, 1))
            s.send({"jsonrpc": "2.0", "id": s.next()["id"], "error": {"code": -1, "message": "no"}})
            self.assertTrue(s.answer(1)["result"]["isError"])

    def test_a_call_that_waits_for_its_answer_can_be_cancelled(self):
        with Stdio(program=PROGRAM) as s:
            s.ask(opening(elicitation={}))
            s.send(legacy("tools/call", {"name": ASKING}, 1))
            question = s.next()
            s.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
                   {"jsonrpc": "2.0", "id": question["id"], "result": ANSWER})
            s.ask(legacy("ping", ident=2))
            self.assertEqual(s.kept, [])

    def test_without_the_capability_the_tool_fails(self):
        with Stdio(program=PROGRAM) as s:
            s.ask(opening())
            self.assertTrue(s.ask(legacy("tools/call", {"name": ASKING}, 1))["result"]["isError"])

    def test_no_question_inside_a_batch(self):
        with Stdio(program=PROGRAM) as s:
            message = opening(elicitation={})
            message["params"]["protocolVersion"] = "2025-03-26"
            s.ask(message)
            s.send([legacy("tools/call", {"name": ASKING}, 1)])
            self.assertTrue(s.next()[0]["result"]["isError"])


if __name__ == "__main__":
    wire.fail_if_missing(PROGRAM)
    unittest.main()
