/* Reading JSON: tokens behind the strict scan, with typed access; no tree, no copy. */
#include <mcp/decimal.h>
#include <mcp/json.h>

#define MCP__JSON_PARSER
#include "json_doc.h"

#include <math.h>
#include <stdlib.h>

#define MISSING ((struct mcp_json){ NULL, 0 })

size_t mcp__json_doc_bytes(size_t tokens)
{
    return sizeof(struct mcp_json_doc) + tokens * (sizeof(jsmntok_t) + sizeof(uint32_t));
}

/* Backwards, each token tells its parent where its content ends. */
static void link_next(struct mcp_json_doc *doc, size_t n)
{
    memset(doc->next, 0, n * sizeof(*doc->next));
    for (size_t i = n; i-- > 0;) {
        int parent = doc->toks[i].parent;

        if (doc->next[i] == 0)
            doc->next[i] = (uint32_t)i + 1;
        /* The first child seen from behind is the last one. */
        if (parent >= 0 && doc->next[parent] == 0)
            doc->next[parent] = doc->next[i];
    }
}

static void place(struct mcp_json_doc *doc, mcp_str text, size_t tokens)
{
    doc->text = text;
    doc->toks = (jsmntok_t *)(doc + 1);
    doc->next = (uint32_t *)(doc->toks + tokens);
}

static void take_notes(struct mcp_json_doc *doc, const struct mcp__json_notes *notes, size_t n)
{
    memcpy(doc->toks, notes->toks, n * sizeof(*doc->toks));
    memcpy(doc->next, notes->next, n * sizeof(*doc->next));
    doc->plain = notes->plain;
}

int mcp__json_doc_make(void *room, mcp_str text, size_t tokens, struct mcp_json *root,
                       struct mcp_error *err)
{
    struct mcp_json_doc *doc = room;
    jsmn_parser parser;
    int n;

    place(doc, text, tokens);
    jsmn_init(&parser);
    n = jsmn_parse(&parser, text.ptr, text.len, doc->toks, (unsigned)tokens);
    if (n <= 0 || (size_t)n != tokens)
        return mcp_error_set(err, MCP_EPARSE, "invalid JSON");
    link_next(doc, tokens);
    doc->plain = memchr(text.ptr, '\\', text.len) == NULL;
    *root = (struct mcp_json){ doc, 0 };
    return 0;
}

int mcp_json_parse(struct mcp_arena *arena, mcp_str text, const struct mcp_json_limits *limits,
                   struct mcp_json *root, struct mcp_error *err)
{
    struct mcp__json_notes notes;
    size_t tokens;
    void *room;
    int rc = mcp__json_scan_notes(text, limits, &notes, &tokens, err);

    if (rc < 0)
        return rc;
    room = mcp_arena_try(arena, mcp__json_doc_bytes(tokens));
    if (room == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for a JSON text of %zu values", tokens);
    /* What did not fit is cut by jsmn, now that it is known how many tokens there are. */
    if (tokens > MCP__JSON_NOTES)
        return mcp__json_doc_make(room, text, tokens, root, err);
    place(room, text, tokens);
    take_notes(room, &notes, tokens);
    *root = (struct mcp_json){ room, 0 };
    return 0;
}

enum mcp_json_type mcp_json_type(struct mcp_json v)
{
    if (v.doc == NULL)
        return MCP_JSON_MISSING;
    switch (mcp__json_tok(v)->type) {
    case JSMN_OBJECT:
        return MCP_JSON_OBJECT;
    case JSMN_ARRAY:
        return MCP_JSON_ARRAY;
    case JSMN_STRING:
        return MCP_JSON_STRING;
    case JSMN_PRIMITIVE:
    case JSMN_UNDEFINED:
    default:
        break;
    }
    switch (v.doc->text.ptr[mcp__json_tok(v)->start]) {
    case 't':
    case 'f':
        return MCP_JSON_BOOL;
    case 'n':
        return MCP_JSON_NULL;
    default:
        return MCP_JSON_NUMBER;
    }
}

mcp_str mcp_json_raw(struct mcp_json v)
{
    const jsmntok_t *tok;
    size_t quote;

    if (v.doc == NULL)
        return MCP_STR_NULL;
    tok = mcp__json_tok(v);
    quote = tok->type == JSMN_STRING ? 1 : 0;
    return mcp_str_n(v.doc->text.ptr + tok->start - quote,
                     (size_t)(tok->end - tok->start) + 2 * quote);
}

size_t mcp_json_count(struct mcp_json v)
{
    enum mcp_json_type type = mcp_json_type(v);

    return type == MCP_JSON_ARRAY || type == MCP_JSON_OBJECT ? (size_t)mcp__json_tok(v)->size : 0;
}

struct mcp_json mcp_json_get(struct mcp_json object, mcp_str name)
{
    uint32_t i, left;

    if (object.doc == NULL || mcp__json_tok(object)->type != JSMN_OBJECT)
        return MISSING;
    i = object.tok + 1;
    for (left = (uint32_t)mcp__json_tok(object)->size; left > 0; left--) {
        if (mcp__json_is((struct mcp_json){ object.doc, i }, name))
            return (struct mcp_json){ object.doc, i + 1 };
        i = object.doc->next[i];
    }
    return MISSING;
}

struct mcp_json mcp_json_path(struct mcp_json object, const char *dotted)
{
    mcp_str rest = mcp_str_z(dotted);

    while (rest.len > 0 && mcp_json_exists(object)) {
        mcp_str name;

        mcp_str_cut(&rest, '.', &name);
        object = mcp_json_get(object, name);
    }
    return object;
}

struct mcp_json_iter mcp_json_iter(struct mcp_json container)
{
    /* The first step makes the index 0. */
    struct mcp_json_iter it = { .index = SIZE_MAX,
                                .doc = container.doc,
                                .next = container.tok + 1 };
    const jsmntok_t *tok;

    if (container.doc == NULL)
        return it;
    tok = mcp__json_tok(container);
    it.object = tok->type == JSMN_OBJECT;
    if (it.object || tok->type == JSMN_ARRAY)
        it.left = (uint32_t)tok->size;
    return it;
}

bool mcp_json_next(struct mcp_json_iter *it)
{
    if (it->left == 0)
        return false;
    it->left--;
    it->index++;
    it->key = it->object ? (struct mcp_json){ it->doc, it->next } : MISSING;
    it->value = (struct mcp_json){ it->doc, it->next + (it->object ? 1 : 0) };
    it->next = it->doc->next[it->next];
    return true;
}

int mcp_json_bool(struct mcp_json v, bool *out)
{
    if (mcp_json_type(v) != MCP_JSON_BOOL)
        return -1;
    *out = v.doc->text.ptr[mcp__json_tok(v)->start] == 't';
    return 0;
}

int mcp_json_int64(struct mcp_json v, int64_t *out)
{
    struct mcp_decimal d;
    char digits[24]; /* sign and at most 19 digits */
    size_t n = 0;

    if (mcp_json_type(v) != MCP_JSON_NUMBER || mcp_decimal_parse(mcp_json_raw(v), &d) < 0)
        return -1;
    if (!mcp_decimal_is_integer(&d) || d.exponent > 19)
        return -1;
    if (d.sign < 0)
        digits[n++] = '-';
    for (size_t i = 0; i < d.digits.len; i++) {
        if (d.digits.ptr[i] != '.')
            digits[n++] = d.digits.ptr[i];
    }
    for (size_t whole = (size_t)d.exponent + (d.sign < 0 ? 1 : 0); n < whole;)
        digits[n++] = '0';
    return d.sign == 0 ? (*out = 0, 0) : mcp_str_int64(mcp_str_n(digits, n), out);
}

int mcp_json_double(struct mcp_json v, double *out)
{
    mcp_str raw = mcp_json_raw(v);
    char copy[512];
    double value;

    if (mcp_json_type(v) != MCP_JSON_NUMBER)
        return -1;
    /* strtod stops at what follows a number inside a text; at the very end nothing may follow. */
    if (raw.ptr + raw.len == v.doc->text.ptr + v.doc->text.len) {
        if (raw.len >= sizeof(copy))
            return -1;
        memcpy(copy, raw.ptr, raw.len);
        copy[raw.len] = '\0';
        raw.ptr = copy;
    }
    value = strtod(raw.ptr, NULL);
    if (!isfinite(value))
        return -1;
    *out = value;
    return 0;
}

mcp_str mcp_json_get_str(struct mcp_json object, mcp_str name, struct mcp_arena *arena)
{
    mcp_str out;

    return mcp_json_str(mcp_json_get(object, name), arena, &out) < 0 ? MCP_STR_NULL : out;
}

bool mcp_json_get_bool(struct mcp_json object, mcp_str name, bool fallback)
{
    bool out;

    return mcp_json_bool(mcp_json_get(object, name), &out) < 0 ? fallback : out;
}

int64_t mcp_json_get_int64(struct mcp_json object, mcp_str name, int64_t fallback)
{
    int64_t out;

    return mcp_json_int64(mcp_json_get(object, name), &out) < 0 ? fallback : out;
}
