"""goccy/bigquery-emulator: built once, its database loaded once, copied for each run; on loopback and a free port."""
import fcntl
import glob
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import description
import export

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = 'v0.8.1'
PROJECT = 'billing-host'
STANDARD = 'gcp_billing_export_v1_' + export.SUFFIX
DETAILED = 'gcp_billing_export_resource_v1_' + export.SUFFIX
FOCUS = 'gcp_billing_export_focus_' + export.SUFFIX
# dataset -> {table: (schema, rows, more of tables.insert)}; money FLOAT as in the classic export, but in exact.
ROWS_PER_INSERT = 25


def cache():
    base = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    path = os.path.join(base, 'mcp-cost', 'bigquery-emulator')
    os.makedirs(path, exist_ok=True)
    return path


class Missing(Exception):
    """There is no emulator here and none can be built."""


def binary():
    """The emulator's program, compiled when it is not there yet: six minutes, once."""
    path = os.path.join(cache(), 'bigquery-emulator-' + VERSION)
    with open(path + '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(path):
            return path
        if not shutil.which('go'):
            raise Missing('no Go toolchain to build the BigQuery emulator with')
        print('building the BigQuery emulator %s, once: about 6 minutes' % VERSION, file=sys.stderr, flush=True)
        env = dict(os.environ, CGO_ENABLED='0', GOFLAGS='-modcacherw -mod=readonly -p=1',
                   GOMODCACHE=os.path.join(cache(), 'mod'), GOCACHE=os.path.join(cache(), 'cache'))
        # Without optimisation of its own packages the build takes a third of the time and of the memory.
        done = subprocess.run(['nice', 'go', 'build', '-ldflags=-s -w', '-gcflags=github.com/goccy/...=-N -l', '-o', path + '.new',
                               'github.com/goccy/bigquery-emulator/cmd/bigquery-emulator'],
                              cwd=os.path.join(HERE, 'emulator'), env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise Missing('the BigQuery emulator does not build: ' + done.stderr[-600:])
        os.rename(path + '.new', path)
        for folder in ('mod', 'cache'):    # 3 GB that nothing needs any more
            shutil.rmtree(os.path.join(cache(), folder), ignore_errors=True)
    return path


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Emulator:
    """One running emulator on a copy of the fixture; database: another file, as it is."""

    def __init__(self, database=None):
        self.folder = tempfile.mkdtemp(prefix='mcp-bigquery-')
        if database is None:
            database = shutil.copy(fixture(), os.path.join(self.folder, 'run.db'))
        for attempt in range(3):    # another program may take the port meanwhile
            port = free_port()
            self.url = 'http://127.0.0.1:%d' % port
            self.log = open(os.path.join(self.folder, 'log'), 'wb')
            self.process = subprocess.Popen(
                [binary(), '--host=127.0.0.1', '--port=%d' % port, '--grpc-port=%d' % free_port(),
                 '--project=' + PROJECT, '--database=' + database],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
            if self.answers():
                return
            self.stop(keep=True)
        raise RuntimeError('the BigQuery emulator does not start: see %s/log' % self.folder)

    def answers(self):
        while self.process.poll() is None:
            try:
                urllib.request.urlopen(self.url + '/bigquery/v2/projects/%s/datasets' % PROJECT, timeout=5).read()
                return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        return False

    def ask(self, method, path, body=None, timeout=300):
        request = urllib.request.Request(self.url + '/bigquery/v2/projects/%s%s' % (PROJECT, path),
                                         json.dumps(body).encode() if body is not None else None,
                                         {'Content-Type': 'application/json'}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            raise RuntimeError('%s %s: %d %s' % (method, path, e.code, e.read()[-1500:].decode('utf-8', 'replace'))) from e

    def query(self, sql, **more):
        return self.ask('POST', '/queries', {'query': sql, 'useLegacySql': False, 'timeoutMs': 200000,
                                             'formatOptions': {'useInt64Timestamp': True}, **more})

    def stop(self, keep=False):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.log.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def exact_fields():
    """The detailed schema with money as NUMERIC, as newer exports have it."""
    out = export.fields()
    for field in out:
        if field['name'] in ('cost', 'cost_at_list'):
            field['type'] = 'NUMERIC'
        if field['name'] == 'credits':
            next(f for f in field['fields'] if f['name'] == 'amount')['type'] = 'NUMERIC'
    return out


def tables():
    rows = export.rows()
    by_day = {'timePartitioning': {'type': 'DAY'}}
    by_start = {'timePartitioning': {'type': 'DAY', 'field': 'usage_start_time'}, 'clustering': {'fields': ['service.id']}}
    standard = [f for f in export.fields() if f['name'] not in ('resource', 'cost_at_effective_price_default')]
    return [('billing', DETAILED, export.fields(), rows, by_day), ('standard', STANDARD, standard, rows[:150], by_day),
            ('exact', DETAILED, exact_fields(), rows[:150], by_start),
            ('focus', FOCUS, export.fields(export.FOCUS), export.focus_rows(rows), {})]


def load(emulator):
    for dataset, table, fields, rows, more in tables():
        where = {'projectId': PROJECT, 'datasetId': dataset}
        emulator.ask('POST', '/datasets', {'datasetReference': where, 'location': 'EU'})
        emulator.ask('POST', '/datasets/%s/tables' % dataset,
                     {'tableReference': dict(where, tableId=table), 'schema': {'fields': fields}, **more})
        # DML is the one way of loading that keeps nested records right on this emulator.
        for i in range(0, len(rows), ROWS_PER_INSERT):
            emulator.query('INSERT INTO `%s.%s.%s` (%s) VALUES %s' % (
                PROJECT, dataset, table, ', '.join('`%s`' % f['name'] for f in fields),
                ', '.join('(' + ', '.join(export.literal(f, row.get(f['name'])) for f in fields) + ')'
                          for row in rows[i:i + ROWS_PER_INSERT])))


def fixture():
    """The loaded database; loaded when the generator has changed."""
    digest = hashlib.sha256()
    for name in ('export.py', 'emulator.py'):
        with open(os.path.join(HERE, name), 'rb') as f:
            digest.update(f.read())
    path = os.path.join(cache(), 'fixture-%s.db' % digest.hexdigest()[:16])
    with open(os.path.join(cache(), 'fixture.lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path):
            print('loading the export into the BigQuery emulator, once: about a minute', file=sys.stderr, flush=True)
            new = path + '.new'
            if os.path.exists(new):
                os.remove(new)
            with Emulator(new) as emulator:
                load(emulator)
            for old in glob.glob(os.path.join(cache(), 'fixture-*.db')):    # another checkout may use its own
                if time.time() - os.path.getmtime(old) > 7 * 86400:
                    os.remove(old)
            os.rename(new, path)
    return path


def main(need):
    """Runs the caller's tests, or skips them loudly where need (binary or fixture) cannot be had."""
    if not description.there():
        sys.exit(77)
    try:
        need()
    except Missing as e:
        print('SKIP what asks BigQuery: %s' % e)
        sys.exit(77)
    unittest.main()


if __name__ == '__main__':
    print(fixture())
