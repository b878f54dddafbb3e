#!/usr/bin/env python3
"""The finished servers over HTTP: both eras, the same answer as over stdio, the cache, health, metrics, callers."""
import os
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
import product  # noqa: E402
import wire  # noqa: E402

TOKEN = 'a-token-of-more-than-thirty-two-bytes-0123456789'
QUERY = {'period': '2026-10', 'group_by': ['service']}


class Server(wire.Http):
    def __init__(self, home, name, *flags, **env):
        super().__init__('--demo', '--now', client.NOW, *flags, program=client.server(name),
                         env=dict(client.environment(home), **env))


def without_age(data):
    data = dict(data)
    data['source'] = {k: v for k, v in data['source'].items() if k not in ('cached', 'age_s')}
    return {k: v for k, v in data.items() if k != 'next_cursor'}


def over_stdio(home, name, query):
    with product.Talk(name, home, '--demo', '--now', client.NOW) as session:
        data, error = session.call('get_costs', query)
        return without_age(client.parse(session.structured_text())) if not error else error


def legacy_session(server):
    """(headers, initialize's result) of an older client."""
    _, headers, answer = server.post(wire.initialize('2025-06-18'))
    head = {'Mcp-Session-Id': headers['mcp-session-id'], 'MCP-Protocol-Version': '2025-06-18'}
    server.post({'jsonrpc': '2.0', 'method': 'notifications/initialized'}, head)
    return head, answer['result']


def eras(home):
    for name in product.SERVERS:
        budgets = []
        if name == 'mcp-policy':
            budgets = ['--budgets', os.path.join(home, 'budgets.yaml')]
            with open(budgets[1], 'w', encoding='utf-8') as f:
                f.write(product.BUDGETS)
        problems = []
        with Server(home, name, *budgets) as server:
            _, _, answer = server.post(wire.call('get_costs', QUERY))
            modern = answer['result'].get('structuredContent')
            exact = raw(server, QUERY)
            head, hello = legacy_session(server)
            _, _, answer = server.post(wire.legacy('tools/call', {'name': 'get_costs', 'arguments': QUERY}), head)
            old = answer['result'].get('structuredContent')
            _, _, listed = server.post(wire.legacy('tools/list', {}), head)
        if hello['serverInfo']['name'] != name or [t['name'] for t in listed['result']['tools']] != product.TOOLS:
            problems.append('%s lists %s' % (hello['serverInfo'], listed['result']['tools']))
        if not modern or without_age(modern) != without_age(old or {}):
            problems.append('the eras answer differently: %s' % str(modern)[:300])
        if over_stdio(home, name, QUERY) != without_age(exact):
            problems.append('over stdio it is another answer')
        client.report('%s_answers_both_eras_as_over_stdio' % name, problems)


def raw(server, query):
    """structuredContent with exact numbers."""
    head = {'Content-Type': 'application/json', 'Accept': 'application/json, text/event-stream', 'Mcp-Method': 'tools/call',
            'MCP-Protocol-Version': wire.MODERN, 'Mcp-Name': 'get_costs'}
    _, _, body = server.request('POST', '/mcp', wire.json.dumps(wire.call('get_costs', query)), head)
    return client.parse(body)['result']['structuredContent']


def cache(home):
    with Server(home, 'mcp-aws') as server:
        first, second = raw(server, QUERY), raw(server, dict(reversed(list(QUERY.items()))))
        problems = []
        if first['source']['cached'] or not second['source']['cached'] or second['source']['age_s'] < 0:
            problems.append('%s %s' % (first['source'], second['source']))
        if without_age(first) != without_age(second):
            problems.append('the cached answer is another one')
        if raw(server, dict(QUERY, limit=3))['source']['cached']:
            problems.append('another limit is another answer')
        client.report('the_same_question_is_answered_from_the_cache', problems)
        page = raw(server, dict(QUERY, limit=3))
        seen = sum((r['cost'] for r in page['breakdown']), Decimal(0))
        while page.get('next_cursor'):
            page = raw(server, dict(QUERY, limit=3, cursor=page['next_cursor']))
            seen += sum((r['cost'] for r in page['breakdown']), Decimal(0))
        problems = []
        client.same(problems, 'all pages', seen, page['total_cost'])
        client.report('cursors_lead_through_all_pages', problems)
    with Server(home, 'mcp-aws', '--cache-bytes', '0') as server:
        raw(server, QUERY)
        client.report('cache_bytes_0_keeps_nothing', [] if not raw(server, QUERY)['source']['cached'] else ['cached'])


def doors(home):
    with Server(home, 'mcp-gcp') as server:
        problems = []
        for path in ('/health', '/health/live', '/health/ready', '/metrics'):
            status, _, body = server.request('GET', path)
            if status != 200 or not body:
                problems.append('%s answers %d' % (path, status))
        client.report('health_and_metrics_answer', problems)
        status, _, body = server.request('POST', '/mcp', '{}', {'Content-Type': 'application/json', 'Host': 'evil.example'})
        client.report('another_host_is_refused', [] if status in (400, 403, 421) else ['%d %s' % (status, body)])
        status, _, body = server.request('POST', '/mcp', '{}', {'Content-Type': 'application/json', 'Origin': 'https://evil.example'})
        client.report('another_origin_is_refused', [] if status == 403 else ['%d %s' % (status, body)])
    with Server(home, 'mcp-gcp', '--auth', 'token', MCP_HTTP_TOKEN=TOKEN) as server:
        problems = []
        for token, want in ((None, 401), ('Bearer wrong', 401), ('Bearer ' + TOKEN[:-1], 401), ('Bearer ' + TOKEN, 200)):
            status, _, _ = server.post(wire.call('get_costs'), {'Authorization': token})
            if status != want:
                problems.append('%s: %d' % (token and token[:12], status))
        client.report('a_token_is_asked_for', problems)
    for flags, words in ((['--http', '0.0.0.0:0'], ['auth', 'allowed_hosts']),
                         (['--http', '0.0.0.0:0', '--auth', 'platform'], ['allowed_hosts']),
                         (['--http', '0', '--auth', 'token'], ['MCP_HTTP_TOKEN'])):
        status, out, err = product.cli(home, 'mcp-gcp', *flags)
        client.report('refuses_to_start_with_%s' % '_'.join(flags).replace('--', ''),
                      [] if status == 2 and all(w in err for w in words) else ['%d %s' % (status, err)])


def main():
    with product.folder() as home:
        eras(home)
        cache(home)
        doors(home)
    client.finish()


if __name__ == '__main__':
    main()
