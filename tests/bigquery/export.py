"""A billing export made up from one seed: rows of the detailed schema, and the schema itself."""
import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo('America/Los_Angeles')
UTC = timezone.utc
ACCOUNT = '01ABCD-234567-89EF01'
SUFFIX = '01ABCD_234567_89EF01'
NOW = '2026-11-20T20:00:00Z'
PRICED = datetime(2026, 9, 15, tzinfo=UTC)    # from here on the export tells prices without commitments
LAST = datetime(2026, 11, 19, 8, tzinfo=UTC)    # usage is exported up to midnight of 18 November, Pacific

# name TYPE[*]: * marks a repeated field, (...) the members of a record.
SCHEMA = """
billing_account_id STRING
service (id STRING, description STRING)
sku (id STRING, description STRING)
usage_start_time TIMESTAMP
usage_end_time TIMESTAMP
project (id STRING, number STRING, name STRING, labels* (key STRING, value STRING), ancestry_numbers STRING, ancestors* (resource_name STRING, display_name STRING))
labels* (key STRING, value STRING)
system_labels* (key STRING, value STRING)
location (location STRING, country STRING, region STRING, zone STRING)
tags* (key STRING, value STRING, inherited BOOLEAN, namespace STRING)
transaction_type STRING
seller_name STRING
export_time TIMESTAMP
cost FLOAT64
currency STRING
currency_conversion_rate FLOAT64
usage (amount FLOAT64, unit STRING, amount_in_pricing_units FLOAT64, pricing_unit STRING)
credits* (name STRING, amount FLOAT64, full_name STRING, id STRING, type STRING)
invoice (month STRING, publisher_type STRING)
cost_type STRING
adjustment_info (id STRING, description STRING, mode STRING, type STRING)
cost_at_list FLOAT64
subscription (instance_id STRING)
cost_at_effective_price_default FLOAT64
consumption_model (id STRING, description STRING)
price (effective_price NUMERIC, tier_start_amount NUMERIC, unit STRING, pricing_unit_quantity NUMERIC)
resource (name STRING, global_name STRING)
"""

SERVICES = [('6F81-5844-456A', 'Compute Engine', [('0001', 'N2 Instance Core running in Frankfurt', 'hour', 'seconds'),
                                                  ('0002', 'Storage PD Capacity', 'gibibyte month', 'byte-seconds')]),
            ('95FF-2EF5-5EA1', 'Cloud Storage', [('0003', 'Standard Storage EU Multi-region', 'gibibyte month', 'byte-seconds')]),
            ('24E6-581D-38E5', 'BigQuery', [('0004', 'Analysis (eu)', 'tebibyte', 'bytes')]),
            ('9662-B51E-5089', 'Cloud SQL', [('0005', 'Größe: vCPU + RAM «Zürich»', 'hour', 'seconds')])]
PROJECTS = [('p-alpha', '101', 'Alpha ünïcode 東京', 'dev'), ('p-beta-prod', '102', 'Beta', 'prod'),
            ('p-gamma', '103', 'Gamma "quoted" \\ back', None)]
PLACES = [('europe-west3', 'DE', 'europe-west3', 'europe-west3-a'), ('eu', None, None, None),
          (None, None, None, None), ('us-west1', 'US', 'us-west1', 'us-west1-b')]
TEAMS = ['web', 'Zürich-Büro', '數據 team', 'it\'s "x"', '', None]
CREDITS = ['SUSTAINED_USAGE_DISCOUNT', 'PROMOTION', 'FREE_TIER', 'DISCOUNT']


def fields(text=SCHEMA):
    """The schema as tables.insert takes it."""
    out, depth, one, parts = [], 0, '', []
    for c in text.strip().replace('\n', ',') + ',':
        depth += (c == '(') - (c == ')')
        if c == ',' and depth == 0:
            parts.append(one.strip())
            one = ''
        else:
            one += c
    for part in parts:
        name, kind = part.split(' ', 1)
        field = {'name': name.rstrip('*'), 'type': 'RECORD' if kind[0] == '(' else kind}
        if name.endswith('*'):
            field['mode'] = 'REPEATED'
        if kind[0] == '(':
            field['fields'] = fields(kind[1:-1])
        out.append(field)
    return out


def price(r):
    """At most six decimals, sometimes negative, sometimes nothing."""
    return [Decimal(r.randrange(1, 10**8)) / 10**6, Decimal(r.randrange(1, 99)) / 10**6,
            Decimal(r.randrange(1, 4000)) / 100, -Decimal(r.randrange(1, 90000)) / 10**4,
            Decimal(0)][r.choices(range(5), (50, 10, 30, 5, 5))[0]]


def one_row(r, i, start, hours=1):
    sid, service, skus = SERVICES[r.randrange(4)]
    sku = skus[r.randrange(len(skus))]
    pid, number, name, env = PROJECTS[r.randrange(3)]
    place = PLACES[r.randrange(4)]
    cost = price(r)
    euro = i % 4 == 0
    row = {
        'billing_account_id': ACCOUNT, 'service': {'id': sid, 'description': service},
        'sku': {'id': sku[0], 'description': sku[1]},
        'usage_start_time': start, 'usage_end_time': start + timedelta(hours=hours),
        'project': {'id': pid, 'number': number, 'name': name, 'ancestry_numbers': '/111/222/',
                    'labels': [{'key': 'env', 'value': env}] if env else [],
                    'ancestors': [{'resource_name': 'projects/' + number, 'display_name': name},
                                  {'resource_name': 'folders/222', 'display_name': 'Fôlder'}]},
        'labels': [], 'system_labels': [], 'tags': [],
        'location': dict(zip(('location', 'country', 'region', 'zone'), place)),
        'transaction_type': 'GOOGLE', 'seller_name': 'Google',
        'export_time': start + timedelta(hours=hours + 4, minutes=i % 60, microseconds=123456),
        'cost': cost, 'currency': 'EUR' if euro else 'USD',
        'currency_conversion_rate': Decimal('0.9231') if euro else Decimal(1),
        'usage': {'amount': Decimal(r.randrange(1, 10**7)), 'unit': sku[3],
                  'amount_in_pricing_units': Decimal(r.randrange(1, 9999)) / 1000, 'pricing_unit': sku[2]},
        'credits': [], 'invoice': {'month': start.astimezone(PACIFIC).strftime('%Y%m'), 'publisher_type': 'GOOGLE'},
        'cost_type': 'regular', 'adjustment_info': None,
        'cost_at_list': None if i % 9 == 0 else (cost * Decimal('1.25')).quantize(Decimal('0.000001')),
        'subscription': {'instance_id': None},
        'consumption_model': {'id': '7754-699E-0EBF', 'description': 'Default'},
        'price': {'effective_price': Decimal('0.0334'), 'tier_start_amount': Decimal(0), 'unit': sku[2],
                  'pricing_unit_quantity': Decimal(1)},
        'resource': {'name': None, 'global_name': None}}
    team = TEAMS[i % 6]
    if team is not None:
        row['labels'] = [{'key': 'team', 'value': team}, {'key': 'goog-resource-type', 'value': 'vm'}]
    if service == 'Compute Engine' and i % 2:
        row['labels'] += [{'key': 'goog-k8s-cluster-name', 'value': 'shop'}]
        if i % 3:
            row['labels'] += [{'key': 'k8s-namespace', 'value': ('cart', 'pay')[i % 4 // 2]}]
    if i % 5 == 0:
        row['tags'] = [{'key': 'cc', 'value': 'cc-%d' % (i % 2), 'inherited': i % 2 == 0, 'namespace': '111'}]
    if service == 'Compute Engine':
        vm = r.randrange(6)
        row['resource'] = {'name': 'vm-%d' % vm, 'global_name':
                           '//compute.googleapis.com/projects/%s/zones/%s/instances/%d' % (number, place[3], vm)
                           if vm != 5 else None}
    for j in range((0, 1, 0, 2)[i % 4]):
        kind = CREDITS[(i // 4 + j) % 4]
        row['credits'].append({'name': kind.lower(), 'full_name': kind.title().replace('_', ' '), 'id': 'c-%s' % kind,
                               'type': kind, 'amount': -Decimal(r.randrange(1, 3 * 10**6)) / 10**6})
    return row


def lose_project(row):
    row['project'] = {'id': None, 'number': None, 'name': None, 'ancestry_numbers': None, 'labels': [], 'ancestors': []}
    row['labels'], row['tags'], row['resource'] = [], [], {'name': None, 'global_name': None}


def special(row, i):
    """Tax, adjustments, rounding, late rows and rows that belong to nobody."""
    if i % 23 == 11:
        row['cost_type'] = 'tax'
        row['sku'] = {'id': 'TAX', 'description': 'Tax'}
        row['cost_at_list'], row['credits'] = None, []
        row['usage'] = {'amount': None, 'unit': None, 'amount_in_pricing_units': None, 'pricing_unit': None}
        lose_project(row)
    elif i % 29 == 5:
        row['cost_type'] = 'rounding_error'
        row['cost'], row['credits'] = Decimal('-0.000003'), []
    elif i % 31 == 3:
        row['cost_type'] = 'adjustment'
        row['cost'] = -abs(row['cost'])
        row['adjustment_info'] = {'id': 'adj-%d' % i, 'description': 'Corrección', 'mode': 'COMPLETE_NEGATION',
                                  'type': 'GENERAL_ADJUSTMENT'}
    elif i % 41 == 7:
        lose_project(row)
    if i % 37 == 9:    # a late row: exported three days later, billed a month later
        row['export_time'] = min(row['export_time'] + timedelta(days=3), LAST + timedelta(hours=9))
        later = row['usage_start_time'].astimezone(PACIFIC).replace(day=28) + timedelta(days=7)
        row['invoice']['month'] = later.strftime('%Y%m')


def commitments(r, i):
    """September 2026 alone knows commitments: fees and the credits that pay for usage."""
    rows = []
    for day in range(1, 31, 3):
        start = datetime(2026, 9, day, 7, tzinfo=UTC)
        row = one_row(r, i, start, 24)
        row['service'] = {'id': SERVICES[0][0], 'description': 'Compute Engine'}
        row['sku'] = {'id': 'C001', 'description': 'Commitment v1: N2 Cpu in Frankfurt for 1 Year'}
        row['cost'] = row['cost_at_list'] = Decimal('12.5')
        row['credits'] = []
        row['resource'] = {'name': None, 'global_name': None}
        row['subscription'] = {'instance_id': 'sub-%d' % (day % 2)}
        used = one_row(r, i + 1, start)
        used['cost'] = used['cost_at_list'] = Decimal('17.125')
        used['credits'] = [{'name': 'cud', 'full_name': 'Committed use discount: CPU', 'id': 'c-cud',
                            'type': 'COMMITTED_USAGE_DISCOUNT', 'amount': Decimal('-17.125')}]
        rows += [row, used]
        i += 2
    return rows


def cheaper(r, i):
    """October 2026 knows usage that a commitment made cheaper in its price, as Google does since 2025."""
    rows = []
    for day in range(6, 12):
        row = one_row(r, i, datetime(2026, 10, day, 9, tzinfo=UTC))
        row['cost'], row['credits'] = Decimal('7.2'), []
        row['cost_at_effective_price_default'], row['cost_at_list'] = Decimal('10'), Decimal('12.5')
        row['consumption_model'] = {'id': '1B2C-33D4-E5F6', 'description': 'Compute flexible CUDs 1 year'}
        rows.append(row)
        i += 1
    return rows


def rows():
    r = random.Random(20261121)
    out, i = [], 0
    # Both days on which Pacific clocks change, every hour of each: 23 and 25 of them.
    for day in (datetime(2026, 3, 8, 8, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)):
        for hour in range(-2, 27):
            out.append(one_row(r, i, day + timedelta(hours=hour)))
            i += 1
    # A daily history with hours on both sides of UTC and Pacific midnight.
    day = datetime(2026, 8, 25, tzinfo=UTC)
    while day < LAST - timedelta(days=1):
        for hour in (2, 7, 16):
            out.append(one_row(r, i, day + timedelta(hours=hour)))
            i += 1
        day += timedelta(days=1)
    out.append(one_row(r, i, LAST - timedelta(hours=1)))
    # Support: one charge for a whole month.
    support = one_row(r, i + 1, datetime(2026, 10, 1, 7, tzinfo=UTC), 31 * 24)
    support['service'], support['sku'] = {'id': '2062-016F-44A2', 'description': 'Support'}, {'id': 'SUP', 'description': 'Support'}
    support['cost'] = Decimal('100')
    lose_project(support)
    out.append(support)
    for n, row in enumerate(out[:-1]):
        special(row, n)
    out += commitments(r, i + 2)
    out += cheaper(r, i + 80)
    for row in out:    # the column is younger than the export
        row.setdefault('cost_at_effective_price_default', row['cost'] if row['usage_start_time'] >= PRICED else None)
    return out


# ---- the FOCUS table of the same bill -----------------------------------------------------------

FOCUS = """
BilledCost NUMERIC
BillingAccountId STRING
BillingCurrency STRING
BillingPeriodStart TIMESTAMP
BillingPeriodEnd TIMESTAMP
ChargeCategory STRING
ChargeClass STRING
ChargeDescription STRING
ChargeFrequency STRING
ChargePeriodStart TIMESTAMP
ChargePeriodEnd TIMESTAMP
CommitmentDiscountId STRING
CommitmentDiscountStatus STRING
ConsumedQuantity NUMERIC
ConsumedUnit STRING
ContractedCost NUMERIC
EffectiveCost NUMERIC
InvoiceId STRING
InvoiceIssuerName STRING
ListCost NUMERIC
PricingCategory STRING
ProviderName STRING
PublisherName STRING
RegionId STRING
RegionName STRING
ResourceId STRING
ResourceName STRING
ResourceType STRING
ServiceCategory STRING
ServiceName STRING
SkuId STRING
SubAccountId STRING
SubAccountName STRING
Tags* (key STRING, value STRING)
"""


def focus_rows(some=None):
    """What the export's rows say in FOCUS words; effective costs differ from billed ones here."""
    out = []
    for row in (some or rows())[:160]:
        cost = row['cost'] + sum(c['amount'] for c in row['credits'])
        start = row['usage_start_time']
        month = start.replace(day=1, hour=0)
        kind = {'regular': 'Usage', 'tax': 'Tax'}.get(row['cost_type'], 'Adjustment')
        out.append({
            'BilledCost': cost, 'BillingAccountId': ACCOUNT, 'BillingCurrency': row['currency'],
            'BillingPeriodStart': month, 'BillingPeriodEnd': (month + timedelta(days=32)).replace(day=1),
            'ChargeCategory': kind, 'ChargeClass': None, 'ChargeDescription': row['sku']['description'],
            'ChargeFrequency': 'Usage-Based', 'ChargePeriodStart': start, 'ChargePeriodEnd': row['usage_end_time'],
            'CommitmentDiscountId': None, 'CommitmentDiscountStatus': None,
            'ConsumedQuantity': row['usage']['amount_in_pricing_units'], 'ConsumedUnit': row['usage']['pricing_unit'],
            'ContractedCost': row['cost'], 'EffectiveCost': cost if kind != 'Usage' else cost - Decimal('0.25'),
            'InvoiceId': row['invoice']['month'], 'InvoiceIssuerName': 'Google Cloud', 'ListCost': row['cost_at_list'],
            'PricingCategory': 'Standard', 'ProviderName': 'Google Cloud', 'PublisherName': 'Google Cloud',
            'RegionId': row['location']['region'], 'RegionName': row['location']['location'],
            'ResourceId': row['resource']['global_name'], 'ResourceName': row['resource']['name'], 'ResourceType': None,
            'ServiceCategory': 'Compute' if row['service']['description'] == 'Compute Engine' else 'Other',
            'ServiceName': row['service']['description'], 'SkuId': row['sku']['id'],
            'SubAccountId': row['project']['id'], 'SubAccountName': row['project']['name'],
            'Tags': [dict(label) for label in row['labels']]})
    return out


# ---- as SQL -------------------------------------------------------------------------------------

def sql_type(field, element=False):
    kind = field['type']
    if kind == 'RECORD':
        kind = 'STRUCT<%s>' % ', '.join('`%s` %s' % (f['name'], sql_type(f)) for f in field['fields'])
    kind = 'BOOL' if kind == 'BOOLEAN' else kind
    return 'ARRAY<%s>' % kind if field.get('mode') == 'REPEATED' and not element else kind


def literal(field, value, element=False):
    if field.get('mode') == 'REPEATED' and not element:
        return sql_type(field) + '[' + ', '.join(literal(field, v, True) for v in value or []) + ']'
    if value is None:
        return 'CAST(NULL AS %s)' % sql_type(field, element)
    if field['type'] == 'RECORD':
        return '%s(%s)' % (sql_type(field, True), ', '.join(literal(f, value.get(f['name'])) for f in field['fields']))
    if field['type'] == 'TIMESTAMP':
        return "TIMESTAMP '%s+00'" % value.strftime('%Y-%m-%d %H:%M:%S.%f')
    if field['type'] == 'NUMERIC':
        return "NUMERIC '%s'" % value
    if field['type'] == 'FLOAT64':
        return "CAST('%r' AS FLOAT64)" % float(value)
    if field['type'] == 'BOOLEAN':
        return str(value).upper()
    return '"' + value.replace('\\', '\\\\').replace('"', '\\"') + '"'
