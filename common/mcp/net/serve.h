/* What the server layer hands to the transports, and the entry points that serve until the end. */
#ifndef MCP_NET_SERVE_H
#define MCP_NET_SERVE_H

#include <mcp/arena.h>
#include <mcp/buf.h>
#include <mcp/change.h>
#include <mcp/error.h>
#include <mcp/str.h>

#include <stdatomic.h>

struct mcp_registry;
struct mcp_sealer;
struct mcp_loop;

/* Limits and settings; the server copies them from its options. Zero means the default in
 * brackets. */
struct mcp_serve_config {
    unsigned deadline_ms; /* of a call whose tool names none [20 s]; UINT_MAX: none */
    size_t max_body_bytes; /* of one HTTP body, and of one line on stdio [4 MiB] */
    size_t max_header_bytes; /* request line and headers together [16 KiB] */
    unsigned max_connections; /* [1024] */
    unsigned max_sessions; /* legacy sessions [1024] */
    unsigned max_queue; /* calls that wait for a worker [256] */
    unsigned max_batch; /* messages in one legacy batch [64] */
    size_t max_json_tokens; /* [262144] */
    size_t max_replay_bytes; /* events kept for legacy clients that come back [16 MiB] */
    unsigned header_timeout_ms; /* from the first byte of a request to its last [10 s] */
    unsigned idle_timeout_ms; /* of a connection without a request [75 s] */
    unsigned session_idle_ms; /* [30 min] */
    unsigned workers; /* [80] */
    unsigned task_after_ms; /* a call that may becomes a task then [10 s] */
    unsigned task_deadline_ms; /* of a task, from then on [300 s] */
    unsigned max_tasks; /* [1000] */
    size_t max_task_bytes; /* of the results of all tasks [64 MiB] */
    unsigned cpu_slots; /* 0: cores */
    bool text_json; /* text blocks carry the structured content as JSON */
    const mcp_str *allowed_hosts; /* besides the loopback names; "host" (any port) or "host:port" */
    size_t n_allowed_hosts;
    const mcp_str *allowed_origins; /* "https://app.example"; loopback origins on a loopback bind */
    size_t n_allowed_origins;
    /* HTTP only. */
    mcp_str host; /* address to bind; missing: 127.0.0.1 and, where there is one, ::1 */
    int port; /* 0: any free one */
    const char *mcp_path; /* ["/mcp"] */
};

/* Read by /metrics at any time, from any thread. Gauges are marked; the rest only grows. */
enum mcp_count_method {
    MCP_COUNT_TOOLS_CALL,
    MCP_COUNT_TOOLS_LIST,
    MCP_COUNT_RESOURCES_LIST,
    MCP_COUNT_TEMPLATES_LIST,
    MCP_COUNT_RESOURCES_READ,
    MCP_COUNT_PROMPTS_LIST,
    MCP_COUNT_PROMPTS_GET,
    MCP_COUNT_COMPLETE,
    MCP_COUNT_SET_LEVEL,
    MCP_COUNT_LISTEN,
    MCP_COUNT_SUBSCRIBE,
    MCP_COUNT_UNSUBSCRIBE,
    MCP_COUNT_TASKS_GET,
    MCP_COUNT_TASKS_UPDATE,
    MCP_COUNT_TASKS_CANCEL,
    MCP_COUNT_DISCOVER,
    MCP_COUNT_INITIALIZE,
    MCP_COUNT_PING,
    MCP_COUNT_NOTIFICATION,
    MCP_COUNT_OTHER,
    MCP_N_COUNT_METHODS,
};
extern const char *const mcp__count_method_names[MCP_N_COUNT_METHODS]; /* "tools/call" ... */
/* Written by the loop thread alone, read by any. */
struct mcp_counters {
    atomic_uint_fast64_t methods[MCP_N_COUNT_METHODS]; /* JSON-RPC messages */
    atomic_uint_fast64_t http_status[6]; /* HTTP answers by status / 100 */
    atomic_uint_fast64_t rpc_errors; /* JSON-RPC errors answered */
    atomic_uint_fast64_t calls_ok; /* tools/call ended with a result */
    atomic_uint_fast64_t calls_error; /* ... with isError */
    atomic_uint_fast64_t calls_fast; /* ... of them, answered on the loop */
    atomic_uint_fast64_t calls_cancelled;
    atomic_uint_fast64_t calls_ms; /* sum of their durations */
    atomic_uint_fast64_t overloads; /* refused: queue full */
    atomic_uint_fast64_t late_answers; /* handlers that came back after their answer was given */
    atomic_uint_fast64_t progress_sent;
    atomic_uint_fast64_t auth_refused;
    atomic_uint_fast64_t connections; /* accepted */
    atomic_uint_fast64_t connections_refused; /* over max_connections */
    atomic_uint_fast64_t connections_open; /* gauge */
    atomic_uint_fast64_t sessions_open; /* gauge */
    atomic_uint_fast64_t calls_running; /* gauge: in a worker or waiting for one */
    atomic_uint_fast64_t workers; /* gauge: threads */
    atomic_uint_fast64_t bytes_in;
    atomic_uint_fast64_t bytes_out;
};

/* One HTTP request's head, as the hooks see it. Everything is borrowed until the hook returns;
 * absent headers are missing. Duplicates of these headers have been refused before. */
struct mcp_http_head {
    mcp_str method; /* "GET" */
    mcp_str path; /* without the query */
    mcp_str query;
    mcp_str host;
    mcp_str origin;
    mcp_str authorization;
    mcp_str request_id; /* X-Request-ID, checked: 1 to 128 of visible ASCII; else missing */
    mcp_str traceparent;
    bool loopback; /* the peer's address is a loopback one */
};

/* Filled by a hook. body and headers are ready to be written to. */
struct mcp_http_reply {
    int status; /* [200] */
    const char *content_type; /* ["application/json"] static storage */
    struct mcp_buf headers; /* whole lines "Name: value\r\n" */
    struct mcp_buf body;
};

/* A route besides mcp_path, for GET and HEAD. Exact path. */
struct mcp_route {
    const char *path;
    bool open; /* skips Host, Origin and auth (health) */
    void (*serve)(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply);
};

/* Filled by the server layer before an entry point is called; zero what is not needed. All pointers
 * are borrowed until the entry point returned. The hooks run on the loop thread and never block. */
struct mcp_serve {
    const struct mcp_registry *registry;
    struct mcp_serve_config config;
    const struct mcp_sealer *sealer; /* NULL: mcp_seal answers MCP_ECONFIG */
    void *user; /* mcp_call_user() */

    void *ctx; /* of the hooks */
    /* Called for every request but open routes, before the body is read. 0 with the principal
     * appended (may stay empty), or MCP_EAUTH (401) / MCP_EDENIED (403) with WWW-Authenticate in
     * reply->headers if wanted (status and body are made here). NULL: everybody is welcome. */
    int (*authorize)(void *ctx, const struct mcp_http_head *head, struct mcp_buf *principal,
                     struct mcp_http_reply *reply);
    const struct mcp_route *routes;
    size_t n_routes;
    void (*on_listening)(void *ctx, const char *address, int port); /* once per bound address */
    void (*on_tick)(void *ctx); /* about once a second while there is traffic */

    struct mcp_counters counters;
    /* Set when an entry point returned while handlers still ran: end by _exit then, because they
     * may use anything. */
    bool stuck;

    /* Private to net. */
    _Atomic(struct mcp_loop *) loop;
    atomic_bool stopping;
    atomic_int stoppers; /* threads inside mcp__serve_stop */
};

/* Serve until EOF or mcp__serve_stop (stdio), until mcp__serve_stop (HTTP). The exit status: 0, or
 * 1 with err set for what could not begin or go on (address in use). SIGPIPE is ignored from here
 * on. */
int mcp__serve_stdio(struct mcp_serve *serve, struct mcp_error *err);
int mcp__serve_http(struct mcp_serve *serve, struct mcp_error *err);
/* As mcp__serve_stdio on these descriptors, which are borrowed. */
int mcp__serve_stdio_fds(struct mcp_serve *serve, int in, int out, struct mcp_error *err);

/* Begins the end: listens and idle connections close at once, at 8 s what still runs is cancelled
 * and answered, by 10 s the entry point returns. Any thread, and safe in a signal handler. A stop
 * before the start makes the entry point return at once. */
void mcp__serve_stop(struct mcp_serve *serve);

/* Tells the clients that want to know; uri: of MCP_CHANGE_RESOURCE. Any thread, at any time; who is
 * not connected is not told. */
void mcp__serve_changed(struct mcp_serve *serve, enum mcp_change change, mcp_str uri);

/* What one call in this process gave; bytes live in the caller's arena. */
struct mcp_serve_answer {
    bool is_error;
    mcp_str structured; /* JSON, or missing */
    mcp_str text; /* all text blocks, a newline between */
};

struct mcp_serve_hooks {
    void (*progress)(void *ctx, int64_t done, int64_t total, mcp_str message); /* may be NULL */
    bool (*interrupted)(void *ctx); /* asked about ten times a second while waiting; may be NULL */
    void *ctx;
};

/* One tools/call on the calling thread by the same path (lookup, schema check, fast, run), without
 * a transport or a loop. 0 with the answer (is_error included), MCP_EINVAL for an unknown tool or
 * arguments that are no JSON object, MCP_ENOMEM. hooks may be NULL. */
int mcp__serve_call(struct mcp_serve *serve, mcp_str tool, mcp_str args_json,
                    struct mcp_arena *arena, const struct mcp_serve_hooks *hooks,
                    struct mcp_serve_answer *answer, struct mcp_error *err);

#endif
