"""Google's identity and cost APIs on loopback: tokens, metadata, Recommender, Cloud Asset, and their faults.

Signatures, audiences and scopes are verified; requests and answers are held against Google's own
descriptions where those are at hand. One port serves all hosts: paths do not meet.
"""
import base64
import gzip
import hashlib
import http.server
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import google_api

SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
IAM_SCOPE = 'https://www.googleapis.com/auth/iam'  # enough to impersonate
POOL = '//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/pool/providers/own'
SHA256_INFO = bytes.fromhex('3031300d060960864801650304020105000420')
BOMB = gzip.compress(b'[' + b' ' * (64 << 20), 6)


def unbase64(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


class Key:
    """An RSA key of a service account, made once a run."""

    made = None

    def __init__(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'key.pem')
            subprocess.run(['openssl', 'genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out',
                            path], check=True, capture_output=True)
            with open(path, encoding='ascii') as f:
                self.pem = f.read()
            out = subprocess.run(['openssl', 'rsa', '-in', path, '-noout', '-modulus'], check=True,
                                 capture_output=True, text=True).stdout
        self.modulus = int(out.strip().split('=')[1], 16)

    @classmethod
    def get(cls):
        cls.made = cls.made or cls()
        return cls.made

    def verifies(self, signed, signature):
        size = (self.modulus.bit_length() + 7) // 8
        block = pow(int.from_bytes(signature, 'big'), 65537, self.modulus).to_bytes(size, 'big')
        tail = SHA256_INFO + hashlib.sha256(signed).digest()
        return block == b'\x00\x01' + b'\xff' * (size - len(tail) - 3) + b'\x00' + tail


class Answer(Exception):
    """Ends a request with a status."""

    def __init__(self, status, body, headers=None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


def refusal(status, message, word, reason=None, metadata=None):
    error = {'code': status, 'message': message, 'status': word}
    if reason:
        error['details'] = [{'@type': 'type.googleapis.com/google.rpc.ErrorInfo', 'reason': reason,
                             'domain': 'googleapis.com', 'metadata': metadata or {}}]
    return Answer(status, {'error': error})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.run()

    do_POST = do_PUT = do_GET

    def run(self):
        double = self.server.double
        length = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(length).decode() if length else ''
        url = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(url.path)
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        with double.lock:
            double.log.append((self.command, path, query, dict(self.headers), body))
        fault = double.fault_of(path)
        try:
            if fault:
                return double.misbehave(self, fault)
            answer, headers = double.answer(self.command, path, query, self.headers, body)
            self.reply(200, answer, headers)
        except Answer as a:
            self.reply(a.status, a.body, a.headers)

    def reply(self, status, body, headers=None):
        data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else \
            json.dumps(body).encode()
        self.send_response(status)
        if not headers or 'Content-Type' not in headers:
            self.send_header('Content-Type', 'application/json; charset=UTF-8')
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # the peer went away


class Stranger:
    """A TLS server on loopback whose certificate nobody vouches for."""

    made = None
    lock = threading.Lock()

    @classmethod
    def certificate(cls):
        with cls.lock:
            if cls.made is None:
                cls.made = tempfile.TemporaryDirectory()
                pem = os.path.join(cls.made.name, 'own.pem')
                subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', pem, '-out', pem + '.crt',
                                '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'],
                               check=True, capture_output=True)
        return os.path.join(cls.made.name, 'own.pem')

    def __enter__(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate() + '.crt', self.certificate())
        self.server = Server(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Double:
    """with Double() as google: env = google.environment(folder)"""

    def __init__(self):
        self.lock = threading.Lock()
        self.log = []
        self.tokens = {}  # access token -> who
        self.faults = {}  # regex of a path -> fault
        self.denied = {}  # regex of path, line end, body -> permission that is missing, or that and the message
        self.disabled = None  # regex of a path whose API is not enabled
        self.expires_in = 3599
        self.self_signed = True  # are JWTs taken as tokens?
        self.revoked = set()
        self.count = 0
        self.recommendations = {}  # (parent, location, recommender) -> [recommendation]
        self.assets = {}  # scope -> [result]
        self.locations = ['global', 'us-central1', 'us-central1-a', 'europe-west1', 'europe-west1-b']
        self.page = None  # items a page, whatever is asked
        self.faults_seen = []  # of requests against their description
        self.subject = 'subject-of-a-file'
        self.aws = None  # check of the signed request
        self.bigquery = None  # URL of a BigQuery that answers behind our check of the token
        self.contract = google_api.Contract() if google_api.Contract.available() else None
        self.stop = threading.Event()

    def __enter__(self):
        self.server = Server(('127.0.0.1', 0), Handler)
        self.server.double = self
        self.port = self.server.server_address[1]
        self.url = 'http://127.0.0.1:%d' % self.port
        threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()

    # ---- what a test gives to the server ------------------------------------------------------

    def endpoints(self):
        url = self.url
        return {'GCP_TOKEN_ENDPOINT': url + '/token', 'GCP_STS_ENDPOINT': url, 'GCP_IAMCREDENTIALS_ENDPOINT': url,
                'GCP_BIGQUERY_ENDPOINT': url, 'GCP_RECOMMENDER_ENDPOINT': url, 'GCP_CLOUDASSET_ENDPOINT': url,
                'METADATA_SERVER_DETECTION': 'none'}

    def write(self, folder, name, content):
        path = os.path.join(folder, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(content if isinstance(content, str) else json.dumps(content))
        os.chmod(path, 0o600)
        return path

    def service_account(self, **more):
        return dict({'type': 'service_account', 'project_id': 'billing-project', 'private_key_id': 'key-1',
                     'private_key': Key.get().pem, 'client_email': 'reader@billing-project.iam.gserviceaccount.com',
                     'client_id': '1', 'token_uri': self.url + '/token'}, **more)

    def user(self, **more):
        return dict({'type': 'authorized_user', 'client_id': 'the-client', 'client_secret': 'the-secret',
                     'refresh_token': 'the-refresh', 'quota_project_id': 'quota-project'}, **more)

    def federation(self, source, **more):
        return dict({'type': 'external_account', 'audience': POOL,
                     'subject_token_type': 'urn:ietf:params:oauth:token-type:jwt',
                     'token_url': self.url + '/v1/token', 'credential_source': source}, **more)

    def impersonation_url(self, email='target@billing-project.iam.gserviceaccount.com'):
        return '%s/v1/projects/-/serviceAccounts/%s:generateAccessToken' % (self.url, email)

    def requests(self, pattern):
        with self.lock:
            return [r for r in self.log if re.search(pattern, r[1])]

    # ---- answers -------------------------------------------------------------------------------

    def token(self, who):
        with self.lock:
            self.count += 1
            token = 'ya29.double-%d-%s' % (self.count, hashlib.sha256(who.encode()).hexdigest()[:8])
            self.tokens[token] = who
        return token

    def answer(self, verb, path, query, headers, body):
        if path.startswith('/computeMetadata/') or path == '/':
            return self.metadata(path, query, headers)
        if path == '/token':
            return self.oauth(headers, self.form(headers, body)), None
        if path == '/v1/token':
            return self.sts(verb, path, headers, self.form(headers, body)), None
        if path.startswith('/subject'):
            return self.subject_token(path, headers), {'Content-Type': 'text/plain'}
        if path.startswith('/imds/'):
            return self.imds(verb, path, headers), {'Content-Type': 'text/plain'}
        if path.endswith(':generateAccessToken'):
            return self.impersonate(verb, path, headers, body), None
        self.authorize(headers, path, body)
        for kind, serve in (('/recommendations', self.recommend), (':searchAllResources', self.search)):
            if path.endswith(kind):
                self.check(verb, path, query, body)
                answer = serve(path, query)
                if self.contract:
                    self.note(self.contract.check_answer(verb, path, answer, ('recommender', 'cloudasset')))
                return answer, None
        if re.fullmatch(r'/v1beta1/(projects|organizations|folders|billingAccounts)/[^/]+/locations', path):
            return {'locations': [{'name': path[9:] + '/' + loc, 'locationId': loc} for loc in self.locations]}, None
        if path.startswith('/bigquery/v2/') and self.bigquery:
            return self.forward(verb, path, query, body), None
        raise refusal(404, 'Requested entity was not found: ' + path, 'NOT_FOUND')

    def forward(self, verb, path, query, body):
        """To a BigQuery emulator, which takes any token: the one given was checked here. url: of a gate."""
        url = self.bigquery + urllib.parse.quote(path) + ('?' + urllib.parse.urlencode(query, True) if query else '')
        request = urllib.request.Request(url, body.encode() or None, {
            'Content-Type': 'application/json', 'Authorization': 'Bearer eyJ'}, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=250) as got:
                return got.read()
        except urllib.error.HTTPError as e:
            raise Answer(e.code, e.read()) from None

    def note(self, faults):
        with self.lock:
            self.faults_seen += faults

    def check(self, verb, path, query, body):
        if self.contract:
            self.note(self.contract.check_request(verb, path, query, body or None, ('recommender', 'cloudasset')))

    @staticmethod
    def form(headers, body):
        if headers.get('Content-Type') != 'application/x-www-form-urlencoded':
            raise Answer(400, {'error': 'invalid_request', 'error_description': 'no form'})
        form = urllib.parse.parse_qs(body, keep_blank_values=True, strict_parsing=True)
        if any(len(v) > 1 for v in form.values()):
            raise Answer(400, {'error': 'invalid_request', 'error_description': 'twice'})
        return {k: v[0] for k, v in form.items()}

    def jwt(self, token):
        """The claims of a token that our key signed and that is good now."""
        head, claims, signature = token.split('.')
        if not Key.get().verifies((head + '.' + claims).encode(), unbase64(signature)):
            raise Answer(400, {'error': 'invalid_grant', 'error_description': 'Invalid JWT Signature.'})
        header, claims = json.loads(unbase64(head)), json.loads(unbase64(claims))
        now = time.time()
        if header != {'alg': 'RS256', 'typ': 'JWT', 'kid': 'key-1'}:
            raise Answer(400, {'error': 'invalid_grant', 'error_description': 'header %r' % header})
        if not (claims['iat'] - 60 <= now < claims['exp'] <= claims['iat'] + 3600):
            raise Answer(400, {'error': 'invalid_grant', 'error_description': 'not now'})
        return claims

    def oauth(self, headers, form):
        if form.get('grant_type') == 'refresh_token':
            want = {'grant_type', 'client_id', 'client_secret', 'refresh_token'}
            if headers.get('Authorization', '').startswith('Basic '):
                if base64.b64decode(headers['Authorization'][6:]) != b'the-client:the-secret':
                    raise Answer(401, {'error': 'invalid_client'})
                want = {'grant_type', 'refresh_token'}
            elif form.get('client_secret') != 'the-secret' or form.get('client_id') != 'the-client':
                raise Answer(401, {'error': 'invalid_client', 'error_description': 'The OAuth client was not found.'})
            if form['refresh_token'] != 'the-refresh':
                raise Answer(400, {'error': 'invalid_grant',
                                   'error_description': 'Token has been expired or revoked.'})
            self.note(['refresh with %s' % sorted(form)] if set(form) - {'scope'} != want else [])
            return {'access_token': self.token('user'), 'expires_in': self.expires_in, 'token_type': 'Bearer'}
        if form.get('grant_type') == 'urn:ietf:params:oauth:grant-type:jwt-bearer':
            claims = self.jwt(form['assertion'])
            # Google's Python library names the public endpoint whatever the key says.
            if claims.get('aud') not in (self.url + '/token', 'https://oauth2.googleapis.com/token') or SCOPE not in claims.get('scope', ''):
                raise Answer(400, {'error': 'invalid_grant', 'error_description': 'audience or scope'})
            return {'access_token': self.token(claims['iss']), 'expires_in': self.expires_in, 'token_type': 'Bearer'}
        raise Answer(400, {'error': 'unsupported_grant_type'})

    def sts(self, verb, path, headers, form):
        camel = {re.sub(r'_(\w)', lambda m: m[1].upper(), k): v for k, v in form.items()}
        if self.contract:
            self.note(self.contract.check('sts', {'$ref': 'GoogleIdentityStsV1ExchangeTokenRequest'}, camel, 'sts'))
        if form.get('grant_type') != 'urn:ietf:params:oauth:grant-type:token-exchange' or \
                form.get('requested_token_type') != 'urn:ietf:params:oauth:token-type:access_token' or \
                not {SCOPE, IAM_SCOPE} & set(form.get('scope', '').split()):
            raise Answer(400, {'error': 'invalid_request', 'error_description': 'not an exchange'})
        if form['audience'] != POOL:
            raise Answer(400, {'error': 'invalid_target', 'error_description': 'no such provider'})
        if form['subject_token_type'] == 'urn:ietf:params:aws:token-type:aws4_request':
            self.check_aws(json.loads(urllib.parse.unquote(form['subject_token'])))
        elif form['subject_token'] != self.subject:
            raise Answer(400, {'error': 'invalid_grant', 'error_description': 'ID Token issued is stale to sign-in.'})
        answer = {'access_token': self.token('federated'), 'expires_in': self.expires_in, 'token_type': 'Bearer',
                  'issued_token_type': 'urn:ietf:params:oauth:token-type:access_token'}
        if self.contract:
            self.note(self.contract.check_answer(verb, path, answer, ('sts',)))
        return answer

    def check_aws(self, request):
        """The signed GetCallerIdentity, verified with our own reading of the rules."""
        headers = {h['key'].lower(): h['value'] for h in request['headers']}
        url = urllib.parse.urlsplit(request['url'])
        m = re.fullmatch(r'AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/sts/aws4_request, '
                         r'SignedHeaders=([^,]+), Signature=([0-9a-f]{64})', headers['authorization'])
        if not m or request['method'] != 'POST' or headers['host'] != url.netloc or \
                headers['x-goog-cloud-target-resource'] != POOL:
            raise Answer(400, {'error': 'invalid_grant', 'error_description': 'no signed request'})
        key_id, day, region, names, signature = m.groups()
        if 'host' not in names or ('x-goog-cloud-target-resource' not in names and not self.aws.get('target_unsigned')):
            raise Answer(400, {'error': 'invalid_grant', 'error_description': 'target not signed'})
        canonical = '\n'.join(
            ['POST', url.path or '/', '&'.join(sorted(url.query.split('&'))),
             *['%s:%s' % (n, headers[n]) for n in names.split(';')], '', names, hashlib.sha256(b'').hexdigest()])
        import hmac
        key = ('AWS4' + self.aws['secret']).encode()
        for word in (day, region, 'sts', 'aws4_request'):
            key = hmac.new(key, word.encode(), 'sha256').digest()
        to_sign = '\n'.join(['AWS4-HMAC-SHA256', headers['x-amz-date'], '%s/%s/sts/aws4_request' % (day, region),
                             hashlib.sha256(canonical.encode()).hexdigest()])
        good = hmac.new(key, to_sign.encode(), 'sha256').hexdigest()
        if signature != good or key_id != self.aws['id'] or region != self.aws['region'] or \
                headers.get('x-amz-security-token') != self.aws.get('session'):
            raise Answer(400, {'error': 'invalid_grant', 'error_description': 'AWS does not know the caller'})

    def subject_token(self, path, headers):
        if path == '/subject/json':
            if headers.get('X-Identity') != 'workload':
                raise Answer(403, {'error': 'header'})
            return json.dumps({'value': self.subject, 'other': 1})
        return self.subject

    def imds(self, verb, path, headers):
        if path == '/imds/token':
            if verb != 'PUT' or not headers.get('x-aws-ec2-metadata-token-ttl-seconds'):
                raise Answer(400, '')
            return 'imds-session'
        if headers.get('x-aws-ec2-metadata-token') != 'imds-session':
            raise Answer(401, '')
        if path == '/imds/zone':
            return self.aws['region'] + 'b'
        if path == '/imds/credentials':
            return 'the-role'
        if path == '/imds/credentials/the-role':
            return json.dumps({'AccessKeyId': self.aws['id'], 'SecretAccessKey': self.aws['secret'],
                               'Token': self.aws.get('session'), 'Code': 'Success'})
        raise Answer(404, '')

    def impersonate(self, verb, path, headers, body):
        if self.contract:
            self.note(self.contract.check_request(verb, path, {}, body, ('iamcredentials',)))
        self.authorize(headers, path)
        request = json.loads(body)
        if request['scope'] != [SCOPE] or not re.fullmatch(r'\d+s', request['lifetime']):
            raise refusal(400, 'scope or lifetime', 'INVALID_ARGUMENT')
        email = path.rsplit('/', 1)[1].split(':')[0]
        until = time.time() + int(request['lifetime'][:-1])
        answer = {'accessToken': self.token(email),
                  'expireTime': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(until))}
        if self.contract:
            self.note(self.contract.check_answer(verb, path, answer, ('iamcredentials',)))
        return answer

    def metadata(self, path, query, headers):
        flavor = {'Metadata-Flavor': 'Google', 'Content-Type': 'application/json'}
        if headers.get('Metadata-Flavor') != 'Google' or headers.get('X-Forwarded-For'):
            raise Answer(403, 'Missing Metadata-Flavor:Google header.', {'Content-Type': 'text/html'})
        if path == '/':
            return 'computeMetadata/\n', flavor
        if path.endswith('/service-accounts/default/token'):
            if query.get('scopes') != [SCOPE]:
                raise Answer(400, 'scopes', flavor)
            return {'access_token': self.token('machine'), 'expires_in': self.expires_in,
                    'token_type': 'Bearer'}, flavor
        if path.endswith('/service-accounts/default/') and query.get('recursive') == ['true']:
            return {'aliases': ['default'], 'email': 'machine@billing-project.iam.gserviceaccount.com', 'scopes': [SCOPE]}, flavor
        if path.endswith('/project/project-id'):
            return 'billing-project', flavor
        raise Answer(404, 'not found', flavor)

    def authorize(self, headers, path, body=''):
        word, _, token = headers.get('Authorization', '').partition(' ')
        good = word == 'Bearer' and token in self.tokens and token not in self.revoked
        if word == 'Bearer' and token.count('.') == 2 and not token.startswith('ya29.'):
            try:
                claims = self.jwt(token)
            except Answer as refused:
                raise refusal(401, refused.body['error_description'], 'UNAUTHENTICATED') from None
            if not self.self_signed:
                raise refusal(401, 'Request had invalid authentication credentials.', 'UNAUTHENTICATED',
                              'ACCESS_TOKEN_TYPE_UNSUPPORTED')
            good = claims['iss'] == claims['sub'] and SCOPE in claims.get('scope', '') and 'aud' not in claims
        if not good:
            raise refusal(401, 'Request had invalid authentication credentials. Expected OAuth 2 access token.',
                          'UNAUTHENTICATED', 'ACCESS_TOKEN_EXPIRED')
        for pattern, permission in self.denied.items():
            if not re.search(pattern, path + '\n' + body):
                continue
            permission, message = permission if isinstance(permission, tuple) else (permission, None)
            if message:  # BigQuery's way
                raise Answer(403, {'error': {'code': 403, 'message': message, 'status': 'PERMISSION_DENIED', 'errors': [
                    {'message': message, 'domain': 'global', 'reason': 'accessDenied'}]}})
            raise refusal(403, "Permission '%s' denied on resource (or it may not exist)." % permission,
                          'PERMISSION_DENIED', 'IAM_PERMISSION_DENIED', {'permission': permission})
        if self.disabled and re.search(self.disabled, path):
            raise refusal(403, 'Recommender API has not been used in project billing-project before or it is disabled.',
                          'PERMISSION_DENIED', 'SERVICE_DISABLED', {'consumer': 'projects/billing-project',
                                                                    'service': 'recommender.googleapis.com'})

    def paged(self, items, query, member):
        size = min(self.page or 10**9, int(query.get('pageSize', ['100'])[0]))
        at = int(query.get('pageToken', ['0'])[0].lstrip('p') or 0)
        out = {member: items[at:at + size]} if items else {}
        if at + size < len(items):
            out['nextPageToken'] = 'p%d' % (at + size)
        return out

    def recommend(self, path, query):
        m = re.fullmatch(r'/v1/(.+)/locations/([^/]+)/recommenders/([^/]+)/recommendations', path)
        # A zonal recommender at a region (or the reverse) answers an empty list.
        items = self.recommendations.get(m.groups(), [])
        wanted = re.findall(r'stateInfo\.state = (\w+)', query.get('filter', [''])[0])
        items = [i for i in items if not wanted or i['stateInfo']['state'] in wanted]
        return self.paged(items, query, 'recommendations')

    def search(self, path, query):
        scope = path[len('/v1/'):-len(':searchAllResources')]
        items = [a for a in self.assets.get(scope, [])
                 if 'assetTypes' not in query or a['assetType'] in query['assetTypes']]
        return self.paged(items, query, 'results')

    # ---- faults --------------------------------------------------------------------------------

    def fault_of(self, path):
        return next((f for p, f in self.faults.items() if re.search(p, path)), None)

    def misbehave(self, handler, fault):
        sock, w = handler.connection, handler.wfile
        handler.close_connection = True
        if fault == 'reset':
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            sock.close()
        elif fault == 'silent':
            self.stop.wait(60)
        elif fault == 'drip':
            w.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{')
            while not self.stop.wait(0.2):
                w.write(b' ')
                w.flush()
        elif fault == 'truncated':
            w.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"a":')
        elif fault == 'short':
            w.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{"recommendations":[]}')
        elif fault == 'html':
            handler.reply(200, '<html>Please sign in to the airport network</html>', {'Content-Type': 'text/html'})
        elif fault == 'malformed':
            handler.reply(200, '{"access_token": "ya29.x", "recommendations": [{]}')
        elif fault == 'empty':
            handler.reply(200, '')
        elif fault == 'bomb':
            handler.reply(200, BOMB, {'Content-Encoding': 'gzip'})
        elif fault == 'redirect':
            handler.reply(302, '', {'Location': self.url + '/elsewhere'})
        elif fault == 'quota':
            handler.reply(403, {'error': {
                'code': 403, 'status': 'PERMISSION_DENIED', 'message':
                'Your application is authenticating by using local Application Default Credentials. The '
                'recommender.googleapis.com API requires a quota project, which is not set by default.'}})
        elif fault == '403':
            handler.reply(403, {'error': {'code': 403, 'message': 'The caller does not have permission',
                                          'status': 'PERMISSION_DENIED'}})
        elif fault == '429':
            handler.reply(429, {'error': {'code': 429, 'message': 'Quota exceeded for quota metric.',
                                          'status': 'RESOURCE_EXHAUSTED'}}, {'Retry-After': '7'})
        else:
            handler.reply(int(fault), {'error': {'code': int(fault), 'message': 'Something went wrong (%s).' % fault,
                                                 'status': 'UNKNOWN'}})
