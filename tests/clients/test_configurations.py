#!/usr/bin/env python3
"""What `config` prints for each program starts or reaches the server, read as that program reads it."""
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import node  # noqa: E402
import peers  # noqa: E402

PACKAGE = "@modelcontextprotocol/client@2.4.0"
MEMBER = {"claude": "mcpServers", "cursor": "mcpServers", "vscode": "servers"}
KINDS = {"stdio", "http", None}  # Cursor and Claude Desktop take an entry without a type as stdio


def targets(demo, program, *more):
    """The way to each server that the configuration names."""
    printed = subprocess.run([demo.program[0], "config", program, "--demo", *more], env=demo.env, capture_output=True, text=True,
                             check=True, stdin=subprocess.DEVNULL).stdout
    for name, entry in sorted(json.loads(printed)[MEMBER[program]].items()):
        if entry.get("type") not in KINDS:
            raise RuntimeError("%s: %s" % (program, entry))
        yield name, [entry["url"]] if "url" in entry else [entry["command"], *entry["args"], "--now", peers.NOW]


def main():
    tools = node.install("typescript", [PACKAGE])
    client = shutil.copy(peers.CLIENTS / "typescript/client.mjs", tools.modules.parent)
    good = []
    with node.folder() as home, peers.Demo(home) as demo:
        for program in MEMBER:
            for way, more in (("stdio", []), ("http", ["--url", demo.http.url])):
                for name, target in targets(demo, program, *more):
                    good.append(demo.ask("%s %s %s" % (program, way, name), [tools.node, client, "auto", *target],
                                         peers.REVISIONS["auto"]))
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
