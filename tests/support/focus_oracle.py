#!/usr/bin/env python3
"""get_costs answered by decimal arithmetic over raw FOCUS CSV: independent of the C code.

  focus_oracle.py FILE... --args '{"group_by": ["service"]}' --now 2026-11-21T08:00:00Z [--family aws]

Written from the cost contract alone; prints the sums as JSON with decimals as strings. Standard
library only. It holds every row in memory and is meant for some ten thousand of them.
"""
import argparse
import csv
import datetime as dt
import decimal
import json
import re
import sys
from decimal import Decimal

decimal.getcontext().prec = 60
SMALLEST = Decimal(1).scaleb(-18)
DAY = dt.timedelta(days=1)
UTC = dt.timezone.utc
METRICS = {'billed': 'BilledCost', 'effective': 'EffectiveCost', 'list': 'ListCost',
           'contracted': 'ContractedCost'}
SYNONYMS = {'unblended': 'billed', 'actual': 'billed', 'amortized': 'effective'}
CLUSTER_KEYS = ('aws:eks:cluster-name', 'goog-k8s-cluster-name', 'aks-managed-cluster-name')
NAMESPACE_KEYS = ('aws:eks:namespace', 'k8s-namespace', 'kubernetes_namespace')
ELIGIBLE = {'Compute', 'Databases'}  # the categories that the two lists surely share
# dimension: (column of the id, column of the name)
COLUMNS = {
    'service_provider': ('ServiceProviderName', None), 'publisher': ('PublisherName', None),
    'invoice_issuer': ('InvoiceIssuerName', None),
    'billing_account': ('BillingAccountId', 'BillingAccountName'), 'invoice': ('InvoiceId', None),
    'project': ('SubAccountId', 'SubAccountName'), 'service': ('ServiceName', None),
    'service_category': ('ServiceCategory', None),
    'service_subcategory': ('ServiceSubcategory', None), 'sku': ('SkuId', None),
    'resource': ('ResourceId', 'ResourceName'), 'resource_type': ('ResourceType', None),
    'resource_group': ('x_ResourceGroupName', None), 'charge_category': ('ChargeCategory', None),
    'charge_class': ('ChargeClass', None), 'charge_frequency': ('ChargeFrequency', None),
    'pricing_category': ('PricingCategory', None),
    'commitment': ('CommitmentDiscountId', 'CommitmentDiscountName'),
    'commitment_status': ('CommitmentDiscountStatus', None), 'currency': ('BillingCurrency', None),
}
ALIASES = {'account': 'project', 'subscription': 'project', 'sub_account': 'project'}
BUCKET = {'HOURLY': 13, 'DAILY': 10, 'MONTHLY': 7, 'TOTAL': 0}  # of YYYY-MM-DDTHH
CLOSED = {'charge_category': ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'),
          'charge_class': ('Correction',),
          'charge_frequency': ('One-Time', 'Recurring', 'Usage-Based'),
          'pricing_category': ('Standard', 'Dynamic', 'Committed', 'Other'),
          'commitment_status': ('Used', 'Unused')}


class Refused(Exception):
    """The contract asks for an error; the word says which."""


# ---- reading ----

def missing(text):
    return text is None or text == '' or text == 'NULL'


def number(text):
    if missing(text):
        return None
    return Decimal(text).quantize(SMALLEST, rounding=decimal.ROUND_HALF_EVEN)


def instant(text):
    text = text.replace('T', ' ').replace(' UTC', '').rstrip('Z').strip()
    if text.endswith('+00:00'):
        text = text[:-6]
    shape = '%Y-%m-%d' if len(text) == 10 else '%Y-%m-%d %H:%M:%S'
    return dt.datetime.strptime(text.split('.')[0], shape).replace(tzinfo=UTC)


def slug(name):
    out = ''.join(c if c.isascii() and c.isalnum() else '-' for c in name.lower())
    while '--' in out:
        out = out.replace('--', '-')
    return out.strip('-')


def family_of(row):
    for column in ('InvoiceIssuerName', 'ServiceProviderName', 'ProviderName'):
        name = (row.get(column) or '').lower()
        for word, family in (('amazon', 'aws'), ('aws', 'aws'), ('microsoft', 'azure'),
                             ('google', 'gcp'), ('oracle', 'oracle')):
            if word in name:
                return family
    for column in ('InvoiceIssuerName', 'ServiceProviderName', 'ProviderName'):
        if not missing(row.get(column)):
            return slug(row[column])
    return 'unknown'


def group_of(resource):
    """The resource group in an Azure resource's id: between the slashes behind resourceGroups."""
    parts = (resource or '').split('/')
    for i, part in enumerate(parts[:-1]):
        if part.lower() == 'resourcegroups':
            return parts[i + 1] or None
    return None


def cluster_of(resource):
    """A managed control plane is named by its own id."""
    found = re.search(r'^arn:aws:eks:[^:]*:[^:]*:cluster/([^/]+)$|/managedClusters/([^/]+)|'
                      r'^//container\.googleapis\.com/.*/clusters/([^/]+)', resource or '', re.I)
    return next(g for g in found.groups() if g) if found else None


def tag_pairs(text):
    """An object, Azure's object without braces, or a list of {key, value}."""
    if not text.lstrip().startswith(('{', '[')):
        text = '{' + text + '}'
    value = json.loads(text)
    if isinstance(value, dict):
        return value.items()
    fold = [{k.lower(): v for k, v in item.items()} for item in value]
    return [(item['key'], item.get('value')) for item in fold]


def tags_of(row):
    tags = {}
    for column in ('Tags', 'AllocatedTags'):  # the later one wins
        text = row.get(column)
        if missing(text):
            continue
        for key, value in tag_pairs(text):
            tags[key] = 'true' if value is True else value if isinstance(value, str) else str(value)
    return tags


class Row:
    """One charge. `text` maps a dimension to its id or None."""

    def __init__(self, raw):
        self.raw = raw
        self.family = family_of(raw)
        self.cost = {m: number(raw.get(c)) for m, c in METRICS.items()}
        self.quantity = number(raw.get('ConsumedQuantity'))
        self.unit = None if missing(raw.get('ConsumedUnit')) else raw['ConsumedUnit']
        self.start = instant(raw['ChargePeriodStart'])
        self.end = instant(raw['ChargePeriodEnd'])
        self.bill = instant(raw['BillingPeriodStart']).date().replace(day=1)
        self.day = self.start.date()
        self.when = self.start.strftime('%Y-%m-%dT%H')
        self.length = self.end - self.start
        self.tags = tags_of(raw)
        self.text, self.name = {'provider': self.family}, {}
        for dim, (column, label) in COLUMNS.items():
            value = raw.get(column)
            if missing(value) and column == 'ServiceProviderName':
                value = raw.get('ProviderName')
            self.text[dim] = None if missing(value) else value
            self.name[dim] = None if label is None or missing(raw.get(label)) else raw[label]
        region = raw.get('RegionId')
        if missing(region):
            region = raw.get('RegionName')
        self.text['region'] = None if missing(region) else region
        self.name['region'] = None if missing(raw.get('RegionName')) else raw['RegionName']
        if self.text['resource_group'] is None and self.family == 'azure':
            self.text['resource_group'] = group_of(self.text['resource'])
        for dim, words in CLOSED.items():  # matched without case, shown as FOCUS spells them
            for word in words:
                if (self.text[dim] or '').lower() == word.lower():
                    self.text[dim] = word
        self.text['cluster'] = self._first(CLUSTER_KEYS) or cluster_of(self.text['resource'])
        self.text['namespace'] = self._first(NAMESPACE_KEYS)
        self.charge = self.text['charge_category']
        self.kind = self._class()

    def _first(self, keys):
        for key in keys:
            if self.tags.get(key):
                return self.tags[key]
        return None

    def _class(self):
        """Contract section 3: the first that fits. A null satisfies no comparison."""
        billed, effective = self.cost['billed'], self.cost['effective']
        if self.charge == 'Purchase' and effective == 0 and billed is not None and billed != 0:
            return 'V'
        if self.text['commitment_status'] == 'Unused':
            return 'W'
        if self.charge == 'Usage' and (self.text['commitment_status'] == 'Used' or
                                       (billed == 0 and effective is not None and effective != 0)):
            return 'U'
        return {'Usage': 'O', 'Purchase': 'O', 'Tax': 'T', 'Credit': 'C', 'Adjustment': 'A'}[self.charge]


def load(paths):
    rows = []
    for path in paths:
        with open(path, newline='', encoding='utf-8-sig') as f:
            rows.extend(Row(raw) for raw in csv.DictReader(f))
    return rows


# ---- dates ----

def month_start(d):
    return d.replace(day=1)


def add_months(d, n):
    m = d.year * 12 + d.month - 1 + n
    year, month = divmod(m, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - DAY).day
    return dt.date(year, month + 1, min(d.day, last))


def month_end(d):
    return add_months(month_start(d), 1) - DAY


def data_through(rows, now):
    """The last day whose end usage of at most a day reaches; else of the latest ended period."""
    ends = [r.end for r in rows if r.charge == 'Usage' and r.end - r.start <= DAY]
    if not ends:
        ends = [r.end for r in rows if r.end <= now]
    if not ends:
        return None
    return max(ends).date() - DAY  # floor(end) is the first day that is not reached


def unit_range(day, length, ahead):
    first = add_months(month_start(day), ahead * length - (day.month - 1) % length)
    return first, month_end(add_months(first, length - 1))


def period(word, today):
    """(start, end, whole start, whole end) of a period word."""
    to_date = {'mtd': 1, 'qtd': 3, 'ytd': 12}
    if word in to_date:
        start, end = unit_range(today, to_date[word], 0)
        return start, today, start, end
    if word in ('last_month', 'last_quarter'):
        return unit_range(today, 1 if word == 'last_month' else 3, -1) * 2
    if word.startswith('last_') and word.endswith('_days'):
        start, end = today - int(word[5:-5]) * DAY, today - DAY
        return start, end, start, end
    year = int(word[:4])
    if len(word) == 4:
        return (dt.date(year, 1, 1), dt.date(year, 12, 31)) * 2
    if word[5] == 'Q':
        return unit_range(dt.date(year, int(word[6]) * 3, 1), 3, 0) * 2
    return unit_range(dt.date(year, int(word[5:7]), 1), 1, 0) * 2


def whole_months(start, end):
    if start.day != 1 or end != month_end(end):
        return 0
    return (end.year - start.year) * 12 + end.month - start.month + 1


def compare_range(compare, basis, start, end, whole):
    if isinstance(compare, dict):
        return dt.date.fromisoformat(compare['start_date']), dt.date.fromisoformat(compare['end_date'])
    if compare in ('previous_month', 'previous_year'):
        by = -1 if compare == 'previous_month' else -12
        start, end = add_months(start, by), add_months(end, by)
        return (month_start(start), month_end(end)) if basis == 'invoice' else (start, end)
    if basis == 'invoice':
        n = whole_months(start, end)
        return add_months(start, -n), start - DAY
    days = (end - start).days
    n = whole_months(*whole)
    if n not in (1, 3, 12) or (whole[0].month - 1) % n != 0:
        return start - DAY - days * DAY, start - DAY
    before = add_months(whole[0], -n), whole[0] - DAY
    if end == whole[1]:
        return before
    return before[0], min(before[0] + days * DAY, before[1])


# ---- the query ----

class Words:
    """What the rows hold, gathered once: tag keys, and the ids and names of a dimension."""

    def __init__(self, rows):
        self.rows, self.pairs_of = rows, {}
        self.tag_keys = {key for row in rows for key in row.tags}

    def pairs(self, dim):
        if dim not in self.pairs_of:
            self.pairs_of[dim] = {(value_of(r, dim), r.name.get(dim)) for r in self.rows
                                  if value_of(r, dim) is not None}
        return self.pairs_of[dim]


def core(key):
    key = key.strip().lower()
    for prefix in ('resourcetags/user:', 'user:', 'labels/'):
        if key.startswith(prefix):
            return key[len(prefix):]
    return key


def resolve_tag(words, key):
    known = words.tag_keys
    if key in known:
        return key
    near = [k for k in known if core(k) == core(key)]
    if len(near) > 1:
        raise Refused('tag_key')
    return near[0] if near else key


def canonical(words, dim):
    if dim.startswith('tag:'):
        return 'tag:' + resolve_tag(words, dim[4:])
    return ALIASES.get(dim, dim)


def value_of(row, dim):
    if dim.startswith('tag:'):
        return row.tags.get(dim[4:])
    return row.text[dim]


def matching_ids(words, dim, wanted):
    """Exact id or name, else case-insensitively; several things by one name: refused."""
    pairs = words.pairs(dim)
    ids = {i for i, n in pairs if i == wanted} or {i for i, n in pairs if n == wanted}
    if not ids:
        low = wanted.lower()
        ids = {i for i, n in pairs if i.lower() == low} or \
              {i for i, n in pairs if n is not None and n.lower() == low}
    if len(ids) > 1 and dim not in CLOSED:
        raise Refused('ambiguous')
    return ids


class Filter:
    def __init__(self, words, dim, spec):
        self.dim = canonical(words, dim)
        self.negate = isinstance(spec, dict)
        values = spec['not'] if self.negate else spec
        self.null = any(v is None or v == '(none)' for v in values)
        self.ids = set()
        for v in values:
            if v is not None and v != '(none)':
                self.ids |= matching_ids(words, self.dim, v)

    def keeps(self, row):
        value = value_of(row, self.dim)
        hit = self.null if value is None else value in self.ids
        return not hit if self.negate else hit


class Sum:
    """A sum in which some rows may lack the metric."""

    def __init__(self):
        self.sum, self.rows, self.unknown, self.lacking = Decimal(0), 0, 0, Decimal(0)

    def value(self):
        return None if self.rows and self.unknown == self.rows else self.sum


def total(rows, metric):
    s = Sum()
    known = [row.cost[metric] for row in rows if row.cost[metric] is not None]
    s.rows, s.sum, s.unknown = len(rows), sum(known, Decimal(0)), len(rows) - len(known)
    if s.unknown:
        s.lacking = sum((row.cost['billed'] or 0 for row in rows if row.cost[metric] is None),
                        Decimal(0))
    return s


def class_sums(rows):
    """{(metric, class): sum}; None when any row lacks the metric."""
    sums = {}
    for row in rows:
        for metric, value in row.cost.items():
            at = metric, row.kind
            if value is None or sums.get(at, 0) is None:
                sums[at] = None
            else:
                sums[at] = sums.get(at, 0) + value
    return sums


def minus(a, b):
    return None if a is None or b is None else a - b


def bridge(rows):
    """Contract section 3. Each identity as steps to add; a null column makes its step None."""
    sums = class_sums(rows)

    def c(metric, kinds):
        some = [sums.get((metric, kind), Decimal(0)) for kind in kinds]
        return None if None in some else sum(some, Decimal(0))

    def d(m1, m2, kinds):
        return minus(c(m1, kinds), c(m2, kinds))
    covered, unused = c('effective', 'U'), c('effective', 'W')
    share = None
    if covered is not None and unused is not None and covered + unused > 0:
        share = (covered / (covered + unused)).quantize(Decimal('0.000001'),
                                                        rounding=decimal.ROUND_HALF_EVEN)
    every = 'OVUWCAT'
    return {
        'invoice': {
            'list': c('list', 'OV'), 'negotiated_discount': d('contracted', 'list', 'OV'),
            'other_discounts': d('billed', 'contracted', 'OV'),
            'covered_and_unused': c('billed', 'UW'), 'billed_gross': c('billed', 'OVUW'),
            'credits': c('billed', 'C'), 'adjustments': c('billed', 'A'), 'tax': c('billed', 'T'),
            'billed': c('billed', every)},
        'accrual': {
            'list': c('list', 'OU'), 'negotiated_discount': d('contracted', 'list', 'OU'),
            'commitment_savings': d('effective', 'contracted', 'U'),
            'other_discounts': d('effective', 'contracted', 'O'), 'unused_commitment': unused,
            'covering_purchases': c('effective', 'V'),
            'credits_adjustments_tax': c('effective', 'CAT'), 'effective': c('effective', every)},
        'link': {
            'billed': c('billed', every), 'covering_purchases': d('effective', 'billed', 'V'),
            'covered_usage': d('effective', 'billed', 'U'),
            'unused_commitment': d('effective', 'billed', 'W'),
            'residual': d('effective', 'billed', 'OCAT'), 'effective': c('effective', every)},
        'refunds': sum((r.cost['billed'] for r in rows if r.charge in ('Usage', 'Purchase')
                        and r.cost['billed'] is not None and r.cost['billed'] < 0), Decimal(0)),
        'utilisation': share,
    }


def bucket(row, granularity, basis):
    if basis == 'invoice':  # a bill is dated by its period
        return row.bill.isoformat()[:BUCKET[granularity]]
    return row.when[:BUCKET[granularity]]


def is_longer(row, granularity):
    length = row.length
    if granularity == 'HOURLY':
        return length > dt.timedelta(hours=1)
    if granularity == 'DAILY':
        return length > DAY
    if granularity == 'MONTHLY':
        return length > 31 * DAY
    return False


def quantities(rows):
    units = {}
    for row in rows:
        if row.charge == 'Usage' and row.quantity is not None:
            units[row.unit] = units.get(row.unit, Decimal(0)) + row.quantity
    return units


class Oracle:
    def __init__(self, rows, now, family=None):
        self.rows = [r for r in rows if family is None or r.family == family]
        self.words = Words(self.rows)
        self.now = instant(now)
        families = {r.family for r in self.rows}
        per = {f: data_through([r for r in self.rows if r.family == f], self.now) for f in families}
        self.through = max((d for d in per.values() if d is not None), default=None)
        self.by_family = per

    def resolve(self, q):
        """The dates of a query: (start, end, whole start, whole end, defaulted)."""
        today = self.now.date()
        if q.get('period'):
            start, end, *whole = period(q['period'], today)
        elif q.get('start_date') or q.get('end_date'):
            start, end = (dt.date.fromisoformat(q[k]) for k in ('start_date', 'end_date'))
            whole = start, end
        else:
            start, end = month_start(self.through), self.through
            whole = start, month_end(start)
        if q.get('basis') == 'invoice':
            return month_start(start), month_end(end), whole
        if end > self.through >= start:
            end = self.through
        return start, end, whole

    def select(self, rows, start, end, basis):
        if basis == 'invoice':
            return [r for r in rows if start <= r.bill <= end]
        return [r for r in rows if start <= r.day <= end]

    def answer(self, q):
        """The sums a right answer has. Refused when the contract asks for an error."""
        basis = q.get('basis', 'usage')
        metric = SYNONYMS.get(q.get('metric'), q.get('metric') or 'billed')
        start, end, whole = self.resolve(q)
        granularity = q.get('granularity')
        if basis == 'invoice' and granularity in ('DAILY', 'HOURLY'):
            raise Refused('granularity')
        by_default = granularity is None
        if by_default:
            long = (end - start).days + 1 > 62
            granularity = 'MONTHLY' if basis == 'invoice' or long else 'DAILY'
        dims = [canonical(self.words, d) for d in (q.get('group_by') or ['service'])]
        filters = [Filter(self.words, d, s) for d, s in (q.get('filters') or {}).items()]
        if q.get('currency'):
            filters.append(Filter(self.words, 'currency', [q['currency']]))
        kept = [r for r in self.rows if all(f.keeps(r) for f in filters)]
        now = self.select(kept, start, end, basis)
        out = {'start': start, 'end': end, 'metric': metric, 'granularity': granularity,
               'by_default': by_default, 'dims': dims, 'blocks': {}}
        before = []
        if q.get('compare'):
            out['compared'] = compare_range(q['compare'], basis, start, end, tuple(whole))
            before = self.select(kept, *out['compared'], basis)
        for currency in sorted({r.text['currency'] for r in now + before}):
            out['blocks'][currency] = self.block(
                [r for r in now if r.text['currency'] == currency],
                [r for r in before if r.text['currency'] == currency], out, basis)
        return out

    def key(self, row, dims):
        key = []
        for dim in dims:
            value = value_of(row, dim)
            key.append((row.family, value) if dim == 'service' and value is not None else value)
        return tuple(key)

    def block(self, rows, before, out, basis):
        metric, dims, granularity = out['metric'], out['dims'], out['granularity']
        block = {'rows': len(rows), 'total': total(rows, metric),
                 'previous': total(before, metric).sum, 'groups': {}, 'series': {}, 'by_group': {}}
        parts, parts_before, series = {}, {}, {}
        for row in rows:
            parts.setdefault(self.key(row, dims), []).append(row)
            series.setdefault(bucket(row, granularity, basis), []).append(row)
        for row in before:
            parts_before.setdefault(self.key(row, dims), []).append(row)
        for key in set(parts) | set(parts_before):
            mine = parts.get(key, [])
            block['groups'][key] = {
                'rows': len(mine), 'cost': total(mine, metric),
                'effective': total(mine, 'effective'),
                'previous': total(parts_before.get(key, []), metric).sum,
                'units': quantities(mine),
                'names': {tuple(value_of(r, d) if r.name.get(d) is None else r.name[d]
                                for d in dims) for r in mine}}
            points = {}
            for row in mine:
                points.setdefault(bucket(row, granularity, basis), []).append(row)
            for when, some in points.items():
                block['by_group'][key, when] = total(some, metric).sum
        block['series'] = {when: total(some, metric).sum for when, some in series.items()}
        block['totals'] = {m: total(rows, m) for m in METRICS}
        for name, charge in (('tax', 'Tax'), ('credits', 'Credit'), ('adjustments', 'Adjustment')):
            block['totals'][name] = sum((r.cost['billed'] or 0 for r in rows if r.charge == charge),
                                        Decimal(0))
        block['bridge'] = bridge(rows)
        limit = dt.datetime.combine(out['end'] + DAY, dt.time(), UTC)
        spanning = [r for r in rows if is_longer(r, granularity) or r.end > limit]
        block['spanning'] = len(spanning), total(spanning, metric).sum
        later = [r for r in rows if r.bill > month_start(r.day)]
        block['later'] = len(later), total(later, metric).sum
        usage = [r for r in rows if r.charge == 'Usage']
        coarse = total([r for r in usage if is_longer(r, granularity)], metric).sum
        block['coarse'] = abs(coarse) * 2 > abs(total(usage, metric).sum)
        tag = next((d for d in dims if d.startswith('tag:')), None)
        if tag is not None:
            block['tags'] = self.coverage(rows, tag)
        return block

    def coverage(self, rows, tag):
        split = {'tagged': [], 'untagged': [], 'untaggable': []}
        for row in rows:
            if value_of(row, tag) is not None:
                split['tagged'].append(row)
            elif row.charge == 'Usage' and row.text['resource'] is not None and \
                    row.text['commitment_status'] != 'Unused':
                split['untagged'].append(row)
            else:
                split['untaggable'].append(row)
        return {name: total(some, 'effective').sum for name, some in split.items()}


# ---- command line ----

def plain(x):
    if isinstance(x, Sum):
        return plain(x.value())
    if isinstance(x, Decimal):
        return format(x.normalize(), 'f') if x else '0'
    if isinstance(x, dict):
        return {k if isinstance(k, str) else json.dumps(plain(k)): plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple, set)):
        return [plain(v) for v in x]
    return x.isoformat() if isinstance(x, dt.date) else x


def main():
    p = argparse.ArgumentParser()
    p.add_argument('files', nargs='+')
    p.add_argument('--args', default='{}')
    p.add_argument('--now', default='2100-01-01T00:00:00Z')
    p.add_argument('--family')
    a = p.parse_args()
    try:
        out = Oracle(load(a.files), a.now, a.family).answer(json.loads(a.args))
    except Refused as why:
        sys.exit('refused: %s' % why)
    json.dump(plain(out), sys.stdout, indent=1)
    print()


if __name__ == '__main__':
    main()
