#!/usr/bin/env python3
"""The Tasks extension over both transports: made, polled, answered, cancelled, gone with the server."""
import itertools
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import wire  # noqa: E402
from wire import Events, Http, Stdio, call, initialize, legacy, modern, text_of  # noqa: E402

PROGRAM = os.path.join("..", "conformance", "fixture_everything")
TAG = "io.modelcontextprotocol/subscriptionId"
CAN = {"io.modelcontextprotocol/clientCapabilities":
       {"elicitation": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}}}


class Client:
    """Asks one server about its tasks."""

    def __init__(self, ask):
        self.ask = ask
        self.ident = 0

    def call(self, tool, args=None):
        self.ident += 1
        return self.ask(call(tool, args, self.ident, **CAN))["result"]

    def about(self, method, task, **more):
        self.ident += 1
        return self.ask(modern(method, {"taskId": task, **more}, self.ident, **CAN))

    def until(self, task, *statuses):
        end = time.monotonic() + 15 * wire.SLOW
        while time.monotonic() < end:
            got = self.about("tasks/get", task)["result"]
            if got["status"] in statuses:
                return got
            time.sleep(0.02)
        raise TimeoutError(got)


def watch(*tasks):
    return modern("subscriptions/listen", {"notifications": {"taskIds": list(tasks)}}, "w", **CAN)


def statuses(messages, until):
    """The statuses told, each once, up to that one; every message is a whole task with its tag."""
    seen = []
    for message in messages:
        params = message["params"]
        if message["method"] != "notifications/tasks" or params["_meta"] != {TAG: "w"}:
            raise AssertionError(message)
        seen += [params["status"]] if seen[-1:] != [params["status"]] else []
        if params["status"] == until:
            return seen, params
    raise AssertionError(seen)


def over_http(server):
    def ask(message):
        name = {} if "taskId" not in message["params"] else {"Mcp-Name": message["params"]["taskId"]}
        return server.post(message, name)[2]
    return Client(ask)


class Tasks(unittest.TestCase):
    def life(self, client):
        made = client.call("slow_compute", {"seconds": 1})
        self.assertEqual((made["resultType"], made["status"]), ("task", "working"))
        self.assertTrue(isinstance(made["ttlMs"], int) and isinstance(made["pollIntervalMs"], int))
        done = client.until(made["taskId"], "completed", "failed")
        self.assertEqual(done["result"]["content"][0]["text"], "computed")
        self.assertEqual(client.about("tasks/get", "0" * 32)["error"]["code"], -32602)

    def asked(self, client):
        made = client.call("multi_input")
        parked = client.until(made["taskId"], "input_required")
        first, second = parked["inputRequests"]
        answer = {"action": "accept", "content": {"name": "Ann", "confirm": True}}
        for wrong in ({first: 5}, {"nobody": answer}, {}):
            self.assertEqual(client.about("tasks/update", made["taskId"], inputResponses=wrong)["result"]["resultType"],
                             "complete")
        client.about("tasks/update", made["taskId"], inputResponses={first: answer})
        self.assertEqual(list(client.until(made["taskId"], "input_required")["inputRequests"]), [second])
        client.about("tasks/update", made["taskId"], inputResponses={second: answer, first: answer})
        self.assertIn("Ann", client.until(made["taskId"], "completed")["result"]["content"][0]["text"])

    def test_life_over_http(self):
        with Http(program=PROGRAM) as s:
            self.life(over_http(s))

    def test_life_over_stdio(self):
        with Stdio(program=PROGRAM) as s:
            self.life(Client(s.ask))

    def test_questions_over_http(self):
        with Http(program=PROGRAM) as s:
            self.asked(over_http(s))

    def test_questions_over_stdio(self):
        with Stdio(program=PROGRAM) as s:
            self.asked(Client(s.ask))

    def test_a_task_that_waits_for_answers_can_be_cancelled(self):
        with Stdio(program=PROGRAM) as s:
            client = Client(s.ask)
            task = client.call("confirm_delete")["taskId"]
            client.until(task, "input_required")
            client.about("tasks/cancel", task)
            self.assertEqual(client.about("tasks/get", task)["result"]["status"], "cancelled")

    def test_who_watches_is_told_of_each_change_over_stdio(self):
        with Stdio(program=PROGRAM) as s:
            client = Client(s.ask)
            task = client.call("multi_input")["taskId"]
            s.send(watch(task, "0" * 32))
            ack = s.next()
            self.assertEqual(ack["params"], {"notifications": {"taskIds": [task]}, "_meta": {TAG: "w"}})
            seen, parked = statuses(iter(s.next, None), "input_required")
            self.assertEqual(seen[-1], "input_required")
            answer = {"action": "accept", "content": {"name": "Ann", "confirm": True}}
            client.about("tasks/update", task, inputResponses={k: answer for k in parked["inputRequests"]})
            _, done = statuses(itertools.chain(s.kept, iter(s.next, None)), "completed")
            self.assertIn("Ann", done["result"]["content"][0]["text"])

    def test_who_watches_late_is_told_how_it_ended_over_http(self):
        with Http(program=PROGRAM) as s:
            client = over_http(s)
            task = client.call("slow_compute", {"seconds": 1})["taskId"]
            client.until(task, "completed")
            events = Events(s, "POST", watch(task), {"MCP-Protocol-Version": wire.MODERN,
                                                     "Mcp-Method": "subscriptions/listen"})
            self.assertEqual(events.next()[1]["params"]["notifications"], {"taskIds": [task]})
            seen, done = statuses([events.next()[1]], "completed")
            self.assertEqual(done["result"]["content"][0]["text"], "computed")
            events.close()

    def test_a_server_whose_lists_never_change_lets_its_tasks_be_watched(self):
        with Stdio("--demo", program=os.path.join(os.path.abspath(os.environ["MCP_BIN"]), "mcp-forecast")) as s:
            s.send(watch("0" * 32))
            self.assertEqual(s.next()["params"]["notifications"], {})
            self.assertEqual(s.next()["result"]["resultType"], "complete")
            other = modern("subscriptions/listen", {"notifications": {"toolsListChanged": True}}, 5, **CAN)
            self.assertEqual(s.ask(other)["error"]["code"], -32601)

    def test_a_cancelled_task_is_told_to_who_watches(self):
        with Http(program=PROGRAM) as s:
            client = over_http(s)
            task = client.call("slow_compute", {"seconds": 600})["taskId"]
            events = Events(s, "POST", watch(task), {"MCP-Protocol-Version": wire.MODERN,
                                                     "Mcp-Method": "subscriptions/listen"})
            self.assertEqual(events.next()[1]["method"], "notifications/subscriptions/acknowledged")
            self.assertEqual(events.next()[1]["params"]["status"], "working")
            client.about("tasks/cancel", task)
            self.assertEqual(events.next()[1]["params"]["status"], "cancelled")
            events.close()

    def test_a_disconnected_client_does_not_lose_its_task(self):
        with Http(program=PROGRAM) as s:
            client = over_http(s)
            task = client.call("slow_compute", {"seconds": 1})["taskId"]
            self.assertEqual(client.until(task, "completed")["status"], "completed")

    def test_without_the_extension_a_call_is_a_call(self):
        with Stdio(program=PROGRAM) as s:
            self.assertEqual(text_of(s.ask(call("slow_compute", {"seconds": 0}))), "computed")
            self.assertEqual(s.ask(call("failing_job", {}, 2))["error"]["code"], -32021)

    def test_a_legacy_client_knows_nothing_of_tasks(self):
        with Stdio(program=PROGRAM) as s:
            s.ask(initialize())
            self.assertEqual(s.ask(legacy("tasks/get", {"taskId": "x"}, 1))["error"]["code"], -32601)
            self.assertTrue(s.ask(legacy("tools/call", {"name": "failing_job"}, 2))["result"]["isError"])

    def test_the_end_of_input_does_not_wait_for_tasks(self):
        with Stdio(program=PROGRAM) as s:
            Client(s.ask).call("slow_compute", {"seconds": 600})
            s.eof()
            self.assertEqual(s.wait(5), 0)


if __name__ == "__main__":
    wire.fail_if_missing(PROGRAM)
    unittest.main()
