#!/usr/bin/env python3
"""The programs of docs/libmcp.md compile against what make install gives, and answer over stdio and HTTP."""
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import wire  # noqa: E402
from wire import Http, Stdio, call, initialize, legacy, modern, text_of  # noqa: E402

GUIDE = os.path.join(HERE, "..", "..", "docs", "libmcp.md")
STAGE = os.environ["MCP_STAGE"]
# The sanitizers' own dlopen asks the old RPATH of the program.
SANITIZE = {"asan": "-fsanitize=address,undefined -Wl,--disable-new-dtags",
            "tsan": "-fsanitize=thread -Wl,--disable-new-dtags"}.get(os.environ.get("MCP_SAN", ""), "")
# What a careful project compiles with; the headers must bear it.
STRICT = "-std=c11 -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Werror"
# The commands of the guide, as if everything were installed where the compiler and the loader look.
SHIMS = {
    "pkg-config": 'PKG_CONFIG_PATH=%s/lib/pkgconfig exec %s --define-variable=prefix=%s "$@"',
    "cc": 'exec gcc %s %s "$@" -Wl,-rpath,%s/lib',
}
CAN_ASK = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}}


def read_guide():
    with open(GUIDE, encoding="utf-8") as f:
        return f.read()


def shell(folder, command):
    env = dict(os.environ, PATH=folder + "/shims:" + os.environ["PATH"], XDG_CONFIG_HOME=folder, XDG_STATE_HOME=folder)
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60 * wire.SLOW)
    return done.returncode, done.stdout + done.stderr


def prepare(folder, text):
    os.mkdir(folder + "/shims")
    real = subprocess.run(["sh", "-c", "command -v pkg-config"], capture_output=True, text=True, check=True).stdout.strip()
    for name, line in SHIMS.items():
        words = (STAGE, real, STAGE) if name == "pkg-config" else (STRICT, SANITIZE, STAGE)
        with open(os.path.join(folder, "shims", name), "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n" + line % words + "\n")
        os.chmod(os.path.join(folder, "shims", name), 0o755)
    for name, body in re.findall(r"<!-- (\w+\.c) -->\n```c\n(.*?)```", text, re.S):
        with open(os.path.join(folder, name), "a", encoding="utf-8") as f:
            f.write(body + "\n")


class Supplier(http.server.HTTPServer):
    """Answers {"days": 3} to whoever asks for a gear."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = b'{"days":3}' if self.path == "/gear" else b"{}"
            self.send_response(200 if self.path == "/gear" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.url = "http://127.0.0.1:%d" % self.server_port
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Guide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tmp = tempfile.TemporaryDirectory()
        cls.folder = cls.tmp.name
        text = read_guide()
        prepare(cls.folder, text)
        for body in re.findall(r"<!-- build -->\n```sh\n(.*?)```", text, re.S):
            status, said = shell(cls.folder, body)
            if status != 0 or said:
                raise AssertionError(body + said)
        cls.stock = os.path.join(cls.folder, "stock")

    @classmethod
    def tearDownClass(cls):
        cls.tmp.cleanup()

    def test_the_first_program_has_about_thirty_lines(self):
        with open(os.path.join(self.folder, "hello.c"), encoding="utf-8") as f:
            self.assertLessEqual(len(f.read().splitlines()), 33)

    def test_commands_answer_what_is_printed(self):
        for body in re.findall(r"<!-- run -->\n```console\n(.*?)```", read_guide(), re.S):
            answered = "".join("$ %s\n%s" % (line[2:], shell(self.folder, line[2:])[1])
                               for line in body.splitlines() if line.startswith("$ "))
            self.assertEqual(answered, body)

    def test_wrong_words_are_refused_with_the_next_step(self):
        for words, said in (("serve", "Known: call TOOL"), ("call", "Known: call TOOL"), ("--prot 1", "--prot"),
                            ("call nobody", "nobody"), ("--config missing.yaml", "missing.yaml")):
            status, text = shell(self.folder, "./hello " + words)
            self.assertEqual(status, 2, text)
            self.assertIn(said, text)
        self.assertEqual(shell(self.folder, "./hello --help >/dev/full")[0], 1)

    def test_every_command_word_prints_what_it_says(self):
        self.assertIn("Greets somebody", shell(self.folder, "./hello --help")[1])
        self.assertIn("supplier: \"http://x\" # environment STOCK_SUPPLIER",
                      shell(self.folder, "STOCK_SUPPLIER=http://x ./stock --print-config")[1])

    def test_its_own_configuration_file_is_read(self):
        path = os.path.join(self.folder, "own.yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write("supplier: http://y\n")
        self.assertIn("supplier: \"http://y\" # file", shell(self.folder, "./stock --print-config --config own.yaml")[1])

    def test_legacy_over_stdio(self):
        with Stdio(program=os.path.join(self.folder, "hello")) as s:
            self.assertEqual(s.ask(initialize())["result"]["serverInfo"]["name"], "hello")
            answer = s.ask(legacy("tools/call", {"name": "greet", "arguments": {"name": "Bob"}}))
            self.assertEqual(text_of(answer), "Hello, Bob!")
            answer = s.ask(legacy("tools/call", {"name": "greet", "arguments": {"name": ""}}))
            self.assertTrue(answer["result"]["isError"])

    def test_modern_over_http(self):
        with Http(program=os.path.join(self.folder, "hello")) as s:
            self.assertEqual(text_of(s.post(call("greet", {"name": "Eve"}))[2]), "Hello, Eve!")

    def test_structured_content_stands_in_the_text_too(self):
        with Stdio(program=self.stock) as s:
            result = s.ask(call("count", {"item": "gear"}))["result"]
            self.assertEqual(result["structuredContent"], {"item": "gear", "count": 12})
            self.assertEqual(json.loads(result["content"][0]["text"]), result["structuredContent"])
            self.assertIn("Known: bolt, gear, nut.", text_of(s.ask(call("count", {"item": "cog"}))))

    def test_resource_and_its_completion(self):
        with Stdio(program=self.stock) as s:
            self.assertEqual(s.ask(modern("resources/read", {"uri": "stock://nut"}))["result"]["contents"][0],
                             {"uri": "stock://nut", "mimeType": "text/plain", "text": "950 in stock\n"})
            self.assertIn("error", s.ask(modern("resources/read", {"uri": "stock://cog"})))
            done = s.ask(modern("completion/complete", {"ref": {"type": "ref/resource", "uri": "stock://{item}"},
                                                        "argument": {"name": "item", "value": "g"}}))
            self.assertEqual(done["result"]["completion"]["values"], ["gear"])

    def test_prompt(self):
        with Stdio(program=self.stock) as s:
            got = s.ask(modern("prompts/get", {"name": "reorder", "arguments": {"below": "100"}}))["result"]
            self.assertIn("below 100 pieces", got["messages"][0]["content"]["text"])

    def test_upstream(self):
        with Supplier() as supplier:
            with Stdio("--supplier", supplier.url, program=self.stock) as s:
                self.assertEqual(text_of(s.ask(call("delivery", {"item": "gear"}))), "3 days")
                self.assertIn("answered 404", text_of(s.ask(call("delivery", {"item": "nut"}))))
            supplier.shutdown()
        with Stdio(program=self.stock) as s:
            self.assertIn("--supplier URL", text_of(s.ask(call("delivery", {"item": "gear"}))))

    def test_asking_back(self):
        with Stdio(program=self.stock) as s:
            first = s.ask(call("order", {"item": "nut"}, 1, **CAN_ASK))["result"]
            for ident, form, said in ((2, {"action": "accept", "content": {"pieces": 5}}, "Ordered 5 of nut."),
                                      (3, {"action": "decline"}, "Nothing was ordered.")):
                again = call("order", {"item": "nut"}, ident, **CAN_ASK)
                again["params"]["inputResponses"] = {"pieces": form}
                # Nothing was worked out before the question, so there may be no state to carry.
                if "requestState" in first:
                    again["params"]["requestState"] = first["requestState"]
                self.assertEqual(text_of(s.ask(again)), said)

    def test_progress(self):
        with Stdio(program=self.stock) as s:
            s.ask(call("recount", {}, 1, progressToken="t"))
            self.assertEqual([m["params"]["message"] for m in s.kept], ["bolt", "gear", "nut"])

    def test_a_task_is_asked_for_later(self):
        can = {"io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}}}
        with Stdio(program=self.stock) as s:
            made = s.ask(call("recount", {}, 1, **can))["result"]
            self.assertEqual(made["resultType"], "task")
            end = time.monotonic() + 15 * wire.SLOW
            while time.monotonic() < end:
                got = s.ask(modern("tasks/get", {"taskId": made["taskId"]}, 2, **can))["result"]
                if got["status"] != "working":
                    break
                time.sleep(0.02)
            self.assertEqual(got["result"]["content"][0]["text"], "Everything is where it was.")

    def test_changes_are_told(self):
        with Stdio(program=self.stock) as s:
            s.ask(initialize())
            self.assertEqual(s.ask(legacy("resources/subscribe", {"uri": "stock://nut"}, 1))["result"], {})
            s.ask(legacy("tools/call", {"name": "recount"}, 2))
            s.ask(legacy("ping", ident=3))
            self.assertEqual([m["params"] for m in s.kept], [{"uri": "stock://nut"}])

    def test_a_static_program_needs_no_library_of_ours(self):
        said = subprocess.run(["readelf", "-d", os.path.join(self.folder, "hello-alone")], capture_output=True, text=True).stdout
        self.assertNotIn("libmcp", said)
        self.assertEqual(shell(self.folder, "./hello-alone call greet '{\"name\":\"Ada\"}'"), (0, "Hello, Ada!\n"))


if __name__ == "__main__":
    unittest.main()
