#!/usr/bin/env python3
"""Checks the house rules a compiler does not: banned calls, sizes, first lines, left-over words."""
import os
import re
import sys
import tempfile

BANNED = """strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol gets scanf sscanf fscanf gmtime
localtime alloca""".split()
BANNED_IN_PRODUCT = "system popen fork vfork".split()
STDOUT = "printf vprintf puts putchar stdout".split()
MAY_PRINT = re.compile(r"(tools/|tests/|common/cost/cli/|common/mcp/server/(options|app_main))")
WAIVER = re.compile(r"/\* check-src: allow ([\w-]+)(, *\S.*?)? *\*/")
LEFT_OVER = [
    (re.compile(r"\b(TODO|FIXME)\b"), "left-over"),
    (re.compile(r"(?<![\w.])/(work|root)/"), "path of one machine"),
    (re.compile(r"session of work|\bthis session\b|\bhelper [A-Z]{3,}\b|\bthe brief\b", re.I), "word about how it was made"),
]
TYPEDEF = re.compile(r"\btypedef\s+(?:struct|union|enum)\b")
MAX_LINES = 800
MAX_FUNCTION = 100
TOPS = ("common", "tools", "tests", "make", "schemas", "docker", "docs", ".ci")
CODE = (".c", ".h")
SCRIPT = (".py", ".sh", ".mk")


def blank(text):
    """The code with comments and literals turned into spaces, line breaks kept."""
    def spaces(m):
        return re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', spaces, text, flags=re.S)


class Source:
    def __init__(self, path, text):
        self.path, self.text, self.lines = path, text, text.split("\n")
        self.faults = []
        self.waivers = {}  # line -> [name, used]
        for number, line in enumerate(self.lines, 1):
            for m in WAIVER.finditer(line):
                if not m.group(2):
                    self.fault(number, "waiver for %s without a reason" % m.group(1))
                self.waivers[number] = [m.group(1), False]

    def fault(self, line, text):
        self.faults.append("%s:%d: %s" % (self.path, line, text))

    def waived(self, line, name):
        for at in (line, line - 1):
            if at in self.waivers and self.waivers[at][0] == name:
                self.waivers[at][1] = True
                return True
        return False

    def check_code(self):
        code = blank(self.text)
        product = not self.path.startswith(("tools/", "tests/"))
        names = BANNED + (BANNED_IN_PRODUCT if product else [])
        if self.path.startswith("tests/"):
            names = [n for n in names if not n.endswith("scanf")]
        if not MAY_PRINT.match(self.path):
            names = names + STDOUT
        for name in names:
            pattern = r"\bstdout\b" if name == "stdout" else r"(?<![\w.>])%s\s*\(" % name
            for m in re.finditer(pattern, code):
                line = code.count("\n", 0, m.start()) + 1
                if not self.waived(line, name):
                    self.fault(line, "%s is banned" % name)
        if product:
            for m in TYPEDEF.finditer(code):
                line = code.count("\n", 0, m.start()) + 1
                if self.lines[line - 1] != "typedef struct mcp_str {" and not self.waived(line, "typedef"):
                    self.fault(line, "struct, union and enum get no typedef")
        self.check_functions()
        for line, (name, used) in sorted(self.waivers.items()):
            if not used:
                self.fault(line, "waiver for %s matches nothing" % name)

    def check_functions(self):
        start = None
        for number, line in enumerate(self.lines, 1):
            if line == "{":
                start = number
            elif line == "}" and start is not None:
                if number - start > MAX_FUNCTION and not self.waived(start, "function-size"):
                    self.fault(start, "function of %d lines (%d at most)" % (number - start, MAX_FUNCTION))
                start = None

    def check_text(self):
        # The linter and its neighbour name what they look for.
        if not self.path.startswith("tools/check_"):
            for pattern, what in LEFT_OVER:
                for number, line in enumerate(self.lines, 1):
                    m = pattern.search(line)
                    if m:
                        self.fault(number, "%s: %s" % (what, m.group(0)))
        if self.path.endswith(CODE + SCRIPT) and len(self.lines) - 1 > MAX_LINES:
            self.fault(1, "%d lines (%d at most)" % (len(self.lines) - 1, MAX_LINES))

    def check_first_line(self):
        first = self.lines[0]
        if self.path.endswith(CODE):
            good = re.fullmatch(r"/\* \S.*[.!:)](?: \*/)?", first) or re.fullmatch(r"/\* \S.*[^.] *", first)
        else:
            if first.startswith("#!") and len(self.lines) > 1:
                first = self.lines[1]
            good = re.match(r'(# |""")\S', first)
        if not good:
            self.fault(1, "the first line is no comment saying what the file is for")


def check_file(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        src = Source(path, f.read())
    src.check_text()
    if path.endswith(CODE):
        src.check_code()
    if path.endswith(CODE + SCRIPT):
        src.check_first_line()
    return src.faults, len(src.waivers)


def files(root):
    for top in sorted(os.listdir(root)):
        full = os.path.join(root, top)
        if os.path.isdir(full) and (top in TOPS or top.startswith("mcp-")):
            for folder, subs, names in os.walk(full):
                subs[:] = sorted(s for s in subs if s not in ("corpus", "data", "__pycache__", "node_modules"))
                for name in sorted(names):
                    path = os.path.relpath(os.path.join(folder, name), root)
                    if name.endswith(CODE + SCRIPT + (".md", ".yaml", ".json", ".txt")) or top == ".ci":
                        yield path
        elif top in ("Makefile", "README.md", "layers.txt"):
            yield top


HEAD = "/* Planted. */\n"
PLANTED = [
    ("common/x.c", HEAD + "int f(char *d) { strcpy(d, \"x\"); }\n", "strcpy is banned"),
    ("common/x.c", HEAD + "int f(void) { return sscanf(\"\", \"\"); }\n", "sscanf is banned"),
    ("common/x.c", HEAD + "int f(void) { return printf(\"\"); }\n", "printf is banned"),
    ("common/x.c", HEAD + "void f(void) { fputs(\"\", stdout); }\n", "stdout is banned"),
    ("mcp-aws/x.c", HEAD + "int f(void) { return fork(); }\n", "fork is banned"),
    ("common/x.c", HEAD + "/* check-" "src: allow atoi, digits only */\nint f(char *s) { return atoi(s); }\n", None),
    ("common/x.c", HEAD + "int f(char *s) { return atoi(s); } /* check-" "src: allow atoi */\n", "without a reason"),
    ("common/x.c", HEAD + "int f; /* check-" "src: allow atoi, digits only */\n", "matches nothing"),
    ("common/x.c", HEAD + "/* strcpy( is only named */ char *f = \"strcpy(\";\n", None),
    ("common/x.h", HEAD + "typedef struct x { int y; } x;\n", "no typedef"),
    ("common/x.c", "int f;\n", "first line"),
    ("common/x.py", "import os\n", "first line"),
    ("common/x.c", HEAD + "int f;\n" * 801, "lines (800 at most)"),
    ("common/x.c", HEAD + "void f(void)\n{\n" + "    ;\n" * 101 + "}\n", "function of"),
    ("common/x.c", HEAD + "/* TO" + "DO: later */\n", "left-over"),
    ("common/x.c", HEAD + "/* see /wo" + "rk/x */\n", "path of one machine"),
]


def self_test():
    missed = 0
    for path, text, expected in PLANTED:
        with tempfile.TemporaryDirectory() as tmp:
            os.makedirs(os.path.join(tmp, os.path.dirname(path)))
            with open(os.path.join(tmp, path), "w", encoding="utf-8") as f:
                f.write(text)
            faults = check_file(tmp, path)[0]
            good = not faults if expected is None else any(expected in x for x in faults)
            if not good:
                missed += 1
                print("  FAIL planted %r: expected %s, saw %s" % (text[:60], expected, faults))
    return len(PLANTED) - missed, missed


def main():
    faults, waivers = [], 0
    for path in files("."):
        found, n = check_file(".", path)
        faults += found
        waivers += n
    for fault in faults:
        print("  " + fault)
    passed, missed = self_test()
    print("  %d waivers" % waivers)
    print("src: %d passed, %d failed, 0 skipped" % (passed + (0 if faults else 1), len(faults) + missed))
    return 1 if faults or missed else 0


if __name__ == "__main__":
    sys.exit(main())
