"""Node 22 and npm packages for tests with real clients, kept in the user's cache folder."""
import collections
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

NODE = "node@22.23.3"
Tools = collections.namedtuple("Tools", "node modules env")


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(base) / "mcp-cost" / "npm"


def npm(folder, packages, extra=()):
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", *extra, *packages], cwd=folder,
                   check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=900)


def make(folder, packages, extra=(), manifest=None):
    """A folder is complete or absent: it is filled beside its place and moved there."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        (work / "package.json").write_text(json.dumps(manifest or {"private": True}))
        print("installing %s" % " ".join(packages), file=sys.stderr, flush=True)
        npm(work, packages, extra)
        os.replace(work, folder)
    finally:
        if work.exists():
            shutil.rmtree(work, ignore_errors=True)


def install(name, packages, extra=("--ignore-scripts",), manifest=None):
    """The packages under one name; a change of the list is another folder."""
    if shutil.which("npm") is None:
        print("SKIPPED: npm is not installed (apt-get install npm)")
        sys.exit(77)
    root = cache_dir()
    make(root / "node22", [NODE])
    node = root / "node22/node_modules/node/bin/node"
    if not node.exists():
        node = next((root / "node22/node_modules").glob("**/bin/node"))
    key = hashlib.sha256(json.dumps([packages, list(extra), manifest]).encode()).hexdigest()[:12]
    place = root / ("%s-%s" % (name, key))
    make(place, packages, extra, manifest)
    env = dict(os.environ, PATH="%s:%s" % (node.parent, os.environ["PATH"]))
    return Tools(str(node), place / "node_modules", env)


@contextlib.contextmanager
def folder():
    """A throw-away folder."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="mcp-cost-test."))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
