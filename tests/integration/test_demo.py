#!/usr/bin/env python3
"""--demo on all six servers: says that it is a demo, stays small, and equals the generator's CSV."""
import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
from focus_oracle import Oracle, load  # noqa: E402

LAST_DAY = '2026-11-20'  # the day before client.NOW
FAMILIES = {'mcp-aws': 'aws', 'mcp-azure': 'azure', 'mcp-gcp': 'gcp', 'mcp-forecast': None}
QUERIES = [{}, {'period': '2026-10'}, {'group_by': ['project'], 'metric': 'effective'},
           {'period': 'last_30_days', 'group_by': ['tag:env']},
           {'period': '2026', 'basis': 'invoice', 'bridge': True},
           {'period': 'mtd', 'compare': 'previous_period'},
           {'period': '2026-09', 'group_by': ['cluster', 'namespace'], 'metric': 'effective'},
           {'period': '2026-10', 'filters': {'charge_category': {'not': ['Tax', 'Credit']}}}]
SERVERS = ['mcp-aws', 'mcp-azure', 'mcp-gcp', 'mcp-opencost', 'mcp-forecast', 'mcp-policy']
MAX_DEFAULT = 8 * 1024


def flags(home, name):
    """mcp-policy judges budgets, of which it has none by itself."""
    if name != 'mcp-policy':
        return []
    path = os.path.join(home, 'budgets.yaml')
    with open(path, 'w') as f:
        f.write('budgets:\n  - name: everything\n    amount: 40000\n    currency: USD\n'
                '    period: monthly\n    thresholds:\n      - {type: actual, at: 0.8}\n'
                '      - {type: forecasted, at: 1.0}\n')
    return ['--budgets', path]


def default_answer(home, name):
    problems = []
    with client.Session(name, home, '--demo', '--now', client.NOW, *flags(home, name)) as session:
        answer, error = session.call('get_costs', {})
        if error:
            client.report('%s_answers' % name, [error])
            return
        # 10 groups of each currency
        most = MAX_DEFAULT * max(10, len(answer['breakdown'])) // 10
        if session.size > most:
            problems.append('a default answer takes %d bytes' % session.size)
        if answer['source']['backend'] != 'demo':
            problems.append('source.backend is %s' % answer['source']['backend'])
        if 'demo' not in session.last['content'][0]['text'].lower():
            problems.append('the text does not say that this is a demo')
        if not answer['breakdown']:
            problems.append('no rows')
        client.report('%s_default_answer' % name, problems)
        for tool in ('get_resources', 'get_recommendations', 'get_forecast'):
            answer, error = session.call(tool, {})
            client.report('%s_%s' % (name, tool), [error] if error else [])


def same_as_csv(home, rows, name, family):
    oracle = Oracle(rows, client.NOW, family)
    with client.Session(name, home, '--demo', '--now', client.NOW) as session:
        for i, q in enumerate(QUERIES if family is None else QUERIES[:3]):
            answer, error = session.call('get_costs', q)
            problems = [error] if error else client.compare(q, answer, oracle.answer(q))
            client.report('%s_equals_the_csv_%d' % (name, i), problems and [json.dumps(q)] + problems)


def forecast_adds_up(home):
    """total = actual_to_date + remaining + scheduled, and the actual part is get_costs'."""
    with client.Session('mcp-forecast', home, '--demo', '--now', client.NOW) as session:
        f, error = session.call('get_forecast', {'filters': {'currency': ['USD']}})
        costs, _ = session.call('get_costs', {'start_date': '2026-11-01', 'end_date': LAST_DAY,
                                              'filters': {'currency': ['USD']}})
        problems = [error] if error else []
        if not error:
            one = f
            for name in ('series', 'currencies', 'forecasts'):
                if isinstance(f.get(name), list) and f[name] and 'actual_to_date' in f[name][0]:
                    one = f[name][0]
            client.same(problems, 'actual_to_date', one['actual_to_date'], costs['total_cost'])
            if not Decimal(0) < Decimal(one['lower']) <= Decimal(one['upper']):
                problems.append('the interval is %s..%s' % (one['lower'], one['upper']))
        client.report('forecast_starts_from_the_actual_cost', problems)


def main():
    if client.generator() is None or not os.path.exists(client.server('mcp-forecast')):
        print('SKIP demo needs bin/ and fixture_focus_gen: make all fixtures')
        return
    with tempfile.TemporaryDirectory(prefix='mcp-cost-test-') as home:
        path = os.path.join(home, 'demo.csv')
        with open(path, 'wb') as f:
            subprocess.run([client.generator(), '--last-day', LAST_DAY], stdout=f, check=True, timeout=60)
        rows = load([path])
        for name in SERVERS:
            default_answer(home, name)
        for name, family in FAMILIES.items():
            same_as_csv(home, rows, name, family)
        forecast_adds_up(home)
    client.finish()


if __name__ == '__main__':
    main()
