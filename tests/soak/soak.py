#!/usr/bin/env python3
"""Mixed load on one server for many minutes: `make soak MINUTES=15`. Fails when memory or descriptors
grow, when a request that was not given up has no answer or somebody else's, or an answer is wrong."""
import argparse
import collections
import http.client
import json
import os
import random
import socket
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'integration')]
import focus_client as client  # noqa: E402
import product  # noqa: E402
import test_concurrent as concurrent  # noqa: E402
from server import HttpServer  # noqa: E402

CONNECTIONS = 80
RSS_GROWTH = 0.05
LEGACY = '2025-11-25'
JSON = {'Content-Type': 'application/json', 'Accept': 'application/json, text/event-stream'}


class Load:
    def __init__(self, port, minutes, states):
        self.port, self.states = port, states
        self.start = time.monotonic()
        self.end = self.start + minutes * 60
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.problems = []

    def going(self):
        return time.monotonic() < self.end

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def wrong(self, *what):
        with self.lock:
            self.counts['problems'] += 1
            if len(self.problems) < 20:
                self.problems.append('minute %.2f: ' % ((time.monotonic() - self.start) / 60) + ' '.join(str(w)[:300] for w in what))


def question(rng):
    """(method, params, name for its header) of something a client asks."""
    kind = rng.random()
    if kind < 0.7:
        query = dict(rng.choice(concurrent.QUERIES))
        period = rng.choice(concurrent.PERIODS)
        if period:
            query['period'] = period
        return 'tools/call', {'name': 'get_costs', 'arguments': query}, 'get_costs'
    if kind < 0.78:
        return 'tools/call', {'name': 'get_resources', 'arguments': {'limit': 5}}, 'get_resources'
    if kind < 0.84:
        return 'tools/call', {'name': 'get_costs', 'arguments': {'group_by': ['nonsense']}}, 'get_costs'
    if kind < 0.90:
        return 'tools/list', {}, None
    if kind < 0.95:
        return 'resources/read', {'uri': 'cost://dimensions'}, 'cost://dimensions'
    return 'prompts/list', {}, None


def request_of(port, ident, ask, session=None):
    """(head lines, body) of one POST in either era."""
    method, params, name = ask
    headers = dict(JSON, Host='127.0.0.1:%d' % port)
    if session:
        headers.update({'Mcp-Session-Id': session, 'MCP-Protocol-Version': LEGACY})
    else:
        params = dict(params, _meta=concurrent.META)
        headers.update({'MCP-Protocol-Version': concurrent.MODERN, 'Mcp-Method': method})
        if name:
            headers['Mcp-Name'] = name
    body = json.dumps({'jsonrpc': '2.0', 'id': ident, 'method': method, 'params': params}).encode()
    return headers, body


def messages_of(reply, data):
    """The JSON-RPC messages of an answer, from JSON or from an event stream."""
    if reply.getheader('Content-Type', '').startswith('text/event-stream'):
        return [client.parse(line[6:]) for line in data.split(b'\n') if line.startswith(b'data: ')]
    return [client.parse(data)] if data else []


def judge(load, era, ident, ask, status, messages):
    """Exactly one answer, to this request, of one state of the data."""
    answers = [m for m in messages if 'method' not in m]
    if status == 503:
        load.count('busy')
        return
    if status != 200 or len(answers) != 1 or answers[0].get('id') != ident or 'result' not in answers[0]:
        load.wrong(era, ask, status, messages)
        return
    load.count(era + ' answers')
    result = answers[0]['result']
    if ask[0] != 'tools/call' or ask[1]['name'] != 'get_costs':
        return
    arguments = ask[1]['arguments']
    if arguments['group_by'] == ['nonsense']:
        if not result.get('isError'):
            load.wrong(era, ask, 'was not refused')
        return
    answer = result.get('structuredContent')
    if result.get('isError') or answer is None:
        load.wrong(era, ask, result)
        return
    total = answer['total_cost']
    if concurrent.problems_of(answer) or total not in [s[json.dumps(arguments, sort_keys=True)] for s in load.states]:
        load.wrong(era, ask, total, concurrent.problems_of(answer))


def ask_on(load, connection, era, ident, ask, session=None):
    headers, body = request_of(load.port, ident, ask, session)
    connection.request('POST', '/mcp', body, headers)
    reply = connection.getresponse()
    data = reply.read()
    judge(load, era, ident, ask, reply.status, messages_of(reply, data))


# ---- the peers --------------------------------------------------------------------------------

def modern_peer(load, rng):
    """Keeps its connection for a while."""
    connection = http.client.HTTPConnection('127.0.0.1', load.port, timeout=60)
    for ident in range(rng.randint(1, 200)):
        if not load.going():
            break
        ask_on(load, connection, 'modern', ident, question(rng))
    connection.close()


def open_session(load, connection):
    body = json.dumps({'jsonrpc': '2.0', 'id': 0, 'method': 'initialize', 'params': {
        'protocolVersion': LEGACY, 'capabilities': {}, 'clientInfo': {'name': 'soak', 'version': '1'}}}).encode()
    connection.request('POST', '/mcp', body, JSON)
    reply = connection.getresponse()
    reply.read()
    session = reply.getheader('Mcp-Session-Id')
    if reply.status != 200 or not session:
        load.wrong('initialize', reply.status)
        return None
    connection.request('POST', '/mcp', b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
                       dict(JSON, **{'Mcp-Session-Id': session, 'MCP-Protocol-Version': LEGACY}))
    connection.getresponse().read()
    return session


def close_session(load, connection, session):
    connection.request('DELETE', '/mcp', headers={'Mcp-Session-Id': session, 'MCP-Protocol-Version': LEGACY})
    reply = connection.getresponse()
    reply.read()
    if reply.status // 100 != 2:
        load.wrong('DELETE', reply.status)


def legacy_peer(load, rng):
    connection = http.client.HTTPConnection('127.0.0.1', load.port, timeout=60)
    session = open_session(load, connection)
    for ident in range(1, rng.randint(2, 100)):
        if session is None or not load.going():
            break
        ask_on(load, connection, 'legacy', ident, question(rng), session)
    if session is not None:
        close_session(load, connection, session)
    connection.close()


def send_raw(load, ident, ask, session=None, receive=None):
    """A connection on which the request has been sent."""
    headers, body = request_of(load.port, ident, ask, session)
    peer = socket.socket()
    if receive:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    peer.settimeout(60)
    peer.connect(('127.0.0.1', load.port))
    head = 'POST /mcp HTTP/1.1\r\nContent-Length: %d\r\n' % len(body)
    peer.sendall((head + ''.join('%s: %s\r\n' % h for h in headers.items()) + '\r\n').encode() + body)
    return peer


def vanishing_peer(load, rng):
    """Gone before, while or after it is answered, orderly or by a reset."""
    peer = send_raw(load, 1, question(rng))
    peer.settimeout(rng.choice([0.0005, 0.003, 0.02]))
    try:
        peer.recv(rng.choice([1, 500]))
    except OSError:
        pass
    if rng.random() < 0.3:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\x01\0\0\0\0\0\0\0')
    peer.close()
    load.count('vanished')


def cancelling_peer(load, rng):
    """Legacy: takes a call back on another connection. An answer or none, never another's."""
    connection = http.client.HTTPConnection('127.0.0.1', load.port, timeout=60)
    session = open_session(load, connection)
    for ident in range(1, 20):
        if session is None or not load.going():
            break
        peer = send_raw(load, ident, question(rng), session)
        connection.request('POST', '/mcp', json.dumps({'jsonrpc': '2.0', 'method': 'notifications/cancelled',
                                                       'params': {'requestId': ident}}).encode(),
                           dict(JSON, **{'Mcp-Session-Id': session, 'MCP-Protocol-Version': LEGACY}))
        connection.getresponse().read()
        reply = http.client.HTTPResponse(peer)
        reply.begin()
        answers = [m for m in messages_of(reply, reply.read()) if 'method' not in m]
        if reply.status != 200 and reply.status != 503 or [m for m in answers if m.get('id') not in (ident, None)]:
            load.wrong('cancelled', reply.status, answers)
        load.count('cancelled, answered' if answers else 'cancelled, empty')
        peer.close()
    if session is not None:
        close_session(load, connection, session)
    connection.close()


def slow_peer(load, rng):
    """Reads in drops."""
    ask = ('tools/call', {'name': 'get_costs', 'arguments': {'group_by': ['sku'], 'limit': 40}}, 'get_costs')
    peer = send_raw(load, 7, ask, receive=2048)
    stream = peer.makefile('rb', buffering=256)
    time.sleep(rng.random())
    reply = http.client.HTTPResponse(peer)
    stream.close()
    reply.begin()
    data = b''
    while True:
        piece = reply.read(512)
        if not piece:
            break
        data += piece
        time.sleep(0.005)
    judge(load, 'slow', 7, ask, reply.status, messages_of(reply, data))
    peer.close()


def pipelining_peer(load, rng):
    """Twenty requests at once: twenty answers in their order."""
    asks = [question(rng) for _ in range(20)]
    peer = socket.create_connection(('127.0.0.1', load.port), timeout=60)
    for ident, ask in enumerate(asks):
        headers, body = request_of(load.port, ident, ask)
        head = 'POST /mcp HTTP/1.1\r\nContent-Length: %d\r\n' % len(body)
        peer.sendall((head + ''.join('%s: %s\r\n' % h for h in headers.items()) + '\r\n').encode() + body)
    stream = peer.makefile('rb')
    for ident, ask in enumerate(asks):
        status = int(stream.readline().split()[1])
        length = 0
        for line in iter(stream.readline, b'\r\n'):
            if line.lower().startswith(b'content-length:'):
                length = int(line.split(b':')[1])
        judge(load, 'pipelined', ident, ask, status, [client.parse(stream.read(length))])
    stream.close()
    peer.close()


def connection_thread(load, number, peer):
    rng = random.Random(number)
    while load.going():
        try:
            peer(load, rng)
        except (OSError, http.client.HTTPException, ValueError) as error:
            load.wrong(peer.__name__, repr(error))


PEERS = [modern_peer] * 30 + [legacy_peer] * 18 + [vanishing_peer] * 14 + [cancelling_peer] * 8 + \
        [pipelining_peer] * 6 + [slow_peer] * 4


# ---- watching ---------------------------------------------------------------------------------

class Watch:
    """Samples of one process."""

    def __init__(self, pid):
        self.pid = pid
        self.samples = []  # (seconds, RSS MB, descriptors, threads)

    def look(self, load):
        self.samples.append((time.monotonic() - load.start, concurrent.rss_mb(self.pid), self.descriptors(),
                             len(os.listdir('/proc/%d/task' % self.pid))))

    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.pid))

    def rss(self, begin, end):
        """The median between two parts of the whole time."""
        last = self.samples[-1][0]
        return statistics.median(s[1] for s in self.samples if begin * last <= s[0] <= end * last)


def importer(load, home, dataset, files):
    done = 0
    while load.going():
        client.import_files(home, dataset, [files[(done + 1) % 2]], '--replace')
        done += 1
        load.count('imports')
        time.sleep(1.5)


def quiet_descriptors(watch):
    """Without a connection: the lowest count of a few seconds."""
    lowest = watch.descriptors()
    for _ in range(30):
        time.sleep(0.2)
        lowest = min(lowest, watch.descriptors())
    return lowest


def metric(port, name):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
    connection.request('GET', '/metrics')
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return sum(int(float(line.rsplit(' ', 1)[1])) for line in lines if line.split('{')[0].split(' ')[0] == name)


def table(load, watch):
    print('%8s %9s %12s %8s' % ('minute', 'RSS MB', 'descriptors', 'threads'))
    step = max(1, len(watch.samples) // 16)
    for seconds, rss, descriptors, threads in watch.samples[::step]:
        print('%8.1f %9.1f %12d %8d' % (seconds / 60, rss, descriptors, threads))
    print()
    for what, n in sorted(load.counts.items()):
        print('%-30s %10d' % (what, n))
    print()


def soak(minutes, home, files, dataset, states):
    with HttpServer([client.server('mcp-aws'), '--dataset', dataset, '--now', client.NOW, '--http', '0'],
                    env=client.environment(home)) as server:
        load = Load(int(server.url.rsplit(':', 1)[1].split('/')[0]), minutes, states)
        watch = Watch(server.process.pid)
        concurrent.ask(load.port, {'limit': 1}, 1)
        before = quiet_descriptors(watch)
        load.start = time.monotonic()
        load.end = load.start + minutes * 60
        threads = [threading.Thread(target=connection_thread, args=(load, i, p)) for i, p in enumerate(PEERS)]
        threads.append(threading.Thread(target=importer, args=(load, home, dataset, files)))
        for t in threads:
            t.start()
        while load.going():
            watch.look(load)
            threads[0].join(min(1, minutes))
        for t in threads:
            t.join(90)
        stuck = sum(t.is_alive() for t in threads)
        after = quiet_descriptors(watch)
        for name in ('connections_refused', 'overloads', 'late_answers'):
            load.counts['server: ' + name] = metric(load.port, 'mcp_%s_total' % name)
        status = server.stop()
    table(load, watch)
    # A fifth of the time fills caches and pools; what comes then must not grow.
    first, last = watch.rss(0.2, 0.4), watch.rss(0.8, 1)
    print('RSS %.1f MB, then %.1f MB (%+.1f %%)' % (first, last, (last / first - 1) * 100))
    print('descriptors %d, then %d\n' % (before, after))
    client.report('nobody_waits_for_ever', [] if stuck == 0 else ['%d threads' % stuck])
    client.report('each_answer_is_its_requests_and_right', load.problems)
    client.report('no_descriptor_is_left', [] if after <= before + 1 else ['%d, before %d' % (after, before)])
    if not os.environ.get('MCP_SAN'):
        client.report('memory_is_flat', [] if last <= first * (1 + RSS_GROWTH) else ['%.1f MB, then %.1f' % (first, last)])
    client.report('it_ends_in_order', [] if status == 0 else ['exit status %d: %s' % (status, ''.join(server.log)[-3000:])])


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument('--minutes', type=float, default=15)
    if len(PEERS) != CONNECTIONS:
        raise AssertionError(len(PEERS))
    minutes = options.parse_args().minutes
    with product.folder() as home:
        files, dataset, states = concurrent.make_files(home), os.path.join(home, 'set.db'), []
        for path in (files[1], files[0]):
            client.import_files(home, dataset, [path], '--replace')
            states.append(concurrent.totals(home, dataset))
        soak(minutes, home, files, dataset, states)
    client.finish()


if __name__ == '__main__':
    main()
