#!/usr/bin/env python3
"""`config CLIENT` prints what a client can use: the command in it starts and answers initialize."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import focus_client as client  # noqa: E402
import product  # noqa: E402

HELLO = {'jsonrpc': '2.0', 'id': 1, 'method': 'initialize',
         'params': {'protocolVersion': '2025-11-25', 'capabilities': {}, 'clientInfo': {'name': 'test', 'version': '1'}}}
ASK = {'jsonrpc': '2.0', 'id': 2, 'method': 'tools/call', 'params': {'name': 'get_costs', 'arguments': {}}}
STDIO = {'claude': 'mcpServers', 'cursor': 'mcpServers', 'vscode': 'servers'}


def talk(home, entry):
    """(server's name, whether get_costs answers) of the program a client would start."""
    lines = ''.join(json.dumps(m) + '\n' for m in (HELLO, {'jsonrpc': '2.0', 'method': 'notifications/initialized'}, ASK))
    with subprocess.Popen([entry['command'], *entry.get('args', [])], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, cwd='/', env=client.environment(home)) as server:
        server.stdin.write(lines)
        server.stdin.flush()
        # The end of input would take back what still runs: a slow machine builds the demo first.
        answers = {a.get('id'): a for a in (json.loads(server.stdout.readline()) for _ in range(2))}
        server.stdin.close()
    return answers[1]['result']['serverInfo']['name'], not answers[2]['result'].get('isError', False)


def clients_that_start_it(home):
    for name, key in STDIO.items():
        status, out, err = product.cli(home, 'mcp-aws', 'config', name, '--demo')
        problems = [] if status == 0 else [err]
        if not problems:
            entry = json.loads(out)[key]['mcp-aws']
            if talk(home, entry) != ('mcp-aws', True):
                problems.append('%s does not answer' % entry)
            if (entry.get('type') == 'stdio') != (name == 'vscode'):
                problems.append('type is %s' % entry.get('type'))
        client.report('config_%s_starts_and_answers' % name, problems)
    status, out, err = product.cli(home, 'mcp-gcp', 'config', 'claude', '--all', '--demo')
    servers = json.loads(out)['mcpServers']
    problems = [] if sorted(servers) == product.SERVERS else [sorted(servers)]
    for name, entry in servers.items():
        told, _ = talk(home, entry)
        if told != name:
            problems.append('%s starts %s' % (name, told))
    client.report('config_all_names_six_servers_that_start', problems)


def paths_are_absolute(home):
    data = os.path.join(home, 'data.csv')
    with open(data, 'wb') as f:
        subprocess.run([client.generator(), '--last-day', '2026-11-20', '--months', '1', '--family', 'aws'], stdout=f, check=True)
    status, out, err = product.cli(home, 'mcp-aws', 'config', 'claude', '--data', 'data.csv')
    entry = json.loads(out)['mcpServers']['mcp-aws'] if status == 0 else None
    client.report('config_makes_paths_absolute', [] if entry and data in entry['args'] and talk(home, entry)[1] else [out + err])
    status, out, err = product.cli(home, 'mcp-aws', 'config', 'claude', '--dataset', 'later/set.db')
    entry = json.loads(out)['mcpServers']['mcp-aws'] if status == 0 else {'args': []}
    problems = [] if os.path.join(home, 'later/set.db') in entry['args'] else [out + err]
    client.report('config_keeps_a_dataset_that_is_still_to_be_imported', problems)
    status, out, err = product.cli(home, 'mcp-aws', 'config', 'claude', '--data', 'absent.csv')
    client.report('config_refuses_data_that_is_missing', [] if status == 2 and 'absent.csv' in err else [out + err])


def remote(home):
    url = 'https://costs.example.com/mcp'
    for name, key in [*STDIO.items(), ('copilotkit', 'mcpServers')]:
        status, out, err = product.cli(home, 'mcp-aws', 'config', name, '--url', url)
        servers = json.loads(out)[key] if status == 0 else {}
        entry = servers[0] if isinstance(servers, list) else servers.get('mcp-aws', {})
        problems = [] if entry.get('url') == url and 'command' not in entry and entry.get('type') == 'http' else [out + err]
        client.report('config_%s_for_a_remote_server' % name, problems)
    status, out, err = product.cli(home, 'mcp-aws', 'config', 'copilotkit')
    client.report('config_copilotkit_says_to_start_the_server', [] if status == 0 and '--http' in err and
                  json.loads(out)['mcpServers'][0]['url'].startswith('http://127.0.0.1:') else [out + err])
    status, out, err = product.cli(home, 'mcp-aws', 'config', 'claude', '--all', '--url', url)
    client.report('config_refuses_one_url_for_six_servers', [] if status == 2 and '--url' in err else [out + err])
    status, out, err = product.cli(home, 'mcp-aws', 'config', 'netscape')
    client.report('config_names_the_clients_it_knows', [] if status == 2 and 'vscode' in err else [out + err])
    status, out, err = product.cli(home, 'mcp-aws', 'config', 'Claude')
    client.report('config_takes_the_client_in_any_case', [] if status == 0 else [err])


def settings_of_the_cloud_come_along(home):
    """A client that a desktop starts has no environment of a shell."""
    for name, text in (('c.yaml', 'gcp: {billing: {location: EU}}\n'), ('key.json', '{}')):
        with open(os.path.join(home, name), 'w', encoding='utf-8') as f:
            f.write(text)
    env = {'GCP_BILLING_PROJECT': 'a-project', 'GCP_AUTHORIZED_PROJECTS': 'one-p,two-p', 'GOOGLE_APPLICATION_CREDENTIALS': 'key.json'}
    argv = ['config', 'claude', '--config', 'c.yaml', '--gcp-billing-dataset', 'billing']
    status, out, err = product.cli(home, 'mcp-gcp', *argv, env=env)
    entry = json.loads(out)['mcpServers']['mcp-gcp'] if status == 0 else {'args': []}
    want = ['--config', os.path.join(home, 'c.yaml'), '--gcp-billing-project=a-project', '--gcp-billing-dataset=billing',
            '--gcp-authorized-projects=one-p,two-p', '--gcp-authentication-credentials-file=' + os.path.join(home, 'key.json')]
    problems = [] if entry['args'] == want and all(w in err for w in want) else [out + err]
    done = subprocess.run([entry.get('command', 'false'), '--print-config', *entry['args']], capture_output=True, text=True, cwd='/',
                          env=client.environment(home))
    problems += [line for line in ('location: "EU" # file', 'project: "a-project" # flag', 'dataset: "billing" # flag',
                                   'authorized_projects: ["one-p", "two-p"] # flag') if line not in done.stdout]
    client.report('config_takes_the_settings_of_the_cloud_along', problems)
    status, out, err = product.cli(home, 'mcp-gcp', *argv, '--all', env=env)
    servers = json.loads(out)['mcpServers'] if status == 0 else {}
    problems = ['%s: %s' % (name, entry) for name, entry in servers.items()
                if entry['args'] != (want if name == 'mcp-gcp' else want[:2])]
    client.report('config_gives_them_to_that_server_alone', problems if len(servers) == 6 else [err])
    status, out, err = product.cli(home, 'mcp-gcp', 'config', 'claude', env={'GOOGLE_APPLICATION_CREDENTIALS': 'absent.json'})
    client.report('config_refuses_credentials_that_are_missing', [] if status == 2 and 'absent.json' in err else [out + err])


def main():
    with product.folder() as home:
        clients_that_start_it(home)
        paths_are_absolute(home)
        remote(home)
        settings_of_the_cloud_come_along(home)
    client.finish()


if __name__ == '__main__':
    main()
