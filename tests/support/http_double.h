/* An HTTP server on loopback that misbehaves on demand, for tests of what talks to servers. */
#ifndef TESTS_HTTP_DOUBLE_H
#define TESTS_HTTP_DOUBLE_H

#include <stdbool.h>
#include <stddef.h>

struct http_double;

/* Listens at a free port of 127.0.0.1; a thread per connection. Aborts the test on failure.
 * Paths (a query's number is N):
 *   /ok            200 "hello"
 *   /echo          200, the request as it came: line, headers, body
 *   /big?N         200, N bytes
 *   /gzip?N        200, gzip of N zero bytes
 *   /status?N      status N, empty
 *   /flaky?N       503 for the first N requests, then 200 "at last"
 *   /later?N       429 with Retry-After: N for the first request, then 200 "later"
 *   /silent        reads, never answers
 *   /stall?N       head and N of N + 1 bytes, then silence
 *   /drip?N        a byte every N ms, for ever
 *   /slow?N        200 after N ms
 *   /events        200 text/event-stream: "first"; "second" once the gate is open; then silence
 *   /events-cut    the same type: "first", then the end of the connection
 *   /gate          200 "gate", only once http_double_open_gate was called
 *   /reset         RST instead of an answer
 *   /reset-once    RST for the first request, then 200 "hello"
 *   /cut           announces 100 bytes, sends 10, closes
 *   /long          announces 5 bytes, sends 50 with it
 *   /garbage       no HTTP
 *   /heads?N       N bytes of header lines
 *   /hop?N         302 to /hop?N-1, to /echo at 0
 *   /away?N        302 to /echo at 127.0.0.1:N, /away307?N: 307
 *   /scheme        302 to https
 */
struct http_double *http_double_new(void);
/* Ends all connections and waits for the threads. */
void http_double_free(struct http_double *d);

int http_double_port(const struct http_double *d);
/* "http://127.0.0.1:PORT" + path; valid until the eighth call after it. One thread. */
const char *http_double_url(const struct http_double *d, const char *path);
unsigned http_double_requests(struct http_double *d); /* read so far */
unsigned http_double_connections(struct http_double *d); /* accepted so far */
unsigned http_double_most_at_once(struct http_double *d); /* requests being answered */
void http_double_open_gate(struct http_double *d);
/* Waits (10 s at most) until n requests were read / n connections were closed by the peer. */
bool http_double_wait_requests(struct http_double *d, unsigned n);
bool http_double_wait_hangups(struct http_double *d, unsigned n);

#endif
