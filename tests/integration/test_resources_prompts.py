#!/usr/bin/env python3
"""The resources and prompts of the finished servers, and completion from the data, over stdio."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
import product  # noqa: E402


def read(session, uri):
    contents = session.request('resources/read', {'uri': uri})['contents']
    return client.parse(contents[0]['text'])


def resources(session):
    listed = {r['uri'] for r in session.request('resources/list', {})['resources']}
    tools = {t['name']: t for t in session.request('tools/list', {})['tools']}
    problems = []
    for name, tool in tools.items():
        for way, member in (('in', 'inputSchema'), ('out', 'outputSchema')):
            uri = 'schema://%s.%s' % (name, way)
            if uri not in listed or read(session, uri) != tool[member]:
                problems.append(uri)
    client.report('each_schema_is_a_resource', problems)

    answer, error = session.call('get_costs', {})
    client.report('freshness_is_what_get_costs_says',
                  [error] if error else [] if read(session, 'cost://freshness') == answer['freshness'] else ['differs'])

    dimensions = {d['name']: d for d in read(session, 'cost://dimensions')['dimensions']}
    problems = []
    for name in ('service', 'project', 'region', 'charge_category'):
        for value in dimensions[name]['values'][:3]:
            answer, error = session.call('get_costs', {'period': 'ytd', 'filters': {name: [value]}})
            if error or any(w['code'] == 'unknown_value' for w in answer['warnings']):
                problems.append('%s %s: %s' % (name, value, error or answer['warnings']))
    client.report('each_listed_value_can_be_filtered_on', problems)
    client.report('foreign_providers_are_not_listed', [] if dimensions['provider']['values'] == ['aws'] else
                  dimensions['provider']['values'])
    try:
        session.request('resources/read', {'uri': 'schema://nothing'})
        client.report('an_unknown_schema_is_refused', ['answered'])
    except RuntimeError as error:
        client.report('an_unknown_schema_is_refused', [] if 'not found' in str(error).lower() else [str(error)])


def prompts(session):
    for prompt in session.request('prompts/list', {})['prompts']:
        messages = session.request('prompts/get', {'name': prompt['name'], 'arguments': {}})['messages']
        text = messages[0]['content']['text']
        client.report('prompt_%s_names_tools' % prompt['name'], [] if 'get_' in text else [text])

    def complete(prompt, argument, value):
        return session.request('completion/complete', {'ref': {'type': 'ref/prompt', 'name': prompt},
                                                       'argument': {'name': argument, 'value': value}})['completion']

    found = complete('why_did_cost_change', 'service', 'amazon e')['values']
    client.report('services_are_completed_from_the_data',
                  [] if found and all(v.lower().startswith('amazon e') for v in found) else [found])
    found = complete('why_did_cost_change', 'service', 'virtual m')['values']
    client.report('services_of_other_providers_are_not_disclosed', [found] if found else [])
    for argument in ('project', 'region', 'tag'):
        found = complete('why_did_cost_change', argument, '')['values']
        client.report('%ss_are_completed_from_the_data' % argument, [] if found else ['nothing is proposed'])
    text = session.request('prompts/get', {'name': 'why_did_cost_change', 'arguments': {
        'service': 'A', 'region': 'B', 'tag': 'team'}})['messages'][0]['content']['text']
    client.report('what_is_given_stands_in_the_prompt',
                  [] if ', for service A and region B.' in text and 'tag:team' in text else [text])
    found = complete('monthly_cost_review', 'month', 'last_m')['values']
    client.report('period_words_are_completed', [] if found == ['last_month'] else [found])


def main():
    with product.folder() as home:
        with product.Talk('mcp-aws', home, '--demo', '--now', client.NOW) as session:
            resources(session)
            prompts(session)
    client.finish()


if __name__ == '__main__':
    main()
