/* Fuzzes the message layer: any line gets an answer that is JSON, or none, in every revision. */
#include "mcp/proto/dispatch.h"
#include "mcp/proto/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_text(call, mcp_json_get_str(mcp_call_args(call), MCP_STR("a"), call->arena));
    return 0;
}

#define SCHEMA                                                                                     \
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}"
static const struct mcp_schema_text in_text = { "t.in", SCHEMA, sizeof(SCHEMA) - 1 };
static const struct mcp_tool tool = { .name = "t", .description = "t", .in = &in_text, .run = run };
static const struct mcp_registry_spec spec = {
    .name = "f", .version = "1", .tools = &tool, .n_tools = 1
};

static mcp_str lookup(void *ctx, mcp_str name)
{
    (void)ctx;
    (void)name;
    return MCP_STR("=?base64?eA==?=");
}

static void one(const struct mcp_dispatch *d, const struct mcp_inbound *in, mcp_str text)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    mcp_str parts[MCP_ENVELOPE_PARTS];
    struct mcp_outcome out;
    struct mcp_json root;
    struct mcp_buf reply;

    mcp_buf_init(&reply, 1 << 24);
    if (mcp__dispatch_parse(d, call, text, &root, &reply, &out) != 0) {
        MCP_BUG_ON(out.kind != MCP_OUT_REPLY);
    } else if (mcp_json_type(root) == MCP_JSON_ARRAY) {
        (void)mcp__dispatch_batch(d, in, root, &reply, &out);
    } else {
        mcp__dispatch(d, in, root, call, &reply, &out);
        if (out.kind == MCP_OUT_CALL)
            mcp__envelope_finish(call, call->tool->run(call, NULL), NULL);
        for (size_t i = 0, n = out.kind == MCP_OUT_CALL || out.kind == MCP_OUT_DONE
                                   ? mcp__envelope_parts(d->registry, call, parts)
                                   : 0;
             i < n; i++)
            mcp_buf_str(&reply, parts[i]);
    }
    MCP_BUG_ON(reply.len > 0 && mcp_json_scan(mcp_buf_view(&reply), NULL, NULL, NULL) != 0);
    MCP_BUG_ON(reply.len > 0 && memchr(reply.ptr, '\n', reply.len) != NULL);
    mcp_buf_release(&reply);
    mcp__call_unref(call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mcp_registry *registry;
    mcp_str text = mcp_str_n((const char *)data, size);

    if (registry == NULL)
        MCP_BUG_ON(mcp__registry_new(&spec, &registry, NULL) != 0);
    for (int rev = 0; rev < MCP_N_REVISIONS; rev++) {
        struct mcp_dispatch d = { .registry = registry, .max_batch = 8, .deadline_ms = 1000 };
        struct mcp_era_pin pin = { 0 };
        struct mcp_inbound in = {
            .http = rev % 2 == 0,
            .version_header = mcp__revisions[rev].name,
            .method_header = MCP_STR("tools/call"),
            .name_header = MCP_STR("t"),
            .param_header = lookup,
            .session = MCP_SESSION_OPEN,
            .rev = rev == MCP_REV_MODERN ? MCP_REV_ASSUMED : (enum mcp_revision)rev,
            .pin = &pin,
        };

        one(&d, &in, text);
    }
    return 0;
}
