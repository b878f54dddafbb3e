/* The inside of struct mcp_call: what it runs, who owns it, what two threads touch, and how a worker waits. */
#ifndef MCP_PROTO_CALL_INTERNAL_H
#define MCP_PROTO_CALL_INTERNAL_H

#include "mcp/proto/ask.h"
#include "mcp/proto/era.h"

#include <mcp/buf.h>
#include <mcp/call.h>
#include <mcp/prompt.h>
#include <mcp/resource.h>
#include <mcp/tool.h>

#include <pthread.h>
#include <stdatomic.h>

struct mcp_sealer;
struct mcp_call_pool;
struct mcp_uri_template;

/* The requests whose answer a handler makes. */
enum mcp_call_kind {
    MCP_CALL_TOOL, /* tools/call */
    MCP_CALL_RESOURCE, /* resources/read */
    MCP_CALL_PROMPT, /* prompts/get */
    MCP_CALL_COMPLETE, /* completion/complete, of prompt or resource */
};

#define MCP_COMPLETION_VALUES 100 /* most in one completion, as the protocol has it */
/* Log messages that wait for the loop; what comes on top is dropped. */
#define MCP_CALL_LOGS_MAX ((size_t)256 << 10)
#define MCP_CALL_LOG_OFF 8 /* log_level: nothing may be sent */

/* Two counted owners, transport and worker; each pending upstream transfer and each wait of
 * mcp_once holds one more. The arena is the worker's from dispatch until run returns. */
struct mcp_call {
    atomic_int refs;
    struct mcp_arena *arena; /* owned */
    enum mcp_call_kind kind;
    /* Which of them is set follows from kind; borrowed, static. */
    const struct mcp_tool *tool;
    const struct mcp_resource *resource;
    const struct mcp_prompt *prompt;
    const char *name; /* of the row; borrowed, static */
    mcp_str uri; /* being read; in arena */
    const struct mcp_uri_template *uri_template; /* borrowed; NULL: no variables */
    const mcp_str *vars; /* their values; in arena */
    mcp_str argument, given; /* what is to be completed; in arena */
    struct mcp_json args;
    void *user; /* borrowed */
    mcp_str principal; /* in arena */
    mcp_str trace[MCP_N_TRACE]; /* in arena, or missing */
    const struct mcp_sealer *sealer; /* borrowed from the app */
    _Atomic uint64_t deadline_ms; /* mcp_clock_mono_ms, UINT64_MAX: none; a task gets another one */

    /* What the answer needs; set by dispatch, constant afterwards. The tokens lie in keep, so that
     * the loop reads them while the arena is the worker's. */
    enum mcp_revision rev;
    bool text_json; /* the text block carries the structured content as JSON */
    mcp_str id; /* token of the request */
    mcp_str progress_token; /* missing: the client did not ask */
    struct mcp_buf keep;
    unsigned client_caps; /* enum mcp_client_cap */
    int64_t wall_s; /* when the request came, in seconds of 1970 */
    bool may_be_task; /* the tool and the client know how */
    int log_level; /* the least that the client wants (enum mcp_log_severity), or _OFF */

    /* Asking back; the worker's while it runs, the loop's while questions are open. */
    struct mcp_json given_inputs; /* inputResponses of the request */
    mcp_str given_state; /* its requestState; in arena */
    struct mcp_keyed *inputs, *state; /* newest first; in arena, as the next one */
    struct mcp_question *questions; /* of this run */
    enum mcp_ask missing_cap; /* the last one that mcp_need refused */
    unsigned rounds; /* of questions, legacy */

    /* What other threads touch. Whoever finishes something that the worker waits for sets its own
     * flag under lock and signals wake. */
    pthread_mutex_t lock;
    pthread_cond_t wake; /* CLOCK_MONOTONIC */
    atomic_bool cancelled;
    struct {
        int64_t done, total;
        char message[160];
        unsigned seq; /* grows with each mcp_progress */
    } progress; /* under lock */
    void (*on_progress)(struct mcp_call *call); /* set by the transport; only wakes the loop */
    struct mcp_buf logs; /* notifications, a newline behind each; under lock */
    void (*on_log)(struct mcp_call *call); /* as on_progress; NULL: nobody would send them */
    void (*on_hang_up)(struct mcp_call *call); /* likewise */
    void (*on_task)(struct mcp_call *call); /* likewise */
    /* Only for a call without a loop: asked by the waiting thread about ten times a second. */
    bool (*interrupted)(void *ctx);
    void *interrupted_ctx; /* borrowed */

    /* The result; the worker's until run returns. */
    struct mcp_buf content; /* blocks, messages, contents or values, comma separated */
    struct mcp_buf structured;
    bool is_kept; /* the bytes below instead; they live as long as the arena */
    mcp_str kept_blocks, kept[MCP_RESULT_PIECES];
    size_t n_kept;
    size_t n_values; /* of a completion, also those that were not kept */
    enum mcp_role role; /* of the messages that follow */
    bool is_error;
    bool as_rpc_error; /* a failure is one of the request, not of the tool */
    bool rpc_error; /* content is a whole JSON-RPC error object instead */
    bool input_required; /* modern: content is the result without its end; legacy: ask */
    int http_status; /* of the answer, 0: 200 */
    bool other_blocks; /* content holds more than text blocks */
    char error_meta[96]; /* "error":{...} for _meta, or empty */

    void *transport; /* the transport's own record of this call; borrowed */
    struct mcp_call_pool *pool; /* where it goes back to, NULL: freed; borrowed */
    struct mcp_call *next; /* in the pool */
};

/* Most bytes of one kind of result: content blocks, structured content. */
#define MCP_CALL_RESULT_MAX ((size_t)16 << 20)

/* refs 1, empty result, limits set; NULL without memory. The arena is taken over. */
struct mcp_call *mcp__call_new(struct mcp_arena *arena);
void mcp__call_ref(struct mcp_call *call);
void mcp__call_unref(struct mcp_call *call);
/* Runs the handler; what it gave. */
int mcp__call_run(struct mcp_call *call, struct mcp_error *err);
/* The same without waiting, MCP_MISS when that cannot be. */
int mcp__call_fast(struct mcp_call *call, struct mcp_error *err);
/* Forgets the result built so far. */
void mcp__call_clear(struct mcp_call *call);
/* What mcp_result_kept was given is copied to where any other result lies. */
void mcp__call_copy_kept(struct mcp_call *call);
/* Sets the flag and wakes the worker; any thread, any number of times. */
void mcp__call_cancel(struct mcp_call *call);

/* Keeps up to `keep` finished calls with their memory for the next ones; any thread. */
struct mcp_call_pool *mcp__call_pool_new(size_t keep);
/* As mcp__call_new, with an arena of its own, from the pool when it has one. */
struct mcp_call *mcp__call_pool_take(struct mcp_call_pool *pool);
/* The memory goes with the last call that is still out. NULL is fine. */
void mcp__call_pool_free(struct mcp_call_pool *pool);

/* Waits until *done (guarded by call->lock, which the caller holds), cancellation or the deadline:
 * 0, MCP_ECANCELLED, MCP_EDEADLINE. In net/wait.c, which may read the clock. */
int mcp__call_wait(struct mcp_call *call, const bool *done);
/* MCP_EDEADLINE, said of this call. */
int mcp__call_late(const struct mcp_call *call, struct mcp_error *err);
/* As mcp__call_wait, until until_ms of the monotonic clock at the latest (0 then too). */
int mcp__call_wait_until(struct mcp_call *call, const bool *done, uint64_t until_ms);

#endif
