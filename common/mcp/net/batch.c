/* A legacy batch: its messages run side by side, their answers go out as one array. */
#include "mcp/net/batch.h"

#include "mcp/net/flight.h"
#include "mcp/proto/envelope.h"

#include <stdlib.h>

#define ANSWER_MAX ((size_t)64 << 20)

static void free_batch(struct mcp_batch *batch)
{
    mcp__call_unref(batch->holder);
    mcp_buf_release(&batch->out);
    free(batch);
}

/* One message is through. */
static void settle(struct mcp_batch *batch)
{
    if (--batch->waiting > 0)
        return;
    if (batch->out.len > 0)
        mcp_buf_char(&batch->out, ']');
    batch->done(batch);
    free_batch(batch);
}

static void begin_item(struct mcp_batch *batch)
{
    mcp_buf_char(&batch->out, batch->out.len == 0 ? '[' : ',');
}

static void put_call(struct mcp_batch *batch, const struct mcp_call *call)
{
    mcp_str parts[MCP_ENVELOPE_PARTS];
    size_t n = mcp__envelope_parts(batch->loop->serve->registry, call, parts);

    begin_item(batch);
    for (size_t i = 0; i < n; i++)
        mcp_buf_str(&batch->out, parts[i]);
}

static void put_error(struct mcp_batch *batch, const struct mcp_call *call,
                      const struct mcp_error *err)
{
    begin_item(batch);
    mcp__envelope_error(&batch->out, batch->loop->serve->registry, call, err);
}

static void on_done(struct mcp_flight *f, struct mcp_call *call, const struct mcp_error *err)
{
    struct mcp_batch *batch = f->owner;

    if (batch->running != NULL)
        (*batch->running)--;
    if (call != NULL)
        put_call(batch, call);
    else
        put_error(batch, f->call, err);
    settle(batch);
}

static void on_cancelled(struct mcp_flight *f)
{
    struct mcp_batch *batch = f->owner;

    if (batch->running != NULL)
        (*batch->running)--;
    settle(batch);
}

/* An array has no place for a notification in front of it, and tasks are modern. */
static const struct mcp_flight_ops ops = { .done = on_done, .cancelled = on_cancelled };

static void start_call(struct mcp_batch *batch, struct mcp_call *call, const void *scope)
{
    const struct mcp_flight_owner owner = { .ops = &ops, .ptr = batch, .scope = scope };
    struct mcp_error err = { 0 };
    struct mcp_flight *f;

    switch (mcp__flight_start(batch->loop, call, &owner, &f)) {
    case MCP_START_DONE:
        put_call(batch, call);
        break;
    case MCP_START_FLYING:
        batch->waiting++;
        if (batch->running != NULL)
            (*batch->running)++;
        break;
    case MCP_START_BUSY:
        mcp__flight_busy_error(&err);
        put_error(batch, call, &err);
        break;
    }
}

static void release_holder(void *holder)
{
    mcp__call_unref(holder);
}

static void start_item(struct mcp_batch *batch, const struct mcp_batch_spec *spec,
                       struct mcp_json item)
{
    struct mcp_loop *loop = batch->loop;
    struct mcp_call *call = mcp__call_pool_take(loop->calls);
    struct mcp_outcome out;
    struct mcp_buf reply;

    if (call == NULL)
        return;
    mcp_buf_init(&reply, MCP_CALL_RESULT_MAX);
    mcp__dispatch(&loop->dispatch, &spec->in, item, call, &reply, &out);
    mcp__count(&loop->serve->counters.methods[out.method], 1);
    switch (out.kind) {
    case MCP_OUT_REPLY:
        mcp__count(&loop->serve->counters.rpc_errors, out.is_error);
        begin_item(batch);
        mcp_buf_str(&batch->out, mcp_buf_view(&reply));
        break;
    case MCP_OUT_DONE:
        mcp__flight_count(&loop->serve->counters, call, 0);
        put_call(batch, call);
        break;
    case MCP_OUT_CALL:
        /* The arguments point into the document of the batch. */
        mcp__call_ref(batch->holder);
        mcp_arena_defer(call->arena, release_holder, batch->holder);
        start_call(batch, call, spec->scope);
        break;
    case MCP_OUT_CANCEL:
        mcp__flights_cancel(loop, spec->scope, out.id);
        break;
    case MCP_OUT_ANSWER:
        mcp__flights_answer(loop, spec->scope, out.id, out.answer);
        break;
    case MCP_OUT_LISTEN: /* is modern, and batches are not */
    case MCP_OUT_TASK:
    case MCP_OUT_NONE:
        break;
    }
    mcp_buf_release(&reply);
    mcp__call_unref(call);
}

int mcp__batch_start(struct mcp_loop *loop, const struct mcp_batch_spec *spec,
                     struct mcp_batch **out)
{
    struct mcp_batch *batch = calloc(1, sizeof(*batch));
    struct mcp_json_iter it = mcp_json_iter(spec->root);

    *out = NULL;
    if (batch == NULL)
        return MCP_ENOMEM;
    batch->loop = loop;
    batch->holder = spec->holder;
    mcp__call_ref(spec->holder);
    mcp_buf_init(&batch->out, ANSWER_MAX);
    batch->running = spec->running;
    batch->owner = spec->owner;
    batch->done = spec->done;
    batch->waiting = 1;
    while (mcp_json_next(&it))
        start_item(batch, spec, it.value);
    if (batch->waiting > 1)
        *out = batch;
    settle(batch);
    return 0;
}

void mcp__batch_abandon(struct mcp_batch *batch)
{
    struct mcp_flight *f = batch->loop->flights;

    while (f != NULL) {
        struct mcp_flight *next = f->next;

        if (f->ops == &ops && f->owner == batch) {
            if (batch->running != NULL)
                (*batch->running)--;
            mcp__flight_abandon(f);
        }
        f = next;
    }
    free_batch(batch);
}
