/* The rows of a BigQuery answer, walked in place: one row at a time, cells as text. */
#include "rows.h"

#include <mcp/json.h>

#define MAX_BYTES ((size_t)64 << 20)
#define MAX_COLUMNS 64
#define SCRATCH_BYTES 4096 /* for cells with escapes, of one row */

/* A place in JSON text that the strict scan has passed: no bounds can be crossed by what is
 * well-formed, but every step looks at end all the same. */
struct cursor {
    const char *at, *end;
};

static inline void space(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t'))
        c->at++;
}

/* The byte ch, behind white space. */
static inline bool take(struct cursor *c, char ch)
{
    space(c);
    if (c->at >= c->end || *c->at != ch)
        return false;
    c->at++;
    return true;
}

/* A string: the bytes between its quotes, and whether any of them is escaped. */
static inline bool string(struct cursor *c, mcp_str *out, bool *escaped)
{
    const char *start;

    *escaped = false;
    if (!take(c, '"'))
        return false;
    for (start = c->at; c->at < c->end; c->at++) {
        if (*c->at == '"') {
            *out = mcp_str_n(start, (size_t)(c->at - start));
            c->at++;
            return true;
        }
        if (*c->at == '\\') {
            *escaped = true;
            c->at++;
        }
    }
    return false;
}

/* A number or a word: up to what ends it. */
static void word(struct cursor *c)
{
    while (c->at < c->end && *c->at != '}' && *c->at != ',' && *c->at > ' ')
        c->at++;
}

static int foreign(struct mcp_error *err, const char *what)
{
    return mcp_error_set(err, MCP_EUPSTREAM, "BigQuery's answer has %s", what);
}

int gcp_rows_split(mcp_str body, struct mcp_arena *arena, mcp_str *envelope, mcp_str *rows,
                   struct mcp_error *err)
{
    struct mcp_json_limits limits = { .max_bytes = MAX_BYTES, .max_tokens = SIZE_MAX };
    struct cursor start = { body.ptr, body.ptr + body.len };
    struct mcp_error why = { 0 };
    size_t before, after;
    char *text;

    if (mcp_json_scan_member(body, &limits, MCP_STR("rows"), rows, &why) < 0)
        return mcp_error_set(err, MCP_EUPSTREAM, "BigQuery's answer of %zu bytes is no JSON: %s",
                             body.len, why.message);
    if (!take(&start, '{'))
        return foreign(err, "no JSON object in it");
    *envelope = body;
    if (mcp_str_is_null(*rows))
        return 0;
    before = (size_t)(rows->ptr - body.ptr);
    after = body.len - before - rows->len;
    text = mcp_arena_try(arena, before + after + 2);
    if (text == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for BigQuery's answer");
    memcpy(text, body.ptr, before);
    memcpy(text + before, "[]", 2);
    memcpy(text + before + 2, rows->ptr + rows->len, after);
    *envelope = mcp_str_n(text, before + after + 2);
    return 0;
}

/* A string with escapes, read by the one reader that knows them all. */
static int unescape(struct mcp_arena **scratch, mcp_str raw, mcp_str *out, struct mcp_error *err)
{
    struct mcp_json root;

    if (*scratch == NULL)
        *scratch = mcp_arena_new(SCRATCH_BYTES, 0);
    if (*scratch == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for a cell");
    if (mcp_json_parse(*scratch, mcp_str_n(raw.ptr - 1, raw.len + 2), NULL, &root, err) < 0 ||
        mcp_json_str(root, *scratch, out) < 0)
        return foreign(err, "a cell that cannot be read");
    return 0;
}

/* {"v": text, null, number or boolean} */
static int cell(struct cursor *c, struct mcp_arena **scratch, mcp_str *out, struct mcp_error *err)
{
    static const char usual[] = "{\"v\":"; /* as Google writes it when asked for no prettiness */
    bool escaped;
    mcp_str key;
    int rc = 0;

    if (c->end - c->at > 5 && memcmp(c->at, usual, 5) == 0)
        c->at += 5;
    else if (!take(c, '{') || !string(c, &key, &escaped) || !mcp_str_eq(key, MCP_STR("v")) ||
             !take(c, ':'))
        return foreign(err, "a row of an unknown form");
    space(c);
    if (c->at < c->end && *c->at == '"') {
        if (!string(c, out, &escaped))
            return foreign(err, "a row of an unknown form");
        if (escaped)
            rc = unescape(scratch, *out, out, err);
    } else {
        const char *start = c->at;

        if (c->at >= c->end || *c->at == '{' || *c->at == '[')
            return foreign(err, "a nested cell where none was asked for");
        word(c);
        *out = mcp_str_n(start, (size_t)(c->at - start));
        if (mcp_str_eq(*out, MCP_STR("null")))
            *out = MCP_STR_NULL;
    }
    if (rc == 0 && !take(c, '}'))
        return foreign(err, "a row of an unknown form");
    return rc;
}

/* {"f": [cell, ...]} */
static int row(struct cursor *c, size_t n_columns, mcp_str *cells, struct mcp_arena **scratch,
               struct mcp_error *err)
{
    mcp_str key;
    bool escaped;

    if (!take(c, '{') || !string(c, &key, &escaped) || !mcp_str_eq(key, MCP_STR("f")) ||
        !take(c, ':') || !take(c, '['))
        return foreign(err, "a row of an unknown form");
    for (size_t i = 0; i < n_columns; i++) {
        int rc;

        if (i > 0 && !take(c, ','))
            return foreign(err, "a row with too few cells");
        rc = cell(c, scratch, &cells[i], err);
        if (rc < 0)
            return rc;
    }
    if (!take(c, ']') || !take(c, '}'))
        return foreign(err, "a row with too many cells");
    return 0;
}

int gcp_rows_each(mcp_str rows, size_t n_columns,
                  int (*each)(void *ctx, const mcp_str *cells, struct mcp_error *err), void *ctx,
                  uint64_t *count, struct mcp_error *err)
{
    struct cursor c = { rows.ptr, rows.ptr + rows.len };
    mcp_str cells[MAX_COLUMNS];
    struct mcp_arena *scratch = NULL; /* owned; made at the first escape */
    int rc = 0;

    MCP_BUG_ON(n_columns == 0 || n_columns > MAX_COLUMNS);
    if (!take(&c, '['))
        return foreign(err, "rows of an unknown form");
    if (take(&c, ']'))
        return 0;
    do {
        rc = row(&c, n_columns, cells, &scratch, err);
        if (rc == 0)
            rc = each(ctx, cells, err);
        if (rc == 0)
            (*count)++;
        if (scratch != NULL)
            mcp_arena_reset(scratch);
    } while (rc == 0 && take(&c, ','));
    mcp_arena_free(scratch);
    return rc;
}
