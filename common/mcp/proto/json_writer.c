/* Writing JSON as a stream into a mcp_buf; commas and nesting are kept by the writer. */
#include <mcp/error.h>
#include <mcp/json_writer.h>

#include "mcp/base/escape.h"

#define DEPTH_MAX 64U

void mcp_jsonw_init(struct mcp_jsonw *w, struct mcp_buf *buf)
{
    *w = (struct mcp_jsonw){ .buf = buf };
}

/* The bit of the innermost container. */
static uint64_t level(const struct mcp_jsonw *w)
{
    return (uint64_t)1 << (w->depth - 1);
}

static bool in_object(const struct mcp_jsonw *w)
{
    return w->depth > 0 && (w->object & level(w)) != 0;
}

/* The comma that is due before the next thing on this level, or 0. */
static char separator(struct mcp_jsonw *w)
{
    char comma = (w->first & level(w)) == 0 ? ',' : 0;

    w->first &= ~level(w);
    return comma;
}

/* What stands before the next value, or 0. */
static char before_value(struct mcp_jsonw *w)
{
    if (w->depth == 0) {
        MCP_BUG_ON(w->rooted);
        w->rooted = true;
        return 0;
    }
    if (!in_object(w))
        return separator(w);
    MCP_BUG_ON(!w->keyed);
    w->keyed = false;
    return 0;
}

static void begin_value(struct mcp_jsonw *w)
{
    char before = before_value(w);

    if (before != 0)
        mcp_buf_char(w->buf, before);
}

static void begin_container(struct mcp_jsonw *w, bool object)
{
    begin_value(w);
    MCP_BUG_ON(w->depth >= DEPTH_MAX);
    w->depth++;
    w->first |= level(w);
    w->object = object ? w->object | level(w) : w->object & ~level(w);
    mcp_buf_char(w->buf, object ? '{' : '[');
}

void mcp_jsonw_object(struct mcp_jsonw *w)
{
    begin_container(w, true);
}

void mcp_jsonw_array(struct mcp_jsonw *w)
{
    begin_container(w, false);
}

void mcp_jsonw_end(struct mcp_jsonw *w)
{
    MCP_BUG_ON(w->depth == 0 || w->keyed);
    mcp_buf_char(w->buf, in_object(w) ? '}' : ']');
    w->depth--;
}

void mcp_jsonw_key(struct mcp_jsonw *w, mcp_str name)
{
    MCP_BUG_ON(!in_object(w) || w->keyed);
    mcp__json_quoted(w->buf, separator(w), name, ':');
    w->keyed = true;
}

void mcp_jsonw_str(struct mcp_jsonw *w, mcp_str s)
{
    if (!mcp_str_is_null(s)) {
        mcp__json_quoted(w->buf, before_value(w), s, 0);
        return;
    }
    begin_value(w);
    mcp_buf_put(w->buf, "null", 4);
}

void mcp_jsonw_int(struct mcp_jsonw *w, int64_t v)
{
    begin_value(w);
    mcp_buf_int(w->buf, v);
}

void mcp_jsonw_bool(struct mcp_jsonw *w, bool v)
{
    begin_value(w);
    mcp_buf_str(w->buf, v ? MCP_STR("true") : MCP_STR("false"));
}

void mcp_jsonw_null(struct mcp_jsonw *w)
{
    mcp_jsonw_str(w, MCP_STR_NULL);
}

void mcp_jsonw_raw(struct mcp_jsonw *w, mcp_str text)
{
    begin_value(w);
    mcp_buf_str(w->buf, text);
}

void mcp_jsonw_kstr(struct mcp_jsonw *w, const char *key, mcp_str s)
{
    mcp_jsonw_key(w, mcp_str_z(key));
    mcp_jsonw_str(w, s);
}

void mcp_jsonw_kz(struct mcp_jsonw *w, const char *key, const char *z)
{
    mcp_jsonw_kstr(w, key, mcp_str_z(z));
}

void mcp_jsonw_kint(struct mcp_jsonw *w, const char *key, int64_t v)
{
    mcp_jsonw_key(w, mcp_str_z(key));
    mcp_jsonw_int(w, v);
}

void mcp_jsonw_kbool(struct mcp_jsonw *w, const char *key, bool v)
{
    mcp_jsonw_key(w, mcp_str_z(key));
    mcp_jsonw_bool(w, v);
}

void mcp_jsonw_knull(struct mcp_jsonw *w, const char *key)
{
    mcp_jsonw_kstr(w, key, MCP_STR_NULL);
}

void mcp_jsonw_kraw(struct mcp_jsonw *w, const char *key, mcp_str text)
{
    mcp_jsonw_key(w, mcp_str_z(key));
    mcp_jsonw_raw(w, text);
}

void mcp_jsonw_kobject(struct mcp_jsonw *w, const char *key)
{
    mcp_jsonw_key(w, mcp_str_z(key));
    mcp_jsonw_object(w);
}

void mcp_jsonw_karray(struct mcp_jsonw *w, const char *key)
{
    mcp_jsonw_key(w, mcp_str_z(key));
    mcp_jsonw_array(w);
}

void mcp_json_quote(struct mcp_buf *buf, mcp_str s)
{
    mcp__json_quoted(buf, 0, s, 0);
}
