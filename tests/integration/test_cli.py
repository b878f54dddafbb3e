#!/usr/bin/env python3
"""The command line: call, doctor, import, health, help, version, settings, exit statuses, manners on a terminal."""
import csv
import fcntl
import io
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
import product  # noqa: E402
from server import HttpServer  # noqa: E402

COMMANDS = ['call', 'config', 'doctor', 'health', 'import']


def on_terminal(home, argv, width=80, more=None, seconds=30, stdin=b''):
    """(status, all that a terminal of that width shows) of a command; stdin is typed at its start."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(home)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 50, width, 0, 0))
        os.execve(argv[0], argv, dict(client.environment(home), TERM='xterm', **(more or {})))
    os.write(fd, stdin)
    shown, end = b'', time.monotonic() + seconds * product.SLOW
    while time.monotonic() < end:
        if not select.select([fd], [], [], 1)[0]:
            continue
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    if time.monotonic() >= end:
        os.kill(pid, 9)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(fd)
    return status, shown.decode().replace('\r\n', '\n')


def drawn(text):
    """The lines a person sees: what a carriage return draws over counts by itself."""
    plain = re.sub(r'\x1b\[[0-9;]*[A-Za-z]', '', text)
    return [part for line in plain.split('\n') for part in line.split('\r')]


def tables(home):
    """Each tool's table fits the terminal, at any width."""
    for width in (60, 80, 132):
        for tool in product.TOOLS:
            more = ['--group-by', 'service,region'] if tool == 'get_costs' else []
            argv = [client.server('mcp-forecast'), 'call', tool, '--demo', '--now', client.NOW, *more]
            status, shown = on_terminal(home, argv, width)
            wide = [x for x in drawn(shown) if len(x) > width]
            problems = ['a line of %d columns: %s' % (len(x), x) for x in wide]
            if status != 0:
                problems.append('exit status %d: %s' % (status, shown[-500:]))
            client.report('%s_fits_%d_columns' % (tool, width), problems)
    status, out, err = product.demo(home, 'mcp-aws', 'call', 'get_costs')
    problems = [] if status == 0 and 'USD' in out and 'demo' in out else ['%d %s' % (status, out + err)]
    if '\x1b' in out or err:
        problems.append('it does more than print a table: %r %r' % (out[:100], err[:200]))
    client.report('a_pipe_gets_a_plain_table', problems)


def total_of(home, *args):
    status, out, err = product.demo(home, 'mcp-aws', 'call', 'get_costs', *args, '--json')
    if status != 0:
        raise RuntimeError(err)
    return client.parse(out)


def forms(home):
    """--json is one object, --csv parses, --all follows every cursor; all say the same."""
    data = total_of(home, '--period', '2026-10', '--group-by', 'service')
    client.report('json_has_the_bridge', [] if data.get('bridge') else ['no bridge'])
    total, problems = data['total_cost'], []
    status, out, err = product.demo(home, 'mcp-aws', 'call', 'get_costs', '--period', '2026-10', '--group-by', 'service',
                                    '--csv', '--all', '--limit', '3')
    rows = list(csv.DictReader(io.StringIO(out)))
    client.same(problems, 'the sum of the CSV', sum((Decimal(r['cost']) for r in rows), Decimal(0)), total)
    if status != 0 or err or len({r['service'] for r in rows}) != len(rows):
        problems.append('%d rows, status %d, %s' % (len(rows), status, err))
    client.report('csv_of_all_pages_sums_to_the_total', problems)

    problems, page, count = [], None, 0
    for name in ('sku', 'resource'):
        status, out, err = product.demo(home, 'mcp-aws', 'call', 'get_costs', '--period', '2026-10', '--group-by', name,
                                        '--json', '--all', '--limit', '7')
        pages = [client.parse(x) for x in out.splitlines()]
        cost = sum((r['cost'] for p in pages for r in p['breakdown']), Decimal(0))
        count = sum(len(p['breakdown']) for p in pages)
        client.same(problems, 'the rows of %d pages by %s' % (len(pages), name), cost, total)
        for i, page in enumerate(pages):
            rows = sum((r['cost'] for r in page['breakdown']), Decimal(0))
            client.same(problems, 'page %d' % i, page['before']['cost'] + rows + page['other']['cost'], total)
        if len(pages) < 2 or page.get('next_cursor') or count != pages[0]['other']['groups'] + len(pages[0]['breakdown']):
            problems.append('%d pages, %d rows' % (len(pages), count))
    client.report('all_pages_of_json_sum_to_the_total', problems)

    problems = []
    status, out, err = product.demo(home, 'mcp-aws', 'call', 'get_costs', '--args',
                                    '{"period":"2026-10","group_by":["service"]}', '--json')
    client.same(problems, 'with --args', client.parse(out)['total_cost'] if status == 0 else err, total)
    status, out, err = product.demo(home, 'mcp-aws', 'call', 'get_costs', '--start-date', '2026-10-01', '--end-date=2026-10-31',
                                    '--filter', 'charge_category!=Tax', '--filter', 'charge_category!=Credit', '--json')
    parts = client.parse(out)
    for category in ('Tax', 'Credit'):
        parts['total_cost'] += total_of(home, '--period', '2026-10', '--filter', 'charge_category=' + category)['total_cost']
    client.same(problems, 'the total by filters', parts['total_cost'], total)
    client.report('flags_and_args_ask_the_same', problems)

    status, out, err = product.demo(home, 'mcp-aws', 'call', 'get_costs', '--granularity', 'DAILY', '--period', '2026-10',
                                    '--group-by', 'charge_category', '--csv')
    rows, problems = list(csv.DictReader(io.StringIO(out))), []
    client.same(problems, 'the series as CSV', sum((Decimal(r['cost']) for r in rows), Decimal(0)), total)
    client.report('csv_of_a_series_sums_to_the_total', problems)
    status, out, err = product.demo(home, 'mcp-forecast', 'call', 'get_resources', '--all', '--json', '--limit', '50',
                                    '--period', '2026-10', '--filter', 'currency=USD')
    pages, problems = [client.parse(x) for x in out.splitlines()], []
    if status != 0 or len(pages) < 2:
        problems.append('%d %d pages %s' % (status, len(pages), err))
    else:
        cost = sum((r['cost'] or 0 for p in pages for r in p['resources']), Decimal(0))
        client.same(problems, 'resources and what names none', cost + (pages[0]['without_resource'] or 0),
                    pages[0]['total_cost'])
    client.report('all_resources_sum_to_the_total', problems)


def statuses(home):
    expected = [(0, ['call', 'get_costs', '--demo']), (0, ['--version']), (0, ['--help']), (0, ['--print-config']),
                (0, ['config', 'claude']), (1, ['call', 'get_costs']), (1, ['call', 'get_costs', '--demo', '--period', 'x']),
                (1, ['health', 'http://127.0.0.1:1/health']), (2, ['call']), (2, ['call', 'get_cost']), (2, ['--no-such-flag']),
                (2, ['nonsense']), (2, ['config']), (2, ['config', 'netscape']), (2, ['import']), (2, ['health', 'ftp://x']),
                (2, ['call', 'get_costs', '--demo', '--json', '--csv']), (2, ['--http', 'x:y:z']), (2, ['--log-level', 'loud']),
                (2, ['call', 'get_forecast', '--demo', '--csv'])]
    for want, argv in expected:
        status, out, err = product.cli(home, 'mcp-aws', *argv)
        problems = [] if status == want else ['exit status %d: %s%s' % (status, out[-300:], err[-500:])]
        if want != 0 and (out or not err):
            problems.append('what is wrong belongs on stderr: %r %r' % (out, err))
        client.report('exit_%d_of_%s' % (want, '_'.join(argv).replace('--', '')), problems)


def full_disk(home):
    """What cannot be printed is no success."""
    for argv in (['call', 'get_costs', '--demo', '--now', client.NOW], ['--help'], ['--version'], ['--print-config'],
                 ['config', 'claude'], ['doctor', '--demo', '--now', client.NOW]):
        with open('/dev/full', 'wb') as full:
            done = subprocess.run([client.server('mcp-aws'), *argv], env=client.environment(home), stdout=full,
                                  stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=60 * product.SLOW)
        client.report('a_full_disk_fails_%s' % argv[0].strip('-'), [] if done.returncode == 1 else [done.returncode])


def help_pages(home):
    for name in product.SERVERS:
        status, out, err = product.cli(home, name, '--version')
        client.report(name + '_tells_its_version', [] if status == 0 and re.fullmatch(name + r' \d+\.\d+\.\d+\S*\n', out)
                      else [out + err])
    for argv in [['--help'], ['-h'], ['help']] + [[c, '--help'] for c in COMMANDS]:
        status, out, err = product.cli(home, 'mcp-policy', *argv)
        lines, problems = out.splitlines(), []
        if status != 0 or err:
            problems.append('exit status %d %s' % (status, err))
        problems += ['%d columns: %s' % (len(x), x) for x in lines if len(x) > 80]
        limit = 110 if argv[0] in ('--help', '-h', 'help') else 50
        if len(lines) > limit:
            problems.append('%d lines' % len(lines))
        client.report('help_of_%s' % argv[0], problems)
    for command, words in {'call': ['--json', '--csv', '--all', '--args', '--group-by', '--demo', '--filter'],
                           'import': ['--replace', '--partial', '--append', '--latest', '--dataset'],
                           'config': ['claude', '--url', '--all'], 'health': ['URL'], 'doctor': ['--dataset']}.items():
        _, out, _ = product.cli(home, 'mcp-aws', command, '--help')
        client.report('help_of_%s_lists_what_it_takes' % command, [w for w in words if w not in out])


def settings(home):
    token = 'not-to-be-seen-not-to-be-seen-0123456789'
    status, out, err = product.cli(home, 'mcp-aws', '--print-config', '--demo', env={'MCP_HTTP_TOKEN': token})
    problems = [] if status == 0 else [err]
    if token in out + err:
        problems.append('the secret is printed')
    for words in ('http_token', 'demo: true', '# flag', '# default'):
        if words not in out:
            problems.append('no "%s" in %s' % (words, out))
    client.report('print_config_masks_secrets_and_names_sources', problems)
    path = os.path.join(home, 'own.yaml')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(out)
    status, again, err = product.cli(home, 'mcp-aws', '--print-config', '--config', path)
    client.report('what_it_prints_can_be_read_back', [] if status == 0 and 'demo: true' in again else [again + err])
    with open(path, 'w', encoding='utf-8') as f:
        f.write('demo: true\nlimitt: 5\n')
    status, out, err = product.cli(home, 'mcp-aws', 'call', 'get_costs', '--config', path)
    client.report('an_unknown_key_names_file_and_line', [] if status == 2 and 'own.yaml:2' in err and 'limitt' in err else [err])
    with open(path, 'w', encoding='utf-8') as f:
        f.write('demo: true\n')
    status, out, err = product.cli(home, 'mcp-aws', 'call', 'get_costs', env={'MCP_COST_CONFIG': path})
    client.report('the_file_is_read', [] if status == 0 and 'demo' in out else [err])
    status, out, err = product.cli(home, 'mcp-aws', '--jsn')
    client.report('an_unknown_flag_is_named', [] if status == 2 and '--jsn' in err else [err])
    status, out, err = product.cli(home, 'mcp-aws', 'call', 'get_costs', '--jsn')
    client.report('the_nearest_flag_is_named', [] if status == 2 and '--json' in err else [err])
    status, out, err = product.cli(home, 'mcp-aws', '--http-token', token)
    client.report('a_secret_is_no_flag', [] if status == 2 and 'MCP_HTTP_TOKEN' in err and token not in err else [err])


def greeting(home):
    for name in product.SERVERS:
        status, shown = on_terminal(home, [client.server(name)])
        problems = [] if status == 0 else ['exit status %d' % status]
        problems += ['no "%s"' % w for w in (name, 'call get_costs --demo', 'import', 'config', '--help', 'claude mcp add')
                     if w not in shown]
        problems += ['%d columns: %s' % (len(x), x) for x in drawn(shown) if len(x) > 80]
        client.report('a_bare_%s_on_a_terminal_says_what_it_is' % name, problems)
    status, shown = on_terminal(home, [client.server('mcp-aws'), '--demo'], stdin=b'\x04')
    client.report('flags_alone_on_a_terminal_say_that_it_serves', [] if status == 0 and 'Ctrl-D' in shown else [status, shown])
    status, out, err = product.cli(home, 'mcp-aws')
    client.report('without_a_terminal_it_serves', [] if status == 0 and not out else ['%d %s %s' % (status, out, err)])


def imports(home):
    path, dataset = os.path.join(home, 'aws.csv'), os.path.join(home, 'deep', 'er', 'set.db')
    with open(path, 'wb') as f:
        subprocess.run([client.generator(), '--last-day', '2026-11-20', '--months', '3', '--family', 'aws'], stdout=f, check=True)
    status, out, err = product.cli(home, 'mcp-aws', 'import', path, '--dataset', dataset)
    problems = [] if status == 0 else [err]
    problems += ['no "%s" in: %s' % (w, out) for w in ('rows', 'new', '2026-10', '2026-11', 'USD', dataset) if w not in out]
    if '\r' in out + err or '\x1b' in out + err:
        problems.append('it draws without a terminal')
    client.report('import_tells_what_it_did', problems)
    with open(dataset, 'rb') as f:
        before = f.read()
    status, out, err = product.cli(home, 'mcp-aws', 'import', path, '--dataset', dataset)
    with open(dataset, 'rb') as f:
        same = f.read() == before
    problems = [] if status == 0 and same else ['%d same file: %s %s' % (status, same, err)]
    problems += [] if '3 slices unchanged' in out and path in out else [out]
    client.report('importing_again_changes_nothing', problems)
    status, shown = on_terminal(home, [client.server('mcp-aws'), 'import', path, '--dataset', os.path.join(home, 'other.db')])
    problems = ['%d columns: %s' % (len(x), x) for x in drawn(shown) if len(x) > 80]
    problems += [] if status == 0 and 'rows' in shown else [shown]
    client.report('import_on_a_terminal', problems)
    default = os.path.join(home, 'data', 'mcp-cost', 'dataset.db')
    status, out, err = product.cli(home, 'mcp-aws', 'import', path)
    problems = [] if status == 0 and os.path.exists(default) else [out + err]
    status, out, err = product.cli(home, 'mcp-aws', 'call', 'get_costs', '--now', client.NOW, '--json')
    problems += [] if status == 0 and client.parse(out)['total_cost'] > 0 else [err]
    client.report('the_default_dataset_is_served_once_imported', problems)
    if not problems and oct(os.stat(default).st_mode & 0o077) != '0o0':
        client.report('the_dataset_is_its_owners', ['mode %o' % os.stat(default).st_mode])
    os.unlink(default)


def doctor(home):
    status, out, err = product.demo(home, 'mcp-forecast', 'doctor')
    problems = [] if status == 0 else ['exit status %d %s' % (status, err)]
    problems += ['no "%s"' % w for w in ('dataset', 'data through 2026-11-20', 'slices', 'currency: USD', 'currency: EUR')
                 if w not in out]
    problems += ['a line without its mark: %s' % x for x in out.splitlines() if not re.match(r'(ok  |warn|FAIL)  \S', x)]
    client.report('doctor_of_the_demo', problems + ([out] if problems else []))
    status, out, err = product.cli(home, 'mcp-aws', 'doctor')
    client.report('doctor_without_data_says_what_to_do', [] if status == 1 and 'FAIL' in out and 'import' in out else [out + err])
    status, out, err = product.cli(home, 'mcp-policy', 'doctor')
    client.report('doctor_of_mcp_policy_misses_the_budgets', [] if '--budgets' in out else [out + err])


def health(home):
    with HttpServer([client.server('mcp-aws'), '--demo', '--http', '0'], env=client.environment(home)) as http:
        base = http.url.rsplit('/', 1)[0]
        for path in ('/health', '/health/live', '/health/ready', ''):
            status, out, err = product.cli(home, 'mcp-gcp', 'health', base + path)
            client.report('health_of_a_running_server_%s' % path.strip('/').replace('/', '_'),
                          [] if status == 0 and out == 'healthy\n' else ['%d %s%s' % (status, out, err)])
        port = base.rsplit(':', 1)[1]
        status, out, err = product.cli(home, 'mcp-aws', 'health', env={'PORT': port})
        client.report('health_takes_PORT', [] if status == 0 else [err])
        status, out, err = product.cli(home, 'mcp-aws', 'health', base + '/nothing')
        client.report('health_of_a_wrong_path', [] if status == 1 and '404' in err else ['%d %s' % (status, err)])
    status, out, err = product.cli(home, 'mcp-aws', 'health', base)
    client.report('health_of_a_server_that_is_gone', [] if status == 1 and base in err else ['%d %s' % (status, err)])


def reads_only_what_was_given(home):
    """A neighbour of the data that cannot be read, and one that would change the answer, are never opened."""
    place = os.path.join(home, 'given')
    os.mkdir(place)
    mine, other, hidden = (os.path.join(place, n) for n in ('mine.csv', 'other.csv', '.hidden.csv'))
    with open(mine, 'wb') as f:
        subprocess.run([client.generator(), '--last-day', '2026-11-20', '--months', '1', '--family', 'aws'], stdout=f, check=True)
    for path in (other, hidden):
        os.mkfifo(path)  # opening it to read would wait for ever
    status, out, err = product.cli(home, 'mcp-aws', 'call', 'get_costs', '--now', client.NOW, '--data', mine)
    client.report('only_the_file_given_is_read', [] if status == 0 else ['%d %s' % (status, err)])
    status, out, err = product.cli(home, 'mcp-aws', 'call', 'get_costs', '--now', client.NOW, '--data', place)
    client.report('in_a_folder_only_files_are_read', [] if status == 0 else ['%d %s' % (status, err)])
    secret = os.path.join(home, 'secret.csv')
    os.rename(mine, secret)
    os.symlink(secret, mine)
    status, out, err = product.cli(home, 'mcp-aws', 'call', 'get_costs', '--now', client.NOW, '--data', place)
    client.report('links_out_of_a_folder_are_not_followed', [] if status == 1 else ['%d %s' % (status, out)])


def demo_is_kept(home):
    cache = os.path.join(home, 'fresh')
    status, _, err = product.demo(home, 'mcp-aws', 'call', 'get_costs', env={'XDG_CACHE_HOME': cache})
    files = os.listdir(os.path.join(cache, 'mcp-cost')) if status == 0 else []
    made = [f for f in files if f.startswith('demo-') and f.endswith('.db')]
    problems = [] if len(made) == 1 else ['%s %s' % (files, err)]
    if made:
        path = os.path.join(cache, 'mcp-cost', made[0])
        stamp = os.stat(path).st_mtime_ns
        product.demo(home, 'mcp-gcp', 'call', 'get_costs', env={'XDG_CACHE_HOME': cache})
        if os.stat(path).st_mtime_ns != stamp:
            problems.append('it was built again')
    client.report('the_demo_is_built_once_in_the_cache_folder', problems)
    before = sorted(os.listdir(home))
    status, out, err = product.cli(home, 'mcp-aws', '--demo')
    client.report('a_start_without_a_call_writes_nothing', [] if status == 0 and sorted(os.listdir(home)) == before else [err])


def main():
    if client.generator() is None:
        sys.exit('fixture_focus_gen is missing: make fixtures')
    with product.folder() as home:
        help_pages(home)
        settings(home)
        greeting(home)
        tables(home)
        forms(home)
        statuses(home)
        full_disk(home)
        doctor(home)
        health(home)
        demo_is_kept(home)
        reads_only_what_was_given(home)
        imports(home)
    client.finish()


if __name__ == '__main__':
    main()
