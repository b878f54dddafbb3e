#!/usr/bin/env python3
"""The official Go client, in its two modes over both transports (it has no mode without fallback)."""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import peers  # noqa: E402


def make(source, folder):
    peers.command("go", "build", "-mod=readonly", "-trimpath", "-o", folder / "client", ".", cwd=source)


def main():
    peers.need("go", "1.25 or later, from go.dev/dl")
    os.environ["GOTOOLCHAIN"] = "local"
    said = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout
    version = [int(x) for x in re.findall(r"\d+", said)[:2]]
    if version < [1, 25]:
        peers.skip("the Go client needs Go 1.25, this is %s" % said.strip())
    return peers.run("go", [peers.build("go", make) / "client"], ["legacy", "auto"])


if __name__ == "__main__":
    sys.exit(main())
