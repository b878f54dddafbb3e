#!/usr/bin/env python3
"""Changes told to clients, and event streams that are taken up again: both eras, both transports."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import wire  # noqa: E402
from wire import Events, Http, Stdio, call, initialize, legacy, modern, text_of  # noqa: E402

PROGRAM = os.path.join("..", "conformance", "fixture_everything")
TAG = "io.modelcontextprotocol/subscriptionId"
WATCHED = "test://watched-resource"


def listen(ident, **wanted):
    return modern("subscriptions/listen", {"notifications": wanted}, ident)


def listening(server, message):
    return Events(server, "POST", message, {"MCP-Protocol-Version": wire.MODERN,
                                            "Mcp-Method": message["method"]})


class Listening(unittest.TestCase):
    def test_only_what_was_chosen_is_told_and_tagged(self):
        with Http(program=PROGRAM) as s:
            events = listening(s, listen("x", toolsListChanged=True, resourceSubscriptions=[WATCHED, "no://such"]))
            _, first = events.next()
            self.assertEqual(first["method"], "notifications/subscriptions/acknowledged")
            self.assertEqual(first["params"]["notifications"],
                             {"toolsListChanged": True, "resourceSubscriptions": [WATCHED, "no://such"]})
            for tool in ("test_trigger_prompt_change", "test_trigger_resource_change", "test_trigger_tool_change"):
                s.post(call(tool))
            ident, updated = events.next()
            self.assertIsNone(ident)
            self.assertEqual(updated["method"], "notifications/resources/updated")
            self.assertEqual(updated["params"], {"uri": WATCHED, "_meta": {TAG: "x"}})
            self.assertEqual(events.next()[1]["method"], "notifications/tools/list_changed")
            events.close()

    def test_a_server_that_ends_says_so(self):
        with Http(program=PROGRAM) as s:
            events = listening(s, listen(7, promptsListChanged=True))
            events.next()
            s.terminate()
            self.assertEqual([m for _, m in events.rest()],
                             [{"jsonrpc": "2.0", "id": 7, "result": {"resultType": "complete", "_meta": {TAG: 7}}}])
            self.assertEqual(s.wait(), 0)

    def test_who_wants_nothing_is_not_kept_waiting(self):
        with Http(program=PROGRAM) as s:
            got = [m for _, m in listening(s, listen(1)).rest()]
            self.assertEqual(got[0]["params"]["notifications"], {})
            self.assertEqual(got[1]["result"]["resultType"], "complete")

    def test_a_filter_that_is_no_object_is_refused(self):
        with Http(program=PROGRAM) as s:
            for params in ({}, {"notifications": []}, {"notifications": {"resourceSubscriptions": [1]}}):
                status, _, body = s.post(modern("subscriptions/listen", params))
                self.assertEqual((status, body["error"]["code"]), (200, -32602), params)

    def test_a_server_without_changes_does_not_know_the_method(self):
        with Http() as s:
            status, _, body = s.post(listen(1, toolsListChanged=True))
            self.assertEqual((status, body["error"]["code"]), (404, -32601))

    def test_several_on_stdio_and_one_taken_back(self):
        with Stdio(program=PROGRAM) as s:
            s.send(listen("a", toolsListChanged=True), listen(2, toolsListChanged=True))
            self.assertEqual([s.next()["params"]["_meta"][TAG] for _ in range(2)], ["a", 2])
            s.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "a"}})
            s.ask(call("test_trigger_tool_change", {}, 3))
            self.assertEqual(s.ask(call("test_simple_text", {}, 4))["id"], 4)
            self.assertEqual([m["params"]["_meta"][TAG] for m in s.kept], [2])
            s.eof()
            self.assertEqual(s.next()["result"], {"resultType": "complete", "_meta": {TAG: 2}})
            self.assertEqual(s.next(), {"jsonrpc": "2.0", "method": "notifications/cancelled",
                                        "params": {"requestId": 2}})
            self.assertIsNone(s.next())
            self.assertEqual(s.wait(), 0)


class Session:
    """A legacy session over HTTP."""

    def __init__(self, server, version="2025-11-25"):
        self.server = server
        self.headers = {"Mcp-Session-Id": server.post(initialize(version))[1]["mcp-session-id"]}

    def ask(self, method, params=None, ident=1):
        return self.server.post(legacy(method, params, ident), self.headers)[2]

    def call(self, tool, **more):
        return Events(self.server, "POST", legacy("tools/call", {"name": tool, **more}), self.headers)

    def get(self, last=None):
        return Events(self.server, "GET", headers={**self.headers, **({"Last-Event-ID": last} if last else {})})


class Told(unittest.TestCase):
    def test_changes_come_on_the_stream_of_the_session(self):
        with Http(program=PROGRAM) as s:
            session = Session(s)
            events = session.get()
            self.assertEqual(events.status, 200)
            ident, empty = events.next()
            self.assertIsNone(empty)
            self.assertEqual(session.ask("resources/subscribe", {"uri": WATCHED}), {"jsonrpc": "2.0", "id": 1, "result": {}})
            s.post(call("test_trigger_resource_change"))
            first, updated = events.next()
            self.assertEqual(updated, {"jsonrpc": "2.0", "method": "notifications/resources/updated",
                                       "params": {"uri": WATCHED}})
            self.assertNotEqual(first, ident)
            self.assertEqual(events.next()[1]["method"], "notifications/resources/list_changed")
            session.ask("resources/unsubscribe", {"uri": WATCHED})
            s.post(call("test_trigger_resource_change"))
            self.assertEqual(events.next()[1]["method"], "notifications/resources/list_changed")
            events.close()

    def test_what_was_missed_is_told_when_the_client_is_back(self):
        with Http(program=PROGRAM) as s:
            session = Session(s)
            events = session.get()
            last, _ = events.next()
            events.close()
            for tool in ("test_trigger_tool_change", "test_trigger_prompt_change"):
                s.post(call(tool))
            events = session.get(last)
            self.assertEqual([events.next()[1]["method"] for _ in range(2)],
                             ["notifications/tools/list_changed", "notifications/prompts/list_changed"])
            events.close()

    def test_an_unknown_resource_cannot_be_subscribed(self):
        with Http(program=PROGRAM) as s:
            error = Session(s).ask("resources/subscribe", {"uri": "no://such"})["error"]
            self.assertEqual((error["code"], error["data"]["uri"]), (-32002, "no://such"))

    def test_a_legacy_client_on_stdio_is_told_from_initialize_on(self):
        with Stdio(program=PROGRAM) as s:
            s.ask(initialize())
            s.ask(legacy("resources/subscribe", {"uri": WATCHED}, 1))
            s.ask(legacy("tools/call", {"name": "test_trigger_resource_change"}, 2))
            s.ask(legacy("ping", ident=3))
            self.assertEqual([m["method"] for m in s.kept],
                             ["notifications/resources/updated", "notifications/resources/list_changed"])


class Gets(unittest.TestCase):
    def test_what_a_get_needs(self):
        with Http(program=PROGRAM) as s:
            head = {**Session(s).headers, "Accept": "text/event-stream"}
            rows = (
                ({**head, "Mcp-Session-Id": None}, 400),
                ({**head, "Mcp-Session-Id": "0" * 32}, 404),
                ({**head, "Accept": "application/json"}, 406),
                ({**head, "MCP-Protocol-Version": "2026-07-28"}, 405),
                ({**head, "MCP-Protocol-Version": "1999-01-01"}, 400),
                ({**head, "Last-Event-ID": "17-3"}, 400),
                ({**head, "Last-Event-ID": "x"}, 400),
                ({**head, "Origin": "http://evil.example.com"}, 403),
                ({**head, "Host": "evil.example.com"}, 403),
            )
            for headers, status in rows:
                self.assertEqual(s.request("GET", headers={k: v for k, v in headers.items() if v})[0], status, headers)

    def test_a_session_has_one_such_stream(self):
        with Http(program=PROGRAM) as s:
            session = Session(s)
            events = session.get()
            last, _ = events.next()
            self.assertEqual(session.get().status, 409)
            # Who names the last event has lost that connection, whatever we know of it.
            again = session.get(last)
            self.assertEqual(again.status, 200)
            self.assertEqual(events.rest(), [])
            again.close()

    def test_delete_ends_the_streams_of_the_session(self):
        with Http(program=PROGRAM) as s:
            session = Session(s)
            events = session.get()
            events.next()
            self.assertEqual(s.request("DELETE", headers=session.headers)[0], 204)
            self.assertEqual(events.rest(), [])
            self.assertEqual(s.request("DELETE", headers=session.headers)[0], 404)
            self.assertEqual(session.get().status, 404)

    def test_a_stream_ends_with_its_server(self):
        with Http(program=PROGRAM) as s:
            events = Session(s).get()
            events.next()
            s.terminate()
            self.assertEqual(events.rest(), [])
            self.assertEqual(s.wait(), 0)


class TakenUp(unittest.TestCase):
    def test_a_call_lets_its_client_go_and_come_back(self):
        with Http(program=PROGRAM) as s:
            session = Session(s)
            (last, empty), = session.call("test_reconnection").rest()
            self.assertIsNone(empty)
            for _ in range(2):  # a second time too: the first one may have been lost on the way
                (_, answer), = session.get(last).rest()
                self.assertIn("successfully", text_of(answer))

    def test_older_revisions_are_not_let_go(self):
        with Http(program=PROGRAM) as s:
            status, _, answer = s.post(legacy("tools/call", {"name": "test_reconnection"}),
                                       Session(s, "2025-06-18").headers)
            self.assertEqual(status, 200)
            self.assertIn("successfully", text_of(answer))

    def test_a_lost_connection_does_not_lose_the_answer(self):
        with Http(program=PROGRAM) as s:
            session = Session(s)
            events = session.call("test_tool_with_progress", _meta={"progressToken": 1})
            last, _ = events.next()
            events.close()
            messages = [m for _, m in session.get(last).rest()]
            self.assertEqual(text_of(messages[-1]), "done")
            self.assertEqual({m["method"] for m in messages[:-1]} - {"notifications/progress"}, set())

    def test_another_session_gets_nothing_of_it(self):
        with Http(program=PROGRAM) as s:
            (last, _), = Session(s).call("test_reconnection").rest()
            self.assertEqual(Session(s).get(last).status, 400)

    def test_what_is_too_old_is_not_kept(self):
        with Http("--max-replay-bytes", "1KiB", program=PROGRAM) as s:
            session = Session(s)
            events = session.call("test_reconnection")
            (old, _), = events.rest()
            self.assertEqual(len(session.get(old).rest()), 1)
            for _ in range(9):
                (last, _), = session.call("test_reconnection").rest()
                self.assertEqual(len(session.get(last).rest()), 1)
            self.assertEqual(session.get(old).status, 400)


if __name__ == "__main__":
    wire.fail_if_missing(PROGRAM)
    unittest.main()
