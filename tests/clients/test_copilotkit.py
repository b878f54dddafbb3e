#!/usr/bin/env python3
"""CopilotKit's runtime, set up as `config copilotkit` prints it, lets its model ask for costs."""
import json
import pathlib
import secrets
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import node  # noqa: E402
import peers  # noqa: E402

PACKAGES = ["@copilotkit/runtime@1.75.0", "ai@6.0.326"]
# The runtime asks for releases of these two that do not exist.
MANIFEST = {"private": True,
            "overrides": {"@langchain/protocol": "0.0.19", "@langchain/langgraph-checkpoint": "1.1.5"}}


def ask(demo, label, argv, options):
    """With the servers as `config` prints them, and the options that README adds for a token."""
    printed = subprocess.run([demo.program[0], "config", "copilotkit", "--url", demo.http.url], env=demo.env,
                             capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout
    servers = [dict(server, **options) for server in json.loads(printed)["mcpServers"]]
    # The revision stays inside.
    return demo.ask(label, [*argv, json.dumps(servers)], None, {"COPILOTKIT_TELEMETRY_DISABLED": "true"})


def main():
    tools = node.install("copilotkit", PACKAGES, ("--ignore-scripts", "--legacy-peer-deps"), MANIFEST)
    argv = [tools.node, shutil.copy(peers.CLIENTS / "copilotkit/client.mjs", tools.modules.parent)]
    token = secrets.token_hex(32)
    with node.folder() as home, peers.Demo(home) as demo, peers.Demo(home, token) as guarded:
        good = [ask(demo, "copilotkit http", argv, {}),
                ask(guarded, "copilotkit http with a token", argv,
                    {"options": {"requestInit": {"headers": {"Authorization": "Bearer " + token}}}})]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
