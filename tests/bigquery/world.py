"""All of Google that mcp-gcp needs, on loopback: the identity double with advice and assets before a BigQuery."""
import collections
import re

import emulator
import export
import gcp
import focus_client as client  # of tests/support, where gcp has put the path
import gcp_double

MONTH = {'start_date': '2026-10-01', 'end_date': '2026-10-31'}
DISK = 'google.compute.disk.IdleResourceRecommender'
ZONE = 'europe-west3-a'
FOLDER = 'folders/222'


def asset(billed):
    """What the bill calls //.../projects/NUMBER/zones/Z/instances/ID, as the inventory does: by project id and name."""
    host, number, zone, ident = re.fullmatch(r'(.*/projects)/(\d+)/zones/([^/]+)/instances/(\d+)', billed).groups()
    return {'name': '%s/p-alpha/zones/%s/instances/vm-%s' % (host, zone, ident), 'assetType': 'compute.googleapis.com/Instance',
            'project': 'projects/' + number, 'displayName': 'vm-' + ident, 'location': zone, 'labels': {'team': 'web'},
            'additionalAttributes': {'id': ident}}


class World:
    """bigquery: the URL of a gate. Tokens are granted by the double alone, one disk is idle, two machines are listed: one of the
    bill (billed; its rows of MONTH: mine), one that nobody billed."""

    def __init__(self, bigquery, rows):
        self.home = gcp.Home()
        self.double = gcp_double.Double().__enter__()
        self.double.bigquery = bigquery
        self.double.self_signed = False
        self.double.recommendations[('projects/p-alpha', ZONE, DISK)] = [{
            'name': 'projects/101/locations/%s/recommenders/%s/recommendations/1' % (ZONE, DISK), 'description': 'Delete the disk.',
            'priority': 'P2', 'stateInfo': {'state': 'ACTIVE'}, 'content': {'overview': {'resourceName': 'disk-1', 'location': ZONE}},
            'primaryImpact': {'category': 'COST', 'costProjection': {
                'cost': {'currencyCode': 'EUR', 'units': '-7', 'nanos': -250000000}, 'duration': '2592000s'}}}]
        self.mine = [r for r in rows if r['project']['id'] == 'p-alpha' and r['resource']['global_name'] and MONTH['start_date'] <=
                     str(r['usage_start_time'].astimezone(export.PACIFIC).date()) <= MONTH['end_date']]
        self.billed = collections.Counter(r['resource']['global_name'] for r in self.mine
                                          if '/zones/None/' not in r['resource']['global_name']).most_common(1)[0][0]
        self.double.assets[FOLDER] = [asset(self.billed), asset('//compute.googleapis.com/projects/101/zones/%s/instances/77' % ZONE)]
        self.key = self.double.write(self.home.path, 'key.json', self.double.service_account())

    def settings(self):
        """What a person sets: three values, and where the doubles are."""
        return dict(self.double.endpoints(), GOOGLE_APPLICATION_CREDENTIALS=self.key, GCP_BILLING_PROJECT=emulator.PROJECT,
                    GCP_BILLING_DATASET='billing', GCP_RESOURCE_SCOPE=FOLDER)

    def environment(self, **more):
        env = dict(client.environment(self.home.path), **self.settings(), MCP_NOW=export.NOW, MCP_DEADLINE='280s')
        env.update(more)
        return env

    def close(self):
        self.double.__exit__()
        self.home.remove()
