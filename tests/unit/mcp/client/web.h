/* A scripted HTTP server on loopback: one request a connection, each answered by a function. */
#ifndef TESTS_CLIENT_WEB_H
#define TESTS_CLIENT_WEB_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct web;

/* request: head and body as they came, NUL-terminated; n counts from 1. The answer goes out by
 * web_answer, or not at all: then the peer is held until it hangs up. On the server's thread. */
typedef void (*web_fn)(struct web *web, const char *request, unsigned n);

struct web {
    int listener;
    char url[64];
    web_fn fn;
    void *ctx;
    pthread_t thread;
    int peer; /* the connection being served */
    bool answered;
    char id[32]; /* of the JSON-RPC request being served, or "null" */
    char last[65536]; /* the last request; read it after web_stop, or between requests */
    atomic_uint requests;
    atomic_uint hangups; /* peers that were held and went away */
};

void web_start(struct web *web, web_fn fn);
void web_stop(struct web *web);
/* Raw bytes, before the rest or the holding; "%ID%" becomes the request's id. */
void web_send(struct web *web, const char *text);
/* Serves the next request while this one waits for the rest of its answer. */
void web_serve_next(struct web *web);
/* status: "200 OK". headers: whole lines. "%ID%" in body becomes the request's id. */
void web_answer(struct web *web, const char *status, const char *headers, const char *body);
#define WEB_JSON "Content-Type: application/json\r\n"
#define WEB_SSE "Content-Type: text/event-stream\r\n"

#endif
