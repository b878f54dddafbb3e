"""Google's own description of BigQuery's REST API, for checking what is sent and what the double answers."""
import json
import os

SHARED = os.environ.get('MCP_SHARED') or os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'shared')
PATH = os.path.join(SHARED, 'data', 'gcp', 'bigquery-v2.discovery.json')


def there():
    """Whether Google's description lies beside the project; says so when it does not."""
    if os.path.exists(PATH):
        return True
    print('SKIP: %s is not here' % PATH)
    return False


class Description:
    def __init__(self):
        with open(PATH, encoding='utf-8') as f:
            self.document = json.load(f)
        self.schemas = self.document['schemas']

    def problems(self, name, value):
        """What is wrong with a body of that schema: unknown members and wrong types, by their path."""
        return list(self.check({'$ref': name}, value, name))

    def check(self, schema, value, path):
        if '$ref' in schema:
            schema = self.schemas[schema['$ref']]
        kind = schema.get('type', 'object')
        if kind == 'any' or value is None:
            return
        if kind == 'object':
            if not isinstance(value, dict):
                yield '%s is no object' % path
                return
            for key, inner in value.items():
                known = schema.get('properties', {}).get(key) or schema.get('additionalProperties')
                if known is None:
                    yield '%s.%s is not known' % (path, key)
                else:
                    yield from self.check(known, inner, '%s.%s' % (path, key))
        elif kind == 'array':
            if not isinstance(value, list):
                yield '%s is no array' % path
                return
            for i, inner in enumerate(value):
                yield from self.check(schema['items'], inner, '%s[%d]' % (path, i))
        elif kind == 'string':
            if not isinstance(value, str):
                yield '%s is no text' % path
            elif schema.get('format') in ('int64', 'uint64') and not value.lstrip('-').isdigit():
                yield '%s is no number in a text' % path
        elif kind == 'boolean':
            if not isinstance(value, bool):
                yield '%s is no boolean' % path
        elif kind in ('integer', 'number'):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                yield '%s is no number' % path

    def method(self, verb, path, query):
        """The method of a request as 'jobs.query', or a sentence that says what is wrong."""
        for resource in self.document['resources'].values():
            for method in resource['methods'].values():
                if method['httpMethod'] == verb and self.fits(method['path'], path):
                    known = set(method.get('parameters', {})) | set(self.document['parameters'])
                    foreign = [q for q in query if q not in known]
                    return (method['id'].split('.', 1)[1], None) if not foreign else (None, 'unknown parameters %s' % foreign)
        return None, 'no method %s %s' % (verb, path)

    @staticmethod
    def fits(template, path):
        want, have = template.strip('/').split('/'), path.strip('/').split('/')
        return len(want) == len(have) and all(w.startswith('{') or w == h for w, h in zip(want, have))
