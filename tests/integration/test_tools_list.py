#!/usr/bin/env python3
"""tools/list, instructions and pages of each server: small, sorted, callable, valid against their schemas."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
import product  # noqa: E402

MAX_LIST, MAX_INSTRUCTIONS, MAX_DEFAULT, MAX_PAGE = 10000, 2000, 8 * 1024, 25000


def page_size(session):
    """Characters of structuredContent and text together."""
    text = sum(len(c.get('text', '')) for c in session.last['content'])
    return len(session.structured_text()) + text


def check_list(name, session, listed):
    tools, problems = listed['tools'], []
    names = [t['name'] for t in tools]
    size = len(json.dumps(tools, separators=(',', ':'), default=str, ensure_ascii=False))
    if size >= MAX_LIST:
        problems.append('tools/list takes %d characters' % size)
    if names != sorted(names) or names != product.TOOLS:
        problems.append('the tools are %s' % names)
    for tool in tools:
        for field in ('title', 'description', 'inputSchema', 'outputSchema', 'annotations'):
            if not tool.get(field):
                problems.append('%s has no %s' % (tool['name'], field))
        if tool['annotations'].get('readOnlyHint') is not True:
            problems.append('%s is not read-only' % tool['name'])
        if tool['inputSchema'].get('required'):
            problems.append('%s cannot be called with {}' % tool['name'])
    client.report('%s_tools_list_is_small_sorted_and_complete' % name, problems)
    text = session.greeting.get('instructions') or ''
    problems = [] if 0 < len(text) < MAX_INSTRUCTIONS else ['instructions take %d characters' % len(text)]
    client.report('%s_instructions_are_short' % name, problems)


def check_answers(name, home, session, listed):
    for tool in listed['tools']:
        problems = []
        data, error = session.call(tool['name'], {})
        if error:
            client.report('%s_%s_answers_nothing_asked' % (name, tool['name']), [error])
            continue
        size = page_size(session)
        if size >= MAX_DEFAULT:
            problems.append('the default answer takes %d characters' % size)
        if not session.last['content'][0]['text'].strip():
            problems.append('no text')
        if 'warnings' not in data:
            problems.append('no warnings')
        problems += product.validate(home, tool['outputSchema'], [session.structured_text()])
        client.report('%s_%s_answers_nothing_asked' % (name, tool['name']), problems)


def pages():
    """(tool, arguments) that ask for as much as can be asked for."""
    for granularity in ('TOTAL', 'DAILY', 'MONTHLY', 'HOURLY'):
        for keys in (['service'], ['resource'], ['project', 'region', 'sku'], ['tag:env', 'resource', 'charge_category']):
            for period in ('2026-10', 'last_7_days', 'ytd', 'yesterday'):
                yield 'get_costs', {'granularity': granularity, 'group_by': keys, 'period': period, 'limit': 1000}
    yield 'get_costs', {'group_by': ['resource', 'sku', 'region'], 'limit': 1000, 'bridge': True, 'period': 'ytd',
                        'compare': 'previous_month'}
    yield 'get_resources', {'limit': 1000, 'period': 'ytd'}
    yield 'get_recommendations', {'limit': 1000}
    for granularity in ('DAILY', 'MONTHLY', 'TOTAL'):
        for keys in ([], ['service'], ['project']):
            yield 'get_forecast', {'granularity': granularity, 'group_by': keys, 'period': 'next_90_days'}


def check_pages(name, home, session, listed):
    """A page too long to print is refused with the way out; every other stays in its size, and is valid."""
    schemas = {t['name']: t['outputSchema'] for t in listed['tools']}
    written = {}
    problems, refused = [], 0
    for tool, args in pages():
        data, error = session.call(tool, args)
        if error:
            refused += 1
            if not any(w in error for w in product.NEXT):
                problems.append('%s %s is refused without a next step: %s' % (tool, args, error))
            continue
        size = page_size(session)
        if size > MAX_PAGE:
            problems.append('%s %s takes %d characters' % (tool, args, size))
        if data.get('other') and data['other']['groups'] > 0 and not data.get('next_cursor'):
            problems.append('%s %s is cut without a cursor' % (tool, args))
        written.setdefault(tool, []).append(session.structured_text())
    for tool, instances in written.items():
        problems += ['%s: %s' % (tool, x) for x in product.validate(home, schemas[tool], instances)]
    client.report('%s_every_page_is_small_and_valid' % name, problems)
    if refused == 0 or len(written) != len(product.TOOLS):
        client.report('%s_pages_were_tried' % name, ['%d refused; answered: %s' % (refused, sorted(written))])


class Greeted(product.Talk):
    def request(self, method, params):
        result = super().request(method, params)
        if method == 'initialize':
            self.greeting = result
        return result


def main():
    if not os.path.exists(product.VALIDATE):
        sys.exit('fixture_validate is missing: make fixtures')
    with product.folder() as home:
        for name in product.SERVERS:
            with Greeted(name, home, '--demo', '--now', client.NOW) as session:
                listed = session.request('tools/list', {})
                check_list(name, session, listed)
                check_answers(name, home, session, listed)
                if name in ('mcp-forecast', 'mcp-policy', 'mcp-aws'):
                    check_pages(name, home, session, listed)
    client.finish()


if __name__ == '__main__':
    main()
