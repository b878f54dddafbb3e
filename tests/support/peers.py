"""Clients of other people, each installed by its own package manager, ask our server for costs."""
import csv
import decimal
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import node
from server import HttpServer

CLIENTS = pathlib.Path(__file__).resolve().parent.parent / "clients"
NOW = "2026-11-21T08:00:00Z"
TOOLS = ["get_costs", "get_forecast", "get_recommendations", "get_resources"]
REVISIONS = {"legacy": "2025-11-25", "auto": "2026-07-28", "modern": "2026-07-28"}
QUESTION = ["get_costs", "--period", "last_month", "--group-by", "service"]  # as each client asks it


def skip(why):
    print("SKIPPED: " + why)
    sys.exit(77)


def need(program, how):
    if shutil.which(program) is None:
        skip("%s is not installed (%s)" % (program, how))


def build(name, make, root=CLIENTS):
    """A folder that make(source, folder) has filled from ROOT/NAME, until a file there changes."""
    source = root / name
    files = sorted(p for p in source.rglob("*") if p.is_file() and "target" not in p.parts)
    key = hashlib.sha256(b"\0".join(str(p.relative_to(source)).encode() + b"\0" + p.read_bytes() for p in files))
    folder = node.cache_dir().parent / "peers" / ("%s-%s" % (name, key.hexdigest()[:12]))
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        print("building %s" % source, file=sys.stderr, flush=True)
        make(source, work)
        os.replace(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def command(*args, **more):
    """A step of a build."""
    subprocess.run([str(a) for a in args], check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=900, **more)


class Demo:
    """One server over the demo data, by program and by URL, and what it must answer.

    With a token the URL is for those who bring it."""

    def __init__(self, home, token=None):
        self.env = dict(os.environ, HOME=str(home))
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            self.env.pop(name, None)
        self.program = [str(pathlib.Path(os.environ["MCP_BIN"]) / "mcp-aws"), "--demo", "--now", NOW]
        self.total = self.sum_of_rows()
        auth = ["--auth", "token"] if token else []
        self.http = HttpServer(self.program + ["--http", "0", *auth],
                               env=dict(self.env, MCP_HTTP_TOKEN=token) if token else self.env)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.http.stop()

    def sum_of_rows(self):
        """The total another way: all rows of the command line's CSV, added here."""
        done = subprocess.run([self.program[0], "call", *QUESTION, "--csv", "--all", *self.program[1:]], env=self.env,
                              capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL, timeout=60)
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        if len(rows) < 10:
            raise RuntimeError("only %d rows: %s" % (len(rows), done.stdout))
        return sum(decimal.Decimal(row["cost"]) for row in rows)

    def problems(self, answer, revision):
        """What is wrong with {revision, tools, text, data} as a client printed it."""
        data, wrong = answer.get("data") or {}, []
        if answer.get("revision") != revision:
            wrong.append("revision %s, not %s" % (answer.get("revision"), revision))
        if sorted(answer.get("tools") or []) != TOOLS:
            wrong.append("tools %s" % answer.get("tools"))
        if (data.get("check") or {}).get("total") != format(self.total.normalize(), "f"):
            wrong.append("check.total %s, not %s" % (data.get("check"), self.total))
        if abs(decimal.Decimal(repr(data.get("total_cost", 0))) - self.total) > decimal.Decimal("1e-9"):
            wrong.append("total_cost %s, not %s" % (data.get("total_cost"), self.total))
        if not (answer.get("text") or "").startswith("Total {:,.2f} USD".format(self.total)):
            wrong.append("text %s" % answer.get("text"))
        return wrong

    def ask(self, label, argv, revision, env=None):
        """Runs a client; True when it prints what it should."""
        try:
            done = subprocess.run([str(a) for a in argv], env=dict(self.env, **(env or {})), capture_output=True, text=True,
                                  timeout=120, stdin=subprocess.DEVNULL)
            lines = done.stdout.splitlines() or ["{}"]
            wrong = self.problems(json.loads(lines[-1]), revision)
            wrong += [] if done.returncode == 0 else ["exit status %d" % done.returncode]
            wrong += [done.stderr[-2000:]] if wrong else []
        except (subprocess.TimeoutExpired, ValueError) as e:
            wrong = [str(e)]
        print("%s %s" % ("FAIL" if wrong else "PASS", "\n  ".join([label] + wrong)), flush=True)
        return not wrong


def run(name, argv, modes, env=None):
    """argv MODE URL and argv MODE PROGRAM ARGS... in each mode; the exit status."""
    with node.folder() as home, Demo(home) as demo:
        good = [demo.ask("%s %s %s" % (name, mode, transport), [*argv, mode, *target], REVISIONS[mode], env)
                for mode in modes for transport, target in (("stdio", demo.program), ("http", [demo.http.url]))]
    return 0 if all(good) else 1
