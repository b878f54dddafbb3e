#!/usr/bin/env python3
"""What make install gives is whole: libraries, headers, pkg-config, manual pages, servers that run from there."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
import product  # noqa: E402

STAGE = os.environ['MCP_STAGE']
BUILD = os.environ['MCP_BUILD']
HEADERS = sorted(os.path.basename(p)[:-2] for p in glob.glob(os.path.join(client.ROOT, 'common/include/mcp/*.h')))


def at(*parts):
    return os.path.join(STAGE, *parts)


def run(argv, home, **env):
    return subprocess.run(argv, env=dict(client.environment(home), **env), cwd=home, stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=60 * product.SLOW)


def version():
    with open(at('include/mcp/version.h'), encoding='utf-8') as f:
        return re.search(r'MCP_VERSION_STR "(.*)"', f.read()).group(1)


def everything_is_there():
    so = '.'.join(version().split('.')[:2])
    wanted = ['lib/libmcp.so', 'lib/libmcp.so.' + so, 'lib/libmcp-late.so.' + so, 'lib/libmcp.a', 'lib/libcost.a',
              'lib/pkgconfig/libmcp.pc', 'lib/pkgconfig/libmcp-static.pc', 'share/doc/mcp-cost/libmcp.md', 'share/man/man3/mcp.3']
    wanted += ['include/mcp/%s.h' % h for h in HEADERS] + ['share/man/man3/mcp_%s.3' % h for h in HEADERS]
    wanted += ['bin/' + s for s in product.SERVERS] + ['share/man/man1/%s.1' % s for s in product.SERVERS]
    return ['%s is missing' % w for w in wanted if not os.path.exists(at(w))]


def pkg_config_finds_them(home):
    problems = []
    for name in ('libmcp', 'libmcp-static'):
        said = ''
        for what in ('--modversion', '--libs', '--cflags'):
            said += run(['pkg-config', '--define-variable=prefix=' + STAGE, what, name], home,
                        PKG_CONFIG_PATH=at('lib/pkgconfig'), PATH=os.environ['PATH']).stdout
        problems += ['%s says no %s: %s' % (name, word, said)
                     for word in (version(), '-L' + at('lib'), '-I' + at('include')) if word not in said]
    return problems


def pages():
    """The manual pages that are none of the files which only point to one."""
    for path in sorted(glob.glob(at('share/man/man*/*'))):
        with open(path, encoding='utf-8') as f:
            text = f.read()
        if text.startswith('.so '):
            target = at('share/man', text[4:].strip())
            if not os.path.exists(target):
                yield path, None
        else:
            yield path, text


def manual_pages_are_clean(home):
    flat = os.path.join(home, 'man')
    os.mkdir(flat)
    problems = []
    for path, text in pages():
        if text is None:
            problems.append(path + ' points to nothing')
        else:
            shutil.copy(path, flat)
    # From their own folder, where each finds those that it refers to.
    done = subprocess.run(['mandoc', '-T', 'lint'] + sorted(os.listdir(flat)), cwd=flat, capture_output=True, text=True)
    return problems + (done.stdout + done.stderr).splitlines()


def words(text):
    """The text of a page as people read it, its dashes unescaped."""
    return re.sub(r'\\&', '', text).replace('\\-', '-')


def manual_pages_name_every_option_and_function(home):
    problems = []
    texts = {os.path.basename(path): words(text) for path, text in pages() if text}
    for server in product.SERVERS:
        page = texts[server + '.1']
        for command in [[], ['call'], ['import'], ['config'], ['call', 'get_costs'], ['call', 'get_resources']]:
            said = run([at('bin', server), *command, '--help'], home).stdout
            for flag in set(re.findall(r'^  (--[a-z-]+|[A-Z_]{4,})', said, re.M)):
                # mdoc's Fl writes the first dash.
                item = 'Fl ' + flag[1:] if flag.startswith('-') else 'Ev ' + flag
                if not re.search(r'^\.It %s( |$)' % item, page, re.M):
                    problems.append('%s.1 does not name %s' % (server, flag))
    for header in HEADERS:
        with open(at('include/mcp', header + '.h'), encoding='utf-8') as f:
            text = re.sub(r'/\*.*?\*/|\\\n', ' ', f.read(), flags=re.S)
        for name in re.findall(r'^[a-z_][\w *]*?\b(mcp_\w+)\(', text, re.M):
            if '.Fo %s\n' % name not in texts['mcp_%s.3' % header]:
                problems.append('mcp_%s.3 lacks %s' % (header, name))
            if not os.path.exists(at('share/man/man3', name + '.3')):
                problems.append('man %s finds nothing' % name)
    return problems


def a_server_runs(home, path, **env):
    # A page with more to follow has a sealed cursor, and for that the companion must be found.
    done = run([path, 'call', 'get_costs', '--demo', '--json', '--limit', '2', '--group-by', 'service'], home, **env)
    if done.returncode != 0 or not json.loads(done.stdout).get('next_cursor'):
        return ['exit status %d: %s%s' % (done.returncode, done.stdout[:300], done.stderr)]
    return []


def a_static_server_is_one_file(home):
    path = os.path.join(home, 'alone')
    shutil.copy(os.path.join(BUILD, 'static/mcp-forecast'), path)
    needed = subprocess.run(['readelf', '-d', path], capture_output=True, text=True).stdout
    problems = ['needs ' + n for n in re.findall(r'\[(lib(?:mcp|cost).*?)\]', needed)]
    return problems + a_server_runs(home, path, LD_LIBRARY_PATH=home)


def uninstall_leaves_nothing(home):
    top = os.path.join(home, 'copy')
    prefix = os.environ['MCP_PREFIX']
    shutil.copytree(STAGE, top + prefix, symlinks=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith('MAKE')}
    done = subprocess.run(['make', 'uninstall', 'DESTDIR=' + top, 'PREFIX=' + prefix], cwd=client.ROOT, env=env,
                          capture_output=True, text=True)
    left = [os.path.join(folder, f) for folder, _, files in os.walk(top) for f in files]
    return left + ([done.stderr] if done.returncode else [])


def main():
    with product.folder() as home:
        client.report('make install gives libraries, headers, pages and servers', everything_is_there())
        client.report('pkg-config finds the shared and the static library', pkg_config_finds_them(home))
        if shutil.which('mandoc'):
            client.report('manual pages pass the lint of mandoc', manual_pages_are_clean(home))
        else:
            print('SKIP manual pages: mandoc is not installed, so they were NOT linted')
        client.report('manual pages name every option and every function', manual_pages_name_every_option_and_function(home))
        client.report('an installed server runs and finds its companion', a_server_runs(home, at('bin/mcp-forecast')))
        client.report('a static server runs alone', a_static_server_is_one_file(home))
        client.report('make uninstall leaves nothing', uninstall_leaves_nothing(home))
    client.finish()


if __name__ == '__main__':
    main()
