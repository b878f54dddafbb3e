#!/usr/bin/env python3
"""Checks that no server starts with libcurl or libcrypto, and that a simple answer maps neither.

With --static: that no server needs a library of ours, and that each answers.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

HEAVY = re.compile(r"lib(curl|crypto|ssl)[.-]|libmcp-late")
OURS = re.compile(r"lib(mcp|cost)[.-]")


def needed(path):
    out = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*?)\]", out)


def closure(path):
    """Every library the loader would map at start."""
    out = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
    return [line.split()[0] for line in out.splitlines() if line.split()]


class Server:
    def __init__(self, argv):
        self.proc = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL)
        self.guard = threading.Timer(120, self.proc.kill)
        self.guard.start()
        self.next_id = 0

    def send(self, message):
        self.proc.stdin.write(json.dumps(message).encode() + b"\n")
        self.proc.stdin.flush()

    def ask(self, method, params):
        self.next_id += 1
        self.send({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params})
        while True:
            line = self.proc.stdout.readline()
            if not line:
                raise RuntimeError("%s: the server ended (%s)" % (method, self.proc.wait()))
            message = json.loads(line)
            if message.get("id") == self.next_id:
                if "error" in message:
                    raise RuntimeError("%s: %s" % (method, message["error"]))
                return message["result"]

    def maps(self):
        with open("/proc/%d/maps" % self.proc.pid, encoding="utf-8") as f:
            return sorted({os.path.basename(m.group(0)) for m in re.finditer(r"/\S+\.so\S*", f.read())})

    def close(self):
        self.guard.cancel()
        self.proc.stdin.close()
        self.proc.stdout.close()
        self.proc.wait(15)


BUDGETS = """budgets:
  - name: all
    amount: 1000
    currency: USD
    period: monthly
"""


def session_maps(binary, home):
    """What is mapped after tools/list, then after a get_costs on the demo data."""
    argv = [binary, "--demo"]
    if binary.endswith("mcp-policy"):
        path = os.path.join(home, "budgets.yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(BUDGETS)
        argv += ["--budgets", path]
    server = Server(argv)
    try:
        server.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {},
                                  "clientInfo": {"name": "check-start", "version": "1"}})
        server.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        if not server.ask("tools/list", {})["tools"]:
            raise RuntimeError("tools/list is empty")
        listed = server.maps()
        # The first call may say that the demo data is still being built.
        for _ in range(30):
            result = server.ask("tools/call", {"name": "get_costs", "arguments": {"group_by": ["provider"]}})
            if not result.get("isError") or "building" not in json.dumps(result):
                break
            time.sleep(1)
        else:
            raise RuntimeError("get_costs --demo is still building")
        if result.get("isError"):
            raise RuntimeError("get_costs --demo: %s" % result["content"])
        if result["structuredContent"].get("next_cursor"):
            raise RuntimeError("the answer does not fit one page, so the check proves nothing")
        return listed, server.maps()
    finally:
        server.close()


def main():
    # STATIC=1 links libcurl and libcrypto on purpose.
    unwanted = OURS if "--static" in sys.argv else HEAVY
    paths = [p for p in sys.argv[1:] if not p.startswith("--")]
    passed, failed, skipped = 0, 0, 0

    def check(good, text):
        nonlocal passed, failed
        if good:
            passed += 1
        else:
            failed += 1
            print("  FAIL " + text)

    with tempfile.TemporaryDirectory() as home:
        cache = os.path.join(os.environ.get("MCP_BUILD", home), "cache")
        os.environ.update(HOME=home, XDG_CACHE_HOME=cache, XDG_DATA_HOME=home, XDG_STATE_HOME=home)
        for path in paths:
            if not os.path.exists(path):
                print("  SKIPPED: %s is not built" % path)
                skipped += 1
                continue
            bad = [n for n in needed(path) + closure(path) if unwanted.match(os.path.basename(n))]
            check(not bad, "%s starts with %s" % (path, ", ".join(sorted(set(bad)))))
            if path.endswith(".so"):
                continue
            try:
                listed, answered = session_maps(os.path.abspath(path), home)
            except (RuntimeError, OSError, ValueError, KeyError) as e:
                check(False, "%s: %s" % (path, e))
                continue
            for when, names in (("tools/list", listed), ("get_costs --demo", answered)):
                bad = [n for n in names if unwanted.match(n)]
                check(not bad, "%s has mapped %s after %s" % (path, ", ".join(bad), when))
    print("start: %d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
