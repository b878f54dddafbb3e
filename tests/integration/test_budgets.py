#!/usr/bin/env python3
"""mcp-policy with a YAML file of budgets: statuses, periods, rollover, currencies, and what is wrong with a file."""
import os
import subprocess
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
import product  # noqa: E402

COSTS = 'get_costs'


class Policy(product.Talk):
    """mcp-policy on the demo with budgets given as YAML items."""

    def __init__(self, home, items, name='budgets.yaml'):
        path = os.path.join(home, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write('budgets:\n' + ''.join(items))
        super().__init__('mcp-policy', home, '--demo', '--now', client.NOW, '--budgets', path)


def item(name, amount, more='', period='monthly', currency='USD'):
    return '  - { name: %s, amount: %s, currency: %s, period: %s%s }\n' % (name, amount, currency, period,
                                                                        ', ' + more if more else '')


def threshold(kind, at, probability=None):
    return 'thresholds: [{ type: %s, at: %s%s }]' % (kind, at, ', probability: %s' % probability if probability else '')


def spent(session, **args):
    data, error = session.call(COSTS, dict(args, limit=1, currency=args.get('currency', 'USD')))
    if error:
        raise RuntimeError(error)
    return data['total_cost']


def budgets_of(session, **args):
    data, error = session.call(COSTS, args)
    if error:
        raise RuntimeError(error)
    return {b['name']: b for b in data['budgets']}


def statuses(home):
    """The amounts are set around what was spent and is forecast, so that each status must come out."""
    with Policy(home, [item('any', 1)]) as session:
        actual = spent(session, start_date='2026-11-01', end_date='2026-11-20')
        forecast = budgets_of(session)['any']['forecast']
    cases = {
        'ok_below': (actual * 10, threshold('actual', 0.8), 'ok', [False]),
        'ok_without_thresholds': (actual + 1, '', 'ok', []),
        'warning_actual': (actual * Decimal('1.2'), threshold('actual', 0.8), 'warning', [True]),
        'warning_at_the_cent': (actual * 2, threshold('actual', 0.5), 'warning', [True]),
        'warning_forecasted': (forecast - 1, threshold('forecasted', 1), 'warning', [True]),
        'ok_forecasted': (forecast * 2, threshold('forecasted', 1), 'ok', [False]),
        'warning_by_probability': (forecast + 1, threshold('forecasted', 1, 0.05), 'warning', [True]),
        'ok_by_probability': (forecast + 1, threshold('forecasted', 1, 0.95), 'ok', [False]),
        'exceeded': (actual, threshold('actual', 0.8), 'exceeded', [True]),
        'exceeded_by_far': (1, '', 'exceeded', []),
    }
    with Policy(home, [item(n, a, t) for n, (a, t, _, _) in cases.items()]) as session:
        got = budgets_of(session)
        text = session.last['content'][0]['text']
    for name, (amount, _, status, fired) in cases.items():
        b, problems = got[name], []
        client.same(problems, 'actual', b['actual'], actual)
        client.same(problems, 'amount', b['amount'], Decimal(amount))
        client.same(problems, 'residual', b['check']['residual'], 0)
        client.same(problems, 'check.total', b['check']['total'], actual)
        if b['status'] != status or [t['fired'] for t in b['thresholds']] != fired:
            problems.append('status %s, fired %s' % (b['status'], [t['fired'] for t in b['thresholds']]))
        if abs(b['percent'] - actual / Decimal(amount) * 100) > Decimal('0.01'):
            problems.append('percent %s' % b['percent'])
        if name not in text:
            problems.append('the text leaves it out: %s' % text)
        client.report('status_' + name, problems)


def unknowns(home):
    """What cannot be known is never ok."""
    items = [item('nothing_in_yen', 1000, currency='JPY'), item('no_history', 1000, threshold('forecasted', 1) +
             ', filters: { service: [Azure Marketplace] }'), item('contracted', 100000, 'metric: contracted')]
    with Policy(home, items) as session:
        got = budgets_of(session)
    b = got['nothing_in_yen']
    client.report('another_currency_is_unknown', [] if b['status'] == 'unknown' and b['actual'] is None and
                  b['percent'] is None and 'USD' in b['warning'] and 'EUR' in b['warning'] else [b])
    b = got['no_history']
    client.report('a_refused_forecast_is_unknown', [] if b['status'] == 'unknown' and b['forecast'] is None else [b])
    b = got['contracted']
    client.report('a_metric_that_is_missing_is_unknown', [] if b['status'] == 'unknown' and b['actual'] is None else [b])


def periods(home):
    items = [item('month', 1000), item('quarter', 1000, period='quarterly'), item('year', 1000, period='yearly'), item('large', 10000000, period='yearly'),
             item('fiscal_year', 1000, 'fiscal_start: 4', period='yearly'),
             item('fiscal_quarter', 1000, 'fiscal_start: 2', period='quarterly'),
             item('custom', 1000, period='{ start: 2026-10-15, end: 2026-11-30 }'),
             item('custom_past', 1000, period='{ start: 2026-01-01, end: 2026-01-31 }')]
    want = {'month': ('2026-11-01', '2026-11-30'), 'quarter': ('2026-10-01', '2026-12-31'), 'year': ('2026-01-01', '2026-12-31'),
            'fiscal_year': ('2026-04-01', '2027-03-31'), 'fiscal_quarter': ('2026-11-01', '2027-01-31'),
            'custom': ('2026-10-15', '2026-11-30')}
    with Policy(home, items) as session:
        got = budgets_of(session)
        for name, (start, end) in want.items():
            problems = []
            if (got[name]['period']['start'], got[name]['period']['end']) != (start, end):
                problems.append(got[name]['period'])
            client.same(problems, 'actual', got[name]['actual'], spent(session, start_date=start, end_date='2026-11-20'))
            client.report('period_' + name, problems)
        client.report('a_custom_period_that_is_over_is_left_out', [] if 'custom_past' not in got else [got['custom_past']])
        january = budgets_of(session, period='2026-01')
        problems = [] if january['month']['period']['start'] == '2026-01-01' else [january['month']]
        client.same(problems, 'january', january['month']['actual'], spent(session, period='2026-01'))
        old = budgets_of(session, period='2025-12')
        for name, status in (('year', 'exceeded'), ('large', 'unknown')):
            problems += [] if old[name]['status'] == status and 'begins' in old[name]['warning'] else [old[name]]
        problems += [] if 'custom_past' in january else ['the custom period of January is missing']
        client.report('dates_choose_the_period', problems)


def scopes(home):
    items = [item('aws', 50000, 'filters: { provider: [AWS] }'), item('effective', 50000, 'metric: effective'),
             item('no_tax', 50000, 'exclude: [Tax, Credit]'), item('not_aws', 50000, 'filters: { provider: { not: [aws] } }'),
             item('bill', 50000, 'basis: invoice'), item('euro', 1000, currency='EUR')]
    with Policy(home, items) as session:
        got = budgets_of(session)
        month = {'start_date': '2026-11-01', 'end_date': '2026-11-20'}
        want = {'aws': spent(session, filters={'provider': ['aws']}, **month),
                'effective': spent(session, metric='effective', **month),
                'no_tax': spent(session, filters={'charge_category': {'not': ['Tax', 'Credit']}}, **month),
                'not_aws': spent(session, filters={'provider': {'not': ['aws']}}, **month),
                'bill': spent(session, basis='invoice', period='2026-11'),
                'euro': spent(session, currency='EUR', **month)}
        for name, cost in want.items():
            problems = []
            client.same(problems, 'actual', got[name]['actual'], cost)
            client.report('scope_' + name, problems)
        problems = [] if 'EUR' in got['no_tax'].get('warning', '') else [got['no_tax']]
        client.report('other_currencies_are_summed_in_a_warning', problems)
        data, _ = session.call(COSTS, {'currency': 'USD'})
        problems = []
        client.same(problems, 'total', data['total_cost'], spent(session, **month))
        client.report('overlapping_budgets_do_not_change_the_total', problems)


def rollover(home):
    with Policy(home, [item('any', 1)]) as session:
        october = spent(session, period='2026-10')
    with Policy(home, [item('unspent', october + 500, 'rollover: unspent'), item('none', october + 500, 'rollover: none'),
                       item('overspent', october - 500, 'rollover: unspent')]) as session:
        got = budgets_of(session)
    problems = []
    client.same(problems, 'with what was left', got['unspent']['amount'], october + 1000)
    client.same(problems, 'without', got['none']['amount'], october + 500)
    client.same(problems, 'nothing was left', got['overspent']['amount'], october - 500)
    client.report('rollover_adds_what_was_left', problems)


def many(home):
    """More budgets than a page holds: the urgent ones are shown."""
    items = [item('b%03d' % i, 1 if i == 150 else 10000000) for i in range(160)]
    with Policy(home, items) as session:
        data, error = session.call(COSTS, {'limit': 1000})
        problems = [error] if error else []
        if not error:
            size = len(session.structured_text()) + len(session.last['content'][0]['text'])
            if size > 25000:
                problems.append('%d characters' % size)
            if data['budgets'][0]['name'] != 'b150' or len(data['budgets']) == 160:
                problems.append('%d budgets, first %s' % (len(data['budgets']), data['budgets'][0]['name']))
            if 'budgets_left_out' not in [w['code'] for w in data['warnings']]:
                problems.append(data['warnings'])
            if not data['breakdown'] or (data['other']['groups'] if data.get('other') else 0) < 0:
                problems.append('no room for costs')
        client.report('of_many_budgets_the_urgent_are_shown', problems)


def files(home):
    with client.Session('mcp-policy', home, '--demo', '--now', client.NOW) as session:
        data, error = session.call(COSTS, {})
        client.report('the_demo_brings_budgets_of_its_own', [error] if error else
                      [b for b in data['budgets'] if b['status'] not in ('ok', 'warning', 'exceeded')])
    csv = os.path.join(home, 'bill.csv')
    with open(csv, 'wb') as out:
        subprocess.run([os.path.join(os.environ['MCP_FIXTURES'], 'fixture_focus_gen'), '--rows', '2000', '--months',
                        '3', '--last-day', client.NOW[:10]], stdout=out, check=True)
    with client.Session('mcp-policy', home, '--data', csv, '--now', client.NOW) as session:
        _, error = session.call(COSTS, {})
        client.report('without_a_file_the_call_names_the_option',
                      [w for w in ('budgets', '--budgets', 'MCP_COST_BUDGETS', 'README') if w not in (error or '')])
        for tool in product.TOOLS[1:]:
            _, error = session.call(tool, {})
            client.report('without_a_file_%s_answers' % tool, [error] if error else [])
    wrong = {
        'no_yaml': ('budgets: [', ['own.yaml']),
        'no_list': ('budget: []\n', ['own.yaml', 'budgets']),
        'an_unknown_member': ('budgets:\n' + item('a', 5, 'colour: red'), ['colour', 'budgets[0]']),
        'no_amount': ('budgets:\n  - { name: a, currency: USD, period: monthly }\n', ['amount', 'budgets[0]']),
        'amount_0': ('budgets:\n' + item('a', 0), ['amount']),
        'a_word_for_amount': ('budgets:\n' + item('a', 'lots'), ['amount', 'number']),
        'an_unknown_period': ('budgets:\n' + item('a', 5, period='weekly'), ['period', 'monthly']),
        'a_date_that_does_not_exist': ('budgets:\n' + item('a', 5, period='{ start: 2026-02-30, end: 2026-03-01 }'), ['period']),
        'a_period_that_ends_first': ('budgets:\n' + item('a', 5, period='{ start: 2026-03-02, end: 2026-03-01 }'), ['"a"', 'ends']),
        'an_unknown_dimension': ('budgets:\n' + item('a', 5, 'filters: { servce: [x] }'), ['"a"', 'servce', 'service']),
        'a_name_twice': ('budgets:\n' + item('a', 5) * 2, ['"a"', 'own.yaml']),
        'fiscal_month_13': ('budgets:\n' + item('a', 5, 'fiscal_start: 13'), ['fiscal_start', '12']),
        'a_probability_of_the_past': ('budgets:\n' + item('a', 5, threshold('actual', 0.5, 0.5)), ['"a"', 'probability']),
    }
    path = os.path.join(home, 'own.yaml')
    for what, (text, words) in wrong.items():
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        status, out, err = product.cli(home, 'mcp-policy', 'call', COSTS, '--demo', '--budgets', path)
        problems = ['no "%s" in: %s' % (w, err) for w in words if w not in err]
        problems += [] if status == 2 and not out else ['exit status %d' % status]
        client.report('refuses_a_file_with_' + what, problems)
    status, out, err = product.cli(home, 'mcp-policy', 'call', COSTS, '--demo', '--budgets', path + '.no')
    client.report('names_a_file_that_is_missing', [] if status == 2 and 'own.yaml.no' in err else [err])
    with open(path, 'w', encoding='utf-8') as f:
        f.write('budgets:\n' + item('whole', 30000, threshold('forecasted', 1)) + item('euro', 900, currency='EUR'))
    for name in ('COST_TEXT', '--csv'):
        status, out, err = product.demo(home, 'mcp-policy', 'call', COSTS, '--budgets', path, *([name] if name == '--csv' else []))
        good = status == 0 and ('whole' in out) == (name != '--csv')
        client.report('the_table_has_the_budgets_and_the_csv_not_%s' % name.strip('-'), [] if good else [out + err])


def main():
    with product.folder() as home:
        for part in (statuses, unknowns, periods, scopes, rollover, many, files):
            part(home)
    client.finish()


if __name__ == '__main__':
    main()
