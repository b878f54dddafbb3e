/* The methods besides tools/call: lists, reading, prompts, completion, logging, subscriptions. */
#include "mcp/proto/envelope.h"
#include "mcp/proto/sealer.h"
#include "mcp/proto/step.h"

#define NAME_SHOWN 128 /* of a foreign name, in an error */

/* ---- lists ----------------------------------------------------------------------------------- */

/* A cursor belongs to one list in one state: of another server, or after a change, it is foreign. */
static mcp_str cursor_bound(struct mcp_step *s, const struct mcp_listing *listing)
{
    return mcp_arena_printf(s->call->arena, "list cursor\x1f%s\x1f%llx",
                            mcp__list_keys[listing->list],
                            (unsigned long long)mcp_str_hash(listing->items));
}

/* 0 with the index of the first item of the page; -1: no cursor of ours. */
static int open_cursor(struct mcp_step *s, const struct mcp_listing *listing, size_t *from)
{
    struct mcp_json cursor = mcp_json_get(s->rpc.params, MCP_STR("cursor"));
    const struct mcp_sealer *sealer = s->d->sealer;
    mcp_str sealed, plain;
    int64_t n;

    *from = 0;
    if (!mcp_json_exists(cursor) || mcp_json_str_eq(cursor, MCP_STR("")))
        return 0;
    if (mcp_json_str(cursor, s->call->arena, &sealed) != 0 || sealer == NULL ||
        !mcp_str_is_null(listing->whole)) /* one page: no cursor was ever given out */
        return -1;
    if (sealer->open(sealer->ctx, s->call->arena, cursor_bound(s, listing), sealed, &plain, NULL) !=
            0 ||
        mcp_str_int64(plain, &n) != 0 || n < 0 || (size_t)n >= listing->n)
        return -1;
    *from = (size_t)n;
    return 0;
}

static void list_page(struct mcp_step *s, const struct mcp_listing *listing, size_t from)
{
    const struct mcp_sealer *sealer = s->d->sealer;
    size_t to = from + s->d->registry->spec.page_size;
    mcp_str next = MCP_STR_NULL;
    struct mcp_buf page;
    int rc = 0;

    if (to >= listing->n)
        to = listing->n;
    else if (sealer == NULL)
        rc = mcp_error_set(s->err, MCP_ECONFIG, "this server has no key to seal cursors with");
    else
        rc = sealer->seal(sealer->ctx, s->call->arena, cursor_bound(s, listing),
                          mcp_arena_printf(s->call->arena, "%zu", to), &next, s->err);
    if (rc != 0) {
        mcp__step_fail_err(s, 200);
        return;
    }
    mcp_buf_init(&page, MCP_CALL_RESULT_MAX);
    mcp__listing_page(listing, from, to, next, &page);
    if (mcp_buf_error(&page) != 0)
        mcp__step_fail(s, 200, mcp_err_rpc(MCP_ENOMEM), MCP_STR("out of memory"), MCP_STR_NULL);
    else
        mcp__step_result(s, mcp_buf_view(&page));
    mcp_buf_release(&page);
}

void mcp__step_list(struct mcp_step *s, enum mcp_list list)
{
    const struct mcp_listing *listing = &s->d->registry->lists[list][s->out->rev];
    size_t from;

    if (open_cursor(s, listing, &from) != 0)
        mcp__step_invalid(s, MCP_STR("Invalid cursor"));
    else if (!mcp_str_is_null(listing->whole))
        mcp__step_result(s, listing->whole);
    else
        list_page(s, listing, from);
}

/* ---- resources ------------------------------------------------------------------------------- */

static void resource_not_found(struct mcp_step *s, mcp_str uri)
{
    struct mcp_error err = { 0 };
    struct mcp_buf text;

    mcp_error_set(&err, MCP_ENOTFOUND, "Resource not found");
    mcp_buf_init(&text, MCP_WATCH_URI_BYTES * 8);
    mcp__envelope_rpc_error(&text, mcp__envelope_not_found(s->out->rev), &err, uri);
    s->out->kind = MCP_OUT_REPLY;
    s->out->status = 200;
    s->out->is_error = true;
    mcp__rpc_error_raw(s->reply, s->rpc.id, mcp_buf_view(&text));
    mcp_buf_release(&text);
}

/* What params.uri is read by, with the variables of its template; NULL with the error replied. */
static const struct mcp_registry_resource *find_resource(struct mcp_step *s, mcp_str *uri,
                                                         mcp_str **vars)
{
    struct mcp_json given = mcp_json_get(s->rpc.params, MCP_STR("uri"));
    const struct mcp_registry_resource *r;

    if (mcp_json_str(given, s->call->arena, uri) != 0 || uri->len == 0 ||
        uri->len > MCP_WATCH_URI_BYTES) {
        mcp__step_invalid(s, MCP_STR("params.uri must be a string of 1 to 8192 bytes"));
        return NULL;
    }
    *vars = mcp_arena_alloc(s->call->arena, MCP_URI_VARS_MAX * sizeof(**vars));
    r = mcp__registry_find_resource(s->d->registry, *uri, s->call->arena, *vars);
    if (r == NULL)
        resource_not_found(s, *uri);
    return r;
}

void mcp__step_resources_read(struct mcp_step *s)
{
    struct mcp_call *call = s->call;
    struct mcp_json none = { 0 };
    mcp_str uri, *vars;
    const struct mcp_registry_resource *r = find_resource(s, &uri, &vars);

    if (r == NULL)
        return;
    call->kind = MCP_CALL_RESOURCE;
    call->resource = r->row;
    call->name = r->row->name;
    call->uri = mcp_arena_str(call->arena, uri);
    call->uri_template = r->uri_template;
    call->vars = r->uri_template == NULL ? NULL : vars;
    if (mcp__step_call(s, none, 0) == 0)
        s->out->kind = MCP_OUT_CALL;
}

/* ---- prompts --------------------------------------------------------------------------------- */

/* The prompt of that name, NULL with the error replied. */
static const struct mcp_prompt *find_prompt(struct mcp_step *s, struct mcp_json name)
{
    const struct mcp_prompt *row;
    mcp_str text;

    if (mcp_json_str(name, s->call->arena, &text) != 0) {
        mcp__step_invalid(s, MCP_STR("the name of the prompt must be a string"));
        return NULL;
    }
    row = mcp__registry_find_prompt(s->d->registry, text);
    if (row == NULL)
        mcp__step_invalid(s, mcp_arena_printf(s->call->arena, "Unknown prompt: %.*s",
                                              MCP_STR_ARG(mcp_str_head(text, NAME_SHOWN))));
    return row;
}

/* Strings only, none of them twice: 0, or -1 with the error replied. */
static int check_strings(struct mcp_step *s, struct mcp_json args)
{
    struct mcp_json_iter it;

    if (!mcp_json_exists(args))
        return 0;
    if (mcp_json_type(args) != MCP_JSON_OBJECT || mcp_json_exists(mcp_json_duplicate(args))) {
        mcp__step_invalid(s, MCP_STR("arguments must be an object that has each of them once"));
        return -1;
    }
    it = mcp_json_iter(args);
    while (mcp_json_next(&it)) {
        if (mcp_json_type(it.value) == MCP_JSON_STRING)
            continue;
        mcp__step_invalid(s, MCP_STR("the values of arguments must be strings"));
        return -1;
    }
    return 0;
}

void mcp__step_prompts_get(struct mcp_step *s)
{
    struct mcp_json args = mcp_json_get(s->rpc.params, MCP_STR("arguments"));
    const struct mcp_prompt *row = find_prompt(s, mcp_json_get(s->rpc.params, MCP_STR("name")));

    if (row == NULL || check_strings(s, args) != 0)
        return;
    for (size_t i = 0; i < row->n_args; i++) {
        if (!row->args[i].required ||
            mcp_json_exists(mcp_json_get(args, mcp_str_z(row->args[i].name))))
            continue;
        mcp__step_invalid(
            s, mcp_arena_printf(s->call->arena, "Missing argument: %s", row->args[i].name));
        return;
    }
    s->call->kind = MCP_CALL_PROMPT;
    s->call->prompt = row;
    s->call->name = row->name;
    if (mcp__step_call(s, args, 0) == 0)
        s->out->kind = MCP_OUT_CALL;
}

/* ---- completion ------------------------------------------------------------------------------ */

static bool has_arg(const struct mcp_prompt *row, mcp_str name)
{
    for (size_t i = 0; i < row->n_args; i++) {
        if (mcp_str_eq(mcp_str_z(row->args[i].name), name))
            return true;
    }
    return false;
}

static bool has_var(const struct mcp_registry_resource *r, mcp_str name)
{
    for (size_t i = 0; r->uri_template != NULL && i < r->uri_template->n_vars; i++) {
        if (mcp_str_eq(r->uri_template->vars[i], name))
            return true;
    }
    return false;
}

/* Finds what ref names and has that argument: 0 with call filled, or -1 with the error replied. */
static int find_ref(struct mcp_step *s, struct mcp_json ref, mcp_str argument)
{
    struct mcp_json type = mcp_json_get(ref, MCP_STR("type"));
    struct mcp_call *call = s->call;
    const struct mcp_registry_resource *r = NULL;
    bool known;
    mcp_str uri;

    call->kind = MCP_CALL_COMPLETE;
    if (mcp_json_str_eq(type, MCP_STR("ref/prompt"))) {
        call->prompt = find_prompt(s, mcp_json_get(ref, MCP_STR("name")));
        if (call->prompt == NULL)
            return -1;
        call->name = call->prompt->name;
        known = has_arg(call->prompt, argument);
    } else if (mcp_json_str_eq(type, MCP_STR("ref/resource")) &&
               mcp_json_str(mcp_json_get(ref, MCP_STR("uri")), call->arena, &uri) == 0) {
        r = mcp__registry_find_template(s->d->registry, uri);
        if (r == NULL) {
            mcp__step_invalid(s, MCP_STR("Unknown resource template"));
            return -1;
        }
        call->resource = r->row;
        call->name = r->row->name;
        known = has_var(r, argument);
    } else {
        mcp__step_invalid(s, MCP_STR("params.ref must be a ref/prompt with its name or a "
                                     "ref/resource with its uri"));
        return -1;
    }
    if (known)
        return 0;
    mcp__step_invalid(s, mcp_arena_printf(call->arena, "%s has no argument %.*s", call->name,
                                          MCP_STR_ARG(mcp_str_head(argument, NAME_SHOWN))));
    return -1;
}

void mcp__step_complete(struct mcp_step *s)
{
    struct mcp_json argument = mcp_json_get(s->rpc.params, MCP_STR("argument"));
    struct mcp_json known = mcp_json_path(s->rpc.params, "context.arguments");
    struct mcp_call *call = s->call;
    mcp_str name, given;
    bool completes;

    if (mcp_json_str(mcp_json_get(argument, MCP_STR("name")), call->arena, &name) != 0 ||
        mcp_json_str(mcp_json_get(argument, MCP_STR("value")), call->arena, &given) != 0) {
        mcp__step_invalid(s, MCP_STR("params.argument must hold name and value, both strings"));
        return;
    }
    if (find_ref(s, mcp_json_get(s->rpc.params, MCP_STR("ref")), name) != 0 ||
        check_strings(s, known) != 0 || mcp__step_call(s, known, 0) != 0)
        return;
    call->argument = mcp_arena_str(call->arena, name);
    call->given = mcp_arena_str(call->arena, given);
    completes =
        call->prompt != NULL ? call->prompt->complete != NULL : call->resource->complete != NULL;
    s->out->kind = completes ? MCP_OUT_CALL : MCP_OUT_DONE;
    if (!completes)
        mcp__envelope_finish(call, 0, NULL); /* known, and nothing to propose */
}

/* ---- logging --------------------------------------------------------------------------------- */

void mcp__step_set_level(struct mcp_step *s)
{
    int severity = mcp__severity_parse(mcp_json_get(s->rpc.params, MCP_STR("level")));

    if (severity < 0) {
        mcp__step_invalid(s, MCP_STR("params.level is none of debug, info, notice, warning, error, "
                                     "critical, alert, emergency"));
        return;
    }
    if (s->in->log_level != NULL)
        *s->in->log_level = severity;
    mcp__step_result(s, MCP_STR("{}"));
}

/* ---- subscriptions --------------------------------------------------------------------------- */

void mcp__step_listen(struct mcp_step *s)
{
    struct mcp_json filter = mcp_json_get(s->rpc.params, MCP_STR("notifications"));
    unsigned served = s->d->registry->spec.changes | (s->d->registry->tasks ? MCP_WATCH_TASKS : 0);

    if (mcp_json_exists(mcp_json_get(filter, MCP_STR("taskIds"))) && !mcp__step_has_tasks(s)) {
        mcp__step_needs_tasks(s);
        return;
    }
    if (mcp__watch_read(&s->out->watch, filter, served, s->rpc.id, s->call->arena, s->err) != 0) {
        mcp__step_fail_err(s, 200);
        return;
    }
    s->out->kind = MCP_OUT_LISTEN;
    s->out->status = 200;
}

void mcp__step_subscribe(struct mcp_step *s, bool on)
{
    mcp_str uri, *vars;
    int rc = 0;

    if (find_resource(s, &uri, &vars) == NULL)
        return;
    if (on && s->in->watch != NULL)
        rc = mcp__watch_add(s->in->watch, uri);
    else if (s->in->watch != NULL)
        mcp__watch_remove(s->in->watch, uri);
    if (rc != 0)
        mcp__step_invalid(s, MCP_STR("the session has as many subscriptions as it may have"));
    else
        mcp__step_result(s, MCP_STR("{}"));
}
