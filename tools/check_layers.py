#!/usr/bin/env python3
"""Checks the layer order of layers.txt: by what files include, then by what objects need."""
import argparse
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
# Third-party headers by pattern: the library that a layer must name.
LIB_HEADERS = [
    (r"uv(/|\.h)", "uv"), (r"llhttp\.h", "llhttp"), (r"curl/", "curl"), (r"openssl/", "crypto"),
    (r"sqlite3", "sqlite3"), (r"yaml\.h", "yaml"), (r"zlib\.h|zconf\.h", "z"), (r"pcre2", "pcre2"),
    (r"xxh", "xxhash"), (r"cjson/|cJSON", "cjson"), (r"jsmn", "jsmn"),
]
LIB_FILES = {
    "uv": "libuv.so", "curl": "libcurl.so", "crypto": "libcrypto.so", "sqlite3": "libsqlite3.so",
    "yaml": "libyaml.so", "z": "libz.so", "pcre2": "libpcre2-8.so", "xxhash": "libxxhash.so",
    "cjson": "libcjson.so",
}
FOREIGN_TYPES = re.compile(
    r"\b(uv_\w+|llhttp_\w+|CURL\w*|EVP_\w+|SSL\w*|X509\w*|sqlite3\w*|yaml_\w+|z_stream\w*|gzFile|"
    r"pcre2_\w+|XXH\w+|cJSON\w*|jsmn\w+)\b")
# What a pure layer must not call, FORTIFY's __NAME_chk and NAME64 forms included.
IMPURE = set("""
open openat creat close read write pread pwrite readv writev lseek dup dup2 pipe pipe2 fcntl ioctl
fopen fdopen freopen fclose fread fwrite fgets fgetc getc getline fputs fputc putc puts putchar
printf vprintf fprintf vfprintf dprintf vdprintf perror fflush fseek ftell tmpfile mkstemp
stdin stdout stderr opendir readdir closedir stat fstat lstat fstatat access unlink rename mkdir
rmdir truncate ftruncate fsync mmap munmap socket socketpair connect bind listen accept accept4
send recv sendto recvfrom sendmsg recvmsg getaddrinfo poll ppoll select epoll_create1 epoll_wait
eventfd time clock clock_gettime gettimeofday ftime timespec_get nanosleep clock_nanosleep usleep
sleep getenv secure_getenv setenv unsetenv environ getrandom getentropy rand srand random srandom
drand48 system popen fork vfork execve execvp posix_spawn dlopen dlsym syslog pthread_create
pthread_cond_timedwait pthread_cond_clockwait localtime localtime_r gmtime gmtime_r mktime tzset
""".split())


class Checker:
    def __init__(self, root):
        self.root = root
        self.faults = []
        self.layers = {}  # name -> (rank, folder, libs, pure)
        self.header_rows = {}
        self.used_rows = set()
        self.files = 0
        self.read_rows()

    def fault(self, where, text):
        self.faults.append("%s: %s" % (where, text))

    def read_rows(self):
        with open(os.path.join(self.root, "layers.txt"), encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                words = line.split("#")[0].split()
                if not words:
                    continue
                if words[0] == "layer" and len(words) >= 4:
                    libs = set(words[4:])
                    self.layers[words[1]] = (int(words[2]), words[3], libs - {"pure"}, "pure" in libs)
                elif words[0] == "header" and len(words) == 3:
                    self.header_rows[words[1]] = words[2]
                else:
                    self.fault("layers.txt:%d" % number, "row not understood")
        for header, layer in self.header_rows.items():
            if layer not in self.layers:
                self.fault("layers.txt", "%s names the unknown layer %s" % (header, layer))

    def layer_of_path(self, path):
        folder = os.path.dirname(path)
        for name, row in self.layers.items():
            if row[1] == folder:
                return name
        return None

    def layer_of_header(self, include):
        """The layer of an installed header given as mcp/x.h or cost/x.h; None when unknown."""
        family, noun = include.split("/", 1)
        noun = noun[:-2]
        found = [n for n, row in self.layers.items()
                 if row[1].startswith("common/%s/" % family)
                 and os.path.exists(os.path.join(self.root, row[1], noun + ".c"))]
        if include in self.header_rows:
            self.used_rows.add(include)
            if found:
                self.fault("layers.txt", "%s has the source %s/%s.c: its row is not needed"
                           % (include, self.layers[found[0]][1], noun))
            return self.header_rows[include]
        if len(found) > 1:
            self.fault("common/include/" + include, "has a source file in several layers (%s)"
                       % ", ".join(sorted(found)))
        return found[0] if found else None

    def may_use(self, mine, other):
        return mine == other or self.layers[other][0] < self.layers[mine][0]

    def sources(self):
        for top in sorted(os.listdir(self.root)):
            if top == "common" or (top.startswith("mcp-") and os.path.isdir(os.path.join(self.root, top))):
                for folder, _, names in os.walk(os.path.join(self.root, top)):
                    for name in sorted(names):
                        if name.endswith((".c", ".h")):
                            yield os.path.relpath(os.path.join(folder, name), self.root)

    def check_includes(self):
        for path in self.sources():
            self.files += 1
            with open(os.path.join(self.root, path), encoding="utf-8") as f:
                text = f.read()
            installed = path.startswith("common/include/")
            if installed:
                mine = self.layer_of_header(path[len("common/include/"):])
                if mine is None:
                    self.fault(path, "belongs to no layer: no source file of its name and no row in layers.txt")
                code = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
                m = FOREIGN_TYPES.search(code)
                if m:
                    self.fault(path, "third-party type %s in an installed header" % m.group(1))
            elif path.startswith("mcp-"):
                mine = None
            else:
                mine = self.layer_of_path(path)
                if mine is None:
                    self.fault(path, "its folder is no layer of layers.txt")
                    continue
            for kind, name in INCLUDE.findall(text):
                self.check_include(path, mine, installed, kind, name)
        for row in sorted(set(self.header_rows) - self.used_rows):
            self.fault("layers.txt", "row for %s, which does not exist or is not used" % row)

    def check_include(self, path, mine, installed, kind, name):
        server = path.split("/")[0] if path.startswith("mcp-") else None
        if kind == "<" and re.match(r"(mcp|cost)/", name):
            if name == "cost/schemas.h":
                return
            other = self.layer_of_header(name)
            if not os.path.exists(os.path.join(self.root, "common/include", name)):
                self.fault(path, "includes <%s>, which is not installed" % name)
            elif other and mine and not self.may_use(mine, other):
                self.fault(path, "layer %s includes <%s> of %s" % (mine, name, other))
            return
        for pattern, lib in LIB_HEADERS:
            if re.match(pattern, name):
                if server:
                    self.fault(path, "a server includes %s" % name)
                elif installed:
                    self.fault(path, "third-party header %s in an installed header" % name)
                elif mine and lib not in self.layers[mine][2]:
                    self.fault(path, "layer %s includes %s, but its row does not name %s" % (mine, name, lib))
                return
        if kind == "<":
            return
        if name == "schemas.h":
            return
        beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
        target = beside if os.path.exists(os.path.join(self.root, beside)) else os.path.join("common", name)
        if installed:
            self.fault(path, 'installed header includes "%s"' % name)
        elif server:
            if os.path.dirname(target) != server:
                self.fault(path, 'a server includes "%s", which is not its own' % name)
        elif not os.path.exists(os.path.join(self.root, target)):
            self.fault(path, 'includes "%s", found neither beside it nor in common/' % name)
        else:
            other = self.layer_of_path(target)
            if other is None or not self.may_use(mine, other):
                self.fault(path, 'layer %s includes "%s" of %s' % (mine, name, other))
            elif path.startswith("common/cost/") and target.startswith("common/mcp/"):
                self.fault(path, 'libcost includes "%s", an internal header of libmcp' % name)

    def check_objects(self, obj_root, objects):
        library = library_symbols()
        needs, owner = {}, {}
        for obj, (defined, undefined) in symbols(objects).items():
            path = os.path.relpath(obj, obj_root)
            layer = self.layer_of_path(path)
            for s in defined:
                owner[s] = (layer, path)
            needs[path] = (layer, undefined)
        for path, (mine, undefined) in sorted(needs.items()):
            source = path[:-2] + ".c"
            for s in sorted(undefined):
                if s in owner:
                    self.check_own_symbol(source, mine, s, owner[s][0])
                    continue
                lib = next((name for name, names in library.items() if s in names), None)
                if lib is None and s.startswith("llhttp_"):
                    lib = "llhttp"
                if lib is not None:
                    if mine is None and path.startswith("mcp-"):
                        self.fault(source, "a server needs %s of %s" % (s, lib))
                    elif mine is not None and lib not in self.layers[mine][2]:
                        self.fault(source, "layer %s needs %s of %s, which its row does not name"
                                   % (mine, s, lib))
                elif mine is not None and self.layers[mine][3] and plain(s) in IMPURE:
                    self.fault(source, "pure layer %s calls %s" % (mine, plain(s)))

    def check_own_symbol(self, source, mine, symbol, other):
        if mine is None:  # a server or generated code
            if source.startswith("mcp-") and "__" in symbol:
                self.fault(source, "a server needs the internal %s" % symbol)
        elif other is not None and not self.may_use(mine, other):
            self.fault(source, "layer %s needs %s of %s" % (mine, symbol, other))
        elif source.startswith("common/cost/") and symbol.startswith("mcp__"):
            self.fault(source, "libcost needs %s, an internal function of libmcp" % symbol)


def plain(symbol):
    s = symbol
    m = re.fullmatch(r"__(?:isoc99_)?(\w+?)(?:64)?_chk|__isoc99_(\w+)", s)
    if m:
        s = m.group(1) or m.group(2)
    s = {"__read": "read", "__fxstat": "fstat", "__xstat": "stat", "__environ": "environ"}.get(s, s)
    return s[:-2] if s.endswith("64") and s[:-2] in IMPURE else s


def symbols(objects):
    """{object: (defined, undefined)}, by few runs of nm."""
    found = {obj: (set(), set()) for obj in objects}
    for at in range(0, len(objects), 200):
        out = subprocess.run(["nm", "-gA"] + objects[at:at + 200], check=True, capture_output=True, text=True).stdout
        for line in out.splitlines():
            obj, _, rest = line.partition(":")
            words = rest.split()
            kind, name = words[-2], words[-1].split("@")[0]
            found[obj][1 if kind in "Uvw" and len(words) == 2 else 0].add(name)
    return found


@functools.lru_cache(maxsize=None)
def library_symbols():
    found = {}
    for lib, file in LIB_FILES.items():
        path = subprocess.run(["gcc", "-print-file-name=" + file], capture_output=True, text=True).stdout.strip()
        if not os.path.isabs(path):
            continue
        out = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True, text=True).stdout
        names = {line.split()[-1].split("@")[0] for line in out.splitlines() if line.split()}
        found[lib] = {n for n in names if not n.startswith("_")}
    return found


def run(root, obj_root, objects):
    checker = Checker(root)
    checker.check_includes()
    checker.check_objects(obj_root, objects)
    return checker


# Each row: what is planted where, and the words that the fault must contain.
PLANTED = [
    ("common/mcp/base/planted.c", "#include <mcp/tool.h>\n", "layer base includes <mcp/tool.h> of proto"),
    ("common/mcp/proto/planted.c", "#include <time.h>\nlong p(void);\nlong p(void) { return time(0); }\n",
     "pure layer proto calls time"),
    ("common/mcp/proto/planted.c", "#include <fcntl.h>\nint p(void);\nint p(void) { return open(\"x\", 0); }\n",
     "pure layer proto calls open"),
    ("common/cost/model/planted.c", "#include <stdlib.h>\nchar *p(void);\nchar *p(void) { return getenv(\"x\"); }\n",
     "pure layer model calls getenv"),
    ("common/cost/forecast/planted.c", "#include <stdio.h>\nvoid p(void);\nvoid p(void) { printf(\"%d\", 1 + !p); }\n",
     "pure layer forecast calls"),
    ("common/mcp/net/planted.c", "#include <curl/curl.h>\n", "its row does not name curl"),
    ("common/mcp/base/planted.c", "int uv_loop_close(void *);\nint p(void);\nint p(void) { return uv_loop_close(0); }\n",
     "layer base needs uv_loop_close of uv"),
    ("common/cost/dataset/planted.c", "#include \"cost/demo/planted.h\"\n", "includes \"cost/demo/planted.h\" of demo"),
    ("common/cost/cache/planted.c", "void mcp__planted(void);\nvoid p(void);\nvoid p(void) { mcp__planted(); }\n",
     "an internal function of libmcp"),
    ("common/include/cost/planted.h", "#include <sqlite3.h>\n", "third-party header sqlite3.h"),
    ("common/include/mcp/planted.h", "struct p { uv_tcp_t t; };\n", "third-party type uv_tcp_t"),
    ("common/include/mcp/planted.h", "int p;\n", "belongs to no layer"),
    ("mcp-aws/planted.c", "#include <uv.h>\n", "a server includes uv.h"),
    ("mcp-aws/planted.c", "#include \"../mcp-gcp/planted.h\"\n", "which is not its own"),
    ("mcp-aws/planted.c", "#include \"mcp/net/loop.h\"\n", "which is not its own"),
    ("common/mcp/base/planted.c", "void cost_planted(void);\nvoid p(void);\nvoid p(void) { cost_planted(); }\n",
     "layer base needs cost_planted of cli"),
]
SUPPORT = {
    "common/cost/demo/planted.h": "int planted_demo;\n",
    "common/cost/cli/planted_low.c": "void cost_planted(void);\nvoid cost_planted(void) { }\n",
    "common/mcp/net/planted_low.c": "void mcp__planted(void);\nvoid mcp__planted(void) { }\n",
    "mcp-gcp/planted.h": "int planted_gcp;\n",
}


def plant(tmp, name, body):
    """Writes one file; its object when it is C that compiles by itself, else None."""
    full = os.path.join(tmp, name)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as f:
        f.write(body)
    if not name.endswith(".c") or re.search(r'#include (<curl|<uv|<mcp|")', body):
        return None
    subprocess.run(["gcc", "-O1", "-w", "-c", full, "-o", full[:-2] + ".o"], check=True)
    return full[:-2] + ".o"


def self_test(root):
    """Plants each violation in a copy of the tree and must see it named; without it, nothing new."""
    missed = 0
    with tempfile.TemporaryDirectory() as tmp:
        shutil.copy(os.path.join(root, "layers.txt"), tmp)
        shutil.copytree(os.path.join(root, "common"), os.path.join(tmp, "common"))
        support = [o for o in (plant(tmp, *row) for row in SUPPORT.items()) if o]
        clean = Checker(tmp)
        clean.check_includes()
        clean.check_objects(tmp, support)
        known = set(clean.faults)
        for path, text, expected in PLANTED:
            obj = plant(tmp, path, text)
            seen = Checker(tmp)
            seen.check_includes()
            seen.check_objects(tmp, support + ([obj] if obj else []))
            new = [x for x in seen.faults if x not in known]
            if not any(expected in x and path.split(".")[0] in x for x in new):
                missed += 1
                print("  FAIL planted in %s, not seen: %s (saw %s)" % (path, expected, new))
            os.unlink(os.path.join(tmp, path))
    return len(PLANTED) - missed, missed


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default=".")
    ap.add_argument("--obj", required=True)
    ap.add_argument("objects", nargs="*")
    args = ap.parse_args()
    checker = run(args.root, args.obj, args.objects)
    for fault in sorted(set(checker.faults)):
        print("  " + fault)
    passed, missed = self_test(args.root)
    failed = len(set(checker.faults))
    print("layers: %d passed, %d failed, 0 skipped" % (passed + (0 if failed else 1), failed + missed))
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
