/* An HTTP server without sockets: connections that are fed bytes and keep what is written. */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include "mcp/net/http.h"

struct peer {
    struct mcp_http_conn conn;
    char out[1 << 16]; /* NUL-terminated */
    size_t len;
    size_t unsent; /* what the connection is told */
    bool finished;
};

extern struct mcp_serve peer_serve;
extern struct mcp_loop peer_loop;
extern struct mcp_http peer_http;

/* The pure tools, a resource "x:y", all kinds of changes, this many bytes kept of streams; for
 * setup and teardown of a test. */
int peer_setup(size_t max_replay_bytes);
int peer_teardown(void **state);
void peer_open(struct peer *peer);
void peer_close(struct peer *peer);
/* What was written before is forgotten. */
void peer_feed(struct peer *peer, const char *text);
/* One message as a POST with these header lines. */
void peer_post(struct peer *peer, const char *headers, const char *body);
/* initialize and its session. */
struct mcp_session *peer_session(struct peer *peer, const char *revision);
/* Delivers what other threads have posted. */
void peer_turn(void);

#endif
