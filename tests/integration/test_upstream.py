#!/usr/bin/env python3
"""Upstream requests of a whole server: TLS is verified, one connection serves many, hosts are named."""
import http.server
import os
import socket
import ssl
import sys
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import wire  # noqa: E402
from wire import Stdio, call, text_of  # noqa: E402

TLS = os.path.join(HERE, "..", "data", "tls")


class Upstream(http.server.ThreadingHTTPServer):
    """HTTPS on loopback that counts its connections."""
    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = b"hello over TLS"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.connections = 0
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(os.path.join(TLS, "server.pem"), os.path.join(TLS, "server.key"))
        self.socket = self.tls.wrap_socket(self.socket, server_side=True,
                                           do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def process_request(self, request, client_address):
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request, client_address):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Tls(unittest.TestCase):
    def setUp(self):
        self.upstream = Upstream().__enter__()
        self.port = self.upstream.server_address[1]
        self.trusting = {"SSL_CERT_FILE": os.path.join(TLS, "server.pem"), "no_proxy": "*"}

    def tearDown(self):
        self.upstream.__exit__()

    def fetch(self, server, host, ident=1):
        return server.ask(call("fetch", {"url": f"https://{host}:{self.port}/"}, ident))

    def test_trusted_certificate_is_accepted_and_its_connection_kept(self):
        with Stdio(env=self.trusting) as s:
            for i in range(5):
                self.assertEqual(text_of(self.fetch(s, "localhost", i)), "hello over TLS")
        self.assertEqual(self.upstream.connections, 1)

    def test_unknown_certificate_is_refused(self):
        with Stdio(env={"no_proxy": "*"}) as s:
            answer = self.fetch(s, "localhost")
            self.assertTrue(answer["result"]["isError"])
            self.assertIn(f"localhost:{self.port}", text_of(answer))
            self.assertIn("could not be verified", text_of(answer))

    def test_certificate_of_another_name_is_refused(self):
        with Stdio(env=self.trusting) as s:
            answer = self.fetch(s, "127.0.0.1")
            self.assertTrue(answer["result"]["isError"])
            self.assertIn("could not be verified", text_of(answer))

    def test_missing_store_of_certificates_is_no_open_door(self):
        with Stdio(env={"SSL_CERT_FILE": "/nonexistent", "no_proxy": "*"}) as s:
            self.assertTrue(self.fetch(s, "localhost")["result"]["isError"])


class Hosts(unittest.TestCase):
    def test_silent_host_is_named_at_the_deadline(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            with Stdio("--deadline", "400ms", env={"no_proxy": "*"}) as s:
                answer = s.ask(call("fetch", {"url": f"http://127.0.0.1:{port}/"}))
                self.assertTrue(answer["result"]["isError"])
                self.assertIn(f"127.0.0.1:{port} was silent for", text_of(answer))

    def test_plain_http_stays_on_this_machine(self):
        with Stdio() as s:
            answer = s.ask(call("fetch", {"url": "http://example.com/"}))
            self.assertIn("use https", text_of(answer))

    def test_plain_http_to_loopback_asks_no_proxy(self):
        with socket.create_server(("127.0.0.1", 0)) as proxy:
            where = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            with Stdio(env={"http_proxy": where, "all_proxy": where}) as s:
                with http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                     Upstream.Handler) as upstream:
                    threading.Thread(target=upstream.serve_forever, daemon=True).start()
                    url = f"http://127.0.0.1:{upstream.server_address[1]}/"
                    self.assertEqual(text_of(s.ask(call("fetch", {"url": url}))),
                                     "hello over TLS")
                    upstream.shutdown()


if __name__ == "__main__":
    wire.fail_if_missing()
    unittest.main()
