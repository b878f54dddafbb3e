/* A server on loopback in a thread, and a client of blocking sockets: for the tests of net. */
#ifndef TESTS_LIVE_H
#define TESTS_LIVE_H

#include "mcp/net/serve.h"

#include <pthread.h>

struct live {
    struct mcp_serve serve; /* change config before live_start */
    int port;
    int status; /* of the entry point, after live_stop */
    struct mcp_error err;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ready;
    bool listening;
};

/* The table of tools.h on a free port; returns when it listens. */
void live_init(struct live *live);
void live_start(struct live *live);
/* Stops, joins, frees the registry. */
void live_stop(struct live *live);

/* A connected socket; fails the program when there is none. Receives give up after 10 s. */
int live_connect(const struct live *live);
void live_send(int fd, const char *text);
/* One whole answer into out (NUL-terminated), its status; -1 when the peer closed before. */
int live_receive(int fd, char *out, size_t size);
/* Until the peer closes. */
size_t live_receive_all(int fd, char *out, size_t size);
/* connect, send, receive, close. */
int live_once(const struct live *live, const char *request, char *out, size_t size);
/* A POST to /mcp with these extra header lines. */
void live_post(char *out, size_t size, const char *headers, const char *body);
/* A modern tools/call; extra: more members of _meta, with a leading comma. */
void live_call(char *out, size_t size, int id, const char *tool, const char *args,
               const char *extra);
/* Waits until *counter >= value; false after 10 s. */
bool live_wait(atomic_uint_fast64_t *counter, uint64_t value);

#endif
