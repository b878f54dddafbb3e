#!/usr/bin/env python3
"""HTTP peers that mean harm or know no better: smuggled requests, slow and deaf peers, half closes."""
import json
import os
import re
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import wire  # noqa: E402
from wire import Http, call, modern  # noqa: E402

LIST = json.dumps(modern("tools/list")).encode()
HOST = b"Host: localhost\r\n"
HEAD = HOST + (b"Content-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\n"
               b"Mcp-Method: tools/list\r\n")
FIRST = b"POST /mcp HTTP/1.1\r\n"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(LIST), LIST)
LENGTH = b"Content-Length: %d\r\n" % len(LIST)
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def plain(lines=b"", first=FIRST, head=HEAD, body=LIST):
    """tools/list with a length."""
    return first + head + b"Content-Length: %d\r\n" % len(body) + lines + b"\r\n" + body


def chunked(coding=CHUNKED, body=CHUNKS, first=FIRST, head=HEAD):
    """tools/list in chunks; coding: the line or lines that say so."""
    return first + head + coding + b"\r\n" + body


class Peer:
    """One raw connection."""

    def __init__(self, server, receive=None):
        self.socket = socket.socket()
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.socket.settimeout(20 * wire.SLOW)
        self.socket.connect(("127.0.0.1", server.port))
        self.got = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read(self):
        """False at the end."""
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionError:
            data = b""
        self.got += data
        return data != b""

    def until(self, pattern):
        while not re.search(pattern, self.got, re.S):
            if not self.read():
                raise EOFError(f"{pattern!r} is not in {self.got[-500:]!r}")

    def rest(self):
        """All up to the end of the connection."""
        while self.read():
            pass
        return self.got

    def closed(self):
        """The server closes without being asked to: how long that took."""
        start = time.monotonic()
        self.rest()
        return time.monotonic() - start


def statuses(data):
    return [int(s) for s in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]


# One refusal, then the end: nothing behind such a request may be taken for another one.
REFUSED = {
    "length and chunks": plain(CHUNKED),
    "chunks and length": chunked(CHUNKED + b"Content-Length: 3\r\n"),
    "two lengths": plain(b"Content-Length: 3\r\n"),
    "the same length twice": plain(LENGTH),
    "length in a list": FIRST + HEAD + b"Content-Length: 3, 3\r\n\r\n" + LIST,
    "length with a sign": FIRST + HEAD + b"Content-Length: +3\r\n\r\n" + LIST,
    "negative length": FIRST + HEAD + b"Content-Length: -1\r\n\r\n" + LIST,
    "hexadecimal length": FIRST + HEAD + b"Content-Length: 0x10\r\n\r\n" + LIST,
    "empty length": FIRST + HEAD + b"Content-Length: \r\n\r\n" + LIST,
    "length past 64 bits": FIRST + HEAD + b"Content-Length: 18446744073709551617\r\n\r\n" + LIST,
    "length with a space inside": FIRST + HEAD + b"Content-Length: 1 0\r\n\r\n" + LIST,
    "length before a space": FIRST + HEAD + b"Content-Length : %d\r\n\r\n" % len(LIST) + LIST,
    "coding before a space": chunked(b"Transfer-Encoding : chunked\r\n"),
    "coding before a tab": chunked(b"Transfer-Encoding\t: chunked\r\n"),
    "xchunked": chunked(b"Transfer-Encoding: xchunked\r\n"),
    "chunkedx": chunked(b"Transfer-Encoding: chunkedx\r\n"),
    "quoted coding": chunked(b'Transfer-Encoding: "chunked"\r\n'),
    "coding behind a control": chunked(b"Transfer-Encoding: \x0bchunked\r\n"),
    "coding with NUL": chunked(b"Transfer-Encoding: chunked\0\r\n"),
    "identity, chunked": chunked(b"Transfer-Encoding: identity, chunked\r\n"),
    "chunked, identity": chunked(b"Transfer-Encoding: chunked, identity\r\n"),
    "chunked, chunked": chunked(b"Transfer-Encoding: chunked, chunked\r\n"),
    "gzip, chunked": chunked(b"Transfer-Encoding: gzip, chunked\r\n"),
    "identity": plain(b"Transfer-Encoding: identity\r\n"),
    "empty coding": plain(b"Transfer-Encoding: \r\n"),
    "two codings": chunked(CHUNKED + b"Transfer-Encoding: identity\r\n"),
    "chunks in HTTP/1.0": chunked(first=b"POST /mcp HTTP/1.0\r\n"),
    "folded coding": chunked(b"Transfer-Encoding:\r\n chunked\r\n"),
    "folded length": FIRST + HEAD + b"Content-Length:\r\n %d\r\n\r\n" % len(LIST) + LIST,
    "folded header": plain(b"X-A: b\r\n c\r\n"),
    "header folded by a tab": plain(b"X-A: b\r\n\tc\r\n"),
    "bare LF everywhere": plain().replace(b"\r\n", b"\n"),
    "bare LF in one line": plain(b"X-A: b\nX-B: c\r\n"),
    "bare LF hides a coding": plain(b"X-A: b\nTransfer-Encoding: chunked\r\n"),
    "bare LF ends the head": FIRST + HEAD + LENGTH + b"\n" + LIST,
    "bare CR": plain(b"X-A: b\rX-B: c\r\n"),
    "NUL in a name": plain(b"X\0A: b\r\n"),
    "NUL in a value": plain(b"X-A: b\0c\r\n"),
    "control in a value": plain(b"X-A: b\x1bc\r\n"),
    "no name": plain(b": b\r\n"),
    "no colon": plain(b"X-A\r\n"),
    "name that is no token": plain(b"X(A): b\r\n"),
    "space before the first header": FIRST + b" X: y\r\n" + HEAD + LENGTH + b"\r\n" + LIST,
    "chunk size 0x": chunked(body=b"0x" + CHUNKS),
    "chunk size with a sign": chunked(body=b"+" + CHUNKS),
    "negative chunk": chunked(body=b"-" + CHUNKS),
    "space before a chunk size": chunked(body=b" " + CHUNKS),
    "chunk size past 64 bits": chunked(body=b"F" * 17 + b"\r\n" + LIST),
    "chunk of nearly 64 bits": chunked(body=b"f" * 15 + b"0\r\n" + LIST),
    "chunk longer than it says": chunked(body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(LIST) - 1, LIST)),
    "chunk size ended by LF": chunked(body=CHUNKS.replace(b"\r\n", b"\n", 1)),
    "chunk ended by LF": chunked(body=b"%x\r\n%s\n0\r\n\r\n" % (len(LIST), LIST)),
    "LF in a chunk extension": chunked(body=CHUNKS.replace(b"\r\n", b";a\nb\r\n", 1)),
    "folded trailer": chunked(body=CHUNKS[:-2] + b"X-T: a\r\n b\r\n\r\n"),
    "absolute target": plain(first=b"POST http://localhost/mcp HTTP/1.1\r\n"),
    "absolute target elsewhere": plain(first=b"POST http://evil.example/mcp HTTP/1.1\r\n"),
    "target with dots": plain(first=b"POST /x/../mcp HTTP/1.1\r\n"),
    "target with escapes": plain(first=b"POST /%6dcp HTTP/1.1\r\n"),
    "target with two slashes": plain(first=b"POST //mcp HTTP/1.1\r\n"),
    "tabs in the first line": plain(first=b"POST\t/mcp\tHTTP/1.1\r\n"),
    "method in lower case": plain(first=b"post /mcp HTTP/1.1\r\n"),
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "HTTP/1.2": plain(first=b"POST /mcp HTTP/1.2\r\n"),
    "HTTP/1.11": plain(first=b"POST /mcp HTTP/1.11\r\n"),
    "HTTP/2.0": plain(first=b"POST /mcp HTTP/2.0\r\n"),
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
    "long target": plain(first=b"POST /" + b"a" * 20000 + b" HTTP/1.1\r\n"),
    "many headers": plain(b"a: b\r\n" * 5000),
    "long name": plain(b"a" * 20000 + b": b\r\n"),
    "long trailer": chunked(body=CHUNKS[:-2] + b"X-T: " + b"a" * 20000 + b"\r\n\r\n"),
    "no Host": plain(head=HEAD.replace(HOST, b"")),
    "empty Host": plain(head=HEAD.replace(b"localhost", b"")),
    "Host twice": plain(HOST),
    "user in Host": plain(head=HEAD.replace(b"localhost", b"localhost@evil.example")),
    "path in Host": plain(head=HEAD.replace(b"localhost", b"localhost/evil.example")),
    "list in Host": plain(head=HEAD.replace(b"localhost", b"localhost, evil.example")),
    "space in Host": plain(head=HEAD.replace(b"localhost", b"localhost evil.example")),
    "two ports in Host": plain(head=HEAD.replace(b"localhost", b"localhost:80:80")),
    "bytes behind a v6 Host": plain(head=HEAD.replace(b"localhost", b"[::1]evil.example")),
    "Mcp-Method twice": plain(b"Mcp-Method: tools/list\r\n"),
    "Mcp-Name twice": plain(b"Mcp-Name: a\r\nMcp-Name: a\r\n"),
    "MCP-Protocol-Version twice": plain(b"mcp-protocol-version: 2026-07-28\r\n"),
    "Mcp-Session-Id twice": plain(b"Mcp-Session-Id: a\r\nMcp-Session-Id: b\r\n"),
    "Mcp-Param twice": plain(b"Mcp-Param-Region: a\r\nmcp-param-region: b\r\n"),
    "Authorization twice": plain(b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"),
    "Origin twice": plain(b"Origin: http://localhost\r\nOrigin: http://evil.example\r\n"),
    "Content-Type twice": plain(b"Content-Type: text/plain\r\n"),
    "unknown expectation": plain(b"Expect: 100-continue, other\r\n"),
    "Mcp-Method in a trailer": chunked(
        body=CHUNKS[:-2] + b"Mcp-Method: tools/list\r\n\r\n",
        head=HEAD.replace(b"Mcp-Method: tools/list\r\n", b"")),
}


class Smuggling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Http("--max-body-bytes", "64KiB")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def exchange(self, data):
        with Peer(self.server) as peer:
            try:
                peer.send(data)
                peer.socket.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass
            return peer.rest()

    def test_each_ambiguous_request_is_refused(self):
        for name, data in REFUSED.items():
            with self.subTest(name):
                self.assertRegex(self.exchange(data), rb"^HTTP/1\.1 (4\d\d|501) ")

    def test_nothing_behind_an_ambiguous_framing_is_another_request(self):
        secret = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for name, data in REFUSED.items():
            # Refusals by content, not by form: what comes behind is a request of its own.
            if name.startswith("Mcp-Method in"):
                continue
            with self.subTest(name):
                self.assertEqual(len(statuses(self.exchange(data + secret))), 1)

    def test_the_same_in_single_bytes(self):
        for name in ("folded coding", "folded header", "bare LF ends the head", "no name",
                     "bare LF in one line", "identity, chunked", "folded trailer"):
            with self.subTest(name), Peer(self.server) as peer:
                peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    for i in range(len(REFUSED[name])):
                        peer.send(REFUSED[name][i:i + 1])
                except ConnectionError:
                    pass
                self.assertRegex(peer.rest(), rb"^HTTP/1\.1 (4\d\d|501) ")

    def test_what_only_looks_odd_is_served(self):
        for name, data in {
                "chunks": chunked(),
                "capital letters": chunked(b"TRANSFER-ENCODING:\tCHUNKED \r\n"),
                "chunk extension": chunked(body=CHUNKS.replace(b"\r\n", b";a=b\r\n", 1)),
                "trailer": chunked(body=CHUNKS[:-2] + b"X-T: a\r\n\r\n"),
                "session in a trailer": chunked(body=CHUNKS[:-2] + b"Mcp-Session-Id: x\r\n\r\n"),
                "empty line before": b"\r\n" + plain(),
                "empty header": plain(b"X-A:\r\n"),
                "length with spaces": FIRST + HEAD + b"Content-Length:  %d \r\n\r\n" % len(LIST) +
                                      LIST,
                "another name's length": plain(b"Content_Length: 3\r\n"),
                "query": plain(first=b"POST /mcp?x=1 HTTP/1.1\r\n"),
                "v6 Host": plain(head=HEAD.replace(b"localhost", b"[::1]:80")),
                "upgrade to h2c": plain(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                        b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n")}.items():
            with self.subTest(name), Peer(self.server) as peer:
                # Twice: the end of the first is found.
                peer.send(data + data)
                peer.until(rb"HTTP/1\.1 200 .*\"tools\".*HTTP/1\.1 200 .*\"tools\"")
                self.assertEqual(statuses(peer.got), [200, 200])

    def test_a_length_in_a_trailer_frames_nothing(self):
        data = chunked(body=CHUNKS[:-2] + b"Content-Length: 5\r\n\r\n")
        # llhttp passes it over (8) or refuses it (9).
        self.assertIn(statuses(self.exchange(data)), ([200], [400]))


class Framing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Http("--max-body-bytes", "64KiB")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_pipelined_requests_are_answered_in_order(self):
        def one(i):
            # Every third goes to a worker; the next ones wait for it.
            message = call("slow", {"n": 5}, i) if i % 3 == 0 else call("echo", {"text": "x"}, i)
            body = json.dumps(message).encode()
            return (FIRST + HOST + b"Content-Type: application/json\r\nMcp-Method: tools/call\r\n"
                    b"MCP-Protocol-Version: 2026-07-28\r\nMcp-Name: %s\r\nContent-Length: %d\r\n\r\n"
                    % (message["params"]["name"].encode(), len(body)) + body)
        data = b"".join(one(i) for i in range(90))
        with Peer(self.server) as peer:
            peer.send(data)
            peer.until(rb'"id":89\b')
            self.assertEqual([int(i) for i in re.findall(rb'"id":(\d+)', peer.got)],
                             list(range(90)))

    def test_continue_is_said_once_the_head_is_accepted(self):
        with Peer(self.server) as peer:
            peer.send(FIRST + HEAD + LENGTH + b"Expect: 100-continue\r\n\r\n")
            peer.until(rb"^HTTP/1\.1 100 Continue\r\n\r\n$")
            peer.send(LIST)
            peer.until(rb'HTTP/1\.1 200 .*"tools"')
        for head in (HEAD.replace(b"localhost", b"evil.example"),
                     HEAD.replace(b"application/json", b"text/plain")):
            with Peer(self.server) as peer:
                peer.send(FIRST + head + LENGTH + b"Expect: 100-continue\r\n\r\n")
                self.assertRegex(peer.rest(), rb"^HTTP/1\.1 4(03|15) ")
        with Peer(self.server) as peer:  # HTTP/1.0 does not know it
            peer.send(b"POST /mcp HTTP/1.0\r\n" + HEAD + LENGTH + b"Expect: 100-continue\r\n\r\n" +
                      LIST)
            self.assertEqual(statuses(peer.rest()), [200])

    def test_chunks_of_one_byte_make_a_body(self):
        with Peer(self.server) as peer:
            peer.send(chunked(body=b"".join(b"1\r\n%c\r\n" % c for c in LIST) + b"0\r\n\r\n"))
            peer.until(rb'HTTP/1\.1 200 .*"tools"')

    def test_bodies_that_grow_too_large_are_refused_on_the_way(self):
        for body in (b"8000\r\n" + b"x" * 0x8000 + b"\r\n", b"1;" + b"e" * 10 + b"\r\nx\r\n"):
            with Peer(self.server) as peer:
                peer.send(chunked(body=b""))
                try:
                    for _ in range(70000):
                        peer.send(body)
                except ConnectionError:
                    pass
                self.assertRegex(peer.rest(), rb"^(HTTP/1\.1 413 .*)?$|^HTTP/1\.1 413 ")

    def test_a_head_request_has_no_body(self):
        with Peer(self.server) as peer:
            peer.send(b"HEAD /health HTTP/1.1\r\n" + HOST + b"\r\n" + plain())
            peer.until(rb'"tools"')
            self.assertEqual(statuses(peer.got), [200, 200])
            self.assertTrue(peer.got.split(b"\r\n\r\n", 1)[1].startswith(b"HTTP/1.1 200 "))


class Slow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Http("--header-timeout", "300ms", "--idle-timeout", "1s",
                          "--max-connections", "40")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def drip(self, data):
        """One byte after the other until the server has had enough."""
        with Peer(self.server) as peer:
            start = time.monotonic()
            peer.socket.settimeout(0.05)
            for i in range(2000):
                try:
                    peer.send(data[i % len(data):][:1])
                    if not peer.read():
                        break
                except TimeoutError:
                    continue
                except ConnectionError:
                    break
            self.assertLess(time.monotonic() - start, 12 * wire.SLOW)
            return peer.got

    def test_a_head_in_drops_is_given_up(self):
        self.assertRegex(self.drip(FIRST + HOST + b"X-A: " + b"a" * 4000), rb"^$|^HTTP/1\.1 408 ")

    def test_a_body_in_drops_is_given_up(self):
        self.assertRegex(self.drip(FIRST[:1]), rb"^HTTP/1\.1 4(00|08|31) ")
        with Peer(self.server) as peer:
            peer.send(FIRST + HEAD + b"Content-Length: 1000\r\n\r\n{")
            self.assertLess(peer.closed(), 12 * wire.SLOW)
            self.assertRegex(peer.got, rb"^HTTP/1\.1 408 ")

    def test_silent_connections_are_closed(self):
        for data in (b"", b"\r\n", plain()):
            with Peer(self.server) as peer:
                peer.send(data)
                self.assertLess(peer.closed(), 12 * wire.SLOW)

    def test_empty_lines_are_no_sign_of_life(self):
        self.assertEqual(self.drip(b"\r\n"), b"")

    def test_who_does_not_hang_up_is_hung_up_on(self):
        with Peer(self.server) as peer:
            peer.send(b"GET\r\n\r\n")
            self.assertLess(peer.closed(), 12 * wire.SLOW)
            # The goodbye has an end even when the peer goes on sending.
            with self.assertRaises(OSError):
                for _ in range(4000):
                    peer.send(b"x" * 100)
                    time.sleep(0.005)

    def test_a_crowd_of_slow_peers_passes(self):
        peers = [Peer(self.server) for _ in range(40)]
        for peer in peers:
            peer.send(b"POST /mcp HT")
        end = time.monotonic() + 15 * wire.SLOW
        status = 0
        while status != 200 and time.monotonic() < end:
            try:
                status = self.server.post(modern("tools/list"))[0]
            except OSError:
                time.sleep(0.05)
        self.assertEqual(status, 200)
        for peer in peers:
            peer.socket.close()


def rss_kb(server):
    with open(f"/proc/{server.child.pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def big_call(n, ident=1):
    body = json.dumps(call("big", {"n": n}, ident)).encode()
    return (FIRST + HOST + b"Content-Type: application/json\r\nMcp-Method: tools/call\r\n"
            b"MCP-Protocol-Version: 2026-07-28\r\nMcp-Name: big\r\nContent-Length: %d\r\n\r\n"
            % len(body) + body)


class Deaf(unittest.TestCase):
    """Peers that do not read."""

    def test_what_waits_for_a_deaf_peer_is_bounded(self):
        with Http() as s:
            small = plain()
            s.post(modern("tools/list"))
            before = rss_kb(s)
            with Peer(s, receive=4096) as peer:
                peer.socket.settimeout(1 * wire.SLOW)
                sent = 0
                with self.assertRaises(TimeoutError):  # the server stops reading
                    while sent < 256 << 20:
                        peer.socket.sendall(small * 200)
                        sent += len(small) * 200
                # One MiB of answers, what is read and not yet parsed, and what growing costs.
                if not os.environ.get("MCP_SAN"):
                    self.assertLess(rss_kb(s) - before, 24 << 10)
                self.assertEqual(s.post(modern("tools/list"))[0], 200)

    def test_a_slow_reader_gets_every_answer(self):
        with Http() as s, Peer(s, receive=4096) as peer:
            n = 200
            data = big_call(20000) * (n - 1) + big_call(20000).replace(
                HOST, HOST + b"Connection: close\r\n")
            thread = threading.Thread(target=peer.send, args=(data,))
            thread.start()
            self.assertEqual(statuses(peer.rest()), [200] * n)
            thread.join()

    def test_a_half_closed_peer_gets_the_answer_on_its_way(self):
        with Http("--workers", "2") as s:
            with Peer(s, receive=4096) as peer:
                # Answered when the end of the peer's side arrives, or at least begun.
                peer.send(big_call(3000000))
                peer.until(rb"HTTP/1\.1 200 ")
                peer.socket.shutdown(socket.SHUT_WR)
                self.assertGreater(len(peer.rest()), 3000000)
            with Peer(s) as peer:
                peer.send(plain())
                peer.socket.shutdown(socket.SHUT_WR)
                self.assertEqual(statuses(peer.rest()), [200])
            # Half requests and none at all are simply over.
            for data in (b"", b"POST /mcp HT", FIRST + HEAD + LENGTH + b"\r\n" + LIST[:10]):
                with Peer(s) as peer:
                    peer.send(data)
                    peer.socket.shutdown(socket.SHUT_WR)
                    self.assertLess(peer.closed(), 10 * wire.SLOW)

    def test_resets_leave_nothing_behind(self):
        linger = b"\x01\0\0\0\0\0\0\0"  # on, 0 s: close resets
        with Http() as s:
            fds = f"/proc/{s.child.pid}/fd"
            self.assertEqual(s.metric("mcp_connections_open"), 1)
            before = len(os.listdir(fds))
            for i in range(60):
                with Peer(s) as peer:
                    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    peer.send((b"", b"POST /mcp", plain(), big_call(300000), plain() * 30)[i % 5])
            end = time.monotonic() + 10 * wire.SLOW
            while s.metric("mcp_connections_open") > 1 and time.monotonic() < end:
                time.sleep(0.02)
            self.assertEqual(s.metric("mcp_connections_open"), 1)
            self.assertLessEqual(len(os.listdir(fds)), before + 1)


if __name__ == "__main__":
    wire.fail_if_missing()
    unittest.main()
