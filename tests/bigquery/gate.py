"""A proxy before the emulator: checks each request against Google's description and fills what the emulator lacks."""
import http.server
import json
import threading
import urllib.error
import urllib.parse
import urllib.request

import description

BYTES = 5000000    # of every table, as tables.get tells


class Gate:
    """url: for GCP_BIGQUERY_ENDPOINT. queries: the bodies of jobs.query. problems: what Google would refuse."""

    def __init__(self, upstream):
        self.upstream = upstream
        self.queries, self.problems = [], []
        self.description = description.Description()
        gate = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                gate.handle(self, None)

            def do_POST(self):
                gate.handle(self, self.rfile.read(int(self.headers.get('Content-Length') or 0)))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = 'http://127.0.0.1:%d' % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handle(self, request, body):
        status, answer = self.answer(request, body)
        request.send_response(status)
        request.send_header('Content-Type', 'application/json')
        request.send_header('Content-Length', str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

    def answer(self, request, body):
        parts = urllib.parse.urlsplit(request.path)
        path = parts.path.replace('/bigquery/v2/', '', 1)
        method, problem = self.description.method(request.command, path, urllib.parse.parse_qs(parts.query))
        if problem:
            self.problems.append(problem)
        if not request.headers.get('Authorization', '').startswith('Bearer ey'):
            self.problems.append('%s without a token' % method)
        if method == 'jobs.query':
            sent = json.loads(body)
            self.queries.append(sent)
            self.problems += self.description.problems('QueryRequest', sent)
            self.problems += self.unused(sent)
            if sent.get('dryRun'):    # the emulator would run it
                return 200, json.dumps({'jobComplete': True, 'totalBytesProcessed': str(BYTES),
                                        'schema': {'fields': []}}).encode()
        forward = urllib.request.Request(self.upstream + request.path, body, {'Content-Type': 'application/json'},
                                         method=request.command)
        try:
            with urllib.request.urlopen(forward, timeout=200) as got:
                text = got.read()
        except urllib.error.HTTPError as e:
            return e.code, e.read()
        if method == 'tables.get':
            table = json.loads(text)
            table['numBytes'] = str(BYTES)
            text = json.dumps(table).encode()
        return 200, text

    @staticmethod
    def unused(sent):
        """BigQuery refuses parameters that the text does not name; values must never stand in the text."""
        for p in sent.get('queryParameters', []):
            if '@' + p['name'] not in sent['query']:
                yield 'parameter %s is not used' % p['name']

    def close(self):
        self.server.shutdown()
        self.server.server_close()
