/* The tools of a server: their list over all pages, and a call of one. */
#include "mcp/client/message.h"
#include "mcp/client/perform.h"

#include <mcp/json_writer.h>

#include <stdlib.h>

#define PAGES_MAX 1000
#define PARAMS_MAX ((size_t)64 << 20)

/* ---- tools/list -------------------------------------------------------------------------------------- */

/* The tools of all pages so far. */
struct listing {
    struct mcp_call *call; /* borrowed */
    struct mcp_client *client; /* borrowed */
    struct mcp_client_tool *tools; /* in the call's arena */
    size_t n, size;
    mcp_str cursor; /* of the next page; missing: the first, or none is left */
};

static int put_tool(struct listing *l, struct mcp_json definition, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(l->call);
    struct mcp_client_tool tool = { .definition = definition };

    tool.name = mcp_json_get_str(definition, MCP_STR("name"), arena);
    tool.title = mcp_json_get_str(definition, MCP_STR("title"), arena);
    tool.description = mcp_json_get_str(definition, MCP_STR("description"), arena);
    tool.input_schema = mcp_json_get(definition, MCP_STR("inputSchema"));
    if (tool.name.len == 0 || mcp_json_type(tool.input_schema) != MCP_JSON_OBJECT)
        return 0;
    if (l->client->modern && l->client->child == NULL &&
        !mcp__mirrors_learn(&l->client->mirrors, tool.name, tool.input_schema))
        return 0;
    if (l->n == l->client->max_tools)
        return mcp_error_set(err, MCP_ETOOBIG, "the server lists more than %u tools",
                             l->client->max_tools);
    if (l->n == l->size) {
        size_t size = l->size == 0 ? 32 : l->size * 2;
        struct mcp_client_tool *more = mcp_arena_try_array(arena, size, sizeof(*more));

        if (more == NULL)
            return mcp_error_set(err, MCP_ENOMEM, "out of memory");
        if (l->n > 0)
            memcpy(more, l->tools, l->n * sizeof(*more));
        l->tools = more;
        l->size = size;
    }
    l->tools[l->n++] = tool;
    return 0;
}

/* One page; *more says whether another follows at l->cursor. */
static int list_page(struct listing *l, const struct mcp_client_ask *ask, bool *more,
                     struct mcp_error *err)
{
    struct mcp__exchange x = { .method = MCP_STR("tools/list"), .repeatable = true };
    struct mcp_json result, tools, next;
    struct mcp_json_iter it;
    struct mcp_buf params;
    mcp_str cursor;
    int rc;

    mcp_buf_init(&params, l->client->max_answer_bytes + 64);
    if (!mcp_str_is_null(l->cursor)) {
        mcp_buf_z(&params, "{\"cursor\":");
        mcp_json_quote(&params, l->cursor);
        mcp_buf_z(&params, "}");
        x.params = mcp_buf_view(&params);
    }
    mcp__prepare(l->client, ask, &x);
    rc = mcp_buf_error(&params);
    if (rc == 0)
        rc = mcp__perform(l->call, l->client, &x, ask, &result, err);
    mcp_buf_release(&params);
    if (rc < 0)
        return rc;
    tools = mcp_json_get(result, MCP_STR("tools"));
    if (mcp_json_type(tools) != MCP_JSON_ARRAY)
        return mcp_error_set(err, MCP_EDATA, "the server's list of tools is none");
    it = mcp_json_iter(tools);
    while (rc == 0 && mcp_json_next(&it))
        rc = put_tool(l, it.value, err);
    if (rc < 0)
        return rc;
    next = mcp_json_get(result, MCP_STR("nextCursor"));
    *more = mcp_json_type(next) == MCP_JSON_STRING;
    if (!*more)
        return 0;
    if (mcp_json_str(next, mcp_call_arena(l->call), &cursor) != 0)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    if (!mcp_str_is_null(l->cursor) && mcp_str_eq(cursor, l->cursor))
        return mcp_error_set(err, MCP_EDATA, "the server's list of tools turns in a circle");
    l->cursor = cursor;
    return 0;
}

int mcp_client_list_tools(struct mcp_call *call, struct mcp_client *client,
                          const struct mcp_client_ask *ask, const struct mcp_client_tool **tools,
                          size_t *n, struct mcp_error *err)
{
    struct listing l = { .call = call, .client = client };
    bool more = true;

    for (unsigned page = 0; more; page++) {
        int rc = page < PAGES_MAX
                     ? list_page(&l, ask, &more, err)
                     : mcp_error_set(err, MCP_EDATA, "the server's list of tools never ends");

        if (rc < 0)
            return rc;
    }
    *tools = l.tools;
    *n = l.n;
    return 0;
}

/* ---- tools/call -------------------------------------------------------------------------------------- */

static int join_texts(struct mcp_call *call, struct mcp_client_result *out, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    struct mcp_json_iter it = mcp_json_iter(out->content);
    struct mcp_buf text;
    size_t blocks = 0;
    mcp_str one;
    char *copy;
    int rc;

    out->text = MCP_STR("");
    mcp_buf_init(&text, mcp_json_raw(out->content).len + 1);
    while (mcp_json_next(&it)) {
        if (!mcp_json_str_eq(mcp_json_get(it.value, MCP_STR("type")), MCP_STR("text")) ||
            mcp_json_str(mcp_json_get(it.value, MCP_STR("text")), arena, &one) != 0)
            continue;
        if (blocks++ > 0)
            mcp_buf_char(&text, '\n');
        mcp_buf_str(&text, one);
    }
    rc = mcp_buf_error(&text);
    if (rc < 0) {
        mcp_buf_release(&text);
        return mcp_error_set(err, rc, "out of memory");
    }
    copy = mcp_buf_steal(&text, &out->text.len);
    if (copy == NULL)
        return 0;
    mcp_arena_defer(arena, free, copy);
    out->text.ptr = copy;
    return 0;
}

static int read_result(struct mcp_call *call, struct mcp_json result, struct mcp_client_result *out,
                       struct mcp_error *err)
{
    struct mcp_client_result r = { .result = result };
    int rc;

    r.content = mcp_json_get(result, MCP_STR("content"));
    r.structured = mcp_json_get(result, MCP_STR("structuredContent"));
    r.is_error = mcp_json_get_bool(result, MCP_STR("isError"), false);
    if (mcp_json_type(r.content) != MCP_JSON_ARRAY)
        return mcp_error_set(err, MCP_EDATA, "the tool's result has no content");
    rc = join_texts(call, &r, err);
    if (rc == 0)
        *out = r;
    return rc;
}

/* A server that misses headers for arguments: its list says which, then the call is made again. It
 * was refused before it ran. */
static int call_again(struct mcp_call *call, struct mcp_client *client, mcp_str tool, mcp_str args,
                      struct mcp__exchange *x, struct mcp__reply *reply, struct mcp_error *err)
{
    const struct mcp_client_tool *tools;
    size_t n;
    int rc = mcp_client_list_tools(call, client, NULL, &tools, &n, err);

    if (rc == 0)
        rc = mcp__mirrors_headers(&client->mirrors, mcp_call_arena(call), tool, args, &x->mirrors,
                                  &x->n_mirrors, err);
    return rc < 0 ? rc : mcp__send(call, client, x, reply, err);
}

int mcp_client_call_tool(struct mcp_call *call, struct mcp_client *client, mcp_str tool,
                         mcp_str args, const struct mcp_client_ask *ask,
                         struct mcp_client_result *out, struct mcp_error *err)
{
    struct mcp__exchange x = { .method = MCP_STR("tools/call") };
    bool by_headers = client->modern && client->child == NULL;
    struct mcp__reply reply;
    struct mcp_json result;
    struct mcp_buf params;
    int rc;

    if (tool.len == 0)
        return mcp_error_set(err, MCP_EINVAL, "a tool has a name");
    mcp_buf_init(&params, PARAMS_MAX);
    mcp_buf_z(&params, "{\"name\":");
    mcp_json_quote(&params, tool);
    mcp_buf_z(&params, ",\"arguments\":");
    mcp_buf_str(&params, args.len == 0 ? MCP_STR("{}") : args);
    mcp_buf_z(&params, "}");
    rc = mcp_buf_error(&params);
    if (rc < 0) {
        mcp_error_set(err, rc, "the arguments are too large");
        goto out;
    }
    /* By itself, so that nothing in it can close the object around it. */
    if (args.len > 0 && mcp_json_scan(args, NULL, NULL, NULL) < 0) {
        rc = mcp_error_set(err, MCP_EINVAL, "the arguments are no JSON, or too large");
        goto out;
    }
    x.params = mcp_buf_view(&params);
    mcp__prepare(client, ask, &x);
    if (by_headers) {
        x.name = mcp__message_header_value(mcp_call_arena(call), tool);
        rc = mcp__mirrors_headers(&client->mirrors, mcp_call_arena(call), tool, args, &x.mirrors,
                                  &x.n_mirrors, err);
    }
    if (rc == 0)
        rc = mcp__send(call, client, &x, &reply, err);
    if (rc == 0 && by_headers && mcp__reply_code(&reply) == mcp_err_rpc(MCP_EHEADER))
        rc = call_again(call, client, tool, args, &x, &reply, err);
    if (rc == 0)
        rc = mcp__finish(call, client, &reply, ask, &result, err);
    if (rc == 0)
        rc = read_result(call, result, out, err);
out:
    mcp_buf_release(&params);
    return rc;
}
