/* One tools/call in this process, by the way all calls go, without a transport. */
#include "mcp/net/serve.h"

#include "mcp/net/loop.h"
#include "mcp/net/wait.h"
#include "mcp/proto/envelope.h"

#include <mcp/clock.h>

/* Where the progress of a direct call goes; the call's transport record. */
struct direct {
    const struct mcp_serve_hooks *hooks; /* borrowed */
};

static void on_progress(struct mcp_call *call)
{
    const struct mcp_serve_hooks *hooks = ((struct direct *)call->transport)->hooks;
    char message[sizeof(call->progress.message)];
    int64_t done, total;

    pthread_mutex_lock(&call->lock);
    done = call->progress.done;
    total = call->progress.total;
    memcpy(message, call->progress.message, sizeof(message));
    pthread_mutex_unlock(&call->lock);
    hooks->progress(hooks->ctx, done, total, mcp_str_z(message));
}

/* The text blocks of a result, a newline between them. */
static int join_texts(const struct mcp_call *call, struct mcp_arena *arena, mcp_str *text,
                      struct mcp_error *err)
{
    struct mcp_buf json, out;
    struct mcp_json blocks;
    struct mcp_json_iter it;
    struct mcp_json_limits limits = { .max_bytes = MCP_CALL_RESULT_MAX + 2,
                                      .max_tokens = (size_t)1 << 22 };
    mcp_str one;
    int rc;

    mcp_buf_init(&json, MCP_CALL_RESULT_MAX + 2);
    mcp_buf_init(&out, MCP_CALL_RESULT_MAX);
    mcp_buf_char(&json, '[');
    mcp_buf_str(&json, mcp_buf_view(&call->content));
    mcp_buf_char(&json, ']');
    rc = mcp_buf_error(&json);
    if (rc == 0)
        rc = mcp_json_parse(call->arena, mcp_buf_view(&json), &limits, &blocks, err);
    if (rc != 0)
        goto out;
    it = mcp_json_iter(blocks);
    while (mcp_json_next(&it)) {
        if (mcp_json_str(mcp_json_get(it.value, MCP_STR("text")), call->arena, &one) != 0)
            continue;
        if (out.len > 0)
            mcp_buf_char(&out, '\n');
        mcp_buf_str(&out, one);
    }
    rc = mcp_buf_error(&out);
    if (rc == 0)
        *text = mcp_arena_str(arena, out.len == 0 ? MCP_STR("") : mcp_buf_view(&out));
out:
    mcp_buf_release(&json);
    mcp_buf_release(&out);
    return rc;
}

static void run_here(struct mcp_call *call)
{
    struct mcp_error err = { 0 };
    int code = mcp__call_fast(call, &err);

    if (code == MCP_MISS) {
        mcp__call_clear(call);
        mcp_error_clear(&err);
        code = mcp__call_run(call, &err);
    }
    mcp__envelope_finish(call, code, &err);
    mcp__call_copy_kept(call);
}

int mcp__serve_call(struct mcp_serve *serve, mcp_str tool, mcp_str args_json,
                    struct mcp_arena *arena, const struct mcp_serve_hooks *hooks,
                    struct mcp_serve_answer *answer, struct mcp_error *err)
{
    struct mcp_serve_config config;
    struct mcp_dispatch dispatch;
    struct direct direct = { .hooks = hooks };
    struct mcp_arena *own = mcp_arena_new(0, 0);
    struct mcp_call *call = own == NULL ? NULL : mcp__call_new(own);
    struct mcp_json args;
    int rc;

    if (call == NULL) {
        mcp_arena_free(own);
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the call");
    }
    mcp__serve_defaults(&serve->config, &config);
    mcp__serve_dispatch(serve, &config, &dispatch);
    mcp__cpu_slots_set(config.cpu_slots);
    rc = mcp_json_parse(call->arena, args_json.len == 0 ? MCP_STR("{}") : args_json,
                        &dispatch.limits, &args, err);
    if (rc == 0)
        rc = mcp__dispatch_direct(&dispatch, call, tool, args, mcp_clock_mono_ms(), err);
    if (rc < 0)
        goto out;
    call->transport = &direct;
    if (hooks != NULL) {
        call->on_progress = hooks->progress != NULL ? on_progress : NULL;
        call->interrupted = hooks->interrupted;
        call->interrupted_ctx = hooks->ctx;
    }
    if (rc == 0)
        run_here(call);
    answer->is_error = call->is_error;
    answer->structured = call->structured.len == 0
                             ? MCP_STR_NULL
                             : mcp_arena_str(arena, mcp_buf_view(&call->structured));
    rc = join_texts(call, arena, &answer->text, err);
out:
    mcp__call_unref(call);
    return rc;
}
