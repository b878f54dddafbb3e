#!/usr/bin/env python3
"""get_costs by SQL that a BigQuery emulator executes, against totals computed from the rows without SQL."""
import json
import unittest
from decimal import Decimal

import emulator
import export
import gate
import gcp
import oracle

MONTH = {'start_date': '2026-10-01', 'end_date': '2026-10-31'}
LONG = {'start_date': '2026-08-25', 'end_date': '2026-11-18'}
SPRING = {'start_date': '2026-03-07', 'end_date': '2026-03-09'}
AUTUMN = {'start_date': '2026-10-31', 'end_date': '2026-11-02'}

# Every kind of question: name, arguments.
QUESTIONS = [
    ('a month by service', MONTH),
    ('services of a long range by day', dict(MONTH, granularity='DAILY', limit=4)),
    ('services by month', dict(LONG, granularity='MONTHLY')),
    ('projects, the missing one kept', dict(MONTH, group_by=['project'])),
    ('regions', dict(MONTH, group_by=['region'])),
    ('SKUs', dict(MONTH, group_by=['sku'], limit=3)),
    ('resources', dict(MONTH, group_by=['resource'], limit=50)),
    ('charge categories', dict(LONG, group_by=['charge_category'])),
    ('a label', dict(MONTH, group_by=['tag:team'], limit=50)),
    ('a resource tag', dict(MONTH, group_by=['tag:cc'])),
    ('a label of projects', dict(MONTH, group_by=['tag:env'])),
    ('a label of projects by its full name', dict(MONTH, group_by=['tag:project.labels/env'])),
    ('invoices', dict(LONG, group_by=['invoice'])),
    ('billing accounts', dict(MONTH, group_by=['billing_account'])),
    ('currencies', dict(MONTH, group_by=['currency'])),
    ('publishers', dict(MONTH, group_by=['publisher'])),
    ('providers', dict(MONTH, group_by=['provider'])),
    ('two keys', dict(MONTH, group_by=['project', 'service'], limit=5)),
    ('three keys', dict(MONTH, group_by=['project', 'region', 'charge_category'], limit=7)),
    ('the whole range as one number', dict(LONG, granularity='TOTAL')),
    ('hours of the day on which clocks go forward', dict(SPRING, granularity='HOURLY', group_by=['currency'])),
    ('hours of the day on which clocks go back', dict(AUTUMN, granularity='HOURLY', group_by=['currency'])),
    ('days around both', dict(AUTUMN, granularity='DAILY', group_by=['currency'])),
    ('days in spring', dict(SPRING, granularity='DAILY', group_by=['service'])),
    ('the invoice of October', dict(MONTH, basis='invoice')),
    ('three invoices by month', {'start_date': '2026-08-01', 'end_date': '2026-10-31', 'basis': 'invoice', 'granularity': 'MONTHLY'}),
    ('list prices', dict(MONTH, metric='list')),
    ('contracted prices', dict(MONTH, metric='contracted', group_by=['sku'])),
    ('effective without commitments', dict(MONTH, metric='effective')),
    ('effective with commitments is unknown', {'start_date': '2026-09-01', 'end_date': '2026-09-30', 'metric': 'effective'}),
    ('billed with commitments', {'start_date': '2026-09-01', 'end_date': '2026-09-30'}),
    ('a comparison', dict(MONTH, compare={'start_date': '2026-10-01', 'end_date': '2026-10-15'}, group_by=['project', 'service'], limit=4)),
    ('a comparison with another month', dict(MONTH, compare={'start_date': '2026-09-01', 'end_date': '2026-09-30'}, granularity='DAILY', limit=2)),
    ('one service', dict(MONTH, filters={'service': ['BigQuery']})),
    ('two services of one project', dict(MONTH, filters={'service': ['BigQuery', 'Cloud SQL'], 'project': ['p-alpha']})),
    ('all services but one', dict(MONTH, filters={'service': {'not': ['BigQuery']}})),
    ('what belongs to no project', dict(MONTH, filters={'project': [None]})),
    ('what belongs to a project', dict(MONTH, filters={'project': {'not': [None]}})),
    ('a project or none', dict(MONTH, filters={'project': ['p-beta-prod', None]})),
    ('a value with quotes', dict(MONTH, filters={'tag:team': ['it\'s "x"']}, group_by=['project'])),
    ('an empty value', dict(MONTH, filters={'tag:team': ['']})),
    ('no such label', dict(MONTH, filters={'tag:team': [None]}, group_by=['sku'])),
    ('without tax', dict(MONTH, filters={'charge_category': {'not': ['Tax']}})),
    ('only credits', dict(LONG, filters={'charge_category': ['Credit']})),
    ('one currency', dict(MONTH, filters={'currency': ['EUR']})),
    ('one machine', dict(MONTH, filters={'resource': ['vm-5']}, group_by=['resource'])),
    ('clusters', dict(MONTH, group_by=['cluster'])),
    ('namespaces of clusters', dict(MONTH, group_by=['cluster', 'namespace'], granularity='DAILY')),
    ('commitments', {'start_date': '2026-09-01', 'end_date': '2026-09-30', 'group_by': ['commitment', 'charge_category']}),
    ('who provides and who bills', dict(MONTH, group_by=['service_provider', 'invoice_issuer'])),
    ('a label by its full name', dict(MONTH, group_by=['tag:labels/team'], limit=3)),
    ('a resource tag by its full name', dict(MONTH, group_by=['tag:tags/cc'])),
    ('a label as people write it', dict(MONTH, group_by=['tag:TEAM'], limit=50)),
    ('two labels, filtered by a third', dict(MONTH, group_by=['tag:team', 'tag:env'], filters={'tag:cc': ['cc-0', None]}, limit=20)),
    ('hours of two groups', dict(AUTUMN, granularity='HOURLY', group_by=['service'], limit=2)),
    ('list prices by month', dict(LONG, metric='list', granularity='MONTHLY')),
    ('contracted prices before and after the column came', dict(LONG, metric='contracted', granularity='MONTHLY', group_by=['charge_category'])),
    ('effective with cheaper prices but no commitments', dict(MONTH, metric='effective', group_by=['service'], granularity='DAILY', limit=3)),
    ('a comparison of invoices', dict(MONTH, basis='invoice', compare={'start_date': '2026-09-01', 'end_date': '2026-09-30'})),
    ('a comparison of list prices', dict(MONTH, metric='list', compare={'start_date': '2026-09-01', 'end_date': '2026-09-30'}, limit=3)),
    ('credits of services', dict(LONG, filters={'charge_category': ['Credit']}, group_by=['service', 'sku'], limit=3)),
    ('resources of a project by day', dict(MONTH, group_by=['resource'], filters={'project': ['p-gamma']}, granularity='DAILY', limit=3)),
    ('values that are there, but not that one', dict(MONTH, filters={'tag:team': {'not': ['web', None]}}, group_by=['tag:team'])),
    ('October as billed in November', dict(MONTH, filters={'invoice': ['202611']}, group_by=['service', 'invoice'])),
    ('every charge but usage and tax', dict(LONG, filters={'charge_category': {'not': ['Usage', 'Tax']}}, group_by=['charge_category', 'project'])),
    ('the whole export, three keys, as one number', {'start_date': '2026-03-01', 'end_date': '2026-11-18', 'granularity': 'TOTAL',
                                                     'group_by': ['billing_account', 'publisher', 'service'], 'limit': 2}),
    ('machines by their names', dict(MONTH, filters={'resource': ['vm-4', 'vm-5']}, group_by=['resource'])),
    ('all but a machine', dict(MONTH, filters={'resource': {'not': ['vm-4']}}, group_by=['resource'], limit=3)),
    ('a region that is no region', dict(MONTH, filters={'region': ['eu']}, group_by=['region', 'service'])),
]


class Costs(unittest.TestCase):
    longMessage = False

    @classmethod
    def setUpClass(cls):
        cls.home = gcp.Home()
        cls.emulator = emulator.Emulator()
        cls.gate = gate.Gate(cls.emulator.url)
        cls.rows = export.rows()
        cls.server = gcp.Server(cls.home.environment(cls.gate.url), '--deadline', '280s')

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.gate.close()
        cls.emulator.stop()
        cls.home.remove()

    def tearDown(self):
        self.assertEqual(self.gate.problems, [], 'requests that Google would refuse: %s' % self.gate.problems[:3])

    def ask(self, arguments, server=None, tool='get_costs'):
        got, error = (server or self.server).call(tool, arguments)
        self.assertIsNotNone(got, error)
        return got

    def refused(self, arguments, *words, server=None, tool='get_costs'):
        got, error = (server or self.server).call(tool, arguments)
        self.assertIsNone(got, 'an answer instead of a refusal')
        for word in words:
            self.assertIn(word, error, '%s is not in: %s' % (word, error))

    def test_every_kind_of_question_equals_the_rows(self):
        for name, arguments in QUESTIONS:
            with self.subTest(name):
                problems = oracle.Answer(self.rows, arguments).differences(self.ask(arguments))
                self.assertEqual(problems, [], '%s: %s' % (name, problems[:4]))

    def test_what_is_unknown_is_not_compared(self):
        compare = {'start_date': '2026-09-01', 'end_date': '2026-09-30'}
        self.refused(dict(MONTH, metric='effective', compare=compare), 'effective_unknown', 'billed', 'FOCUS')
        # What October effectively cost is known all the same.
        got = self.ask(dict(MONTH, compare=compare))
        for block in got['currencies']:
            self.assertEqual(block['totals']['effective'], block['totals']['billed'])

    def test_an_unknown_total_has_no_known_rest(self):
        got = self.ask({'start_date': '2026-09-01', 'end_date': '2026-09-30', 'metric': 'effective', 'currency': 'USD', 'limit': 2})
        self.assertIsNone(got['total_cost'])
        self.assertEqual([r['cost'] for r in got['breakdown']], [None, None])
        self.assertEqual([got['other'][k] for k in ('cost', 'positive', 'negative')], [None] * 3)
        self.assertIsNone(got['spanning']['cost'])

    def test_comparisons_by_name_are_those_dates(self):
        for name, given, same in (('previous_month', MONTH, ('2026-09-01', '2026-09-30')),
                                  ('previous_period', MONTH, ('2026-09-01', '2026-09-30')),
                                  ('previous_period', {'start_date': '2026-10-11', 'end_date': '2026-10-20'}, ('2026-10-01', '2026-10-10')),
                                  ('previous_year', {'start_date': '2026-03-07', 'end_date': '2026-03-09'}, ('2025-03-07', '2025-03-09'))):
            with self.subTest('%s of %s' % (name, given)):
                dates = dict(zip(('start_date', 'end_date'), same))
                want = oracle.Answer(self.rows, dict(given, compare=dates))
                self.assertEqual(want.differences(self.ask(dict(given, compare=name))), [])


if __name__ == '__main__':
    emulator.main(emulator.fixture)
