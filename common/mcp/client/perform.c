/* One request as the public functions make it: its settings, a lost session, and what a result is. */
#include "mcp/client/perform.h"

#include "mcp/client/handshake.h"

void mcp__prepare(const struct mcp_client *client, const struct mcp_client_ask *ask,
                  struct mcp__exchange *x)
{
    x->modern = client->modern;
    x->timeout_ms = client->timeout_ms;
    if (ask == NULL)
        return;
    if (ask->timeout_ms > 0)
        x->timeout_ms = ask->timeout_ms;
    x->repeatable = x->repeatable || ask->repeatable;
    x->on_progress = ask->on_progress;
    x->ctx = ask->ctx;
}

/* Modern results say what they are; the other kinds are for clients that declared something. */
static int check_type(struct mcp_json result, struct mcp_error *err)
{
    struct mcp_json type = mcp_json_get(result, MCP_STR("resultType"));

    if (!mcp_json_exists(type) || mcp_json_str_eq(type, MCP_STR("complete")))
        return 0;
    if (mcp_json_str_eq(type, MCP_STR("input_required")))
        return mcp_error_set(err, MCP_EINPUT,
                             "the server asks for input, which this client cannot give");
    return mcp_error_set(err, MCP_EDATA, "the server gave a result of the unknown type %.*s",
                         MCP_STR_ARG(mcp_str_head(mcp_json_raw(type), 64)));
}

/* 0 with a reply that holds a result or an error. A lost session is opened again: what was answered
 * by 404 has not run. */
int mcp__send(struct mcp_call *call, struct mcp_client *client, const struct mcp__exchange *x,
              struct mcp__reply *reply, struct mcp_error *err)
{
    int rc = mcp__exchange(call, client, x, reply, err);

    if (rc == 0 && reply->in_session && reply->answer.status == 404) {
        rc = mcp__handshake_renew(call, client, reply->generation, err);
        if (rc == 0)
            rc = mcp__exchange(call, client, x, reply, err);
    }
    return rc;
}

int mcp__finish(struct mcp_call *call, struct mcp_client *client, const struct mcp__reply *reply,
                const struct mcp_client_ask *ask, struct mcp_json *result, struct mcp_error *err)
{
    int rc;

    if (!mcp_json_exists(reply->result))
        return mcp__reply_refuse(call, client, reply, ask == NULL ? NULL : ask->fault, err);
    rc = client->modern ? check_type(reply->result, err) : 0;
    if (rc == 0)
        *result = reply->result;
    return rc;
}

int mcp__perform(struct mcp_call *call, struct mcp_client *client, const struct mcp__exchange *x,
                 const struct mcp_client_ask *ask, struct mcp_json *result, struct mcp_error *err)
{
    struct mcp__reply reply;
    int rc = mcp__send(call, client, x, &reply, err);

    return rc < 0 ? rc : mcp__finish(call, client, &reply, ask, result, err);
}
