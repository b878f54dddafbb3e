"""What get_costs must answer over the made-up export: summed from its rows in decimals, knowing no SQL."""
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import export

ZERO = Decimal(0)
CHARGES = {'tax': 'Tax', 'adjustment': 'Adjustment', 'rounding_error': 'Adjustment'}
COMMITMENTS = ('COMMITTED_USAGE_DISCOUNT', 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE', 'FEE_UTILIZATION_OFFSET')


def find(pairs, key):
    values = [p['value'] for p in pairs if p['key'] == key]
    return max(values) if values else None


def tag(row, key):
    for part in ('labels', 'tags'):
        value = find(row[part], key)
        if value is not None:
            return value
    return find(row['project']['labels'], key)


DIMS = {
    'service': lambda f: f['row']['service']['description'],
    'project': lambda f: f['row']['project']['id'],
    'region': lambda f: f['row']['location']['region'] or f['row']['location']['location'],
    'sku': lambda f: f['row']['sku']['id'],
    'resource': lambda f: f['row']['resource']['global_name'] or f['row']['resource']['name'],
    'charge_category': lambda f: f['charge'],
    'invoice': lambda f: f['row']['invoice']['month'],
    'currency': lambda f: f['currency'],
    'billing_account': lambda f: f['row']['billing_account_id'],
    'publisher': lambda f: f['row']['seller_name'],
    'provider': lambda f: 'gcp',
    'service_provider': lambda f: 'Google Cloud',
    'invoice_issuer': lambda f: 'Google Cloud',
    'cluster': lambda f: find(f['row']['labels'], 'goog-k8s-cluster-name'),
    'namespace': lambda f: find(f['row']['labels'], 'k8s-namespace'),
    'commitment': lambda f: f['row']['subscription']['instance_id'],
}


FOCUS_DIMS = dict({name: lambda f, column=column: f['row'][column] for name, column in (
    ('service', 'ServiceName'), ('service_category', 'ServiceCategory'), ('project', 'SubAccountId'), ('sku', 'SkuId'),
    ('resource', 'ResourceId'), ('invoice', 'InvoiceId'), ('billing_account', 'BillingAccountId'),
    ('publisher', 'PublisherName'), ('pricing_category', 'PricingCategory'))},
    charge_category=lambda f: f['charge'], currency=lambda f: f['currency'], provider=lambda f: 'gcp',
    region=lambda f: f['row']['RegionId'] or f['row']['RegionName'])


def dim(name, focus=False):
    if focus:
        return (lambda f: find(f['row']['Tags'], name[4:])) if name.startswith('tag:') else FOCUS_DIMS[name]
    for part, holder in (('project.labels/', lambda r: r['project']['labels']), ('labels/', lambda r: r['labels']),
                         ('tags/', lambda r: r['tags'])):
        if name.startswith('tag:' + part):
            return lambda f: find(holder(f['row']), name[len('tag:' + part):])
    if name.startswith('tag:'):
        return lambda f: tag(f['row'], name[4:].lower())
    return DIMS[name]


def facts(rows):
    """The rows in FOCUS terms: a promotion is a credit of its own, other credits lower what they stand with."""
    for row in rows:
        promo = [c['amount'] for c in row['credits'] if c['type'] == 'PROMOTION']
        other = sum((c['amount'] for c in row['credits'] if c['type'] != 'PROMOTION'), ZERO)
        charge = CHARGES.get(row['cost_type'])
        if charge is None:
            charge = 'Purchase' if row['sku']['description'].startswith('Commitment') else 'Usage'
        committed = any(c['type'] in COMMITMENTS for c in row['credits'])
        default = row['cost_at_effective_price_default']
        contracted = row['cost'] if default is None else default
        kind = {'Tax': 'T', 'Adjustment': 'A'}.get(charge, 'U' if committed or contracted != row['cost'] else 'O')
        base = {'row': row, 'currency': row['currency'], 'start': row['usage_start_time'], 'end': row['usage_end_time'],
                'project': row['project']['id'], 'invoice': row['invoice']['month'],
                'commitment': committed or row['sku']['description'].startswith('Commitment')}
        yield dict(base, charge=charge, kind=kind, billed=row['cost'] + other, list=row['cost_at_list'], contracted=contracted,
                   unit=row['usage']['pricing_unit'], quantity=row['usage']['amount_in_pricing_units'])
        if promo:
            yield dict(base, charge='Credit', kind='C', billed=sum(promo), list=ZERO, contracted=ZERO, unit=None, quantity=None)


def focus_facts(rows):
    """Rows of the FOCUS export, which need no translation."""
    for row in rows:
        yield {'row': row, 'currency': row['BillingCurrency'], 'start': row['ChargePeriodStart'], 'end': row['ChargePeriodEnd'],
               'project': row['SubAccountId'], 'invoice': row['BillingPeriodStart'].strftime('%Y%m'), 'commitment': False,
               'charge': row['ChargeCategory'], 'billed': row['BilledCost'], 'effective': row['EffectiveCost'],
               'list': row['ListCost'], 'contracted': row['ContractedCost'], 'unit': row['ConsumedUnit'],
               'quantity': row['ConsumedQuantity']}


class Answer:
    """One question in the arguments of the tool, with explicit dates."""

    def __init__(self, rows, args, zone=export.PACIFIC, allowed=None, unattributed=False, focus=False):
        self.args, self.zone, self.focus = args, timezone.utc if focus else zone, focus
        self.keys = args.get('group_by', ['service'])
        self.metric = args.get('metric', 'billed')
        self.granularity = args.get('granularity')
        self.compared = args.get('compare')
        self.blocks = {}
        all_facts = [f for f in (focus_facts if focus else facts)(rows) if self.may_see(f, allowed, unattributed) and self.passes(f)]
        self.now = [f for f in all_facts if self.within(f, args['start_date'], args['end_date'])]
        self.then = [f for f in all_facts if self.compared and
                     self.within(f, self.compared['start_date'], self.compared['end_date'])]
        for currency in sorted({f['currency'] for f in self.now + self.then}):
            self.blocks[currency] = self.block(currency)

    @staticmethod
    def may_see(f, allowed, unattributed):
        project = f['project']
        if allowed is None:
            return True
        return bool(allowed) and (project in allowed or (unattributed and project is None))

    def passes(self, f):
        for name, wanted in self.args.get('filters', {}).items():
            negate = isinstance(wanted, dict)
            wanted = wanted['not'] if negate else wanted
            value = dim(name, self.focus)(f)
            found = value in wanted    # a listed None is the missing value
            if name == 'resource' and not self.focus:    # by its display name, too
                found = found or (f['row']['resource']['name'] or value) in wanted
            if found == negate:
                return False
        return True

    def day(self, f):
        return f['start'].astimezone(self.zone).date()

    def within(self, f, first, last):
        if self.args.get('basis') == 'invoice':
            return first[:7].replace('-', '') <= f['invoice'] <= last[:7].replace('-', '')
        return first <= self.day(f).isoformat() <= last

    def cost(self, f):
        value = self.effective(f) if self.metric == 'effective' else f[self.metric]
        return ZERO if value is None else value

    @staticmethod
    def effective(f):
        return f.get('effective', f['billed'])

    def bucket(self, f, granularity):
        if granularity == 'HOURLY':
            return f['start'].astimezone(timezone.utc).strftime('%Y-%m-%dT%H:00:00Z')
        if granularity == 'DAILY':
            return self.day(f).isoformat()
        if self.args.get('basis') == 'invoice':
            month = f['invoice']
            return month[:4] + '-' + month[4:]
        return self.day(f).isoformat()[:7]

    def key(self, f):
        return tuple(dim(k, self.focus)(f) for k in self.keys)

    def block(self, currency):
        now = [f for f in self.now if f['currency'] == currency]
        then = [f for f in self.then if f['currency'] == currency]
        groups, previous = defaultdict(lambda: ZERO), defaultdict(lambda: ZERO)
        for f in now:
            groups[self.key(f)] += self.cost(f)
        for f in then:
            previous[self.key(f)] += self.cost(f)
            groups[self.key(f)] += ZERO
        order = sorted(groups, key=lambda k: (-abs(groups[k] - previous[k]),
                                              [(x is not None, (x or '').encode()) for x in k]))
        units = defaultdict(lambda: defaultdict(lambda: ZERO))
        for f in now:
            if f['charge'] == 'Usage' and (f['unit'] is not None or f['quantity']):
                units[self.key(f)][f['unit']] += f['quantity'] or ZERO
        return {'now': now, 'groups': groups, 'previous': previous, 'order': order, 'units': units,
                'total': sum(groups.values(), ZERO), 'previous_total': sum(previous.values(), ZERO)}

    def bridge(self, currency):
        """The identities of the contract over the rows now; steps that need a missing list price are None."""
        def total(metric, kinds):
            values = [f[metric] for f in self.blocks[currency]['now'] if f['kind'] in kinds]
            return None if None in values else sum(values, ZERO)

        def minus(a, b):
            return None if a is None or b is None else a - b
        gross = total('billed', 'OU')
        return {'list': total('list', 'O'), 'negotiated_discount': minus(total('contracted', 'O'), total('list', 'O')),
                'other_discounts': total('billed', 'O') - total('contracted', 'O'), 'covered_and_unused': total('billed', 'U'),
                'billed_gross': gross, 'credits': total('billed', 'C'), 'adjustments': total('billed', 'A'),
                'tax': total('billed', 'T'), 'billed': gross + total('billed', 'CAT')}, {
                'list': total('list', 'OU'), 'negotiated_discount': minus(total('contracted', 'OU'), total('list', 'OU')),
                'commitment_savings': total('billed', 'U') - total('contracted', 'U'),
                'other_discounts': total('billed', 'O') - total('contracted', 'O'), 'unused_commitment': ZERO,
                'covering_purchases': ZERO, 'credits_adjustments_tax': total('billed', 'CAT'), 'effective': gross + total('billed', 'CAT')}

    # ---- comparison ----

    def differences(self, got):
        """What is wrong with an answer (structuredContent), as sentences."""
        if not self.now and not self.then:
            return [] if got['total_cost'] is None and not got['breakdown'] and \
                any(w['code'] == 'no_data' for w in got['warnings']) else ['rows where there are none']
        out = []
        many = len(self.blocks) > 1
        blocks = {b['currency']: b for b in got['currencies']} if many else {got['currency']: got}
        if set(blocks) != set(self.blocks):
            return ['currencies %s instead of %s' % (sorted(blocks), sorted(self.blocks))]
        for currency, want in self.blocks.items():
            rows = [r for r in got['breakdown'] if not many or r['currency'] == currency]
            out += ['%s: %s' % (currency, p) for p in self.compare_block(want, blocks[currency], rows, got)]
        return out

    def compare_block(self, want, block, rows, got):
        limit = self.args.get('limit', 10)
        commitments = any(f['commitment'] for f in self.now)
        unknown = self.metric == 'effective' and commitments
        known_all = [f for f in want['now'] if self.metric in ('billed', 'effective') or f[self.metric] is not None]
        total = None if unknown or (want['now'] and not known_all) else want['total']
        page = [k for k in want['order'] if k in want['groups']][:len(rows)]
        rest = want['order'][len(rows):]

        def expect(what, a, b):
            if a != b:
                yield '%s is %s, not %s' % (what, a, b)

        out = list(expect('total', block.get('total_cost'), total))
        if len(rows) < min(limit, len(want['order'])) and 'next_cursor' in got and got['next_cursor'] is None:
            out.append('%d groups of %d' % (len(rows), len(want['order'])))
        for k, row in zip(page, rows):
            out += expect('keys', tuple(row['keys'][name] for name in self.keys), k)
            if not unknown and not (self.metric in ('list', 'contracted') and row['cost'] is None):
                out += expect('cost of %s' % (k,), row['cost'], want['groups'][k])
            if self.compared and not unknown:
                out += expect('previous of %s' % (k,), row['previous'], want['previous'][k])
            units = want['units'][k]
            if len(units) == 1:
                out += expect('quantity of %s' % (k,), row['usage_quantity'], list(units.values())[0])
                out += expect('unit of %s' % (k,), row['usage_unit'], list(units)[0])
            else:
                out += expect('quantity of %s' % (k,), row['usage_quantity'], None)
        if not unknown:
            out += expect('other', block['other']['cost'], sum((want['groups'][k] for k in rest), ZERO))
            out += expect('positive other', block['other']['positive'],
                          sum((want['groups'][k] for k in rest if want['groups'][k] >= 0), ZERO))
        out += expect('other groups', block['other']['groups'], len(rest))
        billed = sum((f['billed'] for f in want['now']), ZERO)
        out += expect('billed', block['totals']['billed'] or ZERO, billed)
        out += expect('effective', block['totals']['effective'], None if commitments and want['now'] else
                      sum((self.effective(f) for f in want['now']), ZERO))
        for name, charge in (('tax', 'Tax'), ('credits', 'Credit'), ('adjustments', 'Adjustment')):
            out += expect(name, block['totals'][name],
                          sum((f['billed'] for f in want['now'] if f['charge'] == charge), ZERO))
        if self.compared and not unknown:
            out += expect('previous total', block['previous'], want['previous_total'])
        out += self.compare_later(want, block)
        if self.granularity and self.granularity != 'TOTAL' and not unknown:
            out += self.compare_series(want, page, got)
        return out

    def compare_later(self, want, block):
        if self.args.get('basis') == 'invoice' or self.metric == 'effective':
            return
        later = [f for f in want['now'] if f['invoice'] > self.day(f).strftime('%Y%m')]
        got = block.get('later_billing_periods', {'rows': 0, 'cost': ZERO})
        if (got['rows'], got['cost']) != (len(later), sum((self.cost(f) for f in later), ZERO)):
            yield 'later billing periods are %s' % got

    def compare_series(self, want, page, got):
        columns = got['series']['columns']
        points = defaultdict(lambda: ZERO)
        for f in want['now']:
            if self.key(f) in page:
                points[(self.bucket(f, self.granularity),) + self.key(f)] += self.cost(f)
        currency = columns.index('currency') if 'currency' in columns else None
        have = {}
        for row in got['series']['rows']:
            if currency is None or row[currency] == want['now'][0]['currency']:
                have[tuple(row[:1 + len(self.keys)])] = row[columns.index('cost')]
        if have != dict(points):
            yield 'the series differs in %s' % sorted(str(k) for k in set(have.items()) ^ set(points.items()))[:4]
