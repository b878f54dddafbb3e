#!/usr/bin/env python3
"""200 random questions about generated bills: our answers against independent decimal arithmetic."""
import datetime as dt
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
from focus_oracle import Oracle, Refused, load  # noqa: E402

# (seed, rows, months, last day): by days, by hours, through a leap day and a year's end
BILLS = [(11, 4000, 4, '2026-11-20'), (12, 6000, 2, '2026-10-31'), (13, 5000, 5, '2024-03-03'),
         (14, 9000, 1, '2026-01-12')]
QUERIES_EACH = 50
DIMS = ['provider', 'service_provider', 'publisher', 'invoice_issuer', 'billing_account', 'invoice',
        'project', 'region', 'service', 'service_category', 'service_subcategory', 'sku', 'resource',
        'resource_type', 'resource_group', 'charge_category', 'charge_class', 'charge_frequency',
        'pricing_category', 'commitment', 'commitment_status', 'cluster', 'namespace', 'currency',
        'tag:env', 'tag:Env', 'tag:team', 'tag:Team', 'tag:cost_center', 'account']


class Questions:
    def __init__(self, seed, oracle):
        self.rng, self.oracle, self.cache = random.Random(seed), oracle, {}
        self.days = sorted({r.day for r in oracle.rows})

    def dates(self, q, fine):
        rng = self.rng
        kind = rng.randrange(10)
        if kind < 5 or fine:
            start = rng.choice(self.days)
            days = rng.randrange(2 if fine else 120)
            q['start_date'] = start.isoformat()
            q['end_date'] = (start + dt.timedelta(days=days)).isoformat()
        elif kind < 9:
            day = rng.choice(self.days)
            q['period'] = rng.choice(['mtd', 'last_month', 'last_7_days', 'last_30_days', 'qtd',
                                      'last_quarter', 'ytd', '%d' % day.year, '%d-%02d' % (day.year, day.month),
                                      '%d-Q%d' % (day.year, (day.month + 2) // 3)])

    def dims(self, most):
        return self.rng.sample(DIMS, self.rng.randint(1, most))

    def known(self, dim):
        """(values, names that stand for one value only) of a dimension."""
        if dim not in self.cache:
            if dim.startswith('tag:'):
                known = {v for r in self.oracle.rows for k, v in r.tags.items()
                         if k.lower() == dim[4:].lower()}
                self.cache[dim] = sorted(known), []
            else:
                ids = {}
                for r in self.oracle.rows:
                    ids.setdefault(r.name.get(dim), set()).add(r.text[dim])
                known = set().union(*ids.values()) - {None}
                self.cache[dim] = sorted(known), sorted(n for n, some in ids.items()
                                                        if n is not None and len(some) == 1)
        return self.cache[dim]

    def values(self, dim):
        rng = self.rng
        known, names = self.known('project' if dim == 'account' else dim)
        if names and rng.random() < 0.3:
            known = names
        some = rng.sample(known, min(len(known), rng.randint(1, 3))) if known else [None]
        if rng.random() < 0.2:
            some = [v.lower() if v else v for v in some]
        if rng.random() < 0.2:
            some.append(rng.choice([None, '(none)']))
        return some

    def next(self):
        rng, q = self.rng, {}
        if rng.random() < 0.35:
            q['granularity'] = rng.choice(['TOTAL', 'DAILY', 'MONTHLY', 'MONTHLY', 'HOURLY'])
        fine = q.get('granularity') in ('DAILY', 'HOURLY')
        self.dates(q, fine)
        if rng.random() < 0.85:
            dims = self.dims(2 if fine else 3)
            if not {'project', 'account'} <= set(dims) and not {'tag:team', 'tag:Team'} <= set(dims):
                q['group_by'] = dims
        for dim in self.dims(3) if rng.random() < 0.5 else []:
            values = self.values(dim)
            if dim != 'account' or 'project' not in q.get('filters', {}):
                q.setdefault('filters', {})[dim] = {'not': values} if rng.random() < 0.3 else values
        if rng.random() < 0.6:
            q['metric'] = rng.choice(['billed', 'effective', 'list', 'contracted', 'amortized'])
        if rng.random() < 0.2 and not fine:
            q['basis'] = 'invoice'
        if rng.random() < 0.25:
            q['compare'] = rng.choice(['previous_period', 'previous_month', 'previous_year',
                                       {'start_date': self.days[0].isoformat(),
                                        'end_date': self.days[len(self.days) // 3].isoformat()}])
        if rng.random() < 0.1 and 'currency' not in q.get('filters', {}):
            q['currency'] = rng.choice(['USD', 'EUR'])
        if rng.random() < 0.3:
            q['bridge'] = True
        if rng.random() < 0.7:
            q['limit'] = rng.choice([1, 3, 10, 25, 100])
        return q


def acceptable_refusal(q, want, text):
    """What the contract refuses although sums exist."""
    if want is None:
        return True
    if q.get('granularity') in ('DAILY', 'HOURLY', 'MONTHLY'):
        return 'page' in text or any(b['coarse'] for b in want['blocks'].values())
    return False


def ask(session, oracle, q):
    try:
        want = oracle.answer(q)
    except Refused:
        want = None
    answer, error = session.call('get_costs', q)
    if error is not None:
        return [] if acceptable_refusal(q, want, error) else ['refused: %s' % error[:400]], 0
    if want is None:
        return ['answered, but the contract refuses it'], 0
    problems = client.compare(q, answer, want)
    cursor, pages = answer.get('next_cursor'), 1
    while cursor and pages < 3 and not problems:
        more = dict(q, cursor=cursor)
        answer, error = session.call('get_costs', more)
        if error is not None:
            return ['page %d: %s' % (pages + 1, error[:300])], 1
        problems = ['page %d: %s' % (pages + 1, p) for p in client.compare(more, answer, want)]
        cursor, pages = answer.get('next_cursor'), pages + 1
    return problems, 1


def one_bill(home, number, seed, rows, months, last_day):
    name = 'bill_%d' % number
    path, dataset = os.path.join(home, name + '.csv'), os.path.join(home, name + '.db')
    with open(path, 'wb') as f:
        subprocess.run([client.generator(), '--rows', str(rows), '--seed', str(seed), '--months',
                        str(months), '--last-day', last_day], stdout=f, check=True, timeout=60)
    now = (dt.date.fromisoformat(last_day) + dt.timedelta(days=1)).isoformat() + 'T08:00:00Z'
    client.import_files(home, dataset, [path], '--now', now)
    oracle = Oracle(load([path]), now)
    questions, answered = Questions(seed, oracle), 0
    with client.Session('mcp-forecast', home, '--dataset', dataset, '--now', now) as session:
        for i in range(QUERIES_EACH):
            q = questions.next()
            problems, ok = ask(session, oracle, q)
            answered += ok
            label = 'seed_%d_query_%d' % (seed, i)
            client.report(label, problems and ['--now %s --args %s' % (now, json.dumps(q))] + problems)
    client.report('seed_%d_most_are_answered' % seed,
                  [] if answered >= QUERIES_EACH * 0.7 else ['only %d of %d' % (answered, QUERIES_EACH)])


# ---- rows as nobody should write them ----

NASTY_COLUMNS = ['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost', 'BillingAccountId',
                 'BillingAccountName', 'BillingCurrency', 'BillingPeriodStart', 'BillingPeriodEnd',
                 'ChargeCategory', 'ChargeClass', 'ChargeFrequency', 'ChargePeriodStart',
                 'ChargePeriodEnd', 'ChargeDescription', 'CommitmentDiscountId',
                 'CommitmentDiscountStatus', 'ConsumedQuantity', 'ConsumedUnit', 'InvoiceIssuerName',
                 'ServiceProviderName', 'HostProviderName', 'RegionId', 'RegionName', 'ResourceId',
                 'ServiceCategory', 'ServiceName', 'SubAccountId', 'SubAccountName', 'Tags',
                 'AllocatedTags', 'PricingCategory', 'x_Unknown']
NASTY_DEFAULTS = {
    'BilledCost': '1.5', 'EffectiveCost': '1.5', 'ListCost': '2', 'ContractedCost': '1.5',
    'BillingAccountId': 'acc', 'BillingAccountName': 'Account', 'BillingCurrency': 'USD',
    'BillingPeriodStart': '2026-10-01 00:00:00', 'BillingPeriodEnd': '2026-11-01 00:00:00',
    'ChargeCategory': 'Usage', 'ChargeFrequency': 'Usage-Based',
    'ChargePeriodStart': '2026-10-05 00:00:00', 'ChargePeriodEnd': '2026-10-06 00:00:00',
    'InvoiceIssuerName': 'Amazon Web Services, Inc.', 'ServiceProviderName': 'AWS',
    'ServiceCategory': 'Compute', 'ServiceName': 'svc', 'PricingCategory': 'Standard'}
NASTY_ROWS = [
    {'BilledCost': '0.000000000000000000499999', 'ServiceName': 'rounded down'},
    {'BilledCost': '0.0000000000000000005', 'ServiceName': 'half to even'},
    {'BilledCost': '0.0000000000000000015', 'ServiceName': 'half to even'},
    {'BilledCost': '-0.00', 'EffectiveCost': '-0', 'ServiceName': 'minus zero'},
    {'BilledCost': '1.25E-7', 'ServiceName': 'exponent'},
    {'BilledCost': '9007199254740993.000000000000000001', 'ServiceName': 'beyond a double'},
    {'BilledCost': '-9007199254740992', 'ServiceName': 'beyond a double'},
    {'BilledCost': '0.1', 'ServiceName': 'tenths'}, {'BilledCost': '0.2', 'ServiceName': 'tenths'},
    {'EffectiveCost': 'NULL', 'ServiceName': 'no effective'},
    {'ListCost': '', 'ContractedCost': 'NULL', 'ServiceName': 'no list'},
    {'ServiceName': '(other)', 'BilledCost': '3'}, {'ServiceName': '(other)', 'BilledCost': '-1'},
    {'ServiceName': 'comma, "quote" and\nnewline', 'BilledCost': '7.125'},
    {'ServiceName': 'Größe 価格', 'BilledCost': '0.01', 'RegionName': 'Zürich'},
    {'ServiceName': 'both ends', 'ChargePeriodStart': '2026-10-01T00:00:00Z',
     'ChargePeriodEnd': '2026-10-02T00:00:00Z'},
    {'ServiceName': 'both ends', 'ChargePeriodStart': '2026-10-31 23:00:00',
     'ChargePeriodEnd': '2026-11-01 00:00:00'},
    {'ServiceName': 'across midnight', 'ChargePeriodStart': '2026-10-10 12:00:00',
     'ChargePeriodEnd': '2026-10-11 12:00:00', 'BilledCost': '4'},
    {'ServiceName': 'a whole month', 'ChargePeriodStart': '2026-10-01 00:00:00',
     'ChargePeriodEnd': '2026-11-01 00:00:00', 'ChargeCategory': 'Purchase',
     'ChargeFrequency': 'Recurring', 'BilledCost': '31'},
    {'ServiceName': 'covered', 'BilledCost': '0', 'EffectiveCost': '0.7', 'ListCost': '1',
     'CommitmentDiscountId': 'c-1', 'CommitmentDiscountStatus': 'Used', 'ResourceId': 'r-1'},
    {'ServiceName': 'covered', 'BilledCost': '0', 'EffectiveCost': '0.3', 'ListCost': '0',
     'CommitmentDiscountId': 'c-1', 'CommitmentDiscountStatus': 'Unused'},
    {'ServiceName': 'covered', 'ChargeCategory': 'Purchase', 'BilledCost': '1', 'EffectiveCost': '0',
     'CommitmentDiscountId': 'c-1'},
    {'ServiceName': 'credit', 'ChargeCategory': 'Credit', 'BilledCost': '-12.5',
     'EffectiveCost': '-12.5', 'ListCost': '0', 'ContractedCost': '0'},
    {'ServiceName': 'tax', 'ChargeCategory': 'Tax', 'BilledCost': '2.345', 'SubAccountId': ''},
    {'ServiceName': 'adjusted', 'ChargeCategory': 'Adjustment', 'BilledCost': '-0.01'},
    {'ServiceName': 'tagged', 'ResourceId': 'r-2', 'Tags': '{"env": "prod", "flag": true}'},
    {'ServiceName': 'tagged', 'ResourceId': 'r-3', 'Tags': '"env": "dev","n": "1"'},
    {'ServiceName': 'tagged', 'ResourceId': 'r-4', 'Tags': '[{"key": "env", "value": "prod"}]'},
    {'ServiceName': 'tagged', 'ResourceId': 'r-5', 'Tags': '{"env": "dev"}',
     'AllocatedTags': '{"env": "qa"}'},
    {'ServiceName': 'tagged', 'ResourceId': 'r-6', 'Tags': '{}'},
    {'ServiceName': 'tagged', 'ResourceId': 'r-7', 'Tags': 'NULL'},
    {'ServiceName': 'units', 'ConsumedQuantity': '1.5', 'ConsumedUnit': 'GB'},
    {'ServiceName': 'units', 'ConsumedQuantity': '2', 'ConsumedUnit': 'Hours'},
    {'ServiceName': 'late', 'BillingPeriodStart': '2026-11-01 00:00:00',
     'BillingPeriodEnd': '2026-12-01 00:00:00', 'ChargeClass': 'Correction', 'BilledCost': '-0.3'},
    {'ServiceName': 'in euro', 'BillingCurrency': 'EUR', 'BilledCost': '8.8'},
]
NASTY_QUERIES = [
    {}, {'group_by': ['provider']}, {'group_by': ['charge_category'], 'bridge': True},
    {'metric': 'effective'}, {'metric': 'list'}, {'metric': 'contracted'}, {'limit': 1},
    {'filters': {'service': ['(other)']}}, {'filters': {'service': {'not': ['(other)']}}},
    {'filters': {'service': ['comma, "quote" and\nnewline', 'GRÖSSE', 'Größe 価格']}},
    {'group_by': ['tag:env']}, {'group_by': ['tag:ENV', 'service']}, {'group_by': ['tag:flag']},
    {'filters': {'tag:env': [None]}}, {'filters': {'tag:env': {'not': ['prod']}}},
    {'filters': {'tag:env': {'not': ['prod', None]}}},
    {'basis': 'invoice', 'period': '2026-10'}, {'basis': 'invoice', 'period': '2026-11'},
    {'granularity': 'DAILY', 'start_date': '2026-10-04', 'end_date': '2026-10-06'},
    {'granularity': 'MONTHLY'}, {'period': '2026', 'granularity': 'TOTAL'},
    {'start_date': '2026-10-31', 'end_date': '2026-10-31'},
    {'start_date': '2026-10-01', 'end_date': '2026-10-01'},
    {'start_date': '2026-10-10', 'end_date': '2026-10-10', 'group_by': ['resource']},
    {'compare': {'start_date': '2026-10-01', 'end_date': '2026-10-04'},
     'start_date': '2026-10-05', 'end_date': '2026-10-31'},
    {'currency': 'EUR'}, {'currency': 'usd', 'bridge': True}, {'group_by': ['commitment_status']},
    {'group_by': ['region']}, {'filters': {'charge_category': ['usage']}},
]


def nasty(home):
    """Literal NULL, digits past 1e-18, quoted newlines, BOM and CRLF, tags in every shape."""
    path, dataset = os.path.join(home, 'nasty.csv'), os.path.join(home, 'nasty.db')

    def field(text):
        return '"%s"' % text.replace('"', '""') if any(c in text for c in ',"\n') else text
    lines = [','.join(NASTY_COLUMNS)]
    for row in NASTY_ROWS:
        full = dict(NASTY_DEFAULTS, **row)
        lines.append(','.join(field(full.get(c, 'NULL')) for c in NASTY_COLUMNS))
    with open(path, 'wb') as f:
        f.write(b'\xef\xbb\xbf' + '\r\n'.join(lines).encode() + b'\r\n')
    now = '2026-11-03T08:00:00Z'
    client.import_files(home, dataset, [path], '--now', now)
    oracle = Oracle(load([path]), now)
    with client.Session('mcp-forecast', home, '--dataset', dataset, '--now', now) as session:
        for i, q in enumerate(NASTY_QUERIES):
            problems, _ = ask(session, oracle, q)
            client.report('nasty_rows_%d' % i,
                          problems and ['--now %s --args %s' % (now, json.dumps(q))] + problems)


def main():
    if client.generator() is None or not os.path.exists(client.server('mcp-forecast')):
        print('SKIP differential needs bin/mcp-forecast and fixture_focus_gen: make all fixtures')
        return
    with tempfile.TemporaryDirectory(prefix='mcp-cost-test-') as home:
        nasty(home)
        for number, bill in enumerate(BILLS):
            one_bill(home, number, *bill)
    client.finish()


if __name__ == '__main__':
    main()
