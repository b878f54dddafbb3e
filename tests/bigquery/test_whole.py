#!/usr/bin/env python3
"""The whole path: a token from the identity double, costs from the emulator, Recommender, assets, and doctor."""
import json
import re
import subprocess
import unittest
from decimal import Decimal

import emulator
import export
import gate
import oracle
import world
import focus_client as client  # of tests/support, where world has put the path
import product
from world import DISK, MONTH, ZONE

# permission -> what the double then refuses (path and body of the request), and in which words
MISSING = {
    'bigquery.jobs.create': ('/queries\\n', 'Access Denied: Project billing-host: User does not have bigquery.jobs.create '
                             'permission in project billing-host.', 'roles/bigquery.jobUser'),
    'bigquery.tables.get': ('/datasets/billing', 'Access Denied: Dataset billing-host:billing: Permission bigquery.tables.get '
                            'denied on dataset billing-host:billing (or it may not exist).', 'roles/bigquery.dataViewer'),
    'bigquery.tables.getData': ('FROM `', 'Access Denied: Table billing-host:billing.x: User does not have '
                                'permission to query table billing-host:billing.x, or perhaps it does not exist.',
                                'roles/bigquery.dataViewer on the dataset billing-host.billing'),
    'recommender.computeDiskIdleResourceRecommendations.list': (DISK, None, 'roles/recommender.viewer'),
    'cloudasset.assets.searchAllResources': (':searchAllResources', None, 'roles/cloudasset.viewer'),
}


class Whole(unittest.TestCase):
    longMessage = False

    @classmethod
    def setUpClass(cls):
        cls.emulator = emulator.Emulator()
        cls.gate = gate.Gate(cls.emulator.url)
        cls.rows = export.rows()

    @classmethod
    def tearDownClass(cls):
        cls.gate.close()
        cls.emulator.stop()

    def setUp(self):
        self.world = world.World(self.gate.url, self.rows)
        self.addCleanup(self.world.close)
        self.double = self.world.double

    def tearDown(self):
        self.assertEqual(self.double.faults_seen + self.gate.problems, [], 'requests that Google would refuse')

    def run_it(self, *args, **more):
        done = subprocess.run([client.server('mcp-gcp'), *args], env=self.world.environment(**more), cwd=self.world.home.path,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=290)
        return done.returncode, done.stdout, done.stderr

    def call(self, tool, arguments, **more):
        status, out, err = self.run_it('call', tool, '--json', '--args', json.dumps(arguments), **more)
        self.assertEqual((status, err), (0, ''))
        self.assertEqual(product.promised(self.world.home.path, 'mcp-gcp', tool, out), [])
        return json.loads(out, parse_float=Decimal, parse_int=Decimal)

    def test_costs_come_with_a_token_of_the_identity_double(self):
        got = self.call('get_costs', MONTH)
        self.assertEqual(oracle.Answer(self.rows, MONTH).differences(got), [])
        self.assertEqual(len(self.double.requests('^/token$')), 1)
        tokens = {r[3]['Authorization'] for r in self.double.requests('^/bigquery/v2/')}
        self.assertIn('reader@billing-project.iam.gserviceaccount.com',
                      {self.double.tokens.get(t.split()[1]) for t in tokens})

    def test_advice_is_asked_for_where_the_bill_has_cost(self):
        got = self.call('get_recommendations', {})
        self.assertEqual([(r['resource_name'], r['monthly_savings'], r['currency'], r['project']) for r in got['recommendations']],
                         [('disk-1', Decimal('7.25'), 'EUR', 'p-alpha')])
        asked = [p.split('/') for _, p, *_ in self.double.requests('/recommendations$')]
        self.assertEqual({a[3] for a in asked}, {'p-alpha', 'p-beta-prod', 'p-gamma'})
        self.assertEqual({a[5] for a in asked}, {ZONE, 'us-west1-b', 'europe-west3', 'us-west1', 'eu', 'global'})
        self.assertEqual({a[7].split('.')[1] for a in asked if a[5] == 'eu'}, {'bigquery'}, 'only BigQuery has multi-regions')

    def test_resources_of_the_inventory_have_the_cost_of_the_bill(self):
        got = self.call('get_resources', dict(MONTH, metric='billed', limit=100))
        found = {r['name']: r for r in got['resources'] if r['type']}
        name = 'vm-' + self.world.billed.rsplit('/', 1)[1]
        self.assertEqual(set(found), {name, 'vm-77'})
        want = sum((r['cost'] + sum((c['amount'] for c in r['credits']), Decimal(0)) for r in self.world.mine
                    if r['resource']['global_name'] == self.world.billed and r['currency'] == found[name]['currency']), Decimal(0))
        self.assertNotEqual(want, 0)
        self.assertEqual(found[name]['cost'], want)
        self.assertEqual((found[name]['tags'], found[name]['project']), ({'team': 'web'}, 'p-alpha'))
        self.assertIsNone(found['vm-77']['cost'], 'what is not in the bill is unknown, not 0')
        self.assertEqual(got['source']['backend'], 'cloudasset')
        # What is in the bill alone is there too: nothing of it is lost or counted twice.
        costs = self.call('get_costs', dict(MONTH, group_by=['currency']))
        for block in got['currencies']:
            parts = sum(r['cost'] for r in got['resources'] if r['currency'] == block['currency'])
            self.assertEqual(block['total_cost'], parts + block['without_resource'])
            self.assertIn(block['total_cost'], [b['total_cost'] for b in costs['currencies']])

    def test_the_standard_export_leaves_the_cost_of_resources_unknown(self):
        got = self.call('get_resources', MONTH, GCP_BILLING_DATASET='standard')
        self.assertEqual({r['cost'] for r in got['resources']}, {None})
        self.assertIn('no_resource_costs', [w['code'] for w in got['warnings']])
        self.assertEqual((got['time_period']['start'], got['time_period']['end']), (MONTH['start_date'], MONTH['end_date']))

    def test_all_permissions_are_there(self):
        status, out, err = self.run_it('doctor')
        self.assertEqual((status, err), (0, ''), out)
        for permission in MISSING:
            self.assertRegex(out, r'(?m)^ok +' + re.escape(permission))

    def test_one_missing_permission_at_a_time_fails_its_line_alone(self):
        for permission, (pattern, message, says) in MISSING.items():
            with self.subTest(permission):
                self.double.denied = {pattern: (permission, message)}
                status, out, _ = self.run_it('doctor')
                failed = [line[6:] for line in out.splitlines() if line.startswith('FAIL')]
                self.assertEqual(status, 1, out)
                self.assertEqual(len(failed), 1, out)
                self.assertTrue(failed[0].startswith(permission + ':'), failed)
                self.assertIn(says, failed[0])


if __name__ == '__main__':
    emulator.main(emulator.binary)
