#!/usr/bin/env python3
"""mcp-gcp gets tokens in every way that Google knows, from a double that verifies what it is given."""
import json
import os
import stat
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import google_api  # noqa: E402
import gcp_double  # noqa: E402
from product import cli, folder  # noqa: E402

KEY = {'AWS_ACCESS_KEY_ID': 'AKIDEXAMPLE', 'AWS_SECRET_ACCESS_KEY': 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'}


class Identity(unittest.TestCase):
    def setUp(self):
        self.double = gcp_double.Double().__enter__()
        self.addCleanup(self.double.__exit__)
        context = folder()
        self.home = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def tearDown(self):
        self.assertEqual(self.double.faults_seen, [], 'Google does not describe it so')

    def ask(self, credentials=None, **env):
        """(status, stdout, stderr) of a call that needs a token."""
        full = dict(self.double.endpoints(), GCP_RECOMMENDATION_SCOPES='projects/billing-project',
                    GCP_RECOMMENDATION_LOCATIONS='global')
        full.update(env)
        if credentials is not None:
            full['GOOGLE_APPLICATION_CREDENTIALS'] = credentials if isinstance(credentials, str) else \
                self.double.write(self.home, 'credentials.json', credentials)
        return cli(self.home, 'mcp-gcp', 'call', 'get_recommendations', '--json', env=full)

    def answered(self, *args, **env):
        status, out, err = self.ask(*args, **env)
        self.assertEqual((status, err), (0, ''))
        return json.loads(out)

    def refused(self, *args, says=(), **env):
        status, out, err = self.ask(*args, **env)
        self.assertEqual(status, 1, out + err)
        for part in says if isinstance(says, (list, tuple)) else [says]:
            self.assertIn(part, err)
        return err

    def bearers(self):
        """Who the API calls were made by."""
        tokens = {r[3]['Authorization'].split()[1] for r in self.double.requests('/recommendations$')}
        return {self.double.tokens.get(t, 'self-signed') for t in tokens}


class ServiceAccount(Identity):
    def test_key_signs_its_own_tokens_without_asking_anybody(self):
        self.answered(self.double.service_account())
        self.assertEqual(self.bearers(), {'self-signed'})
        self.assertEqual(self.double.requests('^/token$'), [])

    def test_refused_self_signed_token_falls_back_to_the_grant(self):
        self.double.self_signed = False
        self.answered(self.double.service_account())
        self.assertIn('reader@billing-project.iam.gserviceaccount.com', self.bearers())
        self.assertEqual(len(self.double.requests('^/token$')), 1)

    def test_key_that_google_does_not_know_names_the_file_and_what_to_check(self):
        self.double.self_signed = False
        other = dict(self.double.service_account(), private_key_id='key-2')
        self.refused(other, says=['refused a token for this service account key', 'invalid_grant', 'clock is right'])

    def test_broken_keys_are_told_without_showing_them(self):
        for text, says in (('', 'cannot sign'), ('-----BEGIN PRIVATE KEY-----\nsecretsecret\n', 'cannot sign')):
            err = self.refused(dict(self.double.service_account(), private_key=text or 'x'), says=says)
            self.assertNotIn('secretsecret', err)
        self.refused(dict(self.double.service_account(), private_key=''), says='no private_key')
        self.refused(dict(self.double.service_account(), client_email=''), says='no client_email')

    def test_file_that_cannot_be_read_ends_the_search(self):
        gcloud = os.path.join(self.home, '.config', 'gcloud')
        os.makedirs(gcloud)
        self.double.write(gcloud, 'application_default_credentials.json', self.double.user())
        self.refused(self.home + '/missing.json', says=['missing.json', 'No such file',
                                                        'GOOGLE_APPLICATION_CREDENTIALS'])
        self.refused(self.double.write(self.home, 'x.json', '{"type": '), says='no JSON object')
        self.refused(self.double.write(self.home, 'x.json', '[]'), says='no JSON object')
        self.refused({'type': 'gdch_service_account'}, says=['gdch_service_account', 'does not take'])
        self.refused({'a': 1}, says='no member "type"')

    def test_quota_project_of_file_or_environment_is_sent(self):
        self.answered(self.double.service_account())
        self.assertNotIn('x-goog-user-project', self.double.requests('/recommendations$')[-1][3])
        self.answered(self.double.service_account(quota_project_id='of-the-file'))
        self.assertEqual(self.double.requests('/recommendations$')[-1][3]['x-goog-user-project'], 'of-the-file')
        self.answered(self.double.service_account(quota_project_id='of-the-file'),
                      GOOGLE_CLOUD_QUOTA_PROJECT='of-the-env')
        self.assertEqual(self.double.requests('/recommendations$')[-1][3]['x-goog-user-project'], 'of-the-env')

    def test_credentials_of_another_universe_are_refused(self):
        self.answered(self.double.service_account(universe_domain='example.org'),
                      GOOGLE_CLOUD_UNIVERSE_DOMAIN='example.org')
        self.refused(self.double.service_account(), GOOGLE_CLOUD_UNIVERSE_DOMAIN='example.org',
                     says=['universe googleapis.com', 'example.org'])

    def test_method_of_the_settings_restricts_what_is_taken(self):
        self.answered(self.double.service_account(), GCP_AUTH_METHOD='service_account')
        self.refused(self.double.service_account(), GCP_AUTH_METHOD='user',
                     says=['method is user', 'GCP_AUTH_METHOD'])
        self.refused(GCP_AUTH_METHOD='metadata', says='no metadata server')

    def test_nothing_at_all_says_how_to_log_in(self):
        self.refused(says=['there are no Google Cloud credentials', 'gcloud auth application-default login'])

    def test_acting_as_another_service_account(self):
        self.answered(self.double.service_account(),
                      GOOGLE_IMPERSONATE_SERVICE_ACCOUNT='target@billing-project.iam.gserviceaccount.com')
        self.assertEqual(self.bearers(), {'target@billing-project.iam.gserviceaccount.com'})
        self.double.denied = {'generateAccessToken': 'iam.serviceAccounts.getAccessToken'}
        self.refused(self.double.service_account(), says='roles/iam.serviceAccountTokenCreator',
                     GOOGLE_IMPERSONATE_SERVICE_ACCOUNT='target@billing-project.iam.gserviceaccount.com')


class User(Identity):
    def test_login_of_gcloud_is_found_and_its_quota_project_sent(self):
        gcloud = os.path.join(self.home, '.config', 'gcloud')
        os.makedirs(gcloud)
        self.double.write(gcloud, 'application_default_credentials.json', self.double.user())
        self.answered()
        self.assertEqual(self.bearers(), {'user'})
        self.assertEqual(self.double.requests('/recommendations$')[-1][3]['x-goog-user-project'], 'quota-project')
        other = os.path.join(self.home, 'other')
        os.makedirs(other)
        self.refused(CLOUDSDK_CONFIG=other, says='there are no Google Cloud credentials')
        os.rename(os.path.join(gcloud, 'application_default_credentials.json'),
                  os.path.join(other, 'application_default_credentials.json'))
        self.answered(CLOUDSDK_CONFIG=other)

    def test_login_that_has_ended_says_how_to_renew_it(self):
        err = self.refused(self.double.user(refresh_token='old-refresh-token'),
                           says=['invalid_grant', 'expired or revoked', 'gcloud auth application-default login'])
        self.assertNotIn('old-refresh-token', err)
        self.assertEqual(len(self.double.requests('^/token$')), 1, 'invalid_grant is final')

    def test_workforce_user(self):
        self.answered({'type': 'external_account_authorized_user', 'audience': 'x', 'client_id': 'the-client',
                       'client_secret': 'the-secret', 'refresh_token': 'the-refresh',
                       'token_url': self.double.url + '/token'})
        self.assertEqual(self.bearers(), {'user'})

    def test_impersonated_service_account_with_a_user_as_source(self):
        self.answered({'type': 'impersonated_service_account', 'delegates': [],
                       'service_account_impersonation_url': self.double.impersonation_url(),
                       'source_credentials': self.double.user()})
        self.assertEqual(self.bearers(), {'target@billing-project.iam.gserviceaccount.com'})
        nested = {'type': 'impersonated_service_account', 'service_account_impersonation_url': 'https://x/y',
                  'source_credentials': self.double.user()}
        self.refused({'type': 'impersonated_service_account', 'service_account_impersonation_url': 'https://x/y',
                      'source_credentials': nested}, says='through an impersonation')


class Federation(Identity):
    def test_file_source(self):
        path = self.double.write(self.home, 'token', self.double.subject + '\n')
        self.answered(self.double.federation({'file': path}))
        self.assertEqual(self.bearers(), {'federated'})
        path = self.double.write(self.home, 'token.json', {'value': self.double.subject})
        self.answered(self.double.federation(
            {'file': path, 'format': {'type': 'json', 'subject_token_field_name': 'value'}}))
        self.refused(self.double.federation({'file': '/nonexistent/token'}), says=['/nonexistent/token',
                                                                                    'credential_source'])

    def test_url_source_with_headers(self):
        self.answered(self.double.federation(
            {'url': self.double.url + '/subject/json', 'headers': {'X-Identity': 'workload'},
             'format': {'type': 'json', 'subject_token_field_name': 'value'}}))
        self.answered(self.double.federation({'url': self.double.url + '/subject'}))
        self.refused(self.double.federation({'url': self.double.url + '/subject/json'}),
                     says=['HTTP status 403', 'credential_source.url'])
        self.refused(self.double.federation({'url': 'http://example.com/token'}), says='use https')

    def test_impersonation_after_the_exchange(self):
        path = self.double.write(self.home, 'token', self.double.subject)
        self.answered(self.double.federation({'file': path}, service_account_impersonation_url=self.double
                                             .impersonation_url(),
                                             service_account_impersonation={'token_lifetime_seconds': 1200}))
        self.assertEqual(self.bearers(), {'target@billing-project.iam.gserviceaccount.com'})
        self.assertIn('"1200s"', self.double.requests('generateAccessToken')[-1][4])

    def test_pool_that_refuses_is_named(self):
        path = self.double.write(self.home, 'token', 'stale')
        self.refused(self.double.federation({'file': path}), says=['invalid_grant', gcp_double.POOL])
        self.refused(self.double.federation({'file': path}, audience='//iam.googleapis.com/other'),
                     says=['invalid_target', '//iam.googleapis.com/other'])

    def test_aws_keys_of_the_environment_sign_the_request(self):
        self.double.aws = {'id': KEY['AWS_ACCESS_KEY_ID'], 'secret': KEY['AWS_SECRET_ACCESS_KEY'],
                           'region': 'us-east-2'}
        source = {'environment_id': 'aws1', 'regional_cred_verification_url':
                  'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15'}
        credentials = self.double.federation(source, subject_token_type='urn:ietf:params:aws:token-type:aws4_request')
        self.answered(credentials, AWS_REGION='us-east-2', **KEY)
        self.double.aws['session'] = 'of/the+session=='
        self.answered(credentials, AWS_DEFAULT_REGION='us-east-2', AWS_SESSION_TOKEN='of/the+session==', **KEY)
        self.refused(credentials, AWS_REGION='us-east-1', says='AWS does not know the caller', **KEY)
        self.refused(credentials, says=['AWS region', 'AWS_REGION'])

    def test_aws_role_of_the_machine_signs_the_request(self):
        self.double.aws = {'id': 'ASIAEXAMPLE', 'secret': 'abc/def', 'session': 'token', 'region': 'eu-west-1'}
        url = self.double.url + '/imds'
        self.answered(self.double.federation(
            {'environment_id': 'aws1', 'region_url': url + '/zone', 'url': url + '/credentials',
             'imdsv2_session_token_url': url + '/token', 'regional_cred_verification_url':
             'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15'},
            subject_token_type='urn:ietf:params:aws:token-type:aws4_request'))
        self.assertEqual(len(self.double.requests('^/imds/token$')), 1)

    def test_programs_and_certificates_are_never_used(self):
        mark = os.path.join(self.home, 'ran')
        program = self.double.write(self.home, 'program', '#!/bin/sh\ntouch %s\n' % mark)
        os.chmod(program, stat.S_IRWXU)
        self.refused(self.double.federation({'executable': {'command': program}}),
                     says=['a program to be run', 'create-cred-config'],
                     GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES='1')
        self.assertFalse(os.path.exists(mark))
        self.refused(self.double.federation({'certificate': {}}), says='client certificate')
        self.refused(self.double.federation({}), says='unknown credential_source')


class Metadata(Identity):
    def test_machine_gives_token_and_project(self):
        host = {'GCE_METADATA_HOST': '127.0.0.1:%d' % self.double.port, 'METADATA_SERVER_DETECTION': ''}
        self.answered(**host)
        self.assertEqual(self.bearers(), {'machine'})
        self.answered(GCP_RECOMMENDATION_SCOPES='', **host)
        self.assertTrue(self.double.requests('projects/billing-project/'), 'the project of the machine')

    def test_what_does_not_say_google_is_no_metadata_server(self):
        self.double.faults = {'^/$': 'html'}
        self.refused(GCE_METADATA_HOST='127.0.0.1:%d' % self.double.port, METADATA_SERVER_DETECTION='',
                     says='there are no Google Cloud credentials')
        self.refused(GCE_METADATA_HOST='127.0.0.1:%d' % self.double.port, GCP_AUTH_METHOD='metadata',
                     METADATA_SERVER_DETECTION='', says='no metadata server')

    def test_detection_can_be_switched_off(self):
        self.refused(GCE_METADATA_HOST='127.0.0.1:%d' % self.double.port, METADATA_SERVER_DETECTION='none',
                     says='there are no Google Cloud credentials')
        self.assertEqual(self.double.log, [])


class Lifetime(Identity):
    """One server, many calls."""

    def serve(self, credentials):
        import focus_client
        env = focus_client.environment(self.home)
        env.update(self.double.endpoints(), GCP_RECOMMENDATION_SCOPES='projects/billing-project',
                   GCP_RECOMMENDATION_LOCATIONS='global', GCP_RECOMMENDATION_CACHE='0',
                   GOOGLE_APPLICATION_CREDENTIALS=self.double.write(self.home, 'c.json', credentials))
        from server import HttpServer
        server = HttpServer([focus_client.server('mcp-gcp'), '--http', '127.0.0.1:0'], env=env)
        self.addCleanup(server.stop)
        return server

    @staticmethod
    def call(server):
        import urllib.request
        body = {'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call', 'params': {
            'name': 'get_recommendations', 'arguments': {}, '_meta': {
                'io.modelcontextprotocol/protocolVersion': '2026-07-28',
                'io.modelcontextprotocol/clientInfo': {'name': 't', 'version': '1'},
                'io.modelcontextprotocol/clientCapabilities': {}}}}
        request = urllib.request.Request(server.url, json.dumps(body).encode(), {
            'Content-Type': 'application/json', 'Accept': 'application/json, text/event-stream',
            'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': 'get_recommendations'})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())['result']

    def test_many_calls_at_once_fetch_one_token_and_share_it(self):
        import concurrent.futures
        server = self.serve(self.double.user())
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            results = list(pool.map(lambda _: self.call(server), range(40)))
        self.assertFalse([r for r in results if r.get('isError')])
        self.assertEqual(len(self.double.requests('^/token$')), 1)

    def test_token_that_an_api_refuses_is_dropped_once(self):
        server = self.serve(self.double.user())
        self.assertFalse(self.call(server).get('isError'))
        self.double.revoked |= set(self.double.tokens)
        self.assertFalse(self.call(server).get('isError'))
        self.assertEqual(len(self.double.requests('^/token$')), 2)

    def test_short_lived_token_is_used_for_half_its_life(self):
        self.double.expires_in = 200
        server = self.serve(self.double.user())
        for _ in range(3):
            self.assertFalse(self.call(server).get('isError'))
        self.assertEqual(len(self.double.requests('^/token$')), 1)

    def test_expired_token_is_fetched_again(self):
        self.double.expires_in = 0
        server = self.serve(self.double.user())
        for _ in range(3):
            self.assertFalse(self.call(server).get('isError'))
        self.assertGreaterEqual(len(self.double.requests('^/token$')), 3)


if __name__ == '__main__':
    if not google_api.Contract.available():
        print('SKIPPED: %s is not there, so requests were NOT checked against Google\'s descriptions'
              % google_api.PATH, file=sys.stderr)
    unittest.main()
