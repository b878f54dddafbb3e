#!/usr/bin/env python3
"""README's examples run as printed and answer what is printed; --write puts the present answers in."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
import product  # noqa: E402

README = os.path.join(client.ROOT, 'README.md')
BLOCK = re.compile(r'<!-- (runnable|demo answer) -->\n```(sh|console)\n(.*?)```\n', re.S)


def shell(home, line):
    """(status, what it prints) of one line, in a folder like the cloned one, on the day of the tests."""
    env = dict(client.environment(home), MCP_NOW=client.NOW, PATH=os.environ['PATH'])
    done = subprocess.run(['sh', '-c', line], cwd=home, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60 * product.SLOW)
    return done.returncode, done.stdout + done.stderr


def prepare(home, text):
    os.symlink(client.BIN, os.path.join(home, 'bin'))
    os.mkdir(os.path.join(home, 'exports'))
    with open(os.path.join(home, 'exports', 'aws.csv'), 'wb') as f:
        subprocess.run([client.generator(), '--last-day', '2026-11-20', '--months', '2', '--family', 'aws'], stdout=f, check=True)
    budgets = re.search(r'<!-- budgets.yaml -->\n```yaml\n(.*?)```', text, re.S)
    # A slow machine says on stderr that it builds the demo: README shows what comes then.
    shell(home, 'bin/mcp-forecast call get_costs --demo')
    with open(os.path.join(home, 'budgets.yaml'), 'w', encoding='utf-8') as f:
        f.write(budgets.group(1))


def answered(home, body):
    """A console block with the answers of its commands."""
    out = ''
    for line in body.splitlines():
        if not line.startswith('$ '):
            continue
        status, text = shell(home, line[2:])
        out += ('\n' if out else '') + line + '\n' + text + ('' if status == 0 else '(exit status %d)\n' % status)
    return out.replace('\r\n', '\n')


def blocks(home, text):
    count = 0
    for kind, language, body in BLOCK.findall(text):
        count += 1
        if language == 'sh':
            for line in body.splitlines():
                status, out = shell(home, line)
                problems = [] if status == 0 and out else ['exit status %d: %s' % (status, out)]
                client.report('runs_' + line.split('#')[0].strip(), problems)
            continue
        printed, real = body.rstrip('\n').splitlines(), [x.rstrip() for x in answered(home, body).splitlines()]
        problems = [] if [x.rstrip() for x in printed] == real else \
            ['it prints:'] + real + ['README says otherwise: tests/integration/test_readme.py --write']
        client.report('answers_as_printed_%s_%d' % (kind.replace(' ', '_'), count), problems)
    client.report('readme_has_its_examples', [] if count == 4 else ['%d blocks' % count])


def words(text):
    """What a reader needs on the first screen, and that no option or path is made up."""
    head = '\n'.join(text.splitlines()[:90])
    wanted = ['apt-get update && apt-get install -y make && make deps && make demo', 'make check', 'claude mcp add',
              'claude_desktop_config.json', '.vscode/mcp.json', 'BuiltInAgent']
    client.report('the_first_screen_has_commands_answer_and_clients', [w for w in wanted if w not in head])
    for language, body in re.findall(r'```(json)\n(.*?)```', text, re.S):
        json.loads(body)
    with product.folder() as home:
        known = ''.join(product.cli(home, 'mcp-policy', *argv)[1] for argv in (
            ['--help'], ['call', '--help'], ['import', '--help'], ['config', '--help'], ['call', 'get_costs', '--help'],
            ['call', 'get_resources', '--help']))
    flags = set(re.findall(r'(?<![\w-])--[a-z][a-z-]+', re.sub(r'make [^`\n]*|openssl [^`\n]*', '', text)))
    client.report('readme_names_no_flag_that_does_not_exist', sorted(f for f in flags if f not in known + ' --help'))
    variables = set(re.findall(r'\bMCP_[A-Z_]+', text))
    client.report('readme_names_no_variable_that_does_not_exist', sorted(v for v in variables if v not in known))
    targets = set(re.findall(r'make ([a-z][a-z-]+)', text)) - {'help'}
    help_text = subprocess.run(['make', '-s', 'help'], cwd=client.ROOT, capture_output=True, text=True).stdout
    client.report('readme_names_no_target_that_does_not_exist', sorted(t for t in targets if t not in help_text))


def write(home, text):
    def filled(match):
        if match.group(2) == 'sh':
            return match.group(0)
        body = '\n'.join(x.rstrip() for x in answered(home, match.group(3)).splitlines())
        return '<!-- %s -->\n```console\n%s\n```\n' % (match.group(1), body)
    with open(README, 'w', encoding='utf-8') as f:
        f.write(BLOCK.sub(filled, text))


def main():
    with open(README, encoding='utf-8') as f:
        text = f.read()
    with product.folder() as home:
        prepare(home, text)
        if sys.argv[1:] == ['--write']:
            write(home, text)
            return
        blocks(home, text)
        words(text)
    client.finish()


if __name__ == '__main__':
    main()
