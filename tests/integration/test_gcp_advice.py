#!/usr/bin/env python3
"""get_recommendations, get_resources and doctor of mcp-gcp against doubles of Google's APIs."""
import json
import os
import sys
import unittest
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import google_api  # noqa: E402
import gcp_double  # noqa: E402
from product import cli, folder, promised  # noqa: E402

DISK = 'google.compute.disk.IdleResourceRecommender'
VM = 'google.compute.instance.MachineTypeRecommender'
IDLE = 'google.compute.instance.IdleResourceRecommender'
CUD = 'google.compute.commitment.UsageCommitmentRecommender'
SPEND = 'google.cloudbilling.commitment.SpendBasedCommitmentRecommender'
PARENT = 'projects/billing-project'
ZONE = 'us-central1-a'
RECORDED = os.path.join(google_api.SHARED, 'data', 'gcp', 'recorded', 'get-v1-projects-cloud-custodian-locations-'
                        'us-central1-a-recommenders-google.compute.disk.IdleResourceRecommender-recommendations_1.json')


def advice(name, units=None, nanos=None, duration='2592000s', recommender=DISK, parent=PARENT, location=ZONE, **more):
    cost = {'currencyCode': 'USD'}
    if units is not None:
        cost['units'] = str(units)
    if nanos is not None:
        cost['nanos'] = nanos
    vm = '//compute.googleapis.com/%s/zones/%s/disks/%s' % (PARENT, ZONE, name)
    out = {'name': '%s/locations/%s/recommenders/%s/recommendations/%s' % (parent, location, recommender, name),
           'description': "Do something about '%s'." % name, 'lastRefreshTime': '2026-11-20T07:00:00Z',
           'priority': 'P2', 'recommenderSubtype': 'DELETE', 'etag': '"1"', 'stateInfo': {'state': 'ACTIVE'},
           'primaryImpact': {'category': 'COST', 'costProjection': {'cost': cost, 'duration': duration}},
           'content': {'overview': {'resource': vm, 'resourceName': name, 'location': location}}}
    out.update(more)
    return out


class Base(unittest.TestCase):
    def setUp(self):
        self.double = gcp_double.Double().__enter__()
        self.addCleanup(self.double.__exit__)
        context = folder()
        self.home = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.key = self.double.write(self.home, 'key.json', self.double.service_account())

    def tearDown(self):
        self.assertEqual(self.double.faults_seen, [], 'Google does not describe it so')

    def run_it(self, *args, **env):
        full = dict(self.double.endpoints(), GOOGLE_APPLICATION_CREDENTIALS=self.key,
                    GCP_RECOMMENDATION_SCOPES=PARENT, GCP_RECOMMENDATION_LOCATIONS=ZONE + ',us-central1,global')
        full.update(env)
        return cli(self.home, 'mcp-gcp', *args, env=full)

    def ask(self, *args, **env):
        status, out, err = self.run_it('call', 'get_recommendations', '--json', *args, **env)
        self.assertEqual((status, err), (0, ''))
        self.assertEqual(promised(self.home, 'mcp-gcp', 'get_recommendations', out), [])
        return json.loads(out, parse_float=Decimal, parse_int=Decimal)

    def put(self, *items, recommender=DISK, location=ZONE, parent=PARENT):
        self.double.recommendations[(parent, location, recommender)] = list(items)

    def codes(self, answer):
        return [w['code'] for w in answer['warnings']]


class Recommendations(Base):
    def test_savings_are_exact_whatever_form_the_amount_has(self):
        cases = {'both': (-1, -548387097, '1.548387097'), 'nanos-only': (None, -483870968, '0.483870968'),
                 'units-only': (-12, None, '12'), 'large': (-9007199254740993, -1, '9007199254740993.000000001'),
                 'zero': (None, None, '0')}
        self.put(*[advice(n, u, c) for n, (u, c, _) in cases.items()])
        answer = self.ask()
        got = {r['resource_name']: r['monthly_savings'] for r in answer['recommendations']}
        self.assertEqual(got, {n: Decimal(c[2]) for n, c in cases.items()})
        self.assertEqual(answer['total_monthly_savings'], sum(Decimal(c[2]) for c in cases.values()))
        self.assertEqual(answer['provider'], 'gcp')
        self.assertEqual(answer['source']['backend'], 'recommender')

    def test_projections_of_another_length_are_put_to_a_month(self):
        self.put(advice('year', -365, duration='31536000s'), advice('third', -1, duration='7776000s'))
        got = {r['resource_name']: r['monthly_savings'] for r in self.ask()['recommendations']}
        self.assertEqual(got, {'year': Decimal(30), 'third': Decimal('0.333333333333333333')})

    def test_recorded_answer_of_google_reads(self):
        if not os.path.exists(RECORDED):
            self.skipTest('no recorded answer at hand')
        with open(RECORDED, encoding='utf-8') as f:
            items = json.load(f)['body']['recommendations']
        self.put(*items, parent='projects/cloud-custodian')
        answer = self.ask(GCP_RECOMMENDATION_SCOPES='projects/cloud-custodian')
        first = answer['recommendations'][0]
        self.assertEqual(first['monthly_savings'], Decimal('1.548387097'))
        self.assertEqual((first['project'], first['region'], first['resource_name'], first['category'],
                          first['resource_type'], first['recommended']),
                         ('cloud-custodian', ZONE, 'disk-1', 'idle', 'compute.googleapis.com/Disk',
                          'Snapshot and delete'))
        self.assertEqual(answer['total_monthly_savings'], Decimal('2.032258065'))

    def test_each_recommender_is_asked_where_it_can_answer(self):
        self.ask()
        asked = {tuple(p.split('/')[5:8:2]) for _, p, *_ in self.double.requests('/recommendations$')}
        self.assertIn((ZONE, VM), asked)
        self.assertNotIn(('us-central1', VM), asked)
        self.assertIn(('us-central1', CUD), asked)
        self.assertNotIn((ZONE, CUD), asked)
        self.assertIn(('global', SPEND), asked)
        self.assertEqual(len({r for _, r in asked}), 16)

    def test_locations_come_from_google_when_nobody_names_them(self):
        self.put(advice('there', -5, location='europe-west1-b'), location='europe-west1-b')
        answer = self.ask(GCP_RECOMMENDATION_LOCATIONS='', GCP_BILLING_PROJECT='', GCP_BILLING_DATASET='')
        self.assertEqual([r['region'] for r in answer['recommendations']], ['europe-west1-b'])
        self.assertEqual(len(self.double.requests('^/v1beta1/.*/locations$')), 1)

    def test_pages_are_followed_and_states_asked_for(self):
        self.double.page = 2
        done = advice('done', -100, stateInfo={'state': 'SUCCEEDED'})
        claimed = advice('claimed', -50, stateInfo={'state': 'CLAIMED'})
        self.put(*[advice('d%d' % i, -i) for i in range(1, 8)], done, claimed)
        answer = self.ask()
        self.assertEqual(answer['total_items'], 8)
        self.assertEqual(answer['recommendations'][0]['resource_name'], 'claimed')
        self.assertEqual(answer['recommendations'][0]['evidence']['state'], 'CLAIMED')
        self.assertEqual(answer['total_monthly_savings'], 50 + sum(range(1, 8)))

    def test_overlapping_items_count_once(self):
        self.put(advice('stop', -30, xorGroupId='g1', recommender=IDLE), recommender=IDLE)
        self.put(advice('resize', -20, xorGroupId='g1', recommender=VM), recommender=VM)
        self.put(advice('other', -7))
        self.put(advice('commit', -25, recommender=CUD, location='us-central1',
                        content={'overview': {'resource': ''}}), recommender=CUD, location='us-central1')
        answer = self.ask()
        items = {r['id'].rsplit('/', 1)[1]: r for r in answer['recommendations']}
        self.assertIn(items['resize']['id'], items['stop']['overlaps_with'])
        self.assertIn(items['commit']['id'], items['other']['overlaps_with'])
        # stop 30; commit and resize overlap it; other overlaps commit, which is larger.
        self.assertEqual(answer['total_monthly_savings'], 30)

    def test_saving_that_is_not_known_is_null(self):
        item = advice('idle-cluster', recommenderSubtype='CLUSTER_IDLE')
        item['primaryImpact'] = {'category': 'COST'}
        self.put(item)
        self.assertEqual([(r['monthly_savings'], r['currency']) for r in self.ask()['recommendations']], [(None, None)])

    def test_what_costs_more_is_no_saving(self):
        self.put(advice('grow', 4, 500000000, recommender=VM), advice('shrink', -4, recommender=VM), recommender=VM)
        answer = self.ask()
        self.assertEqual([r['resource_name'] for r in answer['recommendations']], ['shrink'])
        self.assertIn('not_savings', self.codes(answer))

    def test_local_currency_goes_before_dollars(self):
        item = advice('disk', -10)
        item['primaryImpact']['costProjection']['costInLocalCurrency'] = {'currencyCode': 'EUR', 'units': '-9'}
        self.put(item)
        answer = self.ask()
        self.assertEqual((answer['currency'], answer['total_monthly_savings']), ('EUR', 9))

    def test_amount_that_is_none_is_an_error_and_never_a_number(self):
        for cost in ({'units': 'many'}, {'units': '-1', 'nanos': 5}, {'nanos': -1000000000}):
            item = advice('disk')
            item['primaryImpact']['costProjection']['cost'] = dict(cost, currencyCode='USD')
            self.put(item)
            status, _, err = self.run_it('call', 'get_recommendations')
            self.assertEqual(status, 1)
            self.assertIn('an amount that is none', err)

    def test_missing_permission_of_one_recommender_leaves_the_others(self):
        self.put(advice('disk', -3))
        self.double.denied = {CUD: 'recommender.usageCommitmentRecommendations.list'}
        answer = self.ask()
        self.assertEqual(answer['total_monthly_savings'], 3)
        warning = next(w for w in answer['warnings'] if w['code'] == 'recommenders_unavailable')
        self.assertIn('roles/recommender.viewer', json.dumps(warning))
        self.assertIn('recommender.usageCommitmentRecommendations.list', json.dumps(warning))

    def test_all_refused_is_an_error_that_says_what_to_enable(self):
        self.double.disabled = '/recommenders/'
        status, _, err = self.run_it('call', 'get_recommendations')
        self.assertEqual(status, 1)
        self.assertIn('gcloud services enable recommender.googleapis.com --project billing-project', err)

    def test_users_without_quota_project_are_told(self):
        self.double.faults = {'/recommenders/': 'quota'}
        key = self.double.write(self.home, 'user.json', self.double.user(quota_project_id=''))
        status, _, err = self.run_it('call', 'get_recommendations', GOOGLE_APPLICATION_CREDENTIALS=key)
        self.assertEqual(status, 1)
        self.assertIn('set-quota-project', err)

    def test_billing_account_is_asked_for_commitments_only(self):
        self.put(advice('spend', -40, recommender=SPEND, parent='billingAccounts/01ABCD-234567-89EF01',
                        location='global', content={}),
                 recommender=SPEND, parent='billingAccounts/01ABCD-234567-89EF01', location='global')
        answer = self.ask(GCP_RECOMMENDATION_SCOPES='billingAccounts/01ABCD-234567-89EF01')
        self.assertEqual(answer['total_monthly_savings'], 40)
        asked = {p.split('/')[7] for _, p, *_ in self.double.requests('/recommendations$')}
        self.assertEqual(asked, {CUD, SPEND})

    def test_folder_means_all_its_projects(self):
        self.double.page = 1
        self.double.assets['folders/7'] = [
            {'name': '//cloudresourcemanager.googleapis.com/projects/' + p, 'project': 'projects/%d' % i,
             'assetType': 'cloudresourcemanager.googleapis.com/Project'} for i, p in enumerate(('one-p', 'two-p'))]
        for p in ('one-p', 'two-p'):
            self.put(advice(p, -1, parent='projects/' + p, content={}), parent='projects/' + p)
        answer = self.ask(GCP_RECOMMENDATION_SCOPES='folders/7')
        self.assertEqual(sorted(r['project'] for r in answer['recommendations']), ['one-p', 'two-p'])

    def test_authorized_projects_are_the_only_ones_asked_and_shown(self):
        self.put(advice('mine', -1))
        self.put(advice('other', -1, parent='projects/other-p', content={}), parent='projects/other-p')
        env = {'GCP_RECOMMENDATION_SCOPES': 'projects/billing-project,projects/other-p'}
        self.assertEqual(self.ask(**env)['total_items'], 2)
        del self.double.log[:]
        answer = self.ask(GCP_AUTHORIZED_PROJECTS='billing-project', **env)
        self.assertEqual([r['project'] for r in answer['recommendations']], ['billing-project'])
        self.assertEqual(self.double.requests('other-p'), [])
        # An item of an account names no project: shown only when the record says so.
        account = 'billingAccounts/01ABCD-234567-89EF01'
        self.put(advice('spend', -40, recommender=SPEND, parent=account, location='global', content={}),
                 recommender=SPEND, parent=account, location='global')
        env = {'GCP_RECOMMENDATION_SCOPES': account, 'GCP_AUTHORIZED_PROJECTS': 'billing-project'}
        self.assertEqual(self.ask(**env)['total_items'], 0)
        self.assertEqual(self.ask(GCP_UNATTRIBUTED='true', **env)['total_items'], 1)

    def test_empty_list_of_projects_shows_nothing(self):
        config = self.double.write(self.home, 'c.yaml', 'gcp: {authorized_projects: []}\n')
        self.put(advice('mine', -1))
        answer = self.ask('--config', config)
        self.assertEqual(answer['total_items'], 0)
        self.assertEqual(self.double.requests('/recommenders/'), [])

    def test_filters_categories_and_limits(self):
        self.put(advice('a', -1), advice('b', -20), advice('c', -3))
        self.put(advice('v', -8, recommender=VM), recommender=VM)
        self.assertEqual(self.ask('--category', 'compute')['total_items'], 1)
        self.assertEqual(self.ask('--min-monthly-savings', '3')['total_items'], 3)
        self.assertEqual(self.ask('--filter', 'region=us-central1')['total_items'], 4)
        self.assertEqual(self.ask('--filter', 'region=europe-west1')['total_items'], 0)
        self.assertEqual(self.ask('--filter', 'project=BILLING-project')['total_items'], 4)
        page = self.ask('--limit', '3')
        self.assertEqual(len(page['recommendations']), 3)
        rest = self.ask('--limit', '3', '--args', json.dumps({'cursor': page['next_cursor']}))
        self.assertEqual([r['resource_name'] for r in rest['recommendations']], ['a'])
        status, _, err = self.run_it('call', 'get_recommendations', '--filter', 'sku=x')
        self.assertEqual(status, 1)
        self.assertIn('have no dimension sku', err)

    def test_recommenders_can_be_named(self):
        self.ask(GCP_RECOMMENDERS=DISK + ',' + VM)
        asked = {p.split('/')[7] for _, p, *_ in self.double.requests('/recommendations$')}
        self.assertEqual(asked, {DISK, VM})


class Resources(Base):
    def vm(self, name, ident, **more):
        return dict({'name': '//compute.googleapis.com/projects/billing-project/zones/%s/instances/%s' % (ZONE, name),
                     'assetType': 'compute.googleapis.com/Instance', 'project': 'projects/1234567890',
                     'displayName': name, 'location': ZONE, 'labels': {'team': 'web'}, 'state': 'RUNNING',
                     'additionalAttributes': {'id': ident}}, **more)

    def list_them(self, *args, **env):
        full = {'GCP_BILLING_PROJECT': '', 'GCP_BILLING_DATASET': '', 'GCP_RESOURCE_SCOPE': PARENT}
        full.update(env)
        status, out, err = self.run_it('call', 'get_resources', '--json', *args, **full)
        self.assertEqual((status, err), (0, ''))
        self.assertEqual(promised(self.home, 'mcp-gcp', 'get_resources', out), [])
        return json.loads(out, parse_float=Decimal, parse_int=Decimal)

    def test_without_a_bill_every_cost_is_unknown_not_zero(self):
        self.double.page = 2
        self.double.assets[PARENT] = [self.vm('vm-%d' % i, str(i)) for i in range(5)]
        answer = self.list_them()
        self.assertEqual(answer['total_items'], 5)
        self.assertEqual({r['cost'] for r in answer['resources']}, {None})
        self.assertIn('no_costs', self.codes(answer))
        first = answer['resources'][0]
        self.assertEqual((first['name'], first['type'], first['region'], first['project'], first['tags']),
                         ('vm-0', 'compute.googleapis.com/Instance', ZONE, 'billing-project', {'team': 'web'}))

    def test_types_tags_and_regions_filter(self):
        self.double.assets[PARENT] = [
            self.vm('vm', '1'), self.vm('vm-eu', '2', location='europe-west1-b', labels={}),
            {'name': '//storage.googleapis.com/bucket', 'assetType': 'storage.googleapis.com/Bucket',
             'project': 'projects/1234567890', 'displayName': 'bucket', 'location': 'us'}]
        self.assertEqual(self.list_them('--resource-type', 'bucket')['total_items'], 1)
        self.assertEqual(self.list_them('--resource-type', 'storage.googleapis.com/Bucket')['total_items'], 1)
        self.assertIn('storage.googleapis.com/Bucket',
                      self.double.requests(':searchAllResources$')[-1][2]['assetTypes'])
        self.assertEqual(self.list_them('--filter', 'tag:team=web')['total_items'], 1)
        self.assertEqual(self.list_them('--filter', 'region=europe-west1-b')['total_items'], 1)
        # The bucket's name holds no project: its number is the one that the machines show.
        self.assertEqual(self.list_them('--filter', 'project=billing-project')['total_items'], 3)

    def test_missing_permission_names_the_role(self):
        self.double.denied = {':searchAllResources': 'cloudasset.assets.searchAllResources'}
        status, _, err = self.run_it('call', 'get_resources', GCP_RESOURCE_SCOPE=PARENT)
        self.assertEqual(status, 1)
        self.assertIn('roles/cloudasset.viewer', err)
        self.assertIn('service account reader@billing-project.iam.gserviceaccount.com', err)

    def test_authorized_projects_bound_the_search(self):
        self.double.assets['projects/mine'] = [self.vm('vm', '1')]
        answer = self.list_them(GCP_AUTHORIZED_PROJECTS='billing-project', GCP_RESOURCE_SCOPE='')
        self.assertEqual(answer['total_items'], 0)
        self.assertEqual(len(self.double.requests('^/v1/projects/billing-project:searchAllResources$')), 1)


class Doctor(Base):
    def lines(self, **env):
        status, out, err = self.run_it('doctor', GCP_RESOURCE_SCOPE=PARENT, **env)
        self.assertEqual(err, '')
        return status, {line[6:]: line[:4].strip() for line in out.splitlines()}, out

    def test_each_permission_has_its_line(self):
        _, lines, out = self.lines()
        for permission in ('recommender.computeDiskIdleResourceRecommendations.list',
                           'recommender.usageCommitmentRecommendations.list',
                           'cloudasset.assets.searchAllResources'):
            self.assertEqual(lines.get(permission), 'ok', out)
        self.assertEqual(sum(line.startswith('recommender.') for line in lines), 16)

    def test_one_missing_permission_fails_its_line_alone(self):
        for pattern, permission, role in (
                (DISK, 'recommender.computeDiskIdleResourceRecommendations.list', 'roles/recommender.viewer'),
                (':searchAllResources', 'cloudasset.assets.searchAllResources', 'roles/cloudasset.viewer')):
            self.double.denied = {pattern: permission}
            status, lines, out = self.lines()
            failed = [text for text, mark in lines.items() if mark == 'FAIL' and 'billing export' not in text]
            self.assertEqual(status, 1)
            self.assertEqual(len(failed), 1, out)
            self.assertIn(permission, failed[0])
            self.assertIn('Grant ' + role, failed[0])

    def test_without_credentials_nothing_else_is_asked(self):
        status, lines, out = self.lines(GOOGLE_APPLICATION_CREDENTIALS='/nonexistent.json')
        self.assertEqual(status, 1)
        self.assertIn('/nonexistent.json', out)
        self.assertEqual(self.double.log, [])

    def test_settings_of_a_file_are_printed_with_their_source_and_no_secret(self):
        config = self.double.write(self.home, 'c.yaml', '''
gcp:
  billing: {source: bigquery, project: "${THE_PROJECT}", dataset: billing}
  recommendations: {source: recommender_api, scopes: [folders/1]}
  authentication: {method: auto}
  authorized_projects: [one-p, two-p]
aws: {billing: {source: cost_explorer}}
''')
        status, out, _ = cli(self.home, 'mcp-gcp', '--print-config', '--config', config,
                             env={'THE_PROJECT': 'of-the-env', 'GCP_BILLING_DATASET': 'other'})
        self.assertEqual(status, 0)
        for part in ('of-the-env', 'other', 'folders/1', 'one-p'):
            self.assertIn(part, out)
        for name in ('mcp-aws', 'mcp-forecast'):
            status, out, err = cli(self.home, name, '--print-config', '--config', config,
                                   env={'THE_PROJECT': 'x'})
            self.assertEqual((status, err), (0, ''))
            self.assertNotIn('one-p', out)

    def test_wrong_settings_are_told_at_start(self):
        for env, says in (({'GCP_BILLING_PROJECT': 'No Project'}, 'gcp.billing.project'),
                          ({'GCP_BILLING_DATASET': 'a`b'}, 'gcp.billing.dataset'),
                          ({'GCP_RECOMMENDATION_SCOPES': 'project/x'}, 'folders/N'),
                          ({'GCP_BIGQUERY_ENDPOINT': 'bigquery'}, 'gcp.endpoints.bigquery'),
                          ({'GCP_RECOMMENDERS': 'google.compute.disk.Idle'}, 'compute.disk.IdleResourceRecommender'),
                          ({'GCP_RESOURCE_SCOPE': 'billingAccounts/1'}, 'gcp.resources.scope')):
            status, _, err = cli(self.home, 'mcp-gcp', 'call', 'get_costs', env=env)
            self.assertEqual(status, 2)
            self.assertIn(says, err)

    def test_plain_http_is_for_this_machine_only(self):
        status, _, err = self.run_it('call', 'get_recommendations',
                                     GCP_RECOMMENDER_ENDPOINT='http://recommender.example.com')
        self.assertEqual(status, 1)
        self.assertIn('plain http is for this machine only', err)

    def test_server_without_any_setting_starts_and_lists_its_tools(self):
        status, out, err = cli(self.home, 'mcp-gcp', '--help')
        self.assertEqual(status, 0)
        self.assertIn('--gcp-billing-dataset', out)
        status, _, err = cli(self.home, 'mcp-gcp', 'call', 'get_costs', env={'METADATA_SERVER_DETECTION': 'none'})
        self.assertEqual(status, 1)
        for part in ('GCP_BILLING_DATASET', 'config.yaml', 'mcp-gcp doctor', 'mcp-gcp import', '--demo'):
            self.assertIn(part, err)


if __name__ == '__main__':
    if not google_api.Contract.available():
        print('SKIPPED: %s is not there, so requests were NOT checked against Google\'s descriptions'
              % google_api.PATH, file=sys.stderr)
    unittest.main()
