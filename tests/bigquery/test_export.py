#!/usr/bin/env python3
"""The billing export in BigQuery: who sees what, filters as people write them, pages, other tables, forecasts."""
import json
import unittest
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import emulator
import export
import gate
import gcp
import oracle

MONTH = {'start_date': '2026-10-01', 'end_date': '2026-10-31'}
ZERO = Decimal(0)

# What most people write: gross, by UTC day, all units added, no partition named.
NAIVE = '''SELECT DATE(usage_start_time) AS day, service.description AS service, project.id AS project, usage.unit AS unit,
  SUM(cost) AS cost, SUM(usage.amount) AS amount
FROM `{table}`
WHERE DATE(usage_start_time) BETWEEN '2026-10-01' AND '2026-10-31' AND project.id IN UNNEST(@authorized_projects)
GROUP BY 1, 2, 3, 4'''


class Export(unittest.TestCase):
    longMessage = False

    @classmethod
    def setUpClass(cls):
        cls.home = gcp.Home()
        cls.emulator = emulator.Emulator()
        cls.gate = gate.Gate(cls.emulator.url)
        cls.rows = export.rows()

    @classmethod
    def tearDownClass(cls):
        cls.gate.close()
        cls.emulator.stop()
        cls.home.remove()

    def tearDown(self):
        self.assertEqual(self.gate.problems, [], 'requests that Google would refuse: %s' % self.gate.problems[:3])

    def server(self, *flags, dataset='billing', **env):
        return gcp.Server(self.home.environment(self.gate.url, dataset, **env), '--deadline', '280s', *flags)

    def answer(self, server, arguments, tool='get_costs'):
        got, error = server.call(tool, arguments)
        self.assertIsNotNone(got, error)
        return got

    def equal(self, server, arguments, rows=None, **scope):
        got = self.answer(server, arguments)
        problems = oracle.Answer(self.rows if rows is None else rows, arguments, **scope).differences(got)
        self.assertEqual(problems, [], problems[:4])
        return got

    # ---- who may see what ----

    def restricted(self, projects, unattributed):
        return self.home.config('gcp:\n  authorized_projects: %s\n  unattributed: %s\n' % (
            json.dumps(projects), 'true' if unattributed else 'false'))

    def test_the_allow_list_is_part_of_every_query(self):
        question = dict(MONTH, group_by=['project'])
        for projects, unattributed in ((['p-alpha'], False), (['p-alpha', 'p-gamma'], True), (['p-other'], False),
                                       ([], False), ([], True)):
            with self.subTest('%s %s' % (projects, unattributed)):
                del self.gate.queries[:]
                with self.server('--config', self.restricted(projects, unattributed)) as server:
                    got = self.equal(server, question, allowed=projects, unattributed=unattributed)
                    if got['total_cost'] is not None or 'currencies' in got:
                        self.answer(server, {'group_by': ['service']}, tool='get_forecast')
                    self.answer(server, dict(MONTH, filters={'tag:team': ['webb']}))
                for sent in self.gate.queries:
                    self.assertIn('@authorized_projects', sent['query'])
                if not projects:
                    self.assertEqual(self.gate.queries, [], 'an empty list asks nothing')

    def test_a_project_outside_the_list_cannot_be_told_from_one_that_does_not_exist(self):
        said = []
        with self.server('--config', self.restricted(['p-alpha'], False)) as server:
            for name in ('p-gamma', 'p-delta'):
                got = self.answer(server, dict(MONTH, filters={'project': [name]}))
                self.assertIsNone(got['total_cost'])
                said.append(json.dumps(got['warnings'], default=str).replace(name, '*'))
        self.assertEqual(said[0], said[1])

    # ---- filters ----

    def test_values_match_as_people_write_them(self):
        with self.server() as server:
            for written, meant in (({'service': ['bigquery']}, {'service': ['BigQuery']}),
                                   ({'service': ['24E6-581D-38E5']}, {'service': ['BigQuery']}),
                                   ({'project': ['Beta']}, {'project': ['p-beta-prod']}),
                                   ({'project': ['102']}, {'project': ['p-beta-prod']}),
                                   ({'charge_category': ['tax']}, {'charge_category': ['Tax']}),
                                   ({'currency': ['eur']}, {'currency': ['EUR']}),
                                   ({'tag:team': ['WEB']}, {'tag:team': ['web']})):
                with self.subTest(str(written)):
                    got = self.answer(server, dict(MONTH, filters=written))
                    problems = oracle.Answer(self.rows, dict(MONTH, filters=meant)).differences(got)
                    self.assertEqual(problems, [], problems[:3])

    def test_a_value_that_there_is_not_names_the_nearest(self):
        with self.server() as server:
            got = self.answer(server, dict(MONTH, filters={'service': ['BigQurey']}))
            warning = next(w for w in got['warnings'] if w['code'] == 'unknown_value')
            self.assertIn('BigQuery', warning['next'])

    def test_a_dimension_that_is_not_exported_is_refused(self):
        with self.server() as server:
            for name in ('service_category', 'resource_group', 'commitment_status'):
                got, error = server.call('get_costs', dict(MONTH, group_by=[name]))
                self.assertIsNone(got)
                self.assertIn('does not tell ' + name, error)
                self.assertIn('service', error)

    # ---- pages ----

    def test_pages_together_are_the_whole(self):
        question = dict(MONTH, group_by=['project', 'sku'], limit=4, filters={'currency': ['USD']})
        with self.server() as server:
            first = self.answer(server, question)
            seen, page = list(first['breakdown']), first
            while page['next_cursor']:
                page = self.answer(server, dict(question, cursor=page['next_cursor']))
                self.assertEqual(page['before']['cost'], sum(r['cost'] for r in seen))
                seen += page['breakdown']
            want = oracle.Answer(self.rows, question).blocks['USD']
            self.assertEqual([tuple(r['keys'].values()) for r in seen], want['order'])
            self.assertEqual(sum(r['cost'] for r in seen), want['total'])

    # ---- dates ----

    def test_relative_periods_follow_pacific_days(self):
        # 02:00 UTC on the 20th is still the 19th in California.
        with gcp.Server(self.home.environment(self.gate.url), '--deadline', '280s', now='2026-11-20T02:00:00Z') as server:
            got = self.answer(server, {'period': 'last_7_days', 'granularity': 'TOTAL'})
            self.assertEqual((got['time_period']['today'], got['time_period']['start']), ('2026-11-19', '2026-11-12'))
            self.assertEqual(got['freshness']['data_through'], '2026-11-18')
            latest = max(r['export_time'] for r in self.rows if r['cost_type'] == 'regular' and
                         r['usage_end_time'] - r['usage_start_time'] <= timedelta(hours=25))
            self.assertEqual(got['freshness']['exported_at'], latest.strftime('%Y-%m-%dT%H:%M:%SZ'))
            got = self.answer(server, {})
            self.assertEqual((got['time_period']['start'], got['time_period']['end']), ('2026-11-01', '2026-11-18'))

    def test_utc_days_are_an_option(self):
        with self.server(GCP_BILLING_TIMEZONE='UTC') as server:
            got = self.equal(server, dict(MONTH, granularity='DAILY', group_by=['currency']), zone=timezone.utc)
            self.assertEqual(got['time_period']['timezone'], 'UTC')

    def test_a_range_past_the_data_is_no_finding_of_zero(self):
        with self.server() as server:
            got = self.answer(server, {'start_date': '2026-12-01', 'end_date': '2026-12-05'})
            self.assertIsNone(got['total_cost'])
            self.assertEqual(got['freshness']['available'], {'start': '2026-03-07', 'end': '2026-11-18'})

    def test_usage_of_a_month_is_not_told_by_day(self):
        question = {'start_date': '2026-10-01', 'end_date': '2026-10-31', 'filters': {'service': ['Support']}}
        with self.server() as server:
            got, error = server.call('get_costs', dict(question, granularity='DAILY'))
            self.assertIsNone(got)
            self.assertIn('too_coarse', error)
            self.assertIn('MONTHLY', error)
            got = self.answer(server, question)
            self.assertEqual(got['time_period']['granularity'], 'MONTHLY')

    # ---- the bridge ----

    def test_the_bridge_adds_up_and_tells_credits_by_type(self):
        with self.server() as server:
            got = self.answer(server, dict(MONTH, bridge=True, filters={'currency': ['USD']}))
        by_type = defaultdict(lambda: ZERO)
        for row in self.rows:
            if row['currency'] == 'USD' and MONTH['start_date'] <= row['usage_start_time'].astimezone(export.PACIFIC).date().isoformat() <= MONTH['end_date']:
                for credit in row['credits']:
                    by_type[credit['type']] += credit['amount']
        self.assertEqual(got['bridge']['credits_by_type'], dict(by_type))
        steps = got['bridge']['invoice']
        self.assertEqual(steps['billed_gross'] + steps['credits'] + steps['adjustments'] + steps['tax'], steps['billed'])
        self.assertEqual(steps['credits'], by_type['PROMOTION'])

    def test_every_step_of_the_bridge_equals_the_rows(self):
        days = [{'start_date': '2026-10-%02d' % d, 'end_date': '2026-10-%02d' % d} for d in range(6, 12)] + [MONTH]
        whole = 0
        with self.server() as server:
            for question in days:
                want = oracle.Answer(self.rows, question)
                for currency in want.blocks:
                    got = self.answer(server, dict(question, bridge=True, currency=currency))['bridge']
                    invoice, accrual = want.bridge(currency)
                    self.assertEqual(got['invoice'], invoice, question)
                    self.assertEqual(got['accrual'], accrual, question)
                    whole += None not in invoice.values() and accrual['commitment_savings'] < 0
        self.assertGreater(whole, 1, 'no day has list prices for all and a commitment')

    # ---- other tables ----

    def test_the_standard_export_is_found_and_names_no_resources(self):
        rows = self.rows[:150]
        with self.server(dataset='standard') as server:
            self.equal(server, {'start_date': '2026-08-25', 'end_date': '2026-10-31', 'group_by': ['service', 'project']}, rows=rows)
            got, error = server.call('get_costs', dict(MONTH, group_by=['resource']))
            self.assertIsNone(got)
            self.assertIn('detailed usage cost export', error)

    def test_numeric_columns_are_not_cast_and_prune_by_their_column(self):
        del self.gate.queries[:]
        with self.server(dataset='exact') as server:
            self.equal(server, {'start_date': '2026-08-25', 'end_date': '2026-10-31', 'group_by': ['sku']}, rows=self.rows[:150])
        costs = [s['query'] for s in self.gate.queries if 'AS section' in s['query']]
        self.assertNotIn('CAST(t.cost AS', costs[0])
        self.assertIn('AND t.usage_start_time >= TIMESTAMP(@from_date, @tz)', costs[0])
        self.assertNotIn('_PARTITIONTIME', costs[0])

    def test_a_focus_table_tells_effective_cost(self):
        rows = export.focus_rows()
        want = defaultdict(lambda: [ZERO, ZERO])
        for row in rows:
            if date(2026, 8, 25) <= row['ChargePeriodStart'].date() <= date(2026, 10, 31) and row['BillingCurrency'] == 'USD':
                want[row['ServiceName']][0] += row['BilledCost']
                want[row['ServiceName']][1] += row['EffectiveCost']
        with self.server(dataset='focus') as server:
            got = self.answer(server, {'start_date': '2026-08-25', 'end_date': '2026-10-31', 'metric': 'effective', 'currency': 'USD',
                                       'bridge': True})
            self.assertEqual({r['value']: r['cost'] for r in got['breakdown']}, {k: v[1] for k, v in want.items()})
            self.assertEqual(got['totals']['billed'], sum(v[0] for v in want.values()))
            self.assertEqual(got['source']['native_metric'], 'EffectiveCost')
            self.assertEqual(got['time_period']['timezone'], 'UTC')

    def test_every_kind_of_question_to_a_focus_table_equals_its_rows(self):
        rows, some = export.focus_rows(), {'start_date': '2026-08-25', 'end_date': '2026-10-31'}
        self.assertTrue(any(r['SubAccountId'] is None for r in rows))
        with self.server(dataset='focus') as server:
            for arguments in (dict(some, metric='effective'), dict(some, group_by=['project']), dict(some, metric='list'),
                              dict(some, metric='contracted', group_by=['sku'], limit=3),
                              dict(some, group_by=['service_category', 'tag:team'], metric='effective', limit=5),
                              dict(some, group_by=['charge_category', 'region']), dict(some, group_by=['resource'], limit=4),
                              dict(some, metric='effective', granularity='DAILY', limit=2),
                              dict(some, basis='invoice', granularity='MONTHLY'), dict(some, granularity='TOTAL', group_by=['invoice']),
                              dict(some, filters={'project': [None]}), dict(some, filters={'tag:team': {'not': ['web']}}, metric='effective'),
                              dict(some, metric='effective', compare={'start_date': '2026-08-25', 'end_date': '2026-09-10'}, limit=2),
                              {'start_date': '2026-03-08', 'end_date': '2026-03-08', 'granularity': 'HOURLY', 'group_by': ['currency']}):
                with self.subTest(str(arguments)):
                    self.equal(server, arguments, rows=rows, focus=True)
        for projects, unattributed in ((['p-alpha'], False), (['p-beta-prod'], True), ([], True)):
            with self.server('--config', self.restricted(projects, unattributed), dataset='focus') as server:
                self.equal(server, dict(some, group_by=['project']), rows=rows, focus=True, allowed=projects, unattributed=unattributed)

    # ---- forecast, resources, values ----

    def test_a_forecast_begins_with_what_get_costs_says(self):
        with self.server() as server:
            got = self.answer(server, {}, tool='get_forecast')
            costs = self.answer(server, {'start_date': '2026-11-01', 'end_date': '2026-11-18', 'group_by': ['currency']})
            spent = {r['value']: r['cost'] for r in costs['breakdown']}
            for series in got['forecasts'] if 'forecasts' in got else got['currencies']:
                self.assertEqual(series['actual_to_date'], spent[series['currency']])
                left_out = {e['what']: e['last_month'] for e in series['excluded']}
                tax = sum((f['billed'] for f in oracle.Answer(self.rows, MONTH).blocks[series['currency']]['now'] if f['charge'] == 'Tax'), ZERO)
                self.assertEqual(left_out['tax'], tax)
            got = self.answer(server, {'group_by': ['service']}, tool='get_forecast')
            costs = oracle.Answer(self.rows, {'start_date': '2026-11-01', 'end_date': '2026-11-18'})
            per_service = {(s['currency'], s['keys']['service']): s['actual_to_date'] for s in got['forecasts']}
            self.assertEqual(per_service, {(c, k[0]): v for c, b in costs.blocks.items() for k, v in b['groups'].items()})

    def test_names_are_offered_for_completion(self):
        with self.server() as server:
            got = server.request('completion/complete', {'ref': {'type': 'ref/prompt', 'name': 'why_did_cost_change'},
                                                         'argument': {'name': 'service', 'value': 'Big'}})
            self.assertIn('BigQuery', got['completion']['values'])

    # ---- what most people write, and why its numbers are others ----

    def usual(self):
        """The usual query's rows, as (day, service, project, unit, cost, amount)."""
        got = self.emulator.query(NAIVE.format(table='billing-host.billing.' + emulator.DETAILED), parameterMode='NAMED', queryParameters=[
            {'name': 'authorized_projects', 'parameterType': {'type': 'ARRAY', 'arrayType': {'type': 'STRING'}},
             'parameterValue': {'arrayValues': [{'value': p[0]} for p in export.PROJECTS]}}])
        return [tuple(c['v'] for c in r['f']) for r in got['rows']]

    def month(self, zone, nobody=False):
        """The rows of October by the days of a zone: those of projects, or those of none."""
        first, last = date(2026, 10, 1), date(2026, 10, 31)
        return [r for r in self.rows if first <= r['usage_start_time'].astimezone(zone).date() <= last and
                (r['project']['id'] is None) == nobody]

    def total(self, **more):
        """Ours, with the currencies added as the usual query adds them."""
        with self.server() as server:
            got = self.answer(server, dict(MONTH, **more))
        return sum((c['total_cost'] for c in got.get('currencies', [])), ZERO) if 'currencies' in got else got['total_cost']

    def test_the_usual_query_counts_before_credits(self):
        usual = sum((Decimal(r[4]) for r in self.usual()), ZERO)
        rows = self.month(timezone.utc)
        self.assertAlmostEqual(usual, sum(r['cost'] for r in rows), 6)
        credits = sum((c['amount'] for r in rows for c in r['credits']), ZERO)
        self.assertLess(credits, 0)
        # Ours by the same days and of the same projects is lower by the credits, and by nothing else.
        with self.server(GCP_BILLING_TIMEZONE='UTC') as server:
            got = self.answer(server, dict(MONTH, filters={'project': {'not': [None]}}))
        self.assertEqual(sum(c['total_cost'] for c in got['currencies']), sum(r['cost'] for r in rows) + credits)

    def test_the_usual_query_counts_days_of_london(self):
        days = sum(r['cost'] for r in self.month(timezone.utc)) - sum(r['cost'] for r in self.month(export.PACIFIC))
        self.assertNotEqual(days, 0)
        with self.server() as ours, self.server(GCP_BILLING_TIMEZONE='UTC') as utc:
            question = dict(MONTH, filters={'project': {'not': [None]}}, metric='contracted')
            totals = [sum(c['total_cost'] for c in self.answer(s, question)['currencies']) for s in (utc, ours)]
        # Contracted is cost before credits, but for what a commitment made cheaper (all in mid-October).
        self.assertEqual(totals[0] - totals[1], days)

    def test_the_usual_query_loses_what_belongs_to_no_project(self):
        nobody = self.month(export.PACIFIC, nobody=True)
        self.assertIn('tax', [r['cost_type'] for r in nobody])
        self.assertTrue(all(r[2] is not None for r in self.usual()))
        lost = sum((r['cost'] + sum(c['amount'] for c in r['credits']) for r in nobody), ZERO)
        self.assertNotEqual(lost, 0)
        self.assertEqual(self.total() - self.total(filters={'project': {'not': [None]}}), lost)

    def test_the_usual_query_adds_up_units_that_do_not_add(self):
        per_service = defaultdict(set)
        for _, service, _, unit, _, _ in self.usual():
            per_service[service].add(unit)
        mixed = {service for service, units in per_service.items() if len(units) > 1}
        self.assertEqual(mixed, {'Compute Engine'}, 'seconds and byte-seconds')
        with self.server() as server:
            got = self.answer(server, dict(MONTH, currency='USD'))
        for row in got['breakdown']:
            if row['value'] in mixed:
                self.assertIsNone(row['usage_quantity'])
                self.assertEqual({u[0] for u in row['units']}, {'hour', 'gibibyte month'})
            elif row['value'] != 'Support':
                self.assertIsNotNone(row['usage_quantity'])

    def test_the_usual_query_reads_the_whole_table(self):
        del self.gate.queries[:]
        self.total()
        sent = next(s for s in self.gate.queries if 'AS section' in s['query'])
        self.assertIn('_PARTITIONTIME >= TIMESTAMP_SUB(TIMESTAMP(@from_date, @tz), INTERVAL 1 DAY)', sent['query'])
        self.assertNotIn('_PARTITIONTIME <', sent['query'])
        self.assertNotIn('_PARTITIONTIME', NAIVE)
        first = next(p['parameterValue']['value'] for p in sent['queryParameters'] if p['name'] == 'from_date')
        bound = datetime.fromisoformat(first).replace(tzinfo=export.PACIFIC) - timedelta(days=1)
        # A row lies in the partition of the day on which it was exported.
        read = [r for r in self.rows if r['export_time'].astimezone(timezone.utc).date() >= bound.date()]
        self.assertLess(len(read), len(self.rows) * 2 // 3, 'the usual query reads all of them')
        for row in self.month(export.PACIFIC) + self.month(export.PACIFIC, nobody=True):
            self.assertIn(row, read, 'what is needed is read, late rows too')
        self.assertEqual(sent['maximumBytesBilled'], str(10 << 30))

    def test_all_reasons_together_are_the_whole_difference(self):
        usual = sum((Decimal(r[4]) for r in self.usual()), ZERO)
        mine, nobody = self.month(export.PACIFIC), self.month(export.PACIFIC, nobody=True)
        days = sum(r['cost'] for r in self.month(timezone.utc)) - sum(r['cost'] for r in mine)
        credits = sum((c['amount'] for r in mine + nobody for c in r['credits']), ZERO)
        self.assertAlmostEqual(usual, self.total() + days - sum(r['cost'] for r in nobody) - credits, 6)


if __name__ == '__main__':
    emulator.main(emulator.fixture)
