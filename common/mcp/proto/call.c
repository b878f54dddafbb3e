/* One call of a handler: its life, its memory, and what any handler may ask of it. */
#include "mcp/proto/call_internal.h"
#include "mcp/proto/sealer.h"

#include <stdlib.h>
#include <time.h>

#define ARENA_BYTES ((size_t)8 << 10)
/* Buffers above this size are not kept for the next call. */
#define KEEP_BYTES ((size_t)64 << 10)
/* Two tokens of at most MCP_RPC_ID_MAX each. */
#define TOKENS_MAX ((size_t)4 << 10)

struct mcp_call_pool {
    pthread_mutex_t lock;
    struct mcp_call *free; /* owned; under lock, as the rest */
    size_t n_free;
    size_t keep;
    size_t out; /* calls taken and not yet back */
    bool closed;
};

struct mcp_call *mcp__call_new(struct mcp_arena *arena)
{
    struct mcp_call *call = calloc(1, sizeof(*call));
    pthread_condattr_t attr;

    if (call == NULL)
        return NULL;
    pthread_mutex_init(&call->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&call->wake, &attr);
    pthread_condattr_destroy(&attr);
    mcp_buf_init(&call->keep, TOKENS_MAX);
    mcp_buf_init(&call->content, MCP_CALL_RESULT_MAX);
    mcp_buf_init(&call->structured, MCP_CALL_RESULT_MAX);
    mcp_buf_init(&call->logs, MCP_CALL_LOGS_MAX);
    atomic_init(&call->refs, 1);
    atomic_init(&call->cancelled, false);
    call->arena = arena;
    call->deadline_ms = UINT64_MAX;
    call->rev = MCP_REV_MODERN;
    call->log_level = MCP_CALL_LOG_OFF;
    return call;
}

static void destroy(struct mcp_call *call)
{
    mcp_arena_free(call->arena);
    mcp_buf_release(&call->keep);
    mcp_buf_release(&call->content);
    mcp_buf_release(&call->structured);
    mcp_buf_release(&call->logs);
    pthread_cond_destroy(&call->wake);
    pthread_mutex_destroy(&call->lock);
    free(call);
}

static void empty_buf(struct mcp_buf *buf)
{
    if (buf->size > KEEP_BYTES)
        mcp_buf_release(buf);
    else
        mcp_buf_clear(buf);
}

/* As it left mcp__call_new, with its memory. */
static void reset(struct mcp_call *call)
{
    mcp_arena_reset(call->arena);
    empty_buf(&call->keep);
    empty_buf(&call->content);
    empty_buf(&call->structured);
    empty_buf(&call->logs);
    atomic_store_explicit(&call->refs, 1, memory_order_relaxed);
    atomic_store_explicit(&call->cancelled, false, memory_order_relaxed);
    call->kind = MCP_CALL_TOOL;
    call->tool = NULL;
    call->resource = NULL;
    call->prompt = NULL;
    call->name = NULL;
    call->uri = call->argument = call->given = MCP_STR_NULL;
    call->uri_template = NULL;
    call->vars = NULL;
    call->args = (struct mcp_json){ 0 };
    call->user = NULL;
    call->principal = call->id = call->progress_token = MCP_STR_NULL;
    for (int i = 0; i < MCP_N_TRACE; i++)
        call->trace[i] = MCP_STR_NULL;
    call->sealer = NULL;
    call->deadline_ms = UINT64_MAX;
    call->rev = MCP_REV_MODERN;
    call->text_json = false;
    call->log_level = MCP_CALL_LOG_OFF;
    call->client_caps = call->rounds = 0;
    call->wall_s = 0;
    call->given_inputs = (struct mcp_json){ 0 };
    call->given_state = MCP_STR_NULL;
    call->inputs = call->state = NULL;
    call->questions = NULL;
    call->as_rpc_error = false;
    call->progress.done = call->progress.total = 0;
    call->progress.message[0] = '\0';
    call->progress.seq = 0;
    call->on_progress = NULL;
    call->on_log = NULL;
    call->on_hang_up = NULL;
    call->on_task = NULL;
    call->may_be_task = false;
    call->interrupted = NULL;
    call->interrupted_ctx = NULL;
    call->is_kept = false;
    call->n_values = 0;
    call->role = MCP_ROLE_USER;
    call->is_error = call->rpc_error = call->other_blocks = call->input_required = false;
    call->http_status = 0;
    call->error_meta[0] = '\0';
    call->transport = NULL;
    call->next = NULL;
}

static void pool_destroy(struct mcp_call_pool *pool)
{
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

static void pool_give(struct mcp_call_pool *pool, struct mcp_call *call)
{
    bool last, kept = false;

    reset(call);
    pthread_mutex_lock(&pool->lock);
    pool->out--;
    last = pool->closed && pool->out == 0;
    if (!pool->closed && pool->n_free < pool->keep) {
        call->next = pool->free;
        pool->free = call;
        pool->n_free++;
        kept = true;
    }
    pthread_mutex_unlock(&pool->lock);
    if (!kept)
        destroy(call);
    if (last)
        pool_destroy(pool);
}

struct mcp_call_pool *mcp__call_pool_new(size_t keep)
{
    struct mcp_call_pool *pool = calloc(1, sizeof(*pool));

    if (pool == NULL)
        return NULL;
    pthread_mutex_init(&pool->lock, NULL);
    pool->keep = keep;
    return pool;
}

struct mcp_call *mcp__call_pool_take(struct mcp_call_pool *pool)
{
    struct mcp_arena *arena;
    struct mcp_call *call;

    pthread_mutex_lock(&pool->lock);
    call = pool->free;
    if (call != NULL) {
        pool->free = call->next;
        pool->n_free--;
        call->next = NULL;
        pool->out++;
    }
    pthread_mutex_unlock(&pool->lock);
    if (call != NULL)
        return call;
    arena = mcp_arena_new(ARENA_BYTES, 0);
    if (arena == NULL)
        return NULL;
    call = mcp__call_new(arena);
    if (call == NULL) {
        mcp_arena_free(arena);
        return NULL;
    }
    call->pool = pool;
    pthread_mutex_lock(&pool->lock);
    pool->out++;
    pthread_mutex_unlock(&pool->lock);
    return call;
}

void mcp__call_pool_free(struct mcp_call_pool *pool)
{
    struct mcp_call *call;
    bool last;

    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->closed = true;
    call = pool->free;
    pool->free = NULL;
    pool->n_free = 0;
    last = pool->out == 0;
    pthread_mutex_unlock(&pool->lock);
    while (call != NULL) {
        struct mcp_call *next = call->next;

        destroy(call);
        call = next;
    }
    if (last)
        pool_destroy(pool);
}

void mcp__call_ref(struct mcp_call *call)
{
    atomic_fetch_add_explicit(&call->refs, 1, memory_order_relaxed);
}

void mcp__call_unref(struct mcp_call *call)
{
    if (call == NULL)
        return;
    /* The last one has nobody to count against. */
    if (atomic_load_explicit(&call->refs, memory_order_acquire) != 1 &&
        atomic_fetch_sub_explicit(&call->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (call->pool != NULL)
        pool_give(call->pool, call);
    else
        destroy(call);
}

void mcp__call_cancel(struct mcp_call *call)
{
    pthread_mutex_lock(&call->lock);
    atomic_store(&call->cancelled, true);
    pthread_cond_broadcast(&call->wake);
    pthread_mutex_unlock(&call->lock);
}

int mcp__call_late(const struct mcp_call *call, struct mcp_error *err)
{
    mcp_error_set(err, MCP_EDEADLINE, "%s did not finish before its deadline",
                  call->name != NULL ? call->name : "the call");
    return mcp_error_next(err, "Ask for less, or raise the option deadline");
}

int mcp__call_run(struct mcp_call *call, struct mcp_error *err)
{
    int rc = mcp__ask_open(call, err);

    if (rc != 0)
        return rc;
    switch (call->kind) {
    case MCP_CALL_RESOURCE:
        return call->resource->read(call, err);
    case MCP_CALL_PROMPT:
        return call->prompt->get(call, err);
    case MCP_CALL_COMPLETE:
        if (call->prompt != NULL)
            return call->prompt->complete(call, call->argument, call->given, err);
        return call->resource->complete(call, call->argument, call->given, err);
    case MCP_CALL_TOOL:
        break;
    }
    return call->tool->run(call, err);
}

int mcp__call_fast(struct mcp_call *call, struct mcp_error *err)
{
    if (call->kind != MCP_CALL_TOOL || call->tool->fast == NULL ||
        !mcp_str_is_null(call->given_state) || mcp_json_exists(call->given_inputs))
        return MCP_MISS;
    return call->tool->fast(call, err);
}

void mcp__call_clear(struct mcp_call *call)
{
    mcp_buf_clear(&call->content);
    mcp_buf_clear(&call->structured);
    call->is_kept = false;
    call->n_values = 0;
    call->role = MCP_ROLE_USER;
    call->is_error = call->rpc_error = call->other_blocks = call->input_required = false;
    call->http_status = 0;
    call->error_meta[0] = '\0';
}

struct mcp_arena *mcp_call_arena(struct mcp_call *call)
{
    return call->arena;
}

struct mcp_json mcp_call_args(const struct mcp_call *call)
{
    return call->args;
}

mcp_str mcp_arg_str(struct mcp_call *call, const char *name)
{
    return mcp_json_get_str(call->args, mcp_str_z(name), call->arena);
}

int64_t mcp_arg_int64(const struct mcp_call *call, const char *name, int64_t fallback)
{
    return mcp_json_get_int64(call->args, mcp_str_z(name), fallback);
}

bool mcp_arg_bool(const struct mcp_call *call, const char *name, bool fallback)
{
    return mcp_json_get_bool(call->args, mcp_str_z(name), fallback);
}

void *mcp_call_user(const struct mcp_call *call)
{
    return call->user;
}

mcp_str mcp_call_principal(const struct mcp_call *call)
{
    return call->principal;
}

mcp_str mcp_call_trace(const struct mcp_call *call, enum mcp_trace_field field)
{
    return call->trace[field];
}

void mcp_progress(struct mcp_call *call, int64_t done, int64_t total, mcp_str message)
{
    size_t n = message.len < sizeof(call->progress.message) ? message.len
                                                            : sizeof(call->progress.message) - 1;
    bool news = false;

    /* Cut in front of a UTF-8 sequence, never inside it. */
    if (n < message.len) {
        while (n > 0 && ((unsigned char)message.ptr[n] & 0xc0) == 0x80)
            n--;
    }
    pthread_mutex_lock(&call->lock);
    if (call->progress.seq == 0 || done > call->progress.done) {
        call->progress.done = done;
        call->progress.total = total;
        if (n > 0)
            memcpy(call->progress.message, message.ptr, n);
        call->progress.message[n] = '\0';
        call->progress.seq++;
        news = true;
    }
    pthread_mutex_unlock(&call->lock);
    if (news && call->on_progress != NULL)
        call->on_progress(call);
}

void mcp_call_hang_up(struct mcp_call *call)
{
    if (call->on_hang_up != NULL)
        call->on_hang_up(call);
}

void mcp_call_task(struct mcp_call *call)
{
    if (call->on_task != NULL && call->may_be_task)
        call->on_task(call);
}

/* What a seal is tied to: the purpose and the caller, told apart by a byte neither contains. */
static mcp_str bound_to(struct mcp_call *call, mcp_str purpose)
{
    return mcp_arena_printf(call->arena, "%.*s%c%.*s", MCP_STR_ARG(purpose), '\x1f',
                            MCP_STR_ARG(call->principal));
}

int mcp_seal(struct mcp_call *call, mcp_str purpose, mcp_str plain, mcp_str *sealed,
             struct mcp_error *err)
{
    if (call->sealer == NULL)
        return mcp_error_set(err, MCP_ECONFIG, "this server has no key to seal with");
    return call->sealer->seal(call->sealer->ctx, call->arena, bound_to(call, purpose), plain,
                              sealed, err);
}

int mcp_unseal(struct mcp_call *call, mcp_str purpose, mcp_str sealed, mcp_str *plain,
               struct mcp_error *err)
{
    if (call->sealer == NULL)
        return mcp_error_set(err, MCP_ECONFIG, "this server has no key to seal with");
    return call->sealer->open(call->sealer->ctx, call->arena, bound_to(call, purpose), sealed,
                              plain, err);
}
