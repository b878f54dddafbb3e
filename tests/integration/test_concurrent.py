#!/usr/bin/env python3
"""80 callers at once over HTTP, some hanging up, while imports swap the dataset: every answer is of one state."""
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
import product  # noqa: E402
from server import HttpServer  # noqa: E402

CALLERS = 80
SAN = os.environ.get('MCP_SAN')
SECONDS = 12 if SAN else 4
MAX_RSS_MB = 48  # what the project promises for 80 connections; sanitizers keep shadows of it
MODERN = '2026-07-28'
META = {'io.modelcontextprotocol/protocolVersion': MODERN, 'io.modelcontextprotocol/clientCapabilities': {}}
QUERIES = [{'group_by': ['service']}, {'group_by': ['project']}, {'group_by': ['region', 'service']}, {'group_by': ['tag:env']},
           {'group_by': ['charge_category']}, {'group_by': ['sku'], 'limit': 40}, {'group_by': ['resource'], 'limit': 25},
           {'group_by': ['service'], 'metric': 'effective'}, {'group_by': ['service'], 'granularity': 'DAILY', 'limit': 5}]
PERIODS = ['2026-08', '2026-09', '2026-10', '2026-Q3', None]


class Load:
    """What the threads share."""

    def __init__(self, port):
        self.port = port
        self.end = time.monotonic() + SECONDS
        self.lock = threading.Lock()
        self.answers = []  # (query, total, generation's mark, problems)
        self.refused = {}
        self.hung_up = self.errors = 0
        self.notes = []

    def add(self, what):
        with self.lock:
            self.notes.append(what)


def body_of(query, ident):
    return json.dumps({'jsonrpc': '2.0', 'id': ident, 'method': 'tools/call',
                       'params': {'name': 'get_costs', 'arguments': query, '_meta': META}}).encode()


HEADERS = {'Content-Type': 'application/json', 'Accept': 'application/json, text/event-stream',
           'MCP-Protocol-Version': MODERN, 'Mcp-Method': 'tools/call', 'Mcp-Name': 'get_costs'}


def problems_of(answer):
    """The parts of one answer sum to its total, and its two sums of the whole are one."""
    problems = []
    rows = sum((r['cost'] for r in answer['breakdown']), Decimal(0))
    client.same(problems, 'before + page + other', answer['before']['cost'] + rows + answer['other']['cost'], answer['total_cost'])
    check = answer['check']
    client.same(problems, 'check.parts', check['parts'], Decimal(check['total']))
    client.same(problems, 'check.total', check['total'], answer['total_cost'])
    client.same(problems, 'residual', check['residual'], 0)
    series = answer.get('series')
    if series and 'service' not in series['columns'] and len(series['columns']) == 2:
        client.same(problems, 'the series', sum((r[1] for r in series['rows']), Decimal(0)), answer['total_cost'])
    return problems


def caller(load, number):
    """Asks until the time is over; one in five hangs up before the answer."""
    rng = random.Random(number)
    connection = http.client.HTTPConnection('127.0.0.1', load.port, timeout=60)
    ident = 0
    while time.monotonic() < load.end:
        query = dict(rng.choice(QUERIES))
        period = rng.choice(PERIODS)
        if period:
            query['period'] = period
        ident += 1
        data = body_of(query, ident)
        try:
            if number % 5 == 0:
                hang_up(load, data, rng)
                continue
            connection.request('POST', '/mcp', data, HEADERS)
            reply = connection.getresponse()
            text = reply.read()
        except OSError as error:
            load.add('caller %d: %r' % (number, error))
            connection.close()
            continue
        take(load, query, reply.status, text)
    connection.close()


def hang_up(load, data, rng):
    """Sends a whole request, waits a moment at most, and is gone."""
    head = 'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %d\r\n' % (load.port, len(data))
    head += ''.join('%s: %s\r\n' % x for x in HEADERS.items()) + '\r\n'
    with socket.create_connection(('127.0.0.1', load.port), timeout=10) as s:
        s.sendall(head.encode() + (data if rng.random() < 0.8 else data[:20]))
        s.settimeout(rng.choice([0.0005, 0.002, 0.01]))
        try:
            s.recv(1)
        except OSError:
            pass
    with load.lock:
        load.hung_up += 1


def take(load, query, status, text):
    if status == 503:
        with load.lock:
            load.refused['busy'] = load.refused.get('busy', 0) + 1
        return
    message = client.parse(text)
    if status != 200 or 'error' in message or message['result'].get('isError'):
        load.add('%s %s' % (status, text[:300]))
        return
    answer = message['result']['structuredContent']
    problems = problems_of(answer)
    with load.lock:
        load.answers.append((json.dumps(query, sort_keys=True), answer['total_cost'], answer['freshness']['data_through'], problems))


def importer(load, home, dataset, files):
    """The two states, one after the other, each a whole delivery."""
    done = 0
    while time.monotonic() < load.end:
        client.import_files(home, dataset, [files[(done + 1) % 2]], '--replace')
        done += 1
        if done == 1:
            # The server looks once a second: quick changes may show it the same state each time.
            time.sleep(1.5)
    load.imports = done


def rss_mb(pid):
    with open('/proc/%d/status' % pid, encoding='ascii') as f:
        for line in f:
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) / 1024
    return 0


def make_files(home):
    """Two states of the same months that differ in every total; both end on the same day."""
    files = []
    for seed in (1, 2):
        path = os.path.join(home, 'state%d.csv' % seed)
        with open(path, 'wb') as f:
            subprocess.run([client.generator(), '--last-day', '2026-11-20', '--months', '4', '--family', 'aws', '--seed', str(seed)],
                           stdout=f, check=True, timeout=60)
        files.append(path)
    return files


def totals(home, dataset):
    """What each query answers in the present state, asked alone."""
    known = {}
    with client.Session('mcp-aws', home, '--dataset', dataset, '--now', client.NOW) as session:
        for query in QUERIES:
            for period in PERIODS:
                q = dict(query, **({'period': period} if period else {}))
                data, error = session.call('get_costs', q)
                if error:
                    raise RuntimeError(error)
                known[json.dumps(q, sort_keys=True)] = data['total_cost']
    return known


def run(home, dataset, files):
    with HttpServer([client.server('mcp-aws'), '--dataset', dataset, '--now', client.NOW, '--http', '0'],
                    env=client.environment(home)) as server:
        load = Load(int(server.url.rsplit(':', 1)[1].split('/')[0]))
        threads = [threading.Thread(target=caller, args=(load, i)) for i in range(CALLERS)]
        threads.append(threading.Thread(target=importer, args=(load, home, dataset, files)))
        for t in threads:
            t.start()
        load.rss = []
        while time.monotonic() < load.end:
            load.rss.append(rss_mb(server.process.pid))
            threads[0].join(0.1)
        for t in threads:
            t.join()
        load.rss.append(rss_mb(server.process.pid))
        load.status = server.stop()
        load.log = ''.join(server.log)
    return load


def ask(port, query, ident, timeout=60):
    """(status, answer) of one call on a connection of its own."""
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=timeout * product.SLOW)
    connection.request('POST', '/mcp', body_of(query, ident), HEADERS)
    reply = connection.getresponse()
    text = reply.read()
    connection.close()
    return reply.status, client.parse(text)


def all_at_once(port, query):
    """What 80 callers get who begin together."""
    answers, threads = [None] * CALLERS, []
    start = threading.Barrier(CALLERS)

    def one(i):
        start.wait()
        try:
            answers[i] = ask(port, query, i)
        except OSError as error:
            answers[i] = (0, repr(error))
    for i in range(CALLERS):
        threads.append(threading.Thread(target=one, args=(i,)))
        threads[-1].start()
    for t in threads:
        t.join()
    return answers


def first_calls(home, path):
    """The data is not built yet: one builds, all wait for it, and for each other process."""
    env = client.environment(home)
    env['XDG_CACHE_HOME'] = os.path.join(home, 'fresh')
    with HttpServer([client.server('mcp-aws'), '--data', path, '--now', client.NOW, '--http', '0'], env=env) as one, \
            HttpServer([client.server('mcp-forecast'), '--data', path, '--now', client.NOW, '--http', '0'], env=env) as two:
        ports = [int(s.url.rsplit(':', 1)[1].split('/')[0]) for s in (one, two)]
        other = []
        beside = threading.Thread(target=lambda: other.extend(all_at_once(ports[1], {'limit': 1})))
        beside.start()
        answers = all_at_once(ports[0], {'limit': 1})
        beside.join()
        totals = {str(a[1]['result'].get('structuredContent', a[1]['result'])['total_cost'])
                  if a[0] == 200 and not a[1]['result'].get('isError') else str(a)[:300] for a in answers + other}
        status = [one.stop(), two.stop()]
    client.report('first_calls_wait_for_one_build', [] if len(totals) == 1 and status == [0, 0] else [totals, status])


def stopped_under_load(home, dataset):
    """SIGTERM while 80 calls are under way: each gets a whole answer or none, and it ends in time."""
    with HttpServer([client.server('mcp-aws'), '--dataset', dataset, '--now', client.NOW, '--http', '0'],
                    env=client.environment(home)) as server:
        port, got = int(server.url.rsplit(':', 1)[1].split('/')[0]), []
        load = threading.Thread(target=lambda: got.extend(all_at_once(port, {'group_by': ['resource', 'sku'], 'period': 'ytd'})))
        load.start()
        load.join(0.05)
        begin = time.monotonic()
        status = server.stop()
        took = time.monotonic() - begin
        load.join()
    halves = [a for a in got if a[0] == 200 and problems_of(a[1]['result']['structuredContent'])]
    client.report('sigterm_under_load_ends_in_order', [] if status == 0 and took < 11 and not halves else [status, took, halves[:2]])


def main():
    if client.generator() is None:
        sys.exit('fixture_focus_gen is missing: make fixtures')
    with product.folder() as home:
        files, dataset, states = make_files(home), os.path.join(home, 'set.db'), []
        for path in (files[1], files[0]):
            client.import_files(home, dataset, [path], '--replace')
            states.append(totals(home, dataset))
        same = [q for q in states[0] if states[0][q] == states[1][q]]
        client.report('the_two_states_differ', same[:5])
        load = run(home, dataset, files)
        bad = [(q, p) for q, _, _, p in load.answers if p]
        mixed = [(q, total) for q, total, _, _ in load.answers if total not in (states[0][q], states[1][q])]
        seen = [sum(total == s[q] for q, total, _, _ in load.answers) for s in states]
        client.report('each_answer_sums_to_its_total', ['%s: %s' % x for x in bad[:5]])
        client.report('each_answer_is_of_one_state', ['%s: %s' % x for x in mixed[:5]])
        client.report('both_states_were_seen', [] if min(seen) > 0 else ['%s of %d answers, %d imports' % (seen, len(load.answers), load.imports)])
        client.report('nobody_got_an_error', load.notes[:5])
        client.report('some_hung_up', [] if load.hung_up else ['none'])
        if SAN:
            print('SKIP rss: a sanitizer keeps shadows of its own')
        else:
            client.report('memory_stays_bounded', [] if max(load.rss) < MAX_RSS_MB else ['RSS %.0f MB of %s' % (
                max(load.rss), ['%.0f' % x for x in load.rss])])
        broken = [w for w in ('Sanitizer', 'runtime error') if w in load.log]
        client.report('it_ends_in_order', [] if load.status == 0 and not broken else
                      ['exit status %d: %s' % (load.status, load.log[-6000:])])
        first_calls(home, files[0])
        stopped_under_load(home, dataset)
        print('# %d answers, %d hung up, %s refused as busy, %d imports, RSS at most %.0f MB' % (
            len(load.answers), load.hung_up, load.refused.get('busy', 0), load.imports, max(load.rss)))
    client.finish()


if __name__ == '__main__':
    main()
