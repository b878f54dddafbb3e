"""What the cost tests share: one stdio session with a server, and answers held against the oracle."""
import decimal
import json
import os
import subprocess
import sys
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BIN = os.environ.get('MCP_BIN') or os.path.join(ROOT, 'bin')
SHARED = os.environ.get('MCP_SHARED') or os.path.join(ROOT, '..', 'shared')
SAMPLE = os.path.join(SHARED, 'data', 'focus', 'focus_1_0_sample_1000.csv')
NOW = '2026-11-21T08:00:00Z'
failures = 0


def report(name, problems):
    global failures
    if problems:
        failures += 1
        print('FAIL %s' % name)
        for p in problems[:12]:
            print('    %s' % p)
    else:
        print('PASS %s' % name)
    sys.stdout.flush()


def finish():
    sys.exit(1 if failures else 0)


def server(name):
    return os.path.join(BIN, name)


def generator():
    """The program that prints synthetic bills, or None."""
    folder = os.environ.get('MCP_FIXTURES') or os.path.join(ROOT, 'build', 'release', 'tests', 'support')
    path = os.path.join(folder, 'fixture_focus_gen')
    return path if os.path.exists(path) else None


def environment(home):
    """Nothing of the user's: no configuration, data or credentials."""
    env = {k: v for k, v in os.environ.items() if k in ('PATH', 'TMPDIR', 'LANG') or
           k.startswith(('ASAN', 'UBSAN', 'TSAN', 'LSAN'))}
    env.update(HOME=home, XDG_CACHE_HOME=home + '/cache', XDG_DATA_HOME=home + '/data',
               XDG_STATE_HOME=home + '/state', XDG_CONFIG_HOME=home + '/config')
    return env


def parse(text):
    """Numbers exactly as they are written."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def run(argv, home, **more):
    return subprocess.run(argv, env=environment(home), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=250, **more)


def import_files(home, dataset, files, *flags):
    done = run([server('mcp-forecast'), 'import', *files, '--dataset', dataset, *flags], home)
    if done.returncode != 0:
        raise RuntimeError('import failed (%d): %s' % (done.returncode, done.stderr.decode()[-2000:]))
    return done


class Session:
    """A server on stdio, spoken to in the initialize-based protocol."""

    def __init__(self, name, home, *flags, env=None):
        self.log = open(os.path.join(home, name + '.stderr'), 'wb')
        self.proc = subprocess.Popen([server(name), *flags], env=dict(environment(home), **(env or {})),
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        self.id = 0
        self.request('initialize', {'protocolVersion': '2025-11-25', 'capabilities': {},
                                    'clientInfo': {'name': 'test', 'version': '1'}})
        self.send({'jsonrpc': '2.0', 'method': 'notifications/initialized'})

    def send(self, message):
        self.proc.stdin.write(json.dumps(message).encode() + b'\n')
        self.proc.stdin.flush()

    def request(self, method, params):
        self.id += 1
        self.send({'jsonrpc': '2.0', 'id': self.id, 'method': method, 'params': params})
        while True:
            line = self.proc.stdout.readline()
            if not line:
                raise RuntimeError('the server has gone; its log: %s' % self.tail())
            message = parse(line)
            if message.get('id') == self.id:
                self.size = len(line)
                if 'error' in message:
                    raise RuntimeError('%s: %s' % (method, message['error']))
                return message['result']

    def tail(self):
        self.log.flush()
        with open(self.log.name, 'rb') as f:
            return f.read()[-1500:].decode('utf-8', 'replace')

    def call(self, tool, arguments):
        """(structuredContent, None) or (None, the error's text)."""
        result = self.request('tools/call', {'name': tool, 'arguments': arguments})
        self.last = result
        if result.get('isError'):
            return None, ' '.join(c.get('text', '') for c in result['content'])
        return result['structuredContent'], None

    def close(self):
        self.proc.stdin.close()
        code = self.proc.wait(30)
        self.proc.stdout.close()
        self.log.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.proc.poll() is None:
            self.proc.stdin.close()
            try:
                self.proc.wait(10)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
        self.proc.stdout.close()
        self.log.close()


# ---- an answer against the oracle ----

def same(problems, what, got, want):
    """Decimals compare by value; want None means null."""
    if isinstance(got, str):
        try:
            got = Decimal(got)
        except decimal.InvalidOperation:
            pass
    if got != want:
        problems.append('%s is %s, should be %s' % (what, got, want))


def key_of(row, dims):
    """The values of the keys in the order asked; a service's provider may follow them."""
    return tuple(row['keys'].values())[:len(dims)]


def plain_key(key):
    """The oracle tells services of two providers apart; the answer's keys hold the name."""
    return tuple(k[1] if isinstance(k, tuple) else k for k in key)


def blocks_of(answer):
    if answer.get('currencies'):
        return {b['currency']: b for b in answer['currencies']}
    return {answer.get('currency'): answer}


def rows_of(answer, block):
    rows = block['breakdown'] if 'breakdown' in block else \
        [r for r in answer['breakdown'] if r.get('currency', block['currency']) == block['currency']]
    return [r for r in rows if r.get('kind') != 'other']


def compare_block(args, answer, block, want, dims, problems):
    """One currency: total, totals, page, remainder."""
    cost_key = 'total_cost' if 'total_cost' in block else 'cost'
    if want['rows'] == 0 and not args.get('compare'):
        return
    same(problems, 'total', block[cost_key], want['total'].value())
    totals = block.get('totals') or {}
    for name in ('billed', 'effective', 'tax', 'credits', 'adjustments', 'list', 'contracted'):
        if name in totals:
            expected = want['totals'][name]
            expected = expected if isinstance(expected, Decimal) else expected.value()
            same(problems, 'totals.' + name, totals[name], expected)
    if 'check' in block:
        same(problems, 'check.residual', block['check']['residual'], 0)
        same(problems, 'check.total', block['check']['total'], want['total'].sum)
    rows = rows_of(answer, block)
    compare_groups(args, rows, want, dims, problems)
    compare_remainder(args, block, rows, want, problems)
    compare_spanning(block, want, problems)
    if args.get('basis') != 'invoice':
        later = block.get('later_billing_periods') or {'rows': 0, 'cost': Decimal(0)}
        same(problems, 'rows of later bills', later['rows'], want['later'][0])
        same(problems, 'cost of later bills', later['cost'], want['later'][1])
    if 'tags' in want and 'tags' in block:
        for name, amount in want['tags'].items():
            same(problems, 'tags.' + name, block['tags'][name], amount)
    elif 'tags' in want and want['rows']:
        problems.append('no split of what is untagged')
    if args.get('bridge'):
        compare_bridge(block, want['bridge'], problems)


def group_index(want):
    index = {}
    for key, group in want['groups'].items():
        index.setdefault(plain_key(key), []).append(group)
    return index


def compare_groups(args, rows, want, dims, problems):
    index, last, compared = group_index(want), None, 'compare' in args and args['compare']
    for row in rows:
        key = key_of(row, dims)
        cost = Decimal(0) if row['cost'] is None else row['cost']
        mine = [g for g in index.get(key, []) if g['cost'].sum == cost]
        if not mine:
            problems.append('group %s has %s, should have %s' %
                            (key, row['cost'], [str(g['cost'].sum) for g in index.get(key, [])]))
            continue
        group = mine[0]
        if group['rows']:
            same(problems, 'cost of %s' % (key,), row['cost'], group['cost'].value())
        if row.get('effective') is not None:
            same(problems, 'effective of %s' % (key,), row['effective'], group['effective'].sum)
        elif group['effective'].sum != group['cost'].sum and group['effective'].value() is not None \
                and 'effective' not in row and group['rows']:
            problems.append('group %s does not show that effective is %s' %
                            (key, group['effective'].sum))
        by = abs(cost)
        if compared:
            same(problems, 'previous of %s' % (key,), row['previous'], group['previous'])
            same(problems, 'change of %s' % (key,), row['change'], cost - group['previous'])
            by = abs(row['change'])
        if last is not None and by > last:
            problems.append('group %s is out of order: %s behind %s' % (key, by, last))
        last = by
        if len(group['units']) == 1 and None not in group['units'] and row.get('usage_quantity') is not None:
            (unit, quantity), = group['units'].items()
            same(problems, 'quantity of %s' % (key,), row['usage_quantity'], quantity)
            same(problems, 'unit of %s' % (key,), row['usage_unit'], unit)
    if len({key_of(r, dims) for r in rows}) != len(rows) and \
            all(len(g) == 1 for g in index.values()):
        problems.append('a group is listed twice')


def compare_remainder(args, block, rows, want, problems):
    """before + page + other = total, and the page holds the largest."""
    page = sum((r['cost'] or 0 for r in rows), Decimal(0))
    other = block.get('other') or {'cost': Decimal(0), 'groups': 0}
    before = block.get('before') or {'cost': Decimal(0)}
    first = before['cost'] if isinstance(before, dict) else before
    same(problems, 'before + page + other', first + page + other['cost'], want['total'].sum)
    if args.get('cursor'):
        return
    same(problems, 'groups shown and other', Decimal(len(rows)) + other['groups'],
         Decimal(len(want['groups'])))

    def size(group):
        return abs(group['cost'].sum - group['previous'] if args.get('compare') else group['cost'].sum)
    largest = sorted((size(g) for g in want['groups'].values()), reverse=True)[:len(rows)]
    shown = [abs(r['change'] if args.get('compare') else r['cost'] or 0) for r in rows]
    if shown != largest:
        problems.append('the page does not show the %d largest groups' % len(rows))
    if 'positive' in other and not args.get('compare'):
        same(problems, 'other positive + negative', other['positive'] + other['negative'], other['cost'])


def compare_spanning(where, want, problems):
    if 'spanning' in where and where['spanning'] is not None:
        same(problems, 'spanning rows', where['spanning']['rows'], want['spanning'][0])
        same(problems, 'spanning cost', where['spanning']['cost'], want['spanning'][1])


def compare_series(answer, want, dims, problems):
    """Every point shown is right; a total's series shows every bucket that has rows."""
    series = answer.get('series')
    if not series:
        return
    columns = series['columns']
    width = {'HOURLY': 13, 'DAILY': 10, 'MONTHLY': 7, 'TOTAL': 0}[answer['time_period']['granularity']]
    seen = set()
    for values in series['rows']:
        row = dict(zip(columns, values))
        currency = row.get('currency', answer.get('currency')) if 'currency' not in dims or \
            columns[-1] == 'currency' else answer.get('currency')
        block = want['blocks'].get(currency)
        if block is None:
            problems.append('a series in %s, which has no rows' % currency)
            return
        when = row['period'][:width]
        if want['by_default']:
            expected = block['series'].get(when)
            seen.add((currency, when))
        else:
            key = tuple(values[1:1 + len(dims)])
            sums = [v for (k, w), v in block['by_group'].items() if plain_key(k) == key and w == when]
            expected = None if not sums else row['cost'] if row['cost'] in sums else sums[0]
        if expected is None and row['cost'] in (None, 0):
            continue
        same(problems, 'series %s' % (values,), row['cost'], expected)
    if want['by_default']:
        for currency, block in want['blocks'].items():
            for when, cost in block['series'].items():
                if (currency, when) not in seen and cost != 0:
                    problems.append('the series lacks %s %s' % (when, currency))


def compare_bridge(block, want, problems):
    got = block.get('bridge')
    if got is None:
        problems.append('no bridge')
        return
    for name in ('invoice', 'accrual', 'link'):
        for step, amount in want[name].items():
            if step not in got[name]:
                problems.append('bridge %s has no step %s' % (name, step))
            else:
                same(problems, 'bridge %s %s' % (name, step), got[name][step], amount)
    same(problems, 'refunds', got['of_which_refunds']['billed'], want['refunds'])
    if want['utilisation'] is not None:
        same(problems, 'utilisation', got['commitments']['utilisation'], want['utilisation'])


def compare(args, answer, want):
    """Every number of an answer against the oracle's; the differences as sentences."""
    problems = []
    dims = [d for d in want['dims']]
    time = answer['time_period']
    if time['start'] != want['start'].isoformat() or time['end'] != want['end'].isoformat():
        problems.append('the range is %s..%s, should be %s..%s' %
                        (time['start'], time['end'], want['start'], want['end']))
        return problems
    alive = {c: b for c, b in want['blocks'].items() if b['rows'] or args.get('compare')}
    if not any(b['rows'] for b in want['blocks'].values()):
        if not args.get('compare') and (answer['total_cost'] is not None or answer['breakdown']):
            problems.append('there are no rows, but the answer has a number')
        return problems
    got = blocks_of(answer)
    for currency, block in alive.items():
        if currency not in got:
            if block['rows']:
                problems.append('no block for %s' % currency)
            continue
        compare_block(args, answer, got[currency], block, dims, problems)
    compare_series(answer, want, dims, problems)
    return problems
