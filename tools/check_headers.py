#!/usr/bin/env python3
"""Compiles each header alone: installed ones see libc and each other, internal ones their libraries."""
import argparse
import concurrent.futures
import os
import subprocess
import sys
import tempfile


def compile_header(cc, flags, path):
    """The compiler's complaint, or an empty string."""
    text = '#include "%s"\nextern int header_alone;\n' % os.path.abspath(path)
    run = subprocess.run(cc + flags + ["-x", "c", "-fsyntax-only", "-"], input=text,
                         capture_output=True, text=True)
    return "" if run.returncode == 0 else run.stderr


def self_test(cc, flags):
    """A header that leans on another one must fail, a whole one must pass."""
    missed = 0
    with tempfile.TemporaryDirectory() as tmp:
        for text, good in (("size_t planted(void);\n", False), ("struct s { uv_loop_t l; };\n", False),
                           ("#include <stddef.h>\nsize_t planted(void);\n", True)):
            path = os.path.join(tmp, "planted.h")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            if (compile_header(cc, flags, path) == "") != good:
                print("  FAIL planted header was %s: %r" % ("refused" if good else "passed", text))
                missed += 1
    return 3 - missed, missed


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--cc", required=True)
    ap.add_argument("--installed-flags", required=True)
    ap.add_argument("--internal-flags", required=True)
    ap.add_argument("headers", nargs="*")
    args = ap.parse_args()
    cc = args.cc.split()
    installed, internal = args.installed_flags.split(), args.internal_flags.split()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        def one(path):
            return compile_header(cc, installed if path.startswith("common/include/") else internal, path)
        for path, complaint in zip(args.headers, pool.map(one, args.headers)):
            if complaint:
                failed += 1
                print("  FAIL %s does not compile alone:\n%s" % (
                    path, "\n".join("       | " + x for x in complaint.splitlines()[:12])))
    passed, missed = self_test(cc, installed)
    print("headers: %d passed, %d failed, 0 skipped" % (len(args.headers) - failed + passed, failed + missed))
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
