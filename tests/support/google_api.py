"""Checks requests and answers against Google's own descriptions of its APIs (discovery documents)."""
import json
import os
import re

SHARED = os.environ.get('MCP_SHARED') or os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..',
                                                      'shared')
PATH = os.path.join(SHARED, 'data', 'gcp', 'contract.json')


class Contract:
    """The nine APIs as one file: methods with their parameters, closed schemas of bodies."""

    def __init__(self):
        with open(PATH, encoding='utf-8') as f:
            self.apis = json.load(f)
        self.methods = []
        for api, doc in self.apis.items():
            for method in doc['methods']:
                self.methods.append((api, self.pattern(method['url']), method))

    @staticmethod
    def available():
        return os.path.exists(PATH)

    @staticmethod
    def pattern(url):
        # {+name} may hold slashes, {name} may not.
        parts = re.split(r'(\{\+?\w+\})', url)
        out = ''.join('(?:[^?]+?)' if p.startswith('{+') else '[^/?:]+' if p.startswith('{') else re.escape(p)
                      for p in parts)
        return re.compile(out + r'\Z')

    def find(self, verb, path, apis=None):
        """The method that a request belongs to: the longest fixed part wins."""
        found = [(len(re.sub(r'\{.*?\}', '', m['url'])), api, m) for api, pattern, m in self.methods
                 if m['method'] == verb and pattern.match(path) and (apis is None or api in apis)]
        return max(found, key=lambda f: f[0])[1:] if found else None

    def check_request(self, verb, path, query, body, apis=None):
        """A list of faults; query: {name: [values]}."""
        found = self.find(verb, path, apis)
        if found is None:
            return ['no method of Google has %s %s' % (verb, path)]
        api, method = found
        faults = ['unknown query parameter %s of %s' % (k, method['id']) for k in query
                  if k not in method['query'] and k not in ('alt', 'fields', 'prettyPrint', 'quotaUser', 'key')]
        for name, values in query.items():
            kind = method['query'].get(name, {}).get('type')
            if kind == 'number' and not all(re.fullmatch(r'-?\d+', v) for v in values):
                faults.append('%s is no number: %s' % (name, values))
            if kind not in (None, 'array') and len(values) > 1:
                faults.append('%s stands twice' % name)
        if method['body'] is None:
            if body:
                faults.append('%s takes no body' % method['id'])
        elif body is not None:
            faults += self.check(api, {'$ref': method['body']}, json.loads(body), method['body'])
        return faults

    def check_answer(self, verb, path, answer, apis=None):
        api, method = self.find(verb, path, apis)
        return self.check(api, {'$ref': method['response']}, answer, method['response'])

    def check(self, api, schema, value, where):
        while '$ref' in schema:
            schema = self.apis[api]['schemas'][schema['$ref'].rsplit('/', 1)[-1]]
        kind = schema.get('type')
        kinds = kind if isinstance(kind, list) else [kind]
        if value is None:
            return []
        if 'object' in kinds:
            if not isinstance(value, dict):
                return ['%s is no object' % where]
            faults = []
            known = schema.get('properties', {})
            more = schema.get('additionalProperties', True)
            for name, member in value.items():
                if name in known:
                    faults += self.check(api, known[name], member, where + '.' + name)
                elif more is False:
                    faults.append('%s has no member %s' % (where, name))
                elif isinstance(more, dict):
                    faults += self.check(api, more, member, where + '.' + name)
            return faults
        if 'array' in kinds:
            if not isinstance(value, list):
                return ['%s is no list' % where]
            return [f for i, v in enumerate(value)
                    for f in self.check(api, schema.get('items', {}), v, '%s[%d]' % (where, i))]
        good = {'string': str, 'boolean': bool, 'number': (int, float), 'integer': int}
        if kind in good and (not isinstance(value, good[kind]) or
                             (kind in ('number', 'integer') and isinstance(value, bool))):
            return ['%s is no %s: %r' % (where, kind, value)]
        if 'enum' in schema and value not in schema['enum']:
            return ['%s is none of its words: %r' % (where, value)]
        return []
