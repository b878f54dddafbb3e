/* The inside of asking back: what was asked, what came back, and the state that travels sealed. */
#include "mcp/proto/ask.h"

#include "mcp/proto/call_internal.h"
#include "mcp/proto/json_doc.h"
#include "mcp/proto/sealer.h"

#include <stdio.h>
#include <stdlib.h>

#define STATE_LIFE_S 600
#define STATE_MAX ((size_t)60 << 10)
#define CANON_DEPTH 64
#define KEY_MAX 128

static const struct {
    const char *method;
    const char *capability; /* as it stands in -32021 */
    const char *words;
} kinds[] = {
    [MCP_ASK_FORM] = { "elicitation/create", "{\"elicitation\":{}}", "elicitation" },
    [MCP_ASK_URL] = { "elicitation/create", "{\"elicitation\":{\"url\":{}}}",
                      "elicitation in URL mode" },
    [MCP_ASK_SAMPLE] = { "sampling/createMessage", "{\"sampling\":{}}", "sampling" },
    [MCP_ASK_ROOTS] = { "roots/list", "{\"roots\":{}}", "roots" },
};

unsigned mcp__client_caps(struct mcp_json capabilities)
{
    struct mcp_json elicitation, url;
    unsigned caps = 0;

    if (mcp_json_count(capabilities) == 0)
        return 0;
    elicitation = mcp_json_get(capabilities, MCP_STR("elicitation"));
    url = mcp_json_get(elicitation, MCP_STR("url"));
    /* An empty object stands for forms, as it did before there was anything else. */
    if (mcp_json_type(elicitation) == MCP_JSON_OBJECT &&
        (mcp_json_count(elicitation) == 0 ||
         mcp_json_exists(mcp_json_get(elicitation, MCP_STR("form"))) || !mcp_json_exists(url)))
        caps |= MCP_CLIENT_FORM;
    if (mcp_json_type(url) == MCP_JSON_OBJECT)
        caps |= MCP_CLIENT_URL;
    if (mcp_json_type(mcp_json_get(capabilities, MCP_STR("sampling"))) == MCP_JSON_OBJECT)
        caps |= MCP_CLIENT_SAMPLING;
    if (mcp_json_type(mcp_json_get(capabilities, MCP_STR("roots"))) == MCP_JSON_OBJECT)
        caps |= MCP_CLIENT_ROOTS;
    if (mcp_json_type(mcp_json_get(mcp_json_get(capabilities, MCP_STR("extensions")),
                                   MCP_STR("io.modelcontextprotocol/tasks"))) == MCP_JSON_OBJECT)
        caps |= MCP_CLIENT_TASKS;
    return caps;
}

/* ---- what handlers see ----------------------------------------------------------------------- */

static struct mcp_keyed *find(struct mcp_keyed *list, mcp_str key)
{
    while (list != NULL && !mcp_str_eq(list->key, key))
        list = list->next;
    return list;
}

/* The newest value of a key wins. */
static void put(struct mcp_call *call, struct mcp_keyed **list, mcp_str key, struct mcp_json value)
{
    struct mcp_keyed *item = find(*list, key);

    if (item == NULL) {
        item = MCP_ARENA_NEW(call->arena, struct mcp_keyed);
        item->key = mcp_arena_str(call->arena, key);
        item->next = *list;
        *list = item;
    }
    item->value = value;
}

/* A copy without line breaks: between the tokens of JSON a blank means the same. */
static mcp_str one_line(struct mcp_arena *arena, mcp_str json)
{
    char *copy;

    if (mcp_str_is_null(json))
        return json;
    copy = mcp_arena_alloc(arena, json.len + 1);
    for (size_t i = 0; i < json.len; i++)
        copy[i] = json.ptr[i] == '\n' || json.ptr[i] == '\r' ? ' ' : json.ptr[i];
    return mcp_str_n(copy, json.len);
}

int mcp_need(struct mcp_call *call, const char *key, enum mcp_ask kind, mcp_str params,
             struct mcp_error *err)
{
    mcp_str name = mcp_str_z(key);
    struct mcp_question **last = &call->questions;
    struct mcp_question *q;

    if ((call->client_caps & (1U << kind)) == 0) {
        call->missing_cap = kind;
        return mcp_error_set(err, MCP_ECAPABILITY, "this needs a client with %s",
                             kinds[kind].words);
    }
    MCP_BUG_ON(name.len == 0 || name.len > KEY_MAX);
    while (*last != NULL) {
        if (mcp_str_eq((*last)->key, name))
            return 0;
        last = &(*last)->next;
    }
    q = MCP_ARENA_NEW(call->arena, struct mcp_question);
    q->key = mcp_arena_str(call->arena, name);
    q->kind = kind;
    q->params = one_line(call->arena, params);
    *last = q;
    return 0;
}

struct mcp_json mcp_input(struct mcp_call *call, const char *key)
{
    struct mcp_keyed *item = find(call->inputs, mcp_str_z(key));

    return item == NULL ? (struct mcp_json){ 0 } : item->value;
}

struct mcp_json mcp_input_content(struct mcp_call *call, const char *key, bool *answered)
{
    struct mcp_json answer = mcp_input(call, key);

    if (answered != NULL)
        *answered = mcp_json_exists(answer);
    if (!mcp_json_str_eq(mcp_json_get(answer, MCP_STR("action")), MCP_STR("accept")))
        return (struct mcp_json){ 0 };
    return mcp_json_get(answer, MCP_STR("content"));
}

void mcp_state_set(struct mcp_call *call, const char *key, mcp_str json)
{
    mcp_str text = mcp_arena_str(call->arena, json);
    struct mcp_json value;

    MCP_BUG_ON(mcp_json_parse(call->arena, text, NULL, &value, NULL) != 0);
    put(call, &call->state, mcp_str_z(key), value);
}

struct mcp_json mcp_state_get(struct mcp_call *call, const char *key)
{
    struct mcp_keyed *item = find(call->state, mcp_str_z(key));

    return item == NULL ? (struct mcp_json){ 0 } : item->value;
}

/* ---- what a state is bound to ---------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    const struct mcp_json_iter *x = a, *y = b;

    return mcp__json_content_cmp(mcp__json_content(x->key), mcp__json_content(y->key));
}

static void put_canonical(struct mcp_buf *out, struct mcp_json v, struct mcp_arena *arena,
                          unsigned depth);

static void put_canonical_object(struct mcp_buf *out, struct mcp_json v, struct mcp_arena *arena,
                                 unsigned depth)
{
    size_t n = mcp_json_count(v), i = 0;
    struct mcp_json_iter *members = mcp_arena_try_array(arena, n + 1, sizeof(*members));
    struct mcp_json_iter it = mcp_json_iter(v);

    if (members == NULL) {
        out->failed = out->no_memory = true;
        return;
    }
    while (mcp_json_next(&it))
        members[i++] = it;
    qsort(members, n, sizeof(*members), by_key);
    mcp_buf_char(out, '{');
    for (i = 0; i < n; i++) {
        put_canonical(out, members[i].key, arena, depth);
        put_canonical(out, members[i].value, arena, depth);
    }
    mcp_buf_char(out, '}');
}

/* A client may print its params anew: order of members, blanks and escapes do not count. */
static void put_canonical(struct mcp_buf *out, struct mcp_json v, struct mcp_arena *arena,
                          unsigned depth)
{
    enum mcp_json_type type = mcp_json_type(v);
    struct mcp_json_iter it;
    mcp_str text;

    if (depth == 0) {
        out->failed = true;
    } else if (type == MCP_JSON_OBJECT) {
        put_canonical_object(out, v, arena, depth - 1);
    } else if (type == MCP_JSON_ARRAY) {
        mcp_buf_char(out, '[');
        for (it = mcp_json_iter(v); mcp_json_next(&it);)
            put_canonical(out, it.value, arena, depth - 1);
        mcp_buf_char(out, ']');
    } else if (type == MCP_JSON_STRING && mcp_json_str(v, arena, &text) == 0) {
        mcp_json_quote(out, text);
    } else {
        mcp_buf_str(out, mcp_json_raw(v));
        mcp_buf_char(out, ' ');
    }
}

/* The caller, the request and its params: a state given to one is worth nothing for another. */
static mcp_str bound_of(struct mcp_call *call, struct mcp_error *err)
{
    struct mcp_buf text;
    mcp_str bound = MCP_STR_NULL;

    mcp_buf_init(&text, (size_t)8 << 20);
    mcp_buf_printf(&text, "request state\x1f%d\x1f%s\x1f", (int)call->kind, call->name);
    mcp_json_quote(&text, call->principal);
    mcp_json_quote(&text, mcp_str_is_null(call->uri) ? MCP_STR("") : call->uri);
    put_canonical(&text, call->args, call->arena, CANON_DEPTH);
    if (mcp_buf_error(&text) == 0)
        bound = mcp_arena_str(call->arena, mcp_buf_view(&text));
    else
        mcp_error_set(err, MCP_ETOOBIG, "the params are too large to be asked for again");
    mcp_buf_release(&text);
    return bound;
}

/* ---- rounds ---------------------------------------------------------------------------------- */

static void take_all(struct mcp_call *call, struct mcp_keyed **list, struct mcp_json object,
                     bool objects_only)
{
    struct mcp_json_iter it = mcp_json_iter(object);
    mcp_str key;

    while (mcp_json_next(&it)) {
        /* What is no object cannot be an answer: it counts as missing and is asked for again. */
        if (objects_only && mcp_json_type(it.value) != MCP_JSON_OBJECT)
            continue;
        if (mcp_json_str(it.key, call->arena, &key) == 0 && key.len <= KEY_MAX)
            put(call, list, key, it.value);
    }
}

static int open_state(struct mcp_call *call, struct mcp_error *err)
{
    static const char refused[] = "requestState was not given for this request, or is too old";
    mcp_str bound = bound_of(call, err), plain;
    struct mcp_json doc;

    if (mcp_str_is_null(bound))
        return MCP_ETOOBIG;
    if (call->sealer == NULL ||
        call->sealer->open(call->sealer->ctx, call->arena, bound, call->given_state, &plain,
                           NULL) != 0 ||
        mcp_json_parse(call->arena, plain, NULL, &doc, NULL) != 0 ||
        mcp_json_get_int64(doc, MCP_STR("until"), 0) < call->wall_s)
        return mcp_error_set(err, MCP_EINVAL, "%s", refused);
    take_all(call, &call->inputs, mcp_json_get(doc, MCP_STR("inputs")), true);
    take_all(call, &call->state, mcp_json_get(doc, MCP_STR("state")), false);
    return 0;
}

int mcp__ask_open(struct mcp_call *call, struct mcp_error *err)
{
    int rc = mcp_str_is_null(call->given_state) ? 0 : open_state(call, err);

    call->given_state = MCP_STR_NULL; /* once: the runs of one call keep what it held */
    if (rc != 0) {
        call->as_rpc_error = true;
        return rc;
    }
    if (mcp_json_type(call->given_inputs) == MCP_JSON_OBJECT)
        take_all(call, &call->inputs, call->given_inputs, true);
    call->given_inputs = (struct mcp_json){ 0 };
    call->questions = NULL;
    return 0;
}

static void put_list(struct mcp_jsonw *w, const char *name, const struct mcp_keyed *list)
{
    mcp_jsonw_kobject(w, name);
    for (; list != NULL; list = list->next) {
        mcp_jsonw_key(w, list->key);
        mcp_jsonw_raw(w, mcp_json_raw(list->value));
    }
    mcp_jsonw_end(w);
}

static int seal_state(struct mcp_call *call, mcp_str *sealed, struct mcp_error *err)
{
    mcp_str bound = bound_of(call, err);
    struct mcp_buf plain;
    struct mcp_jsonw w;
    int rc = MCP_ETOOBIG;

    mcp_buf_init(&plain, STATE_MAX);
    if (mcp_str_is_null(bound))
        goto out;
    mcp_jsonw_init(&w, &plain);
    mcp_jsonw_object(&w);
    mcp_jsonw_kint(&w, "until", call->wall_s + STATE_LIFE_S);
    put_list(&w, "inputs", call->inputs);
    put_list(&w, "state", call->state);
    mcp_jsonw_end(&w);
    if (mcp_buf_error(&plain) != 0)
        mcp_error_set(err, MCP_ETOOBIG, "the answers and the state of this call are too large");
    else if (call->sealer == NULL)
        rc = mcp_error_set(err, MCP_ECONFIG, "this server has no key to seal a state with");
    else
        rc = call->sealer->seal(call->sealer->ctx, call->arena, bound, mcp_buf_view(&plain), sealed,
                                err);
out:
    mcp_buf_release(&plain);
    return rc;
}

static void put_request(struct mcp_jsonw *w, const struct mcp_question *q)
{
    mcp_jsonw_kz(w, "method", kinds[q->kind].method);
    if (!mcp_str_is_null(q->params))
        mcp_jsonw_kraw(w, "params", q->params);
}

static mcp_str numbered_key(const struct mcp_question *q, char out[KEY_MAX + 24])
{
    int n =
        snprintf(out, KEY_MAX + 24, "%.*s-%llu", MCP_STR_ARG(q->key), (unsigned long long)q->id);

    return mcp_str_n(out, (size_t)n);
}

void mcp__ask_list(struct mcp_jsonw *w, const struct mcp_question *q, bool numbered)
{
    char key[KEY_MAX + 24];

    for (; q != NULL; q = q->next) {
        if (q->answered)
            continue;
        mcp_jsonw_key(w, numbered ? numbered_key(q, key) : q->key);
        mcp_jsonw_object(w);
        put_request(w, q);
        mcp_jsonw_end(w);
    }
}

struct mcp_json mcp__ask_pick(struct mcp_json object, const struct mcp_question *q)
{
    char key[KEY_MAX + 24];

    return mcp_json_get(object, numbered_key(q, key));
}

void mcp__ask_request(struct mcp_buf *out, const struct mcp_question *q)
{
    struct mcp_jsonw w;

    mcp_jsonw_init(&w, out);
    mcp_jsonw_object(&w);
    mcp_jsonw_kz(&w, "jsonrpc", "2.0");
    mcp_jsonw_kint(&w, "id", (int64_t)q->id);
    put_request(&w, q);
    mcp_jsonw_end(&w);
}

int mcp__ask_close(struct mcp_call *call, struct mcp_error *err)
{
    struct mcp_jsonw w;
    mcp_str sealed;
    int rc;

    if (call->kind == MCP_CALL_COMPLETE || (call->questions == NULL && call->state == NULL))
        return mcp_error_set(err, MCP_EINTERNAL, "%s asked for nothing", call->name);
    if (!mcp__revision_has(call->rev, MCP_HAS_RESULT_TYPE)) {
        if (call->questions == NULL || ++call->rounds > MCP_ASK_ROUNDS_MAX)
            return mcp_error_set(err, MCP_EINTERNAL,
                                 "%s does not come to an end with its questions", call->name);
        call->input_required = true;
        return 0;
    }
    rc = seal_state(call, &sealed, err);
    if (rc != 0)
        return rc;
    mcp__call_clear(call);
    mcp_jsonw_init(&w, &call->content);
    mcp_jsonw_object(&w);
    mcp_jsonw_kz(&w, "resultType", "input_required");
    if (call->questions != NULL) {
        mcp_jsonw_kobject(&w, "inputRequests");
        mcp__ask_list(&w, call->questions, false);
        mcp_jsonw_end(&w);
    }
    mcp_jsonw_kstr(&w, "requestState", sealed);
    call->input_required = true;
    return 0;
}

bool mcp__ask_answer(struct mcp_call *call, struct mcp_question *q, struct mcp_json value)
{
    mcp_str raw = mcp_json_raw(value);
    char *copy = mcp_arena_try(call->arena, raw.len);
    struct mcp_json own;

    if (copy == NULL)
        return false;
    memcpy(copy, raw.ptr, raw.len);
    if (mcp_json_parse(call->arena, mcp_str_n(copy, raw.len), NULL, &own, NULL) != 0)
        return false;
    q->answered = true;
    if (mcp_json_type(own) == MCP_JSON_OBJECT)
        put(call, &call->inputs, q->key, own);
    return true;
}

void mcp__ask_refusal(struct mcp_call *call, mcp_str message)
{
    struct mcp_jsonw w;

    mcp_jsonw_init(&w, &call->content);
    mcp_jsonw_object(&w);
    mcp_jsonw_kint(&w, "code", mcp_err_rpc(MCP_ECAPABILITY));
    mcp_jsonw_kstr(&w, "message", message);
    mcp_jsonw_kobject(&w, "data");
    mcp_jsonw_kraw(&w, "requiredCapabilities", mcp_str_z(kinds[call->missing_cap].capability));
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
}
