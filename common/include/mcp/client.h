/* A client of other MCP servers, both eras: a child program over stdio, or Streamable HTTP. */
#ifndef MCP_CLIENT_H
#define MCP_CLIENT_H

#include <mcp/call.h>
#include <mcp/secret.h>

/* One connection to one server. Any number of threads may ask it at once. */
struct mcp_client;

/* Whose time is spent: each function that waits takes a struct mcp_call, blocks until the answer,
 * that call's deadline or its cancellation, and leaves what it answers in the call's arena. A tool
 * handler passes its own call. A program that serves no tools makes one here. */

/* deadline_ms from now, 0: none. NULL without memory. */
struct mcp_call *mcp_client_scope_new(unsigned deadline_ms);
/* Any thread: what waits returns MCP_ECANCELLED. */
void mcp_client_scope_cancel(struct mcp_call *scope);
/* Takes everything that was answered in it along. NULL is fine. */
void mcp_client_scope_free(struct mcp_call *scope);

enum mcp_client_era {
    MCP_CLIENT_AUTO, /* server/discover first, initialize when that says nothing */
    MCP_CLIENT_MODERN, /* 2026-07-28 or nothing */
    MCP_CLIENT_LEGACY, /* initialize at once */
};

/* Zero fields mean their default in brackets. Everything is copied by mcp_client_connect. */
struct mcp_client_options {
    /* What we are called. */
    const char *name; /* ["libmcp"] */
    const char *version; /* [that of libmcp] */
    enum mcp_client_era era;

    /* A child program: its argv, ended by NULL. argv[0] is looked for in PATH. */
    const char *const *argv;
    const char *cwd; /* [ours] */
    /* "NAME=value" in addition to what a program cannot do without (HOME, LANG, LC_ALL, LOGNAME,
     * PATH, SHELL, TERM, TMPDIR, TZ, USER), ended by NULL: our secrets stay ours. */
    const char *const *env;
    bool whole_env; /* the child gets all of our environment */
    bool quiet; /* its stderr goes nowhere [to ours] */

    /* Or an HTTP endpoint; exactly one of the two. */
    const char *url; /* https, or http to loopback unless allow_http */
    bool allow_http;
    const struct mcp_secret *token; /* Authorization: Bearer; never logged, never in an error */

    unsigned timeout_ms; /* of one request [60 s]; the call's deadline always holds too */
    unsigned probe_ms; /* how long a silent server is waited for [3 s, HTTP 10 s] */
    size_t max_answer_bytes; /* of one message, of one HTTP body [16 MiB] */
    unsigned max_tools; /* listed at most [1000] */
};

/* Starts the program (SIGPIPE is ignored from then on) or reaches the server, and agrees on an era.
 * 0 with *out, which the caller closes; MCP_EINVAL (options), MCP_EUNAVAILABLE (no program, no
 * connection, ended), MCP_EAUTH, MCP_EDENIED, MCP_EBUSY, MCP_EVERSION (no revision in common),
 * MCP_EUPSTREAM (it refuses), MCP_EDATA (no MCP), MCP_EDEADLINE, MCP_ECANCELLED, MCP_ETOOBIG,
 * MCP_ENOMEM. */
int mcp_client_connect(struct mcp_call *call, const struct mcp_client_options *options,
                       struct mcp_client **out, struct mcp_error *err);

/* Ends a session (HTTP), or closes the child's input, waits 2 s for its exit, and ends it then. No
 * other thread may be inside the client. NULL is fine. */
void mcp_client_close(struct mcp_client *client);

/* What the server said of itself; borrowed, constant until the close. Absent texts are missing. */
struct mcp_client_server {
    mcp_str revision; /* "2026-07-28" */
    bool modern;
    mcp_str name, title, version, instructions;
    mcp_str capabilities; /* a JSON object */
};
const struct mcp_client_server *mcp_client_server(const struct mcp_client *client);

/* What a server that refuses said. */
struct mcp_client_fault {
    int code; /* of JSON-RPC, 0 when there was no such error */
    int http_status; /* 0: stdio, or no answer */
    mcp_str message; /* in the call's arena, whole, and foreign: to be shown, not obeyed */
    struct mcp_json data; /* or missing */
};

/* How one request is made. NULL and zero fields mean the default. */
struct mcp_client_ask {
    unsigned timeout_ms; /* [that of the connection] */
    /* On the waiting thread, while the server works: done grows, total 0 = unknown, message may be
     * missing. */
    void (*on_progress)(void *ctx, double done, double total, mcp_str message);
    void *ctx;
    bool repeatable; /* doing it twice does no harm: a broken connection is tried again */
    struct mcp_client_fault *fault; /* filled when the server refuses; may be NULL */
};

struct mcp_client_tool {
    mcp_str name; /* never missing */
    mcp_str title, description; /* or missing */
    struct mcp_json input_schema; /* an object */
    struct mcp_json definition; /* the whole of it */
};

/* All pages of tools/list, in the server's order. MCP_ETOOBIG beyond max_tools, MCP_EDATA for a
 * list that is none or whose pages never end. A tool that cannot be used (no name, no schema, over
 * HTTP a wrong x-mcp-header) is left out. */
int mcp_client_list_tools(struct mcp_call *call, struct mcp_client *client,
                          const struct mcp_client_ask *ask, const struct mcp_client_tool **tools,
                          size_t *n, struct mcp_error *err);

struct mcp_client_result {
    bool is_error; /* the tool says it failed: text says why */
    mcp_str text; /* all text blocks, a newline between; may be empty */
    struct mcp_json content; /* the array of blocks */
    struct mcp_json structured; /* structuredContent, or missing */
    struct mcp_json result; /* the whole object */
};

/* tools/call. args: a JSON object, or missing for {}. A result with isError is an answer: 0. What
 * is cancelled or late is cancelled at the server too. MCP_EUPSTREAM with the server's words when it
 * refuses; MCP_EINPUT when it asks for what this client cannot give; else as mcp_client_connect. */
int mcp_client_call_tool(struct mcp_call *call, struct mcp_client *client, mcp_str tool,
                         mcp_str args, const struct mcp_client_ask *ask,
                         struct mcp_client_result *out, struct mcp_error *err);

/* Any other request. params: a JSON object without _meta, or missing. *result is an object. */
int mcp_client_request(struct mcp_call *call, struct mcp_client *client, mcp_str method,
                       mcp_str params, const struct mcp_client_ask *ask, struct mcp_json *result,
                       struct mcp_error *err);

#endif
