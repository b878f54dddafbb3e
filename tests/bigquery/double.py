"""A contract double of BigQuery for what the emulator does not do; its own answers obey Google's description."""
import gzip
import http.server
import json
import re
import socket
import threading
import time
import urllib.parse

import description
import emulator
import export

LOCATION = 'EU'


def error(status, reason, message='made up by the double', word=None):
    return status, {'error': {'code': status, 'message': message, 'status': word or 'INVALID_ARGUMENT',
                              'errors': [{'message': message, 'domain': 'global', 'reason': reason}]}}


def legacy(fields):
    """The schema in the words in which the API answers."""
    names = {'FLOAT64': 'FLOAT', 'BOOL': 'BOOLEAN', 'INT64': 'INTEGER'}
    return [dict(f, type=names.get(f['type'], f['type']), **({'fields': legacy(f['fields'])} if 'fields' in f else {}))
            for f in fields]


class Double:
    """script: what to do with the next jobs.query and getQueryResults about costs, in order; each a function
    (double, handler, kind, request) -> None to go on as usual, or (status, body). Every request is kept."""

    def __init__(self, groups=1, page_rows=1000, table_bytes=10**9, dry_bytes=None, latency=0):
        self.groups, self.page_rows, self.table_bytes = groups, page_rows, table_bytes
        self.dry_bytes = table_bytes if dry_bytes is None else dry_bytes
        self.latency = latency
        self.script, self.seen, self.paths, self.problems, self.jobs = [], [], [], [], {}
        self.cancelled = threading.Event()
        self.asked = threading.Event()    # a query about costs has come
        self.released = threading.Event()    # for those that wait
        self.zip, self.zipped = False, 0
        self.tokens = []    # given out; none: self-signed ones are taken
        self.lock = threading.Lock()
        self.description = description.Description()
        self.prepared = None
        double = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            disable_nagle_algorithm = True

            def do_GET(self):
                double.handle(self, b'')

            def do_POST(self):
                double.handle(self, self.rfile.read(int(self.headers.get('Content-Length') or 0)))

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request, client_address):
                pass

        self.server = Server(('127.0.0.1', 0), Handler)
        self.url = 'http://127.0.0.1:%d' % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- requests ----

    def handle(self, handler, body):
        parts = urllib.parse.urlsplit(handler.path)
        if parts.path == '/token':
            self.tokens.append('token-%d' % len(self.tokens))
            return self.send(handler, 200, {'access_token': self.tokens[-1], 'expires_in': 3599, 'token_type': 'Bearer'})
        query = {k: v[0] for k, v in urllib.parse.parse_qs(parts.query).items()}
        path = parts.path.replace('/bigquery/v2/', '', 1)
        method, problem = self.description.method(handler.command, path, query)
        sent = json.loads(body) if body else {}
        with self.lock:
            self.seen.append((method, query, sent))
            self.paths.append((method, path))
            if problem:
                self.problems.append(problem)
            if method == 'jobs.query':
                self.problems += self.description.problems('QueryRequest', sent)
        if not handler.headers.get('Authorization', '').startswith('Bearer '):
            return self.send(handler, *error(401, 'required', 'Login Required', 'UNAUTHENTICATED'))
        about_costs = method in ('jobs.query', 'jobs.getQueryResults') and not sent.get('dryRun') and (
            'AS section' in sent.get('query', '') or query.get('pageToken') or path.split('/')[-1] in self.jobs)
        if about_costs:
            self.asked.set()
            with self.lock:
                step = self.script.pop(0) if self.script else None
            if step is not None:
                answer = step(self, handler, method, sent or dict(query, job=path.split('/')[-1]))
                if answer is not None:
                    return answer is True or self.send(handler, *answer)
        if self.latency:
            time.sleep(self.latency)
        status, answer = self.answer(method, path.split('/'), query, sent)
        return self.send(handler, status, answer, method)

    def send(self, handler, status, answer, method=None, headers=()):
        schema = {'jobs.query': 'QueryResponse', 'jobs.getQueryResults': 'GetQueryResultsResponse', 'tables.get': 'Table',
                  'datasets.get': 'Dataset', 'tables.list': 'TableList', 'jobs.cancel': 'JobCancelResponse'}.get(method)
        if schema and status == 200 and not isinstance(answer, bytes):
            self.problems += ['the double: ' + p for p in self.description.problems(schema, answer)]
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header('Content-Type', 'application/json; charset=UTF-8')
        if self.zip and 'gzip' in handler.headers.get('Accept-Encoding', ''):
            data = gzip.compress(data)
            self.zipped += 1
            handler.send_header('Content-Encoding', 'gzip')
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header('Content-Length', str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
        return True

    # ---- answers ----

    def answer(self, method, path, query, sent):
        if method == 'datasets.get':
            return 200, {'kind': 'bigquery#dataset', 'location': LOCATION, 'datasetReference': {'projectId': path[1], 'datasetId': path[3]}}
        if method == 'tables.list':
            return 200, {'kind': 'bigquery#tableList', 'totalItems': 1, 'tables': [
                {'kind': 'bigquery#table', 'tableReference': {'projectId': path[1], 'datasetId': path[3], 'tableId': emulator.DETAILED}}]}
        if method == 'tables.get':
            return 200, {'kind': 'bigquery#table', 'location': LOCATION, 'numBytes': str(self.table_bytes), 'numRows': '1',
                         'lastModifiedTime': '1763600000000', 'timePartitioning': {'type': 'DAY'},
                         'schema': {'fields': legacy(export.fields())}}
        if method == 'jobs.cancel':
            self.cancelled.set()
            return 200, {'kind': 'bigquery#jobCancelResponse'}
        if method == 'jobs.query':
            if sent.get('location') != LOCATION:
                return error(404, 'notFound', 'Not found: Dataset in location %s' % sent.get('location'), 'NOT_FOUND')
            if sent.get('dryRun'):
                return 200, {'kind': 'bigquery#queryResponse', 'jobComplete': True, 'cacheHit': False, 'schema': {'fields': []},
                             'totalBytesProcessed': str(self.dry_bytes)}
            if int(sent['maximumBytesBilled']) < self.dry_bytes:
                return error(400, 'bytesBilledLimitExceeded', 'Query exceeded limit for bytes billed')
            return 200, self.result(sent)
        if method == 'jobs.getQueryResults':
            if query.get('location') != LOCATION:
                return error(404, 'notFound', 'Not found: Job', 'NOT_FOUND')
            if query.get('formatOptions.useInt64Timestamp') != 'true':
                return error(400, 'invalid', 'formatOptions are to be repeated')
            return 200, self.page(self.jobs[path[-1]], int(query.get('pageToken', 'p0')[1:]), 'bigquery#getQueryResultsResponse')
        return error(404, 'notFound', 'no such thing', 'NOT_FOUND')

    def result(self, sent):
        """The whole result of a query, kept as a job; its first page."""
        text = sent['query']
        if 'AS section' in text:
            if self.prepared is None or self.prepared[0] != text:
                columns = names(text[text.rindex('SELECT part AS section') + 7:text.rindex('\nFROM paged')])
                self.prepared = (text, columns, costs(columns, self.groups, sent))
            columns, rows = self.prepared[1:]
        elif 'AS usage_end' in text:
            columns, rows = ['usage_end', 'exported', 'first_day'], [['1763539200000000', '1763600000000000', '20400']]
        elif 'SELECT 1 AS one' in text:
            columns, rows = ['one'], [['1']]
        else:
            columns = re.findall(r' AS (\w+)', text[text.rindex('SELECT'):])[:3]
            rows = []
        job = 'job-%d' % len(self.jobs)
        self.jobs[job] = {'id': job, 'columns': columns, 'rows': rows}
        return self.page(self.jobs[job], 0, 'bigquery#queryResponse')

    def page(self, job, at, kind):
        rows = job['rows'][at:at + self.page_rows]
        answer = {'kind': kind, 'jobReference': {'projectId': emulator.PROJECT, 'jobId': job['id'], 'location': LOCATION},
                  'jobComplete': True, 'cacheHit': False, 'totalBytesProcessed': str(self.dry_bytes),
                  'schema': {'fields': [{'name': c, 'type': 'STRING', 'mode': 'NULLABLE'} for c in job['columns']]},
                  'totalRows': str(len(job['rows']))}
        if kind == 'bigquery#queryResponse':
            answer['totalBytesBilled'] = str(self.dry_bytes)
        if rows:    # absent when there are none
            answer['rows'] = [{'f': [{'v': v} for v in row]} for row in rows]
        if at + self.page_rows < len(job['rows']):
            answer['pageToken'] = 'p%d' % (at + self.page_rows)
        return answer


def names(select):
    """The names of the columns of a list of expressions: the last word of each."""
    out, depth, one = [], 0, ''
    for c in select + ',':
        depth += (c == '(') - (c == ')')
        if c == ',' and depth == 0:
            out.append(re.findall(r'\w+', one)[-1])
            one = ''
        else:
            one += c
    return out


def costs(columns, groups, sent):
    """A page of groups that add up: group i costs i + 0.25 dollars."""
    last = int(next(p['parameterValue']['value'] for p in sent['queryParameters'] if p['name'] == 'last'))

    def row(**cells):
        return [cells.get(c) for c in columns]

    def sums(cost, n=1):
        return {'n': str(n), 'billed': cost, 'effective': cost, 'list': cost, 'contracted': cost, 'effective_n': '0',
                'list_n': '0', 'contracted_n': '0', 'span_n': '0', 'later_n': '0', 'zero_n': '0', 'commitments': '0'}

    out = []
    day = next(p['parameterValue']['value'] for p in sent['queryParameters'] if p['name'] == 'start_date')
    bucket = None if 'CAST(NULL AS INT64) AS bucket' in sent['query'] else str(
        (export.datetime.fromisoformat(day) - export.datetime(1970, 1, 1)).days)
    if 'DATE(t.usage_start_time, @tz)) AS INT64)' in sent['query']:
        bucket = day[:4] + day[5:7]
    order = sorted(range(1, groups + 1), reverse=True)
    total = '%d.%s' % (sum(order) + groups // 4, {0: '0', 1: '25', 2: '5', 3: '75'}[groups % 4])
    if groups:
        out.append(row(section='t', w='0', currency='USD', negative='0', none='0', place='0', group_count='1', **sums(total, groups)))
    for place, i in enumerate(order, 1):
        inside = place <= last
        out.append(row(section='p' if inside else 'o', w='0', currency='USD', k1='service %05d' % i if inside else None, bucket=bucket,
                       charge='0', **{'class': '3'}, unit='hour', negative='0', none='0', place=str(place) if inside else '0',
                       group_count=str(place), quantity='1', **sums('%d.25' % i)))
    return out


# ---- steps of a script ----

def once(status, reason, message='made up by the double', word=None, headers=()):
    def step(double, handler, method, request):
        return double.send(handler, *error(status, reason, message, word), headers=headers)
    return step


def foreign_token(double, handler, method, request):
    """Only tokens of the token endpoint are taken."""
    if handler.headers['Authorization'][7:] in double.tokens:
        return None
    return error(401, 'authError', 'Request had invalid authentication credentials.', 'UNAUTHENTICATED')


def as_usual(double, handler, method, request):
    return None


def not_complete(double, handler, method, request):
    """The job runs on."""
    if method == 'jobs.query':
        double.result(request)
        job = 'job-%d' % (len(double.jobs) - 1)
    else:
        job = request['job']
    return 200, {'kind': 'bigquery#queryResponse', 'jobComplete': False,
                 'jobReference': {'projectId': emulator.PROJECT, 'jobId': job, 'location': LOCATION}}


def changed(change):
    """The usual answer after change(answer)."""
    def step(double, handler, method, request):
        if method == 'jobs.query':
            answer = double.result(request)
        else:
            answer = double.page(double.jobs[request['job']], int(request.get('pageToken', 'p0')[1:]), 'bigquery#getQueryResultsResponse')
        return 200, change(answer) or answer
    return step


def raw(data, status=200):
    def step(double, handler, method, request):
        return status, data
    return step


def cut_short(double, handler, method, request):
    """Promises more bytes than it sends."""
    data = json.dumps(double.result(request)).encode()
    handler.send_response(200)
    handler.send_header('Content-Type', 'application/json')
    handler.send_header('Content-Length', str(len(data)))
    handler.end_headers()
    handler.wfile.write(data[:len(data) // 2])
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    return True


def reset(double, handler, method, request):
    """Hangs up without a word."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    return True


def silent(double, handler, method, request):
    """Takes the request and says nothing until the test ends."""
    double.released.wait(60)
    return reset(double, handler, method, request)


def drip(double, handler, method, request):
    """A byte now and then, without end."""
    handler.send_response(200)
    handler.send_header('Content-Type', 'application/json')
    handler.send_header('Content-Length', '100000')
    handler.end_headers()
    while not double.released.wait(0.05):
        try:
            handler.wfile.write(b' ')
            handler.wfile.flush()
        except OSError:
            break
    return True
