/* Headers that mirror arguments (x-mcp-header, Mcp-Param-NAME), and the sentinel of their values. */
#include "mcp/proto/param_header.h"

#include <mcp/base64.h>
#include <mcp/decimal.h>

#define KEYWORD MCP_STR("x-mcp-header")
#define MAX_DEPTH 16 /* of properties inside properties */
#define MAX_HEADERS 64 /* of one tool */
#define MAX_VALUE ((size_t)64 << 10)

/* RFC 9110 token. */
static bool is_token(mcp_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') &&
            memchr("!#$%&'*+-.^_`|~", c, 15) == NULL)
            return false;
    }
    return s.len > 0;
}

/* How often the keyword stands anywhere in the schema; the parser has bounded the depth. */
static size_t count_keyword(struct mcp_json v)
{
    struct mcp_json_iter it;
    size_t n = 0;
    enum mcp_json_type type = mcp_json_type(v);

    if (type != MCP_JSON_OBJECT && type != MCP_JSON_ARRAY)
        return 0;
    it = mcp_json_iter(v);
    while (mcp_json_next(&it)) {
        if (type == MCP_JSON_OBJECT && mcp_json_str_eq(it.key, KEYWORD))
            n++;
        n += count_keyword(it.value);
    }
    return n;
}

struct compiling {
    struct mcp_arena *arena;
    struct mcp_param_headers *headers;
    mcp_str path[MAX_DEPTH];
    size_t depth;
};

static int add_header(struct compiling *c, struct mcp_json schema, struct mcp_json keyword,
                      struct mcp_error *err)
{
    struct mcp_json type = mcp_json_get(schema, MCP_STR("type"));
    struct mcp_param_header *h;
    mcp_str *path;
    mcp_str name;

    if (mcp_json_str(keyword, c->arena, &name) != 0 || !is_token(name))
        return mcp_error_set(err, MCP_EINVAL, "x-mcp-header must be a header name, not %.*s",
                             MCP_STR_ARG(mcp_json_raw(keyword)));
    for (size_t i = 0; i < c->headers->count; i++) {
        if (mcp_str_eq_nocase(c->headers->items[i].name, name))
            return mcp_error_set(err, MCP_EINVAL, "x-mcp-header %.*s is declared twice",
                                 MCP_STR_ARG(name));
    }
    if (c->headers->count == MAX_HEADERS)
        return mcp_error_set(err, MCP_EINVAL, "more than %d x-mcp-header", MAX_HEADERS);
    h = &c->headers->items[c->headers->count];
    if (mcp_json_str_eq(type, MCP_STR("string")))
        h->type = MCP_JSON_STRING;
    else if (mcp_json_str_eq(type, MCP_STR("boolean")))
        h->type = MCP_JSON_BOOL;
    else if (mcp_json_str_eq(type, MCP_STR("integer")))
        h->type = MCP_JSON_NUMBER;
    else
        return mcp_error_set(err, MCP_EINVAL,
                             "x-mcp-header %.*s needs type string, integer or boolean",
                             MCP_STR_ARG(name));
    path = mcp_arena_alloc(c->arena, c->depth * sizeof(*path));
    memcpy(path, c->path, c->depth * sizeof(*path));
    h->name = name;
    h->path = path;
    h->n_path = c->depth;
    c->headers->count++;
    return 0;
}

static int collect(struct compiling *c, struct mcp_json schema, struct mcp_error *err)
{
    struct mcp_json properties = mcp_json_get(schema, MCP_STR("properties"));
    struct mcp_json_iter it;

    if (mcp_json_type(properties) != MCP_JSON_OBJECT || c->depth == MAX_DEPTH)
        return 0;
    it = mcp_json_iter(properties);
    while (mcp_json_next(&it)) {
        struct mcp_json keyword = mcp_json_get(it.value, KEYWORD);
        int rc = mcp_json_str(it.key, c->arena, &c->path[c->depth]);

        if (rc != 0)
            return mcp_error_set(err, MCP_EINVAL, "property name cannot be read");
        c->depth++;
        if (mcp_json_exists(keyword))
            rc = add_header(c, it.value, keyword, err);
        if (rc == 0)
            rc = collect(c, it.value, err);
        c->depth--;
        if (rc != 0)
            return rc;
    }
    return 0;
}

int mcp__param_headers_compile(struct mcp_arena *arena, struct mcp_json schema,
                               const struct mcp_param_headers **out, struct mcp_error *err)
{
    size_t total = count_keyword(schema);
    struct compiling c = { .arena = arena };
    int rc;

    *out = NULL;
    if (total == 0)
        return 0;
    c.headers = MCP_ARENA_NEW(arena, struct mcp_param_headers);
    c.headers->items = mcp_arena_alloc(arena, MAX_HEADERS * sizeof(*c.headers->items));
    rc = collect(&c, schema, err);
    if (rc != 0)
        return rc;
    if (c.headers->count != total)
        return mcp_error_set(err, MCP_EINVAL,
                             "x-mcp-header stands where only `properties` may lead to it");
    *out = c.headers;
    return 0;
}

int mcp__header_value_decode(struct mcp_arena *arena, mcp_str value, mcp_str *out)
{
    mcp_str body = value;
    struct mcp_buf text;
    int rc = -1;

    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        if ((c < 0x20 && c != '\t') || c > 0x7e)
            return -1;
    }
    if (!mcp_str_cut_prefix(&body, MCP_STR("=?base64?")) || !mcp_str_ends(body, MCP_STR("?="))) {
        *out = value;
        return 0;
    }
    body.len -= 2;
    mcp_buf_init(&text, MAX_VALUE);
    if (mcp_base64_decode(&text, MCP_BASE64_STD, body) == 0 && mcp_buf_error(&text) == 0 &&
        mcp_str_is_utf8(mcp_buf_view(&text))) {
        *out = mcp_arena_str(arena, text.len == 0 ? MCP_STR("") : mcp_buf_view(&text));
        rc = 0;
    }
    mcp_buf_release(&text);
    return rc;
}

/* Only plain decimals in the header; compared as numbers, so that 42.0 is 42. */
static bool same_integer(mcp_str header, mcp_str raw)
{
    struct mcp_decimal a, b;

    for (size_t i = 0; i < header.len; i++) {
        if (header.ptr[i] == 'e' || header.ptr[i] == 'E')
            return false;
    }
    return mcp_decimal_parse(header, &a) == 0 && mcp_decimal_parse(raw, &b) == 0 &&
           mcp_decimal_cmp(&a, &b) == 0;
}

static bool same_value(const struct mcp_param_header *h, struct mcp_json v, mcp_str header)
{
    bool flag;

    switch (mcp_json_type(v)) {
    case MCP_JSON_STRING:
        return mcp_json_str_eq(v, header);
    case MCP_JSON_BOOL:
        return mcp_json_bool(v, &flag) == 0 &&
               mcp_str_eq(header, flag ? MCP_STR("true") : MCP_STR("false"));
    case MCP_JSON_NUMBER:
        return same_integer(header, mcp_json_raw(v));
    default:
        /* Of a type the schema refuses: its check has the better words. */
        return h->type != MCP_JSON_MISSING;
    }
}

int mcp__param_headers_check(const struct mcp_param_headers *headers, struct mcp_json args,
                             struct mcp_arena *arena, mcp_param_lookup_fn lookup, void *ctx,
                             struct mcp_error *err)
{
    for (size_t i = 0; i < headers->count; i++) {
        const struct mcp_param_header *h = &headers->items[i];
        struct mcp_json v = args;
        mcp_str value, text;

        for (size_t k = 0; k < h->n_path; k++)
            v = mcp_json_get(v, h->path[k]);
        if (!mcp_json_exists(v) || mcp_json_type(v) == MCP_JSON_NULL)
            continue;
        value = lookup(ctx, h->name);
        if (mcp_str_is_null(value))
            return mcp_error_set(err, MCP_EHEADER, "header Mcp-Param-%.*s is missing",
                                 MCP_STR_ARG(h->name));
        if (mcp__header_value_decode(arena, value, &text) != 0)
            return mcp_error_set(err, MCP_EHEADER, "header Mcp-Param-%.*s is malformed",
                                 MCP_STR_ARG(h->name));
        if (!same_value(h, v, text))
            return mcp_error_set(err, MCP_EHEADER,
                                 "header Mcp-Param-%.*s differs from the argument",
                                 MCP_STR_ARG(h->name));
    }
    return 0;
}
