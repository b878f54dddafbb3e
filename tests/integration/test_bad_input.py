#!/usr/bin/env python3
"""Wrong calls: each is refused in words that name the argument and the next step; nothing crashes, nothing is 0."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
import product  # noqa: E402

LONG = 'x' * 1000000
COSTS, FORECAST, RECOMMEND, RESOURCES = product.TOOLS
MAX_TEXT = 4000

# (what, tool, arguments, words the text must hold). Words match without case.
REFUSED = [
    ('swapped_dates', COSTS, {'start_date': '2026-10-31', 'end_date': '2026-10-01'}, ['start_date', 'inclusive']),
    ('a_day_that_does_not_exist', COSTS, {'start_date': '2026-02-30', 'end_date': '2026-03-01'},
     ['start_date', '28 days', '2026-02-28']),
    ('a_month_that_does_not_exist', COSTS, {'end_date': '2026-13-01'}, ['end_date', 'month']),
    ('a_date_with_slashes', COSTS, {'start_date': '10/01/2026'}, ['start_date', 'YYYY-MM-DD', '2026-10-01', '2026-01-10']),
    ('a_date_with_a_time', COSTS, {'start_date': '2026-10-01T00:00:00Z'}, ['start_date', '2026-10-01']),
    ('an_empty_date', COSTS, {'start_date': ''}, ['start_date', 'YYYY-MM-DD']),
    ('a_date_as_number', COSTS, {'start_date': 20261001}, ['start_date', 'string']),
    ('period_and_dates', COSTS, {'period': 'mtd', 'start_date': '2026-10-01'}, ['period', 'start_date']),
    ('a_misspelt_period', COSTS, {'period': 'last_mnth'}, ['period', 'last_mnth', 'last_month']),
    ('a_thirteenth_month', COSTS, {'period': '2026-13'}, ['period', '2026-13']),
    ('a_fifth_quarter', COSTS, {'period': '2026-Q5'}, ['period', '2026-Q5']),
    ('zero_days', COSTS, {'period': 'last_0_days'}, ['period', 'last_0_days']),
    ('a_period_of_a_million_bytes', COSTS, {'period': LONG}, ['period']),
    ('a_dimension_of_a_million_bytes', COSTS, {'group_by': [LONG]}, ['group_by']),
    ('a_filter_of_a_million_bytes', COSTS, {'filters': {LONG: ['x']}}, ['filters']),
    ('an_argument_of_a_million_bytes', COSTS, {LONG: 1}, ['argument']),
    ('an_unknown_dimension', COSTS, {'group_by': ['servce']}, ['group_by', 'servce', 'service']),
    ('an_unknown_filter', COSTS, {'filters': {'acount': ['x']}}, ['filters', 'acount', 'account']),
    ('an_unknown_argument', COSTS, {'grop_by': ['service']}, ['grop_by', 'group_by']),
    ('an_argument_of_another_tool', COSTS, {'confidence': 0.8}, ['confidence', 'group_by']),
    ('a_number_for_group_by', COSTS, {'group_by': 5}, ['group_by', 'array', '["service"']),
    ('a_number_in_group_by', COSTS, {'group_by': [5]}, ['group_by', 'string']),
    ('four_keys', COSTS, {'group_by': ['service', 'region', 'project', 'sku']}, ['group_by', '3']),
    ('one_key_twice', COSTS, {'group_by': ['project', 'account']}, ['group_by', 'project', 'twice']),
    ('a_tag_without_key', COSTS, {'group_by': ['tag:']}, ['group_by', 'tag:']),
    ('a_text_for_limit', COSTS, {'limit': 'ten'}, ['limit', 'whole number']),
    ('limit_0', COSTS, {'limit': 0}, ['limit', '1']),
    ('limit_minus_1', COSTS, {'limit': -1}, ['limit', '1']),
    ('limit_a_billion', COSTS, {'limit': 1000000000}, ['limit', '1000']),
    ('half_a_limit', COSTS, {'limit': 2.5}, ['limit', 'whole number']),
    ('hours_of_a_year', COSTS, {'granularity': 'HOURLY', 'period': 'ytd'}, ['granularity', 'HOURLY', 'DAILY']),
    ('an_unknown_granularity', COSTS, {'granularity': 'WEEKLY'}, ['granularity', 'DAILY', 'MONTHLY']),
    ('days_of_an_invoice', COSTS, {'basis': 'invoice', 'granularity': 'DAILY'}, ['granularity', 'invoice', 'MONTHLY']),
    ('an_unknown_basis', COSTS, {'basis': 'cash'}, ['basis', 'invoice']),
    ('an_unknown_metric', COSTS, {'metric': 'cost'}, ['metric', 'billed', 'effective']),
    ('a_text_for_bridge', COSTS, {'bridge': 'yes'}, ['bridge', 'true or false']),
    ('an_unknown_comparison', COSTS, {'compare': 'last_week'}, ['compare', 'previous_period']),
    ('half_a_comparison', COSTS, {'compare': {'start_date': '2026-09-01'}}, ['compare', 'end_date']),
    ('a_swapped_comparison', COSTS, {'compare': {'start_date': '2026-09-30', 'end_date': '2026-09-01'}},
     ['compare.start_date', 'inclusive']),
    ('a_comparison_by_number', COSTS, {'compare': 7}, ['compare', 'previous_period']),
    ('filters_as_array', COSTS, {'filters': []}, ['filters', 'object']),
    ('filters_as_text', COSTS, {'filters': 'service=EC2'}, ['filters', 'object']),
    ('a_filter_without_value', COSTS, {'filters': {'service': []}}, ['filters.service']),
    ('a_filter_of_an_empty_object', COSTS, {'filters': {'service': {}}}, ['filters.service', 'not']),
    ('a_filter_with_another_word', COSTS, {'filters': {'service': {'not': ['a'], 'and': ['b']}}}, ['filters.service']),
    ('a_filter_of_numbers', COSTS, {'filters': {'service': [5]}}, ['filters.service']),
    ('a_filter_of_lists', COSTS, {'filters': {'service': [['a']]}}, ['filters.service']),
    ('one_filter_under_two_names', COSTS, {'filters': {'project': ['a'], 'account': ['b']}}, ['filters', 'twice']),
    ('currency_twice', COSTS, {'currency': 'USD', 'filters': {'currency': ['EUR']}}, ['currency', 'filters.currency']),
    ('a_cursor_from_nowhere', COSTS, {'cursor': 'abc'}, ['cursor']),
    ('an_empty_cursor', COSTS, {'cursor': ''}, ['cursor']),
    ('a_cursor_of_a_million_bytes', COSTS, {'cursor': LONG}, ['cursor']),
    ('confidence_2', FORECAST, {'confidence': 2}, ['confidence', '0.99']),
    ('confidence_in_words', FORECAST, {'confidence': 'high'}, ['confidence', 'number']),
    ('an_unknown_method', FORECAST, {'method': 'prophet'}, ['method', 'prophet', 'auto']),
    ('hourly_forecast', FORECAST, {'granularity': 'HOURLY'}, ['granularity', 'DAILY']),
    ('a_forecast_of_two_keys', FORECAST, {'group_by': ['service', 'region']}, ['group_by', '1']),
    ('a_forecast_of_ten_years', FORECAST, {'end_date': '2036-12-31'}, ['end_date', '2027']),
    ('an_unknown_category', RECOMMEND, {'category': 'cheap'}, ['category', 'compute', 'idle']),
    ('negative_savings', RECOMMEND, {'min_monthly_savings': -5}, ['min_monthly_savings', '0']),
    ('dates_of_recommendations', RECOMMEND, {'period': 'mtd'}, ['period', 'category']),
    ('an_unknown_order', RESOURCES, {'sort': 'name'}, ['sort', 'cost']),
    ('a_type_by_number', RESOURCES, {'resource_type': 5}, ['resource_type', 'string']),
]

# Well formed, but of nothing there: answers without a number that say why.
EMPTY = [
    ('an_unknown_provider', {'filters': {'provider': ['azurre']}}, ['unknown_value', 'azure']),
    ('an_unknown_service', {'filters': {'service': ['Amazon Simple Storage Servce']}}, ['unknown_value', 'Amazon Simple Storage Service']),
    ('an_unknown_currency', {'currency': 'XXX'}, ['unknown_value', 'USD']),
    ('a_period_before_the_data', {'period': '2019'}, ['no_data', '2025-']),
    ('an_end_before_the_data', {'end_date': '2020-01-31'}, ['no_data', '2025-']),
    ('a_start_after_the_data', {'start_date': '2030-01-01', 'end_date': '2030-01-31'}, ['no_data', '2026-11-20']),
    ('a_value_with_nul', {'filters': {'service': ['Amazon\0S3']}}, ['unknown_value']),
]


def problems_of(text, words):
    if text is None:
        return ['it was answered']
    problems = ['the text lacks "%s": %s' % (w, text[:600]) for w in words if w.lower() not in text.lower()]
    if not any(w in text for w in product.NEXT) and '\n' not in text.strip():
        problems.append('the text names no next step: %s' % text[:600])
    if len(text) > MAX_TEXT:
        problems.append('the text takes %d characters' % len(text))
    for bad in ('null pointer', 'sqlite', 'internal_error', 'Internal error', '.c:'):
        if bad in text:
            problems.append('the text speaks of our insides: %s' % text[:600])
    return problems


def refused_calls(session):
    for what, tool, args, words in REFUSED:
        body = {'jsonrpc': '2.0', 'id': what, 'method': 'tools/call', 'params': {'name': tool, 'arguments': args}}
        client.report('refuses_' + what, problems_of(product.refusal(session.raw(json.dumps(body).encode())), words))


def empty_answers(session):
    for what, args, words in EMPTY:
        data, error = session.call(COSTS, args)
        problems = [error] if error else []
        if not error:
            text = json.dumps(data['warnings'], default=str) + session.last['content'][0]['text']
            problems += ['nothing says "%s": %s' % (w, text[:800]) for w in words if w not in text]
            if data['total_cost'] is not None or data['breakdown']:
                problems.append('it has a number: %s' % data['total_cost'])
        client.report('no_number_for_' + what, problems)


def before_the_data(session):
    """Days before the data are unknown: no 0 for them, and a sum that misses them says so."""
    data, error = session.call(FORECAST, {'period': '2024'})
    problems = [error] if error else []
    if not error and (data['total'] is not None or data['forecasts'] or 'no_data' not in str(data['warnings'])):
        problems.append(data)
    client.report('no_forecast_before_the_data', problems)
    for tool, args in ((COSTS, {'period': '2025'}), (RESOURCES, {'period': '2025'}), (FORECAST, {'period': '2025', 'currency': 'USD'})):
        data, error = session.call(tool, args)
        codes = [w['code'] for w in data['warnings']] if data else error
        problems = [] if 'before_data' in codes else [codes]
        if data and tool == FORECAST and data['time_period']['start'] != '2025-11-01':
            problems.append(data['time_period'])
        client.report('%s_says_that_it_begins_before_the_data' % tool, problems)


def call_line(arguments, name='"get_costs"', ident=b'"raw"'):
    """A tools/call whose arguments (and name) are the given bytes."""
    return b'{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":%s,"arguments":%s}}' % (
        ident, name.encode(), arguments)


RAW = [
    ('an_unknown_tool', call_line(b'{}', '"get_cost"'), ['get_cost']),
    ('a_tool_name_by_number', call_line(b'{}', '5'), ['name']),
    ('arguments_as_array', call_line(b'[]'), ['arguments']),
    ('arguments_as_text', call_line(b'"period=mtd"'), ['arguments']),
    ('one_argument_twice', call_line(b'{"period":"mtd","period":"ytd"}'), ['period']),
    ('one_filter_twice', call_line(b'{"filters":{"service":["a"],"service":["b"]}}'), ['service', 'twice']),
    ('deep_nesting', call_line(b'{"filters":' + b'{"a":' * 5000 + b'1' + b'}' * 5000 + b'}'), ['deep']),
    ('a_hundred_levels', call_line(b'{"filters":{"service":' + b'[' * 40 + b']' * 40 + b'}}'), ['filters']),
    ('a_lone_surrogate', call_line(b'{"period":"\\ud800"}'), []),
    ('a_nul_in_a_period', call_line(b'{"period":"mtd\\u0000"}'), ['period']),
    ('bytes_that_are_no_utf8', call_line(b'{"period":"\xff\xfe"}'), []),
    ('a_number_without_end', call_line(b'{"limit":1e999999}'), ['limit']),
    ('a_literal_of_python', call_line(b'{"limit":NaN}'), []),
    ('half_a_message', b'{"jsonrpc":"2.0","id":1,"method":"tools/ca', []),
    ('words', b'what did we spend?', []),
]


def raw_lines(session):
    for what, line, words in RAW:
        text = product.refusal(session.raw(line))
        problems = ['it was answered'] if text is None else \
            ['the text lacks "%s": %s' % (w, text[:400]) for w in words if w.lower() not in text.lower()]
        client.report('refuses_' + what, problems)


def cursors(session):
    first, error = session.call(COSTS, {'limit': 2, 'group_by': ['sku']})
    if error or not first.get('next_cursor'):
        client.report('there_is_a_cursor', [error or 'no next_cursor'])
        return
    cursor = first['next_cursor']
    wrong = {
        'a_cursor_of_another_question': {'group_by': ['service'], 'cursor': cursor},
        'a_cursor_with_another_period': {'group_by': ['sku'], 'period': '2026-09', 'cursor': cursor},
        'a_tampered_cursor': {'group_by': ['sku'], 'cursor': cursor[:-6] + ('AAAAAA' if cursor[-6:] != 'AAAAAA' else 'BBBBBB')},
        'half_a_cursor': {'group_by': ['sku'], 'cursor': cursor[:len(cursor) // 2]},
        'a_cursor_with_more': {'group_by': ['sku'], 'cursor': cursor + 'A'},
    }
    for what, args in wrong.items():
        _, error = session.call(COSTS, dict(args, limit=2))
        client.report('refuses_' + what, problems_of(error, ['cursor']))
    for tool in (RECOMMEND, RESOURCES):
        _, error = session.call(tool, {'cursor': cursor})
        client.report('refuses_a_cursor_of_get_costs_in_' + tool, problems_of(error, ['cursor']))
    second, error = session.call(COSTS, {'limit': 2, 'group_by': ['sku'], 'cursor': cursor})
    client.report('takes_the_cursor_that_was_given', [error] if error else [])


def small_csv(path, last_day, family='aws'):
    with open(path, 'wb') as f:
        subprocess.run([client.generator(), '--last-day', last_day, '--months', '2', '--family', family], stdout=f,
                       check=True, timeout=60)


def cursor_after_import(home):
    """The data changes under the cursor: an error, never a page of something else."""
    first, second, dataset = (os.path.join(home, n) for n in ('first.csv', 'second.csv', 'some.db'))
    small_csv(first, '2026-11-10')
    small_csv(second, '2026-11-20')
    client.import_files(home, dataset, [first])
    with product.Talk('mcp-aws', home, '--dataset', dataset, '--now', client.NOW) as session:
        data, error = session.call(COSTS, {'limit': 1})
        problems = [error] if error else []
        if not error:
            client.import_files(home, dataset, [second], '--replace')
            # The server looks at the file once a second at most.
            end, again = time.monotonic() + 10 * product.SLOW, data
            while again['time_period'] == data['time_period'] and time.monotonic() < end:
                again, _ = session.call(COSTS, {'limit': 1})
            _, error = session.call(COSTS, {'limit': 1, 'cursor': data['next_cursor']})
            problems = problems_of(error, ['cursor', 'Ask again'])
        client.report('refuses_a_cursor_after_an_import', problems)


def told(home, what, args, words, status=1, env=None):
    """The command ends with that status and these words; nothing is printed as an answer."""
    code, out, err = product.cli(home, 'mcp-aws', *args, env=env)
    problems = problems_of(err, words)
    if code != status:
        problems.append('the exit status is %d' % code)
    if out.strip():
        problems.append('it printed: %s' % out[:300])
    if product.crashed(code, err):
        problems.append('it crashed: %s' % err[-1500:])
    client.report('refuses_' + what, problems)


def data_paths(home):
    junk, empty, header, folder = (os.path.join(home, n) for n in ('junk.db', 'empty.csv', 'header.csv', 'bare'))
    with open(junk, 'wb') as f:
        f.write(os.urandom(8192))
    open(empty, 'wb').close()
    with open(header, 'w', encoding='ascii') as f:
        f.write('Date,Service,Cost\n2026-10-01,EC2,1.00\n')
    os.mkdir(folder)
    absent = os.path.join(home, 'nowhere', 'x.csv')
    told(home, 'a_missing_dataset', ['call', COSTS, '--dataset', absent], [absent, 'import'])
    told(home, 'a_dataset_that_is_none', ['call', COSTS, '--dataset', junk], [junk])
    told(home, 'a_dataset_that_is_a_folder', ['call', COSTS, '--dataset', folder], [folder])
    told(home, 'a_dataset_that_is_csv', ['call', COSTS, '--dataset', header], [header])
    told(home, 'missing_data', ['call', COSTS, '--data', absent], [absent, '--data'])
    told(home, 'data_of_nothing', ['call', COSTS, '--data', empty], [empty])
    told(home, 'a_folder_of_nothing', ['call', COSTS, '--data', folder], [folder])
    told(home, 'data_that_is_no_focus', ['call', COSTS, '--data', header], [header, 'BilledCost'])
    told(home, 'data_of_random_bytes', ['call', COSTS, '--data', junk], [junk])
    told(home, 'demo_with_data', ['call', COSTS, '--demo', '--data', header], ['--demo', '--data'], 2)
    told(home, 'demo_with_dataset', ['call', COSTS, '--demo', '--dataset', junk], ['--demo', '--dataset'], 2)
    told(home, 'no_data_at_all', ['call', COSTS], ['import', '--data', '--demo'])
    told(home, 'import_of_nothing', ['import'], ['file'], 2)
    told(home, 'import_of_a_missing_file', ['import', absent], [absent])
    told(home, 'import_of_what_is_no_focus', ['import', header], [header, 'BilledCost'])
    told(home, 'an_unknown_flag', ['call', COSTS, '--demo', '--group-bi', 'service'], ['--group-bi', '--group-by'], 2)
    told(home, 'an_unknown_tool', ['call', 'get_cost', '--demo'], ['get_costs'], 2)
    told(home, 'an_unknown_command', ['cal', COSTS], ['call'], 2)
    told(home, 'args_that_are_no_json', ['call', COSTS, '--demo', '--args', '{period}'], ['--args'], 2)
    told(home, 'a_filter_without_equals', ['call', COSTS, '--demo', '--filter', 'service'], ['--filter', 'KEY=VALUE'], 2)
    if os.getuid() != 0:
        os.chmod(header, 0)
        told(home, 'data_it_may_not_read', ['call', COSTS, '--data', header], [header, 'ermission'])


def main():
    if client.generator() is None:
        sys.exit('fixture_focus_gen is missing: make fixtures')
    with product.folder() as home:
        with product.Talk('mcp-forecast', home, '--demo', '--now', client.NOW) as session:
            answer, error = session.call(COSTS, {})
            client.report('answers_before', [error] if error else [])
            refused_calls(session)
            empty_answers(session)
            before_the_data(session)
            cursors(session)
            raw_lines(session)
            after, error = session.call(COSTS, {})
            client.report('answers_the_same_after', [error] if error else
                          [] if after['total_cost'] == answer['total_cost'] else ['another total'])
            code = session.close()
            client.report('ends_in_order', [] if code == 0 else ['exit status %d: %s' % (code, session.log.name)])
        cursor_after_import(home)
        data_paths(home)
    client.finish()


if __name__ == '__main__':
    main()
