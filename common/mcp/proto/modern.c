/* The envelope of 2026-07-28: what params._meta must hold and which headers must repeat it. */
#include "mcp/proto/modern.h"

#include "mcp/proto/envelope.h"
#include "mcp/proto/json_doc.h"
#include "mcp/proto/trace.h"

void mcp__meta_read(struct mcp_json meta, struct mcp_meta *out)
{
    struct mcp_json_iter it = mcp_json_iter(meta);

    *out = (struct mcp_meta){ 0 };
    while (mcp_json_next(&it)) {
        if (mcp__json_is(it.key, MCP_STR("io.modelcontextprotocol/protocolVersion")))
            out->version = it.value;
        else if (mcp__json_is(it.key, MCP_STR("io.modelcontextprotocol/clientCapabilities")))
            out->capabilities = it.value;
        else if (mcp__json_is(it.key, MCP_STR("io.modelcontextprotocol/clientInfo")))
            out->client = it.value;
        else if (mcp__json_is(it.key, MCP_STR("io.modelcontextprotocol/logLevel")))
            out->log_level = it.value;
        else if (mcp__json_is(it.key, MCP_STR("progressToken")))
            out->progress_token = it.value;
        for (int i = 0; i < MCP_N_TRACE; i++) {
            if (mcp__json_is(it.key, mcp__trace_names[i]))
                out->trace[i] = it.value;
        }
    }
}

/* Step 8. */
static int check_envelope(const struct mcp_meta *meta, struct mcp_arena *arena, mcp_str *version,
                          struct mcp_error *err)
{
    if (mcp_json_str(meta->version, arena, version) != 0)
        return mcp_error_set(err, MCP_EINVAL,
                             "params._meta must hold io.modelcontextprotocol/protocolVersion, a "
                             "string");
    if (mcp_json_type(meta->capabilities) != MCP_JSON_OBJECT)
        return mcp_error_set(err, MCP_EINVAL,
                             "params._meta must hold io.modelcontextprotocol/clientCapabilities, "
                             "an object");
    if (mcp_json_exists(meta->client) &&
        (mcp_json_type(mcp_json_get(meta->client, MCP_STR("name"))) != MCP_JSON_STRING ||
         mcp_json_type(mcp_json_get(meta->client, MCP_STR("version"))) != MCP_JSON_STRING))
        return mcp_error_set(err, MCP_EINVAL,
                             "io.modelcontextprotocol/clientInfo needs name and version");
    if (mcp_json_exists(meta->log_level) && mcp__severity_parse(meta->log_level) < 0)
        return mcp_error_set(err, MCP_EINVAL,
                             "io.modelcontextprotocol/logLevel is none of debug, info, notice, "
                             "warning, error, critical, alert, emergency");
    return 0;
}

/* The member of params that Mcp-Name must repeat for this method, or NULL. */
static const char *name_member(const struct mcp_rpc *rpc)
{
    static const struct {
        mcp_str method;
        const char *member;
    } rows[] = {
        { { "tools/call", 10 }, "name" },    { { "prompts/get", 11 }, "name" },
        { { "resources/read", 14 }, "uri" }, { { "tasks/cancel", 12 }, "taskId" },
        { { "tasks/get", 9 }, "taskId" },    { { "tasks/update", 12 }, "taskId" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (mcp__json_is(rpc->method, rows[i].method))
            return rows[i].member;
    }
    return NULL;
}

/* Step 11: what must be there, and Mcp-Name. */
static int check_required(const struct mcp_inbound *in, const struct mcp_rpc *rpc,
                          struct mcp_arena *arena, struct mcp_error *err)
{
    const char *member = name_member(rpc);
    struct mcp_json named;
    mcp_str name;

    if (mcp_str_is_null(in->version_header))
        return mcp_error_set(err, MCP_EHEADER, "header MCP-Protocol-Version is missing");
    if (mcp_str_is_null(in->method_header))
        return mcp_error_set(err, MCP_EHEADER, "header Mcp-Method is missing");
    if (member == NULL)
        return 0;
    named = mcp_json_get(rpc->params, mcp_str_z(member));
    if (mcp_str_is_null(in->name_header))
        return mcp_error_set(err, MCP_EHEADER, "header Mcp-Name is missing");
    if (mcp__header_value_decode(arena, in->name_header, &name) != 0)
        return mcp_error_set(err, MCP_EHEADER, "header Mcp-Name is malformed");
    /* A name of another type is the params' fault, which is told later. */
    if (mcp_json_type(named) == MCP_JSON_STRING && !mcp_json_str_eq(named, name))
        return mcp_error_set(err, MCP_EHEADER, "header Mcp-Name differs from params.%s", member);
    return 0;
}

int mcp__modern_check_request(const struct mcp_inbound *in, const struct mcp_rpc *rpc,
                              const struct mcp_meta *meta, struct mcp_arena *arena,
                              mcp_str *version, struct mcp_error *err)
{
    int rc = check_envelope(meta, arena, version, err);

    if (rc != 0)
        return rc;
    if (in->http) {
        if (!mcp_str_is_null(in->version_header) && !mcp_str_eq(in->version_header, *version))
            return mcp_error_set(err, MCP_EHEADER,
                                 "header MCP-Protocol-Version differs from params._meta");
        if (!mcp_str_is_null(in->method_header) && !mcp_json_str_eq(rpc->method, in->method_header))
            return mcp_error_set(err, MCP_EHEADER, "header Mcp-Method differs from method");
    }
    if (!mcp_str_eq(*version, mcp__revisions[MCP_REV_MODERN].name))
        return mcp_error_set(err, MCP_EVERSION, "Unsupported protocol version");
    return in->http ? check_required(in, rpc, arena, err) : 0;
}

int mcp__modern_check_notification(const struct mcp_inbound *in, const struct mcp_meta *meta,
                                   struct mcp_arena *arena, struct mcp_error *err)
{
    mcp_str version;

    if (!mcp_json_exists(meta->version))
        return 0;
    if (mcp_json_str(meta->version, arena, &version) != 0)
        return mcp_error_set(err, MCP_EINVAL,
                             "io.modelcontextprotocol/protocolVersion must be a string");
    if (in->http && !mcp_str_eq(in->version_header, version))
        return mcp_error_set(err, MCP_EHEADER,
                             "header MCP-Protocol-Version differs from params._meta");
    return 0;
}
