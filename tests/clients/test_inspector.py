#!/usr/bin/env python3
"""The MCP Inspector's command line, both eras over both transports: list the tools, ask for costs."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import node  # noqa: E402
from server import HttpServer  # noqa: E402

PACKAGE = "@modelcontextprotocol/inspector@2.12.0"
TOOLS = ["get_costs", "get_forecast", "get_recommendations", "get_resources"]


def main():
    server = [str(pathlib.Path(os.environ["MCP_BIN"]) / "mcp-forecast"), "--demo"]
    tools = node.install("inspector", [PACKAGE])
    launcher = tools.modules / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    failed = 0
    with node.folder() as home, HttpServer(server + ["--http", "0"]) as http:
        env = dict(tools.env, HOME=str(home), XDG_CACHE_HOME=str(home / "cache"))

        def inspect(target, *args):
            done = subprocess.run([tools.node, str(launcher), "--cli", *target, *args, "--format", "json"], env=env,
                                  cwd=home, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
            text = done.stdout
            answer = json.loads(text[text.index("{"):]) if "{" in text else {}
            return done, answer.get("result", answer)

        for era in ("legacy", "modern"):
            for name, target in (("stdio", server), ("http", [http.url, "--transport", "http"])):
                target = [*target, "--protocol-era", era]
                done, answer = inspect(target, "--method", "tools/list")
                good = sorted(t["name"] for t in answer.get("tools", [])) == TOOLS
                print("%s inspector %s %s tools/list" % ("PASS" if good else "FAIL", era, name))
                failed += not good
                done, answer = inspect(target, "--method", "tools/call", "--tool-name", "get_costs",
                                       "--tool-args-json", '{"group_by":["service"],"period":"last_month"}')
                data = answer.get("structuredContent") or {}
                good = done.returncode == 0 and len(data.get("breakdown", [])) > 0
                print("%s inspector %s %s get_costs" % ("PASS" if good else "FAIL", era, name))
                failed += not good
                if not good:
                    print(done.returncode, done.stdout[-1500:], done.stderr[-1500:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
