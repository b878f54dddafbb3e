"""What the tests of the finished servers share: raw answers, the command line, pages, HTTP."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile

import focus_client as client

SERVERS = ['mcp-aws', 'mcp-azure', 'mcp-forecast', 'mcp-gcp', 'mcp-opencost', 'mcp-policy']
TOOLS = ['get_costs', 'get_forecast', 'get_recommendations', 'get_resources']
VALIDATE = os.path.join(os.environ.get('MCP_FIXTURES', 'build/release/tests/support'), 'fixture_validate')
SLOW = 5 if os.environ.get('MCP_SAN') else 1
# A refusal says what would be right, or what to do next (in a shell on a line of its own).
NEXT = (' Next: ', ' must ', ' Known: ', 'Use ', 'Call ')

BUDGETS = """budgets:
  - name: everything
    amount: 100000
    currency: USD
    period: monthly
"""


class Talk(client.Session):
    """A session that keeps the raw line of each answer and hands JSON-RPC errors back."""

    line = b''

    def __init__(self, name, home, *flags):
        if name == 'mcp-policy' and '--budgets' not in flags:
            path = os.path.join(home, 'budgets.yaml')
            with open(path, 'w', encoding='utf-8') as f:
                f.write(BUDGETS)
            flags += ('--budgets', path)
        super().__init__(name, home, *flags)

    def raw(self, line):
        """Sends bytes as they are; the next message that is an answer, or None at the end."""
        self.proc.stdin.write(line + b'\n')
        self.proc.stdin.flush()
        while True:
            self.line = self.proc.stdout.readline()
            if not self.line:
                return None
            message = client.parse(self.line)
            if 'method' not in message:
                return message

    def request(self, method, params):
        self.id += 1
        body = {'jsonrpc': '2.0', 'id': self.id, 'method': method, 'params': params}
        answer = self.raw(json.dumps(body).encode())
        if answer is None:
            raise RuntimeError('the server has gone; its log: %s' % self.tail())
        if 'error' in answer:
            raise RuntimeError('%s: %s' % (method, answer['error']))
        return answer['result']

    def structured_text(self):
        """structuredContent of the last answer as it was written."""
        text = self.line.decode()
        key = '"structuredContent":'
        at = text.index(key) + len(key)
        return text[at:json.JSONDecoder().raw_decode(text, at)[1]]


def validate(home, schema, instances):
    """What the schema says of each instance (JSON text), as a list of complaints."""
    path = os.path.join(home, 'schema.json')
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(schema, f, default=str)
    done = subprocess.run([VALIDATE, path], input='\n'.join(x.rstrip('\n') for x in instances) + '\n', capture_output=True,
                          text=True, timeout=60 * SLOW)
    if done.returncode == 2:
        return [done.stderr]
    return [x for x in done.stdout.splitlines() if x != 'ok']


def promised(home, server, tool, text):
    """What the tool's own outputSchema says against structuredContent, as a list of complaints."""
    with client.Session(server, home) as session:
        schemas = {t['name']: t['outputSchema'] for t in session.request('tools/list', {})['tools']}
    return validate(home, schemas[tool], [text])


def refusal(answer):
    """The text of an answer that refuses, or None."""
    if answer is None:
        return None
    if 'error' in answer:
        error = answer['error']
        data = error.get('data')
        return error['message'] + (' ' + json.dumps(data, default=str) if data else '')
    if answer['result'].get('isError'):
        return ' '.join(c.get('text', '') for c in answer['result']['content'])
    return None


def cli(home, server, *args, env=None, cwd=None, stdin=subprocess.DEVNULL):
    """(status, stdout, stderr) of a command."""
    full = client.environment(home)
    full.update(env or {})
    done = subprocess.run([client.server(server), *args], env=full, cwd=cwd or home, stdin=stdin,
                          capture_output=True, timeout=60 * SLOW)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def demo(home, server, *args, **more):
    return cli(home, server, *args, '--demo', '--now', client.NOW, **more)


def crashed(status, stderr):
    return status < 0 or 'Sanitizer' in stderr or 'runtime error' in stderr


@contextlib.contextmanager
def folder():
    path = tempfile.mkdtemp(prefix='mcp-cost-test-')
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def stop(process):
    """SIGTERM, then the exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(15 * SLOW)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
