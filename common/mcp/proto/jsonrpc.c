/* The shape of one JSON-RPC message, and the frames that answers stand in. */
#include "mcp/proto/jsonrpc.h"

#include "mcp/proto/json_doc.h"

#include <mcp/json_writer.h>

bool mcp__rpc_is_id(struct mcp_json v)
{
    enum mcp_json_type type = mcp_json_type(v);
    mcp_str raw;

    if (type == MCP_JSON_STRING)
        return true;
    if (type != MCP_JSON_NUMBER)
        return false;
    raw = mcp_json_raw(v);
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.ptr[i] == '.' || raw.ptr[i] == 'e' || raw.ptr[i] == 'E')
            return false;
    }
    return true;
}

/* The id of the message, checked; a response to an unreadable request may lack it. */
static int read_id(struct mcp_json id, struct mcp_rpc *out, struct mcp_error *err)
{
    if (!mcp_json_exists(id))
        return 0;
    if (!mcp__rpc_is_id(id))
        return mcp_error_set(err, MCP_EREQUEST, "id must be a string or an integer");
    if (mcp_json_raw(id).len > MCP_RPC_ID_MAX)
        return mcp_error_set(err, MCP_EREQUEST, "id is longer than %d bytes", MCP_RPC_ID_MAX);
    out->id = mcp_json_raw(id);
    return 0;
}

int mcp__rpc_read(struct mcp_json root, struct mcp_rpc *out, struct mcp_error *err)
{
    struct mcp_json jsonrpc = { 0 }, id = { 0 }, result = { 0 }, error = { 0 }, twice;
    struct mcp_json_iter it;
    int rc;

    *out = (struct mcp_rpc){ .kind = MCP_RPC_NOTIFICATION };
    if (mcp_json_type(root) != MCP_JSON_OBJECT)
        return mcp_error_set(err, MCP_EREQUEST, "a message must be a JSON object");
    it = mcp_json_iter(root);
    while (mcp_json_next(&it)) {
        if (mcp__json_is(it.key, MCP_STR("jsonrpc")))
            jsonrpc = it.value;
        else if (mcp__json_is(it.key, MCP_STR("id")))
            id = it.value;
        else if (mcp__json_is(it.key, MCP_STR("method")))
            out->method = it.value;
        else if (mcp__json_is(it.key, MCP_STR("params")))
            out->params = it.value;
        else if (mcp__json_is(it.key, MCP_STR("result")))
            result = it.value;
        else if (mcp__json_is(it.key, MCP_STR("error")))
            error = it.value;
    }
    twice = mcp_json_duplicate(root);
    if (mcp_json_exists(twice))
        return mcp_error_set(err, MCP_EREQUEST, "member %.*s stands twice in the message",
                             MCP_STR_ARG(mcp_json_raw(twice)));
    rc = read_id(id, out, err);
    if (rc != 0)
        return rc;
    if (!mcp_json_str_eq(jsonrpc, MCP_STR("2.0")))
        return mcp_error_set(err, MCP_EREQUEST, "jsonrpc must be \"2.0\"");
    if (!mcp_json_exists(out->method) && (mcp_json_exists(result) || mcp_json_exists(error))) {
        out->kind = MCP_RPC_RESPONSE;
        return 0;
    }
    if (mcp_json_type(out->method) != MCP_JSON_STRING)
        return mcp_error_set(err, MCP_EREQUEST, "method must be a string");
    if (!mcp_str_is_null(out->id))
        out->kind = MCP_RPC_REQUEST;
    return 0;
}

static void open_frame(struct mcp_buf *out, mcp_str id)
{
    mcp_buf_str(out, MCP_STR("{\"jsonrpc\":\"2.0\","));
    if (!mcp_str_is_null(id)) {
        mcp_buf_str(out, MCP_STR("\"id\":"));
        mcp_buf_str(out, id);
        mcp_buf_char(out, ',');
    }
}

void mcp__rpc_error(struct mcp_buf *out, mcp_str id, int code, mcp_str message, mcp_str data)
{
    open_frame(out, id);
    mcp_buf_str(out, MCP_STR("\"error\":{\"code\":"));
    mcp_buf_int(out, code);
    mcp_buf_str(out, MCP_STR(",\"message\":"));
    mcp_json_quote(out, message);
    if (!mcp_str_is_null(data)) {
        mcp_buf_str(out, MCP_STR(",\"data\":"));
        mcp_buf_str(out, data);
    }
    mcp_buf_str(out, MCP_STR("}}"));
}

void mcp__rpc_error_raw(struct mcp_buf *out, mcp_str id, mcp_str error)
{
    open_frame(out, id);
    mcp_buf_str(out, MCP_STR("\"error\":"));
    mcp_buf_str(out, error);
    mcp_buf_char(out, '}');
}

void mcp__rpc_result(struct mcp_buf *out, mcp_str id, mcp_str result)
{
    open_frame(out, id);
    mcp_buf_str(out, MCP_STR("\"result\":"));
    mcp_buf_str(out, result);
    mcp_buf_char(out, '}');
}
