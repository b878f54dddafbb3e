#!/usr/bin/env python3
"""The official TypeScript client, in its three modes over both transports."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import node  # noqa: E402
import peers  # noqa: E402

PACKAGE = "@modelcontextprotocol/client@2.4.0"


def main():
    tools = node.install("typescript", [PACKAGE])
    # Beside its packages, as node looks for them there.
    client = shutil.copy(peers.CLIENTS / "typescript/client.mjs", tools.modules.parent)
    return peers.run("typescript", [tools.node, client], ["legacy", "auto", "modern"])


if __name__ == "__main__":
    sys.exit(main())
