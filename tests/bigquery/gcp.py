"""mcp-gcp on a throw-away home with a key of its own, towards the emulator or the contract double."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
os.environ.setdefault('MCP_BIN', os.path.join(HERE, '..', '..', 'bin'))
import emulator  # noqa: E402
import export  # noqa: E402
import focus_client as client  # noqa: E402


class Home:
    """A folder with a service account key, which signs its own tokens: no network is needed for them."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix='mcp-gcp-')
        key = subprocess.run(['openssl', 'genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
                             check=True, capture_output=True, text=True).stdout
        self.key = os.path.join(self.path, 'key.json')
        with open(self.key, 'w', encoding='utf-8') as f:
            json.dump({'type': 'service_account', 'project_id': emulator.PROJECT, 'private_key_id': 'k1',
                       'private_key': key, 'client_email': 'reader@billing-host.iam.gserviceaccount.com',
                       'token_uri': 'https://oauth2.googleapis.com/token'}, f)

    def environment(self, endpoint, dataset='billing', **more):
        env = client.environment(self.path)
        env.update(GOOGLE_APPLICATION_CREDENTIALS=self.key, GCP_BILLING_PROJECT=emulator.PROJECT,
                   GCP_BILLING_DATASET=dataset, GCP_BIGQUERY_ENDPOINT=endpoint, no_proxy='*')
        env.update(more)
        return env

    def config(self, text):
        path = os.path.join(self.path, 'config.yaml')
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


class Server(client.Session):
    """mcp-gcp on stdio."""

    def __init__(self, env, *flags, now=export.NOW):
        self.home = env['HOME']
        kept, client.environment = client.environment, lambda home: env
        try:
            super().__init__('mcp-gcp', self.home, '--now', now, *flags)
        finally:
            client.environment = kept

    def stop(self):
        self.proc.stdin.close()
        try:
            self.proc.wait(15)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
        self.proc.stdout.close()
        self.log.close()
        return self.proc.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
