/* One upstream request on the transfer thread, and the group of requests one worker waits for. */
#ifndef MCP_UPSTREAM_TRANSFER_H
#define MCP_UPSTREAM_TRANSFER_H

#include <mcp/fetch.h>

#include <stdatomic.h>

struct curl_slist;

/* How far a transfer came; only grows. For the texts of errors. */
enum mcp__phase { MCP__PHASE_ROOM, MCP__PHASE_CONNECT, MCP__PHASE_SENT, MCP__PHASE_ANSWER };

enum mcp__outcome {
    MCP__OUT_OK,
    MCP__OUT_NO_CONNECTION, /* nothing was sent: any method may try again */
    MCP__OUT_BROKEN, /* the connection ended before the answer did */
    MCP__OUT_TIMEOUT, /* of this attempt */
    MCP__OUT_TLS, /* certificate or protocol refused */
    MCP__OUT_TOOBIG,
    MCP__OUT_BUSY, /* given up so that others get room */
    MCP__OUT_NOMEM,
    MCP__OUT_STOPPED, /* the server ends */
};

/* Everything the transfer thread needs, so that it may outlive the worker's interest. Two counted
 * owners: the worker and the transfer thread. */
struct mcp__transfer {
    atomic_int refs;
    struct mcp__group *group; /* owned: one reference */
    void *job; /* the worker's, borrowed; not touched here */

    /* Constant once submitted. */
    char *url; /* owned */
    char *host; /* owned; "host" or "host:port" for people */
    struct curl_slist *headers; /* owned */
    char *body; /* owned */
    size_t body_len;
    char *stream_type; /* owned; NULL: every answer comes whole */
    enum mcp_http_method method;
    bool plain_http; /* no proxy is asked then */
    bool after_cancel;
    bool own_connection; /* libcurl must not repeat it on its own account */
    unsigned connect_timeout_ms;
    size_t max_body_bytes;
    uint64_t submitted_ms;
    uint64_t until_ms; /* end of this attempt */

    /* Touched by both. */
    atomic_bool abandoned; /* set under the call's lock: the worker has gone */
    atomic_uint_fast64_t survive_ms; /* abandoned, after_cancel: may run until then */
    atomic_int phase; /* enum mcp__phase */
    atomic_uint_fast64_t last_ms; /* when it was last heard of */
    atomic_size_t received; /* bytes of the body */
    atomic_bool paused; /* waits for room with half an answer */

    /* The transfer thread's until it is posted, then the worker's. */
    struct mcp__transfer *next; /* in queue, list or finished */
    void *easy; /* owned CURL, NULL once posted */
    bool head_done;
    bool streaming; /* from here on under the call's lock, as are the next three */
    size_t taken; /* of the room, for answer */
    char *answer; /* owned: what was not taken yet */
    size_t answer_len, answer_size;
    char *head; /* owned: header lines of the last answer */
    size_t head_len, head_size;
    enum mcp__outcome outcome;
    int status;
    char curl_error[256]; /* CURL_ERROR_SIZE, written by libcurl */
    char reason[160]; /* libcurl's words, cut */
};

/* The transfers one worker waits for at a time. Counted: the worker, and each transfer. */
struct mcp__group {
    atomic_int refs;
    struct mcp_call *call; /* owned: one reference */
    /* Under call->lock. */
    bool ready; /* something is in finished */
    struct mcp__transfer *finished; /* linked by next; alive through the worker's references */
};

struct mcp__group *mcp__group_new(struct mcp_call *call); /* NULL without memory */
void mcp__group_unref(struct mcp__group *group);

/* refs 1, empty, in group; NULL without memory. */
struct mcp__transfer *mcp__transfer_new(struct mcp__group *group);
void mcp__transfer_unref(struct mcp__transfer *t);

/* Hands t to the transfer thread, which is started by the first one, with a reference of its own.
 * When it has ended it is linked into its group's finished, unless it was abandoned. MCP_EINTERNAL
 * when no thread can be had. */
int mcp__transfer_submit(struct mcp__transfer *t, struct mcp_error *err);
/* The worker does not wait any longer, not even for what has ended; it drops its reference with
 * this. One marked after_cancel goes on until survive_ms. */
void mcp__transfer_abandon(struct mcp__transfer *t, uint64_t survive_ms);
/* The answer's body to the worker: heap (free), and the room it occupies, to be given back with
 * mcp__room_give when it is freed. */
char *mcp__transfer_take_answer(struct mcp__transfer *t, size_t *len, size_t *taken);
/* Ends the thread. */
void mcp__transfer_stop(void);

#endif
