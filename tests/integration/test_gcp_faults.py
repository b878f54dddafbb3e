#!/usr/bin/env python3
"""Each upstream of mcp-gcp x each way to fail: a clear error that names the host, in time, and no number."""
import concurrent.futures
import json
import os
import socket
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import gcp_double  # noqa: E402
import focus_client as client  # noqa: E402
from product import SLOW, cli, crashed, folder  # noqa: E402

DEADLINE = 4.0 * SLOW
# What goes wrong -> words of which one must be in the error, beside the host.
EXPECTED = {
    'refused': ['connect', 'refused'],
    'reset': ['reset', 'broke', 'closed', 'connection', 'ended'],
    'silent': ['silent'],
    'drip': ['silent', 'time', 'slow', 'is over'],
    'truncated': ['broke', 'closed', 'connection', 'ended', 'transfer', 'short'],
    'short': ['no JSON', 'broke', 'connection', 'JSON'],
    '401': ['401'],
    '403': ['403'],
    '429': ['429'],
    '500': ['500'],
    '503': ['503'],
    'html': ['no JSON', 'not it', 'is not'],
    'empty': ['no JSON', 'JSON', 'not it', 'refused', 'empty'],
    'bomb': ['is over', 'still sending'],
    'redirect': ['302'],
    'malformed': ['no JSON', 'not it', 'JSON'],
    'dns': ['resolve', 'silent'],
    'tls': ['certificate', 'SSL', 'TLS'],
}
UPSTREAMS = ['token', 'sts', 'impersonation', 'metadata', 'subject', 'aws', 'recommender', 'locations', 'cloudasset']
# Fault of the way there -> what stands in the place of the host.
ELSEWHERE = {'refused': 'http://127.0.0.1:%d', 'dns': 'https://nobody.invalid', 'tls': 'https://127.0.0.1:%d'}


def server_log(home):
    with open(os.path.join(home, 'mcp-gcp.stderr'), encoding='utf-8') as f:
        return f.read()


class Faults(unittest.TestCase):
    def prepare(self, double, home, upstream):
        """(arguments, environment, paths of the upstream)"""
        env = dict(double.endpoints(), GCP_RECOMMENDATION_SCOPES='projects/billing-project',
                   GCP_RECOMMENDATION_LOCATIONS='global', GCP_RESOURCE_SCOPE='projects/billing-project',
                   GCP_RECOMMENDERS='google.compute.image.IdleResourceRecommender')
        tool, paths, credentials = 'get_recommendations', '', double.user()
        if upstream == 'token':
            paths = '^/token$'
        elif upstream == 'sts':
            credentials = double.federation({'file': double.write(home, 'token', double.subject)})
            paths = '^/v1/token$'
        elif upstream == 'subject':
            credentials = double.federation({'url': double.url + '/subject'})
            paths = '^/subject$'
        elif upstream == 'impersonation':
            credentials = {'type': 'impersonated_service_account', 'source_credentials': double.user(),
                           'service_account_impersonation_url': double.impersonation_url()}
            paths = ':generateAccessToken$'
        elif upstream == 'metadata':
            env.update(GCE_METADATA_HOST='127.0.0.1:%d' % double.port, METADATA_SERVER_DETECTION='assume-present',
                       GCP_AUTH_METHOD='metadata')
            paths = '/computeMetadata/'
        elif upstream == 'aws':
            url = double.url + '/imds'
            credentials = double.federation(
                {'environment_id': 'aws1', 'region_url': url + '/zone', 'url': url + '/credentials'},
                subject_token_type='urn:ietf:params:aws:token-type:aws4_request')
            paths = '^/imds/'
        elif upstream == 'recommender':
            paths = '/recommenders/'
        elif upstream == 'locations':
            env['GCP_RECOMMENDATION_LOCATIONS'] = ''
            paths = '^/v1beta1/'
        elif upstream == 'cloudasset':
            tool, paths = 'get_resources', ':searchAllResources$'
        if upstream != 'metadata':
            env['GOOGLE_APPLICATION_CREDENTIALS'] = double.write(home, 'credentials.json', credentials)
        return tool, env, paths

    @staticmethod
    def move(double, home, env, upstream, there):
        """The upstream at another URL; its host."""
        names = {'token': 'GCP_TOKEN_ENDPOINT', 'sts': 'GCP_STS_ENDPOINT',
                 'impersonation': 'GCP_IAMCREDENTIALS_ENDPOINT', 'recommender': 'GCP_RECOMMENDER_ENDPOINT',
                 'locations': 'GCP_RECOMMENDER_ENDPOINT', 'cloudasset': 'GCP_CLOUDASSET_ENDPOINT'}
        host = there.split('//')[1]
        if upstream == 'metadata':
            env['GCE_METADATA_HOST'] = host
        elif upstream in names:
            env[names[upstream]] = there
        else:
            source = {'url': there + '/subject'} if upstream == 'subject' else \
                {'environment_id': 'aws1', 'region_url': there + '/zone', 'url': there + '/credentials'}
            env['GOOGLE_APPLICATION_CREDENTIALS'] = double.write(home, 'c2.json', double.federation(source))
        return host

    def one(self, upstream, fault):
        # Bound and not listening: nobody else gets the port meanwhile.
        with gcp_double.Double() as double, folder() as home, socket.socket() as nobody, gcp_double.Stranger() as tls:
            nobody.bind(('127.0.0.1', 0))
            tool, env, paths = self.prepare(double, home, upstream)
            host = '127.0.0.1:%d' % double.port
            if fault in ELSEWHERE:
                there = ELSEWHERE[fault]
                if '%d' in there:
                    there %= tls.port if fault == 'tls' else nobody.getsockname()[1]
                host = self.move(double, home, env, upstream, there)
            else:
                double.faults[paths] = fault
            where = '%s, %s: ' % (upstream, fault)
            with client.Session('mcp-gcp', home, '--deadline', '%dms' % (DEADLINE * 1000), env=env) as server:
                start = time.monotonic()
                answer, err = server.call(tool, {})
                took = time.monotonic() - start
                status = server.close()
            if crashed(status, server_log(home)):
                return where + 'crashed: ' + server_log(home)
            if answer is not None:
                return where + 'answered: %s' % json.dumps(answer, default=str)[:300]
            if took > DEADLINE + SLOW:
                return where + 'took %.1f s' % took
            if host not in err:
                return where + 'does not name %s: %s' % (host, err)
            # What stands in the metadata server's place without its header is not it; what a source gives as a
            # subject token is looked at by Google.
            words = EXPECTED[fault] + {'metadata': ['but is not it'], 'subject': ['invalid_grant'],
                                       'aws': ['no name', 'HTTP status 200']}.get(upstream, [])
            if 'Next: ' not in err:
                return where + 'no next step: ' + err
            if not any(w in err for w in words):
                return where + 'does not say what: ' + err
            if len(err) > 2500 or 'the-refresh' in err or 'the-secret' in err or 'ya29.' in err:
                return where + 'says too much: ' + err
            return None

    def test_every_upstream_fails_clearly_in_every_way(self):
        # The metadata server is plain http by its nature.
        cases = [(u, f) for u in UPSTREAMS for f in EXPECTED if (u, f) != ('metadata', 'tls')]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            bad = [b for b in pool.map(lambda c: self.one(*c), cases) if b]
        self.assertEqual(bad, [], '%d of %d:\n%s' % (len(bad), len(cases), '\n'.join(bad)))
        print('%d upstreams x %d faults' % (len(UPSTREAMS), len(EXPECTED)), file=sys.stderr)

    def test_failures_leave_no_connection_behind(self):
        """One server, all faults of one upstream twice: as many open files afterwards as before."""
        with gcp_double.Double() as double, folder() as home:
            tool, env, paths = self.prepare(double, home, 'token')
            with client.Session('mcp-gcp', home, '--deadline', '1500ms', env=env) as server:
                counts = []
                for _ in range(3):
                    for fault in ('reset', 'silent', 'truncated', 'bomb', 'drip', '503', 'html'):
                        double.faults[paths] = fault
                        self.assertIsNone(server.call(tool, {})[0], fault)
                    counts.append(len(os.listdir('/proc/%d/fd' % server.proc.pid)))
                self.assertLessEqual(counts[2], counts[0], 'open files: %s' % counts)
                double.faults.clear()
                answer, err = server.call(tool, {})
                self.assertIsNotNone(answer, err)

    def test_a_short_fault_passes_unseen(self):
        """503 and a reset once, then the answer: repeated by itself."""
        for fault in ('503', 'reset', '500'):
            with gcp_double.Double() as double, folder() as home:
                tool, env, _ = self.prepare(double, home, 'recommender')
                double.faults['/recommenders/'] = fault
                real = double.misbehave

                def once(handler, what, double=double, real=real):
                    double.faults.clear()
                    return real(handler, what)
                double.misbehave = once
                status, out, err = cli(home, 'mcp-gcp', 'call', tool, '--json', env=env)
                self.assertEqual((status, err), (0, ''), fault)
                self.assertEqual(json.loads(out)['total_items'], 0)


if __name__ == '__main__':
    unittest.main()
