#!/usr/bin/env python3
"""What README and docs/mcp-gcp.md print of mcp-gcp is what it answers; --write puts the present answers in."""
import os
import re
import subprocess
import sys

import description
import emulator
import export
import gate
import world
import focus_client as client  # of tests/support, where world has put the path

FILES = [os.path.join(client.ROOT, name) for name in ('README.md', 'docs/mcp-gcp.md')]
BLOCK = re.compile(r'(<!-- google -->\n```console\n)(.*?)(```\n)', re.S)
YAML = re.compile(r'<!-- google config.yaml -->\n```yaml\n(.*?)```\n', re.S)


def shell(google, line):
    env = google.environment(GOOGLE_APPLICATION_CREDENTIALS='key.json')
    env['PATH'] = '%s:%s' % (client.BIN, env['PATH'])
    done = subprocess.run(['sh', '-c', line], cwd=google.home.path, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=280)
    return done.stdout + done.stderr


def answered(google, body):
    """A console block with the answers of its commands."""
    return '\n'.join('%s\n%s' % (line, '\n'.join(x.rstrip() for x in shell(google, line[2:]).strip('\n').splitlines())) + '\n'
                     for line in body.splitlines() if line.startswith('$ '))


def examples(google, path, text):
    name = os.path.basename(path)
    blocks = BLOCK.findall(text)
    client.report('%s_shows_mcp_gcp' % name, [] if blocks else ['no block'])
    for n, (_, body, _) in enumerate(blocks):
        real = answered(google, body)
        client.report('%s_prints_the_answer_%d' % (name, n + 1), [] if body == real else
                      ['it prints:'] + real.splitlines() + ['the page says otherwise: tests/bigquery/test_guide.py --write'])


def settings(google, text):
    """The file of the guide is one: every key is known, every value good."""
    with open(os.path.join(google.home.path, 'config.yaml'), 'w', encoding='utf-8') as f:
        f.write(YAML.search(text).group(1))
    out = shell(google, 'BILLING_TABLE=a_table mcp-gcp --print-config --config config.yaml')
    client.report('the_configuration_file_is_read', [line for line in (
        'table: "a_table" # file', 'scope: "folders/222" # environment GCP_RESOURCE_SCOPE', 'authorized_projects: ["web-prod", "web-test"] # file')
        if line not in out] and [out])


def names(google, text):
    known = shell(google, 'mcp-gcp --help') + shell(google, 'mcp-gcp --print-config')
    client.report('no_variable_is_made_up', sorted(v for v in set(re.findall(r'\b(?:GCP|GOOGLE)_[A-Z_]+', text)) if v not in known))


def main():
    if not description.there():
        sys.exit(77)
    try:
        emulator.fixture()
    except emulator.Missing as e:
        print('SKIP the pages about mcp-gcp: %s' % e)
        sys.exit(77)
    with emulator.Emulator() as bigquery:
        border = gate.Gate(bigquery.url)
        google = world.World(border.url, export.rows())
        os.symlink(client.BIN, os.path.join(google.home.path, 'bin'))
        try:
            for path in FILES:
                with open(path, encoding='utf-8') as f:
                    text = f.read()
                if sys.argv[1:] == ['--write']:
                    with open(path, 'w', encoding='utf-8') as f:
                        f.write(BLOCK.sub(lambda m: m.group(1) + answered(google, m.group(2)) + m.group(3), text))
                    continue
                examples(google, path, text)
                names(google, text)
            if sys.argv[1:] != ['--write']:
                settings(google, text)
        finally:
            google.close()
            border.close()
    client.finish()


if __name__ == '__main__':
    main()
