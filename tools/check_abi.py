#!/usr/bin/env python3
"""Compares what libmcp.so promises to built programs with the committed list: symbols, prototypes, layouts, values."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

ADVICE = """  Is the change meant? Run `make abi` and commit the list with it. What a release has shipped may only grow
  under one SONAME: where a line went away or changed, raise MCP_VERSION_MINOR in version.h first, and name the
  node of libmcp.map after it."""
COMMENT = """# What a program built against libmcp relies on, for tools/check_abi.py; `make abi` writes it. On 64-bit machines:
# function NAME NODE TYPE (TYPES), data NAME NODE, enum VALUE NUMBER, struct NAME SIZE, field STRUCT.NAME OFFSET SIZE.
"""
SHOWN = 40
OURS = re.compile(r"include/mcp/\w+\.h$")


def run(argv, **more):
    return subprocess.run(argv, capture_output=True, text=True, check=True, **more).stdout


class Compiler:
    def __init__(self, command, flags, headers):
        self.argv = command.split() + flags.split()
        self.text = "".join("#include <mcp/%s>\n" % os.path.basename(h) for h in headers)

    def preprocessed(self):
        """The text of our own headers, macros expanded."""
        out, ours = [], False
        for row in run(self.argv + ["-x", "c", "-E", "-"], input=self.text).split("\n"):
            mark = re.match(r'# \d+ "(.*?)"', row)
            if mark:
                ours = OURS.search(mark.group(1)) is not None
            elif ours:
                out.append(row)
        return "\n".join(out)

    def prototypes(self, tmp):
        """{name: type and parameters' types}, as the compiler understood them."""
        info = os.path.join(tmp, "aux")
        run(self.argv + ["-x", "c", "-c", "-aux-info", info, "-o", os.devnull, "-"], input=self.text)
        found = {}
        with open(info, encoding="utf-8") as f:
            for row in f:
                # The same words on every machine and from every gcc.
                row = re.sub(r"\b(struct )?__va_list(_tag \*)?", "va_list", row).replace("extern volatile void", "extern void")
                m = re.match(r"/\* (.*?):\d+:\w+ \*/ extern (.*?)(\w+) \((.*)\);", row)
                if m and OURS.search(m.group(1)):
                    found[m.group(3)] = "%s (%s)" % (m.group(2).strip(), m.group(4))
        return found

    def ask(self, tmp, lines):
        """What a program printed that has these statements."""
        source = "#include <stddef.h>\n#include <stdio.h>\n" + self.text + "int main(void)\n{\n%s\nreturn 0;\n}\n" % "\n".join(lines)
        program = os.path.join(tmp, "layout")
        run(self.argv + ["-x", "c", "-o", program, "-"], input=source)
        return run([program]).splitlines()


def bodies(text, word):
    """(name, body) of each struct or enum with a tag."""
    for m in re.finditer(r"\b%s (\w+)\s*\{" % word, text):
        depth, end = 1, m.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield m.group(1), text[m.end():end - 1]


def fields(body):
    """The names of a struct's members."""
    depth, start, out = 0, 0, []
    for i, c in enumerate(body):
        depth += (c in "{(") - (c in "})")
        if c == ";" and depth == 0:
            declared = body[start:i]
            start = i + 1
            pointer = re.search(r"\(\*(\w+)\)\s*\(", re.sub(r"\{.*\}", "", declared, flags=re.S))
            tail = re.sub(r"\[[^\]]*\]", "", declared[declared.rfind("}") + 1:])
            out += [pointer.group(1)] if pointer else [re.search(r"(\w+)\s*$", p).group(1) for p in tail.split(",")]
    return out


def enumerators(body):
    return [re.match(r"\s*(\w+)", part).group(1) for part in re.sub(r"\([^()]*\)", "", body).split(",") if part.strip()]


def layouts(compiler, text, tmp):
    ask = []
    for name, body in bodies(text, "enum"):
        ask += ['printf("enum %s %%lld\\n", (long long)%s);' % (value, value) for value in enumerators(body)]
    for name, body in bodies(text, "struct"):
        ask.append('printf("struct %s %%zu\\n", sizeof(struct %s));' % (name, name))
        for field in fields(body):
            ask.append('printf("field %s.%s %%zu %%zu\\n", offsetof(struct %s, %s), sizeof(((struct %s *)0)->%s));'
                       % (name, field, name, field, name, field))
    # Unnamed enums in structs have values too.
    for body in re.findall(r"\benum\s*\{(.*?)\}", text, re.S):
        ask += ['printf("enum %s %%lld\\n", (long long)%s);' % (value, value) for value in enumerators(body)]
    return compiler.ask(tmp, ask)


def exported(library):
    """{name: (node, is function)}"""
    found = {}
    for row in run(["nm", "-D", "--defined-only", "--with-symbol-versions", library]).splitlines():
        kind, name = row.split()[-2:]
        if "@" in name:
            found[name.split("@")[0]] = (name.split("@")[-1], kind in "TtWi")
    return found


def describe(compiler, library, faults):
    text = compiler.preprocessed()
    with tempfile.TemporaryDirectory() as tmp:
        prototypes = compiler.prototypes(tmp)
        out = layouts(compiler, text, tmp)
    data = set(re.findall(r"^extern [^()]*?\b(mcp_\w+)(?:\[\])?;", text, re.M))
    symbols = exported(library)
    for name, (node, is_function) in symbols.items():
        out.append(("function %s %s %s" % (name, node, prototypes.get(name, ""))).rstrip() if is_function
                   else "data %s %s" % (name, node))
        if not name.startswith("mcp__") and name not in prototypes and name not in data:
            faults.append("%s is exported, but no installed header declares it" % name)
    faults += ["%s is declared in an installed header, but not exported" % name
               for name in sorted((set(prototypes) | data) - set(symbols))]
    soname = re.search(r"\(SONAME\).*\[(.*?)\]", run(["readelf", "-d", library])).group(1)
    node = "LIBMCP_" + soname.split(".so.")[1]
    if node not in {found[0] for found in symbols.values()}:
        faults.append("%s has no node %s: rename the one in libmcp.map" % (soname, node))
    return ["soname " + soname] + sorted(set(out))


def read_list(path):
    with open(path, encoding="utf-8") as f:
        return [row.rstrip("\n") for row in f if not row.startswith("#")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cc", required=True)
    parser.add_argument("--flags", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--list", required=True)
    parser.add_argument("--write", action="store_true", help="write the list instead of comparing")
    parser.add_argument("headers", nargs="+")
    args = parser.parse_args()
    faults = []
    now = describe(Compiler(args.cc, args.flags, args.headers), args.library, faults)
    if args.write:
        with open(args.list, "w", encoding="utf-8") as f:
            f.write(COMMENT + "\n".join(now) + "\n")
        print("%s: %d lines" % (args.list, len(now)))
    for fault in faults:
        print("  FAIL " + fault)
    if args.write:
        return 1 if faults else 0
    if sys.maxsize < 2**32:
        print("  SKIPPED: the list of layouts is that of 64-bit machines\nabi: 0 passed, 0 failed, 1 skipped")
        return 0
    was = read_list(args.list)
    changes = ["- " + row for row in was if row not in now] + ["+ " + row for row in now if row not in was]
    if changes:
        print("  FAIL libmcp.so is not what %s says:" % args.list)
        changes.sort(key=lambda row: row[2:])
        print("\n".join("       " + row for row in changes[:SHOWN]))
        if len(changes) > SHOWN:
            print("       and %d more" % (len(changes) - SHOWN))
        print(ADVICE)
    print("abi: %d passed, %d failed, 0 skipped" % (len(set(was) & set(now)), len(changes) + len(faults)))
    return 1 if changes or faults else 0


if __name__ == "__main__":
    sys.exit(main())
