/* From one message to its answer or to a call that is ready to run: the validation ladder. */
#include "mcp/proto/dispatch.h"

#include "mcp/proto/envelope.h"
#include "mcp/proto/json_doc.h"
#include "mcp/proto/schema_node.h"
#include "mcp/proto/step.h"
#include "mcp/proto/trace.h"

#include <mcp/json_writer.h>
#include <mcp/schema.h>

/* Codes of the range that legacy peers use for sessions. */
#define RPC_NO_SESSION (-32000)
#define RPC_SESSION_NOT_FOUND (-32001)

static const struct {
    mcp_str name;
    bool legacy, modern;
} methods[] = {
    [MCP_METHOD_TOOLS_CALL] = { { "tools/call", 10 }, true, true },
    [MCP_METHOD_TOOLS_LIST] = { { "tools/list", 10 }, true, true },
    [MCP_METHOD_RESOURCES_LIST] = { { "resources/list", 14 }, true, true },
    [MCP_METHOD_TEMPLATES_LIST] = { { "resources/templates/list", 24 }, true, true },
    [MCP_METHOD_RESOURCES_READ] = { { "resources/read", 14 }, true, true },
    [MCP_METHOD_PROMPTS_LIST] = { { "prompts/list", 12 }, true, true },
    [MCP_METHOD_PROMPTS_GET] = { { "prompts/get", 11 }, true, true },
    [MCP_METHOD_COMPLETE] = { { "completion/complete", 19 }, true, true },
    [MCP_METHOD_SET_LEVEL] = { { "logging/setLevel", 16 }, true, false },
    [MCP_METHOD_LISTEN] = { { "subscriptions/listen", 20 }, false, true },
    [MCP_METHOD_SUBSCRIBE] = { { "resources/subscribe", 19 }, true, false },
    [MCP_METHOD_UNSUBSCRIBE] = { { "resources/unsubscribe", 21 }, true, false },
    [MCP_METHOD_TASKS_GET] = { { "tasks/get", 9 }, false, true },
    [MCP_METHOD_TASKS_UPDATE] = { { "tasks/update", 12 }, false, true },
    [MCP_METHOD_TASKS_CANCEL] = { { "tasks/cancel", 12 }, false, true },
    [MCP_METHOD_DISCOVER] = { { "server/discover", 15 }, false, true },
    [MCP_METHOD_INITIALIZE] = { { "initialize", 10 }, true, false },
    [MCP_METHOD_PING] = { { "ping", 4 }, true, false },
};
#define N_METHODS (sizeof(methods) / sizeof(methods[0]))

static enum mcp_method method_of(const struct mcp_rpc *rpc)
{
    if (rpc->kind != MCP_RPC_REQUEST)
        return MCP_METHOD_NOTIFICATION;
    for (size_t i = 0; i < N_METHODS; i++) {
        if (mcp__json_is(rpc->method, methods[i].name))
            return (enum mcp_method)i;
    }
    return MCP_METHOD_OTHER;
}

/* What is not advertised does not exist. */
static bool offered(const struct mcp_step *s)
{
    const struct mcp_registry *registry = s->d->registry;

    switch (s->out->method) {
    case MCP_METHOD_TOOLS_CALL:
    case MCP_METHOD_TOOLS_LIST:
        return registry->n_tools > 0;
    case MCP_METHOD_RESOURCES_LIST:
    case MCP_METHOD_TEMPLATES_LIST:
    case MCP_METHOD_RESOURCES_READ:
        return registry->spec.n_resources > 0;
    case MCP_METHOD_PROMPTS_LIST:
    case MCP_METHOD_PROMPTS_GET:
        return registry->spec.n_prompts > 0;
    case MCP_METHOD_COMPLETE:
        return registry->completes;
    case MCP_METHOD_SET_LEVEL:
        return registry->spec.logging;
    case MCP_METHOD_LISTEN:
        /* Who asks for changes where none are told learns it from the method, as always. */
        return registry->spec.changes != 0 ||
               (registry->tasks &&
                mcp_json_exists(mcp_json_path(s->rpc.params, "notifications.taskIds")));
    case MCP_METHOD_TASKS_GET:
    case MCP_METHOD_TASKS_UPDATE:
    case MCP_METHOD_TASKS_CANCEL:
        return registry->tasks;
    case MCP_METHOD_SUBSCRIBE:
    case MCP_METHOD_UNSUBSCRIBE:
        return (registry->spec.changes & MCP_CHANGE_RESOURCE) != 0;
    default:
        return true;
    }
}

static bool served(enum mcp_method method, enum mcp_era era)
{
    if ((size_t)method >= N_METHODS)
        return false; /* no request that we know */
    return era == MCP_MODERN ? methods[method].modern : methods[method].legacy;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void fail(struct mcp_buf *reply, struct mcp_outcome *out, mcp_str id, int status, int code,
                 mcp_str message, mcp_str data)
{
    out->kind = MCP_OUT_REPLY;
    out->status = status;
    out->is_error = true;
    mcp__rpc_error(reply, id, code, message, data);
}

void mcp__step_fail(struct mcp_step *s, int status, int code, mcp_str message, mcp_str data)
{
    fail(s->reply, s->out, s->rpc.id, status, code, message, data);
}

static void fail_step(struct mcp_step *s, int status, int code, mcp_str message)
{
    mcp__step_fail(s, status, code, message, MCP_STR_NULL);
}

void mcp__step_invalid(struct mcp_step *s, mcp_str message)
{
    fail_step(s, 200, mcp_err_rpc(MCP_EINVAL), message);
}

void mcp__step_fail_err(struct mcp_step *s, int status)
{
    fail_step(s, status, mcp_err_rpc(s->err->err), mcp_str_z(s->err->message));
}

void mcp__step_result(struct mcp_step *s, mcp_str result)
{
    s->out->kind = MCP_OUT_REPLY;
    s->out->status = 200;
    mcp__rpc_result(s->reply, s->rpc.id, result);
}

static void fail_version(struct mcp_step *s, mcp_str requested, const char *message)
{
    struct mcp_buf data;
    struct mcp_jsonw w;

    mcp_buf_init(&data, (size_t)16 << 10);
    mcp_jsonw_init(&w, &data);
    mcp_jsonw_object(&w);
    mcp_jsonw_karray(&w, "supported");
    mcp_jsonw_str(&w, mcp__revisions[MCP_REV_MODERN].name);
    mcp_jsonw_end(&w);
    if (!mcp_str_is_null(requested) && requested.len <= 256)
        mcp_jsonw_kstr(&w, "requested", requested);
    mcp_jsonw_end(&w);
    fail(s->reply, s->out, s->rpc.id, 400, mcp_err_rpc(MCP_EVERSION), mcp_str_z(message),
         mcp_buf_view(&data));
    mcp_buf_release(&data);
}

static void fail_method(struct mcp_step *s)
{
    mcp_str name = MCP_STR_NULL, text;

    if (mcp_json_str(s->rpc.method, s->call->arena, &name) != 0 || name.len > 128)
        name = MCP_STR("(unreadable name)");
    text = mcp_arena_printf(s->call->arena, "Method not found: %.*s", MCP_STR_ARG(name));
    fail_step(s, s->out->era == MCP_MODERN ? 404 : 200, mcp_err_rpc(MCP_EMETHOD), text);
}

/* ---- tools ----------------------------------------------------------------------------------- */

/* Copies a token to where the loop may read it while the arena is the worker's. */
static mcp_str keep_token(struct mcp_call *call, mcp_str token, size_t at)
{
    if (mcp_str_is_null(token))
        return MCP_STR_NULL;
    memcpy(call->keep.ptr + at, token.ptr, token.len);
    return mcp_str_n(call->keep.ptr + at, token.len);
}

static int keep_tokens(struct mcp_call *call, mcp_str id, mcp_str progress)
{
    if (mcp_buf_reserve(&call->keep, id.len + progress.len + 1) == NULL)
        return MCP_ENOMEM;
    mcp_buf_advance(&call->keep, id.len + progress.len);
    call->id = keep_token(call, id, 0);
    call->progress_token = keep_token(call, progress, id.len);
    return 0;
}

/* What every call gets, JSON-RPC or not. The default deadline never shortens a tool's own. */
static void fill_call(const struct mcp_dispatch *d, struct mcp_call *call, unsigned deadline_ms,
                      uint64_t now_ms)
{
    unsigned ms = deadline_ms != 0 ? deadline_ms : d->deadline_ms;

    call->user = d->user;
    call->sealer = d->sealer;
    call->text_json = d->text_json;
    call->deadline_ms = ms == UINT32_MAX ? UINT64_MAX : now_ms + ms;
}

/* The schema's view of the arguments: 0, or 1 with the isError result finished. */
static int check_args(struct mcp_call *call, const struct mcp_registry_tool *row)
{
    struct mcp_json twice = mcp__json_duplicate_below(call->args);
    struct mcp_error err;
    int rc;

    mcp_error_clear(&err);
    if (mcp_json_exists(twice)) {
        rc = mcp_error_set(&err, MCP_EINVAL, "argument %.*s stands twice",
                           MCP_STR_ARG(mcp_json_raw(twice)));
        mcp_error_next(&err, "Give each argument once");
    } else {
        rc = mcp__schema_check_distinct(row->in, call->args, call->arena, &err);
    }
    if (rc == 0)
        return 0;
    mcp__envelope_finish(call, rc, &err);
    return 1;
}

/* The tool that params name, after their shape; NULL with the error replied. */
static const struct mcp_registry_tool *find_tool(struct mcp_step *s, struct mcp_json *args)
{
    struct mcp_json name = mcp_json_get(s->rpc.params, MCP_STR("name"));
    const struct mcp_registry_tool *row;
    mcp_str text;

    *args = mcp_json_get(s->rpc.params, MCP_STR("arguments"));
    if (mcp_json_str(name, s->call->arena, &text) != 0) {
        mcp__step_invalid(s, MCP_STR("params.name must be a string"));
        return NULL;
    }
    if (mcp_json_exists(*args) && mcp_json_type(*args) != MCP_JSON_OBJECT) {
        mcp__step_invalid(s, MCP_STR("params.arguments must be an object"));
        return NULL;
    }
    row = mcp__registry_find(s->d->registry, text);
    if (row == NULL) {
        if (text.len > 128)
            text.len = 128;
        mcp__step_invalid(
            s, mcp_arena_printf(s->call->arena, "Unknown tool: %.*s", MCP_STR_ARG(text)));
    }
    return row;
}

/* What the client wants to be told: legacy, by its session; else by this request alone. */
static int log_level_of(const struct mcp_step *s)
{
    int severity;

    if (!s->d->registry->spec.logging)
        return MCP_CALL_LOG_OFF;
    if (s->out->era == MCP_LEGACY)
        return s->in->log_level != NULL ? *s->in->log_level : MCP_CALL_LOG_OFF;
    severity = mcp__severity_parse(s->meta.log_level);
    return severity < 0 ? MCP_CALL_LOG_OFF : severity;
}

/* The answers of a modern client to what an earlier round asked: 0, or -1 with the error replied. */
static int take_round(struct mcp_step *s)
{
    struct mcp_json state = mcp_json_get(s->rpc.params, MCP_STR("requestState"));
    mcp_str text;

    s->call->given_inputs = mcp_json_get(s->rpc.params, MCP_STR("inputResponses"));
    if (!mcp_json_exists(state))
        return 0;
    if (mcp_json_str(state, s->call->arena, &text) != 0) {
        mcp__step_invalid(s, MCP_STR("params.requestState must be a string"));
        return -1;
    }
    s->call->given_state = mcp_arena_str(s->call->arena, text);
    return 0;
}

int mcp__step_call(struct mcp_step *s, struct mcp_json args, unsigned deadline_ms)
{
    struct mcp_call *call = s->call;
    struct mcp_json token = s->meta.progress_token;

    if (!mcp_json_exists(args) &&
        mcp_json_parse(call->arena, MCP_STR("{}"), NULL, &args, s->err) != 0) {
        mcp__step_fail_err(s, 200);
        return -1;
    }
    fill_call(s->d, call, deadline_ms, s->in->now_ms);
    call->rev = s->out->rev;
    call->args = args;
    call->log_level = log_level_of(s);
    call->wall_s = s->in->wall_s;
    call->client_caps = s->client_caps;
    if (s->out->era == MCP_MODERN && take_round(s) != 0)
        return -1;
    call->principal = mcp_arena_str(call->arena, s->in->principal);
    mcp__trace_read(call->trace, s->meta.trace, s->in->traceparent, call->arena);
    if (keep_tokens(call, s->rpc.id, mcp_json_exists(token) ? mcp_json_raw(token) : MCP_STR_NULL) !=
        0) {
        fail_step(s, 200, mcp_err_rpc(MCP_ENOMEM), MCP_STR("out of memory"));
        return -1;
    }
    s->out->status = 200;
    return 0;
}

static void tools_call(struct mcp_step *s)
{
    struct mcp_call *call = s->call;
    struct mcp_json args;
    const struct mcp_registry_tool *row = find_tool(s, &args);

    if (row == NULL)
        return;
    if (s->in->http && s->out->era == MCP_MODERN && row->headers != NULL &&
        mcp__param_headers_check(row->headers, args, call->arena, s->in->param_header,
                                 s->in->param_ctx, s->err) != 0) {
        mcp__step_fail_err(s, 400);
        return;
    }
    if (s->out->era == MCP_MODERN && (row->tool->flags & MCP_TOOL_TASK_ONLY) != 0 &&
        !mcp__step_has_tasks(s)) {
        mcp__step_needs_tasks(s);
        return;
    }
    call->kind = MCP_CALL_TOOL;
    call->tool = row->tool;
    call->name = row->tool->name;
    call->may_be_task =
        (row->tool->flags & (MCP_TOOL_TASK | MCP_TOOL_TASK_ONLY)) != 0 && mcp__step_has_tasks(s);
    if (mcp__step_call(s, args, row->tool->deadline_ms) != 0)
        return;
    s->out->kind = check_args(call, row) == 0 ? MCP_OUT_CALL : MCP_OUT_DONE;
}

int mcp__dispatch_direct(const struct mcp_dispatch *d, struct mcp_call *call, mcp_str tool,
                         struct mcp_json args, uint64_t now_ms, struct mcp_error *err)
{
    const struct mcp_registry_tool *row = mcp__registry_find(d->registry, tool);

    if (row == NULL)
        return mcp_error_set(err, MCP_EINVAL, "there is no tool %.*s", MCP_STR_ARG(tool));
    if (mcp_json_type(args) != MCP_JSON_OBJECT)
        return mcp_error_set(err, MCP_EINVAL, "the arguments must be a JSON object");
    call->tool = row->tool;
    call->name = row->tool->name;
    fill_call(d, call, row->tool->deadline_ms, now_ms);
    call->args = args;
    call->principal = MCP_STR("");
    return check_args(call, row);
}

/* ---- methods --------------------------------------------------------------------------------- */

static void initialize(struct mcp_step *s)
{
    struct mcp_json version = mcp_json_get(s->rpc.params, MCP_STR("protocolVersion"));
    mcp_str requested;

    if (s->in->in_batch) {
        fail_step(s, 400, mcp_err_rpc(MCP_EREQUEST), MCP_STR("initialize must not be in a batch"));
        return;
    }
    if (mcp_json_str(version, s->call->arena, &requested) != 0) {
        fail_step(s, s->in->http ? 400 : 200, mcp_err_rpc(MCP_EINVAL),
                  MCP_STR("params.protocolVersion must be a string"));
        return;
    }
    s->out->rev = mcp__revision_negotiate(requested);
    s->out->initialized = true;
    s->out->client_caps = mcp__client_caps(mcp_json_get(s->rpc.params, MCP_STR("capabilities")));
    mcp__step_result(s, s->d->registry->initialize[s->out->rev]);
}

static void notification(struct mcp_step *s)
{
    struct mcp_json id = mcp_json_get(s->rpc.params, MCP_STR("requestId"));

    s->out->kind = MCP_OUT_NONE;
    s->out->status = 202;
    if (!mcp_json_str_eq(s->rpc.method, MCP_STR("notifications/cancelled")) || !mcp__rpc_is_id(id))
        return;
    /* Over modern HTTP nothing ties this message to the caller of that id: it is dropped. */
    if (s->in->http && s->out->era == MCP_MODERN)
        return;
    s->out->kind = MCP_OUT_CANCEL;
    s->out->id = mcp_json_raw(id);
}

static void run_method(struct mcp_step *s)
{
    struct mcp_json token = s->meta.progress_token;
    struct mcp_json twice;

    if (!served(s->out->method, s->out->era) || !offered(s)) {
        fail_method(s);
        return;
    }
    if (mcp_json_exists(s->rpc.params) && mcp_json_type(s->rpc.params) != MCP_JSON_OBJECT) {
        mcp__step_invalid(s, MCP_STR("params must be an object"));
        return;
    }
    twice = mcp_json_duplicate(s->rpc.params);
    if (mcp_json_exists(twice)) {
        mcp__step_invalid(s, mcp_arena_printf(s->call->arena, "member %.*s stands twice in params",
                                              MCP_STR_ARG(mcp_json_raw(twice))));
        return;
    }
    if (mcp_json_exists(token) &&
        (!mcp__rpc_is_id(token) || mcp_json_raw(token).len > MCP_RPC_ID_MAX)) {
        mcp__step_invalid(s, MCP_STR("progressToken must be a string or an integer"));
        return;
    }
    switch (s->out->method) {
    case MCP_METHOD_TOOLS_CALL:
        tools_call(s);
        break;
    case MCP_METHOD_TOOLS_LIST:
        mcp__step_list(s, MCP_LIST_TOOLS);
        break;
    case MCP_METHOD_RESOURCES_LIST:
        mcp__step_list(s, MCP_LIST_RESOURCES);
        break;
    case MCP_METHOD_TEMPLATES_LIST:
        mcp__step_list(s, MCP_LIST_TEMPLATES);
        break;
    case MCP_METHOD_PROMPTS_LIST:
        mcp__step_list(s, MCP_LIST_PROMPTS);
        break;
    case MCP_METHOD_RESOURCES_READ:
        mcp__step_resources_read(s);
        break;
    case MCP_METHOD_PROMPTS_GET:
        mcp__step_prompts_get(s);
        break;
    case MCP_METHOD_COMPLETE:
        mcp__step_complete(s);
        break;
    case MCP_METHOD_SET_LEVEL:
        mcp__step_set_level(s);
        break;
    case MCP_METHOD_LISTEN:
        mcp__step_listen(s);
        break;
    case MCP_METHOD_TASKS_GET:
    case MCP_METHOD_TASKS_UPDATE:
    case MCP_METHOD_TASKS_CANCEL:
        mcp__step_task(s);
        break;
    case MCP_METHOD_SUBSCRIBE:
        mcp__step_subscribe(s, true);
        break;
    case MCP_METHOD_UNSUBSCRIBE:
        mcp__step_subscribe(s, false);
        break;
    case MCP_METHOD_DISCOVER:
        mcp__step_result(s, s->d->registry->discover);
        break;
    case MCP_METHOD_INITIALIZE:
        initialize(s);
        break;
    case MCP_METHOD_PING:
        mcp__step_result(s, MCP_STR("{}"));
        break;
    case MCP_METHOD_NOTIFICATION:
    case MCP_METHOD_OTHER:
        fail_method(s);
        break;
    }
}

/* ---- eras ------------------------------------------------------------------------------------ */

static void modern(struct mcp_step *s)
{
    mcp_str version = MCP_STR_NULL;
    int rc;

    s->out->rev = MCP_REV_MODERN;
    if (s->rpc.kind == MCP_RPC_NOTIFICATION) {
        rc = mcp__modern_check_notification(s->in, &s->meta, s->call->arena, s->err);
        if (rc != 0)
            mcp__step_fail_err(s, 400);
        else
            notification(s);
        return;
    }
    rc = mcp__modern_check_request(s->in, &s->rpc, &s->meta, s->call->arena, &version, s->err);
    s->client_caps = mcp__client_caps(s->meta.capabilities);
    if (rc == MCP_EVERSION)
        fail_version(s, version, "Unsupported protocol version");
    else if (rc != 0)
        mcp__step_fail_err(s, 400);
    else
        run_method(s);
}

/* What a legacy request over HTTP needs besides its body: 0, or -1 with the error replied. */
static int check_session(struct mcp_step *s)
{
    enum mcp_revision rev;

    if (!mcp_str_is_null(s->in->version_header) &&
        mcp__revision_parse(s->in->version_header, &rev) != 0) {
        fail_step(s, 400, RPC_NO_SESSION,
                  MCP_STR("Bad Request: unsupported MCP-Protocol-Version (supported: 2026-07-28, "
                          "2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05)"));
        return -1;
    }
    if (s->out->method == MCP_METHOD_INITIALIZE)
        return 0;
    if (s->in->session == MCP_SESSION_UNKNOWN) {
        fail_step(s, 404, RPC_SESSION_NOT_FOUND, MCP_STR("Session not found"));
        return -1;
    }
    if (s->in->session == MCP_SESSION_ABSENT) {
        fail_step(s, 400, RPC_NO_SESSION,
                  MCP_STR("Bad Request: no Mcp-Session-Id header; begin with initialize"));
        return -1;
    }
    return 0;
}

static void legacy(struct mcp_step *s)
{
    s->out->rev = s->in->rev;
    s->client_caps = s->in->client_caps;
    if (s->in->http && check_session(s) != 0)
        return;
    if (s->rpc.kind == MCP_RPC_NOTIFICATION)
        notification(s);
    else
        run_method(s);
}

static void classify(struct mcp_step *s)
{
    struct mcp_json claim = s->meta.version;
    struct mcp_era_evidence e = {
        .request = s->rpc.kind == MCP_RPC_REQUEST,
        .initialize = s->out->method == MCP_METHOD_INITIALIZE,
        .claimed = mcp_json_exists(claim),
        .header = s->in->version_header,
    };
    int rc;

    if (mcp_json_str(claim, s->call->arena, &e.claim) != 0)
        e.claim = MCP_STR_NULL;
    if (s->in->http)
        rc = mcp__era_of_http(&e, &s->out->era, s->err);
    else
        rc = mcp__era_of_stdio(s->in->pin, &e, s->out->method == MCP_METHOD_DISCOVER, &s->out->era,
                               s->err);
    if (rc == MCP_EVERSION)
        fail_version(s, MCP_STR_NULL, s->err->message);
    else if (rc != 0)
        mcp__step_fail_err(s, 400);
    else if (s->out->era == MCP_MODERN)
        modern(s);
    else
        legacy(s);
}

void mcp__dispatch(const struct mcp_dispatch *d, const struct mcp_inbound *in, struct mcp_json root,
                   struct mcp_call *call, struct mcp_buf *reply, struct mcp_outcome *out)
{
    struct mcp_json meta;
    struct mcp_error err;
    struct mcp_step s = { .d = d, .in = in, .call = call, .reply = reply, .out = out, .err = &err };

    mcp_error_clear(&err);
    *out = (struct mcp_outcome){ .method = MCP_METHOD_OTHER, .era = MCP_LEGACY, .rev = in->rev };
    if (mcp__rpc_read(root, &s.rpc, &err) != 0) {
        mcp__step_fail_err(&s, 400);
        return;
    }
    out->method = method_of(&s.rpc);
    if (s.rpc.kind == MCP_RPC_RESPONSE) {
        out->kind = mcp_str_is_null(s.rpc.id) ? MCP_OUT_NONE : MCP_OUT_ANSWER;
        out->status = 202;
        out->id = s.rpc.id;
        out->answer = root;
        if (in->http && in->session != MCP_SESSION_OPEN)
            fail(reply, out, MCP_STR_NULL, 400, RPC_NO_SESSION,
                 MCP_STR("Bad Request: a response without a session"), MCP_STR_NULL);
        return;
    }
    meta = mcp_json_get(s.rpc.params, MCP_STR("_meta"));
    if (mcp_json_exists(meta) && mcp_json_type(meta) != MCP_JSON_OBJECT) {
        fail_step(&s, in->http ? 400 : 200, mcp_err_rpc(MCP_EINVAL),
                  MCP_STR("params._meta must be an object"));
    } else if (mcp_json_exists(mcp_json_duplicate(meta))) {
        fail_step(&s, in->http ? 400 : 200, mcp_err_rpc(MCP_EINVAL),
                  MCP_STR("a member stands twice in params._meta"));
    } else {
        mcp__meta_read(meta, &s.meta);
        classify(&s);
    }
    /* A notification never gets a JSON-RPC answer on a stream. */
    if (s.rpc.kind == MCP_RPC_NOTIFICATION && out->kind == MCP_OUT_REPLY && !in->http) {
        mcp_buf_clear(reply);
        out->kind = MCP_OUT_NONE;
    }
}

int mcp__dispatch_parse(const struct mcp_dispatch *d, struct mcp_call *call, mcp_str text,
                        struct mcp_json *root, struct mcp_buf *reply, struct mcp_outcome *out)
{
    struct mcp_error err;
    int rc;

    mcp_error_clear(&err);
    rc = mcp_json_parse(call->arena, text, &d->limits, root, &err);
    if (rc == 0)
        return 0;
    *out = (struct mcp_outcome){ .method = MCP_METHOD_OTHER };
    fail(reply, out, MCP_STR_NULL, rc == MCP_ETOOBIG ? 413 : 400, mcp_err_rpc((enum mcp_err)rc),
         mcp_str_z(err.message), MCP_STR_NULL);
    return rc;
}

int mcp__dispatch_batch(const struct mcp_dispatch *d, const struct mcp_inbound *in,
                        struct mcp_json root, struct mcp_buf *reply, struct mcp_outcome *out)
{
    size_t count = mcp_json_count(root);
    const char *fault = NULL;
    struct mcp_json_iter it;

    *out = (struct mcp_outcome){ .method = MCP_METHOD_OTHER, .rev = in->rev };
    if (in->http && in->session == MCP_SESSION_UNKNOWN) {
        fail(reply, out, MCP_STR_NULL, 404, RPC_SESSION_NOT_FOUND, MCP_STR("Session not found"),
             MCP_STR_NULL);
        return MCP_EREQUEST;
    }
    if (count == 0)
        fault = "an empty batch";
    else if (count > d->max_batch)
        fault = "too many messages in one batch";
    else if ((in->http && in->session != MCP_SESSION_OPEN) ||
             !mcp__revision_has(in->rev, MCP_HAS_BATCH) ||
             (in->pin != NULL && in->pin->pinned && in->pin->era == MCP_MODERN))
        fault = "batches exist in the revisions up to 2025-03-26 only";
    it = mcp_json_iter(root);
    while (fault == NULL && mcp_json_next(&it)) {
        struct mcp_json meta =
            mcp_json_get(mcp_json_get(it.value, MCP_STR("params")), MCP_STR("_meta"));

        if (mcp_json_type(it.value) != MCP_JSON_OBJECT)
            fault = "a message in the batch is no object";
        else if (mcp_json_exists(
                     mcp_json_get(meta, MCP_STR("io.modelcontextprotocol/protocolVersion"))))
            fault = "2026-07-28 has no batches";
    }
    if (fault == NULL)
        return 0;
    fail(reply, out, MCP_STR_NULL, 400, mcp_err_rpc(MCP_EREQUEST), mcp_str_z(fault), MCP_STR_NULL);
    return MCP_EREQUEST;
}
