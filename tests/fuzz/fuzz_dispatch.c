/* Fuzzes the message layer: any line gets an answer that is JSON, or none. The first byte says how
 * it comes: revision, transport, session. */
#include "mcp/proto/dispatch.h"
#include "mcp/proto/envelope.h"
#include "served.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static mcp_str lookup(void *ctx, mcp_str name)
{
    (void)ctx;
    (void)name;
    return MCP_STR("=?base64?eA==?=");
}

static void check(const struct mcp_buf *reply)
{
    MCP_BUG_ON(reply->failed);
    MCP_BUG_ON(reply->len > 0 && mcp_json_scan(mcp_buf_view(reply), NULL, NULL, NULL) != 0);
    MCP_BUG_ON(reply->len > 0 && memchr(reply->ptr, '\n', reply->len) != NULL);
}

/* One message, and its handler when it has one. */
static void message(const struct mcp_dispatch *d, const struct mcp_inbound *in,
                    struct mcp_json root, struct mcp_call *call, struct mcp_buf *reply)
{
    mcp_str parts[MCP_ENVELOPE_PARTS];
    struct mcp_outcome out;
    struct mcp_error err = { 0 };
    size_t n;

    mcp__dispatch(d, in, root, call, reply, &out);
    if (out.kind == MCP_OUT_CALL)
        mcp__envelope_finish(call, mcp__call_run(call, &err), &err);
    if (out.kind == MCP_OUT_CALL || out.kind == MCP_OUT_DONE) {
        n = mcp__envelope_parts(d->registry, call, parts);
        for (size_t i = 0; i < n; i++)
            mcp_buf_str(reply, parts[i]);
    }
    check(reply);
}

static void batch(const struct mcp_dispatch *d, struct mcp_inbound *in, struct mcp_json root,
                  struct mcp_call_pool *pool, struct mcp_buf *reply)
{
    struct mcp_outcome out;

    if (mcp__dispatch_batch(d, in, root, reply, &out) != 0) {
        check(reply);
        return;
    }
    in->in_batch = true;
    for (struct mcp_json_iter it = mcp_json_iter(root); mcp_json_next(&it);) {
        struct mcp_call *call = mcp__call_pool_take(pool);

        mcp_buf_clear(reply);
        message(d, in, it.value, call, reply);
        mcp__call_unref(call);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mcp_call_pool *pool;
    static struct mcp_buf reply;
    struct mcp_era_pin pin = { 0 };
    struct mcp_dispatch d = {
        .registry = test_served(), .sealer = &test_no_seal, .max_batch = 8, .deadline_ms = 1000
    };
    struct mcp_inbound in = { .method_header = MCP_STR("tools/call"),
                              .name_header = MCP_STR("t"),
                              .param_header = lookup,
                              .pin = &pin };
    int log_level = MCP_LOG_SEV_INFO;
    struct mcp_outcome out;
    struct mcp_call *call;
    struct mcp_json root;
    char *text;

    if (size == 0)
        return 0;
    if (pool == NULL) {
        pool = mcp__call_pool_new(4);
        mcp_buf_init(&reply, 1 << 24);
    }
    in.rev = (enum mcp_revision)((data[0] & 7) % MCP_N_REVISIONS);
    in.version_header = mcp__revisions[in.rev].name;
    in.http = (data[0] & 8) != 0;
    in.session = (enum mcp_session_state)((data[0] >> 4 & 3) % 3);
    in.log_level = &log_level;
    d.text_json = (data[0] & 64) != 0;
    if (in.rev == MCP_REV_MODERN)
        in.rev = MCP_REV_ASSUMED;
    call = mcp__call_pool_take(pool);
    /* Of its own size, so that one byte too far is found. */
    text = malloc(size - 1);
    memcpy(text, data + 1, size - 1);
    mcp_buf_clear(&reply);
    if (mcp__dispatch_parse(&d, call, mcp_str_n(text, size - 1), &root, &reply, &out) != 0) {
        MCP_BUG_ON(out.kind != MCP_OUT_REPLY);
        check(&reply);
    } else if (mcp_json_type(root) == MCP_JSON_ARRAY) {
        batch(&d, &in, root, pool, &reply);
    } else {
        message(&d, &in, root, call, &reply);
    }
    mcp__call_unref(call);
    free(text);
    return 0;
}
