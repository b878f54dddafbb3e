#!/usr/bin/env python3
"""The public FOCUS sample: the figures of the cost contract, and every grouping sums to the total."""
import os
import sys
import tempfile
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
from focus_oracle import Oracle, load  # noqa: E402

ALL = {'start_date': '2024-08-01', 'end_date': '2024-12-31'}
PROVIDERS = {'aws': '18.00663861840', 'azure': '1.97651418586', 'oracle': '0.53707392473'}
CHARGES = {'Usage': '22.86192672899', 'Credit': '-2.6137', 'Adjustment': '0.272'}
TOTAL = Decimal('20.52022672899')
DIMS = ['provider', 'service_provider', 'publisher', 'invoice_issuer', 'billing_account', 'invoice',
        'project', 'region', 'service', 'service_category', 'service_subcategory', 'sku', 'resource',
        'resource_type', 'resource_group', 'charge_category', 'charge_class', 'charge_frequency',
        'pricing_category', 'commitment', 'commitment_status', 'cluster', 'namespace', 'currency',
        'tag:org', 'tag: org', 'tag:environment', 'tag:nothing']


def cost_by(answer, dim):
    return {r['keys'][dim]: r['cost'] for r in answer['breakdown'] if r.get('kind') != 'other'}


def figures(session):
    """Section 13, one figure a test."""
    answer, error = session.call('get_costs', dict(ALL, group_by=['provider'], bridge=True))
    client.report('the_sample_is_answered', [error] if error else [])
    if error:
        return
    problems = []
    client.same(problems, 'total', answer['total_cost'], TOTAL)
    client.same(problems, 'totals.billed', answer['totals']['billed'], TOTAL)
    client.same(problems, 'residual', answer['check']['residual'], 0)
    client.report('total_billed', problems)
    got, problems = cost_by(answer, 'provider'), []
    for name, cost in PROVIDERS.items():
        client.same(problems, name, got.get(name), Decimal(cost))
    client.report('providers', problems)
    problems = []
    client.same(problems, 'effective', answer['totals']['effective'], Decimal('14.97651418586'))
    codes = [w['code'] for w in answer['warnings']]
    if 'effective_unreliable' not in codes:
        problems.append('no warning effective_unreliable among %s' % codes)
    client.report('effective_is_unreliable_and_says_so', problems)

    answer, _ = session.call('get_costs', dict(ALL, group_by=['charge_category']))
    got, problems = cost_by(answer, 'charge_category'), []
    for name, cost in CHARGES.items():
        client.same(problems, name, got.get(name), Decimal(cost))
    client.report('charge_categories', problems)

    answer, _ = session.call('get_costs', dict(ALL, group_by=['publisher']))
    problems = []
    client.same(problems, 'Red Hat', cost_by(answer, 'publisher').get('Red Hat Inc.'), Decimal('0.342'))
    client.report('red_hat_is_billed_by_aws', problems)


def periods(session):
    for month, cost in (('2024-09', '20.28022672899'), ('2024-10', '0.24')):
        answer, error = session.call('get_costs', {'period': month, 'basis': 'invoice'})
        problems = [error] if error else []
        if not error:
            client.same(problems, 'total', answer['total_cost'], Decimal(cost))
        client.report('invoice_%s' % month, problems)
    answer, error = session.call('get_costs', {})
    problems = [error] if error else []
    if not error:
        time = answer['time_period']
        if (time['start'], time['end']) != ('2024-09-01', '2024-09-30'):
            problems.append('the range is %s..%s' % (time['start'], time['end']))
    client.report('no_arguments_mean_september_2024', problems)


def groupings(session, oracle):
    for dim in DIMS:
        for metric in ('billed', 'effective', 'list', 'contracted'):
            q = dict(ALL, group_by=[dim], metric=metric, limit=1000)
            answer, error = session.call('get_costs', q)
            problems = [error] if error else client.compare(q, answer, oracle.answer(q))
            if not error and metric == 'billed':
                page = sum((r['cost'] for r in answer['breakdown']), Decimal(0))
                rest = (answer.get('other') or {}).get('cost', 0)
                client.same(problems, 'sum of the groups', page + rest, TOTAL)
            client.report('grouping_%s_%s' % (dim.replace(' ', '_'), metric), problems)


def family(home, dataset, name, provider):
    with client.Session(name, home, '--dataset', dataset, '--now', client.NOW) as session:
        answer, error = session.call('get_costs', ALL)
        problems = [error] if error else []
        if not error:
            client.same(problems, 'total', answer['total_cost'], Decimal(PROVIDERS[provider]))
        client.report('%s_sees_its_own_bill' % name, problems)


def main():
    if not os.path.exists(client.SAMPLE):
        print('SKIP public_sample there is no %s (MCP_SHARED)' % client.SAMPLE)
        return
    if not os.path.exists(client.server('mcp-forecast')):
        print('SKIP public_sample there is no %s' % client.server('mcp-forecast'))
        return
    oracle = Oracle(load([client.SAMPLE]), client.NOW)
    with tempfile.TemporaryDirectory(prefix='mcp-cost-test-') as home:
        dataset = os.path.join(home, 'sample.db')
        client.import_files(home, dataset, [client.SAMPLE])
        with client.Session('mcp-forecast', home, '--dataset', dataset, '--now', client.NOW) as s:
            figures(s)
            periods(s)
            groupings(s, oracle)
        family(home, dataset, 'mcp-aws', 'aws')
        family(home, dataset, 'mcp-azure', 'azure')
    client.finish()


if __name__ == '__main__':
    main()
