/* Writing JSON as a stream into a mcp_buf; commas and nesting are kept by the writer. */
#include <mcp/error.h>
#include <mcp/json_writer.h>

#include "mcp/base/copy.h"
#include "mcp/base/escape.h"

#define DEPTH_MAX 64U

/* What comes next; a value, where one may come, is behind KEY. */
enum { NEXT_NOTHING, NEXT_KEY = MCP_JSONW_NEXT_KEY, NEXT_VALUE, NEXT_ITEM, NEXT_ROOT };
/* And what comes behind that value. */
static const unsigned char after_value[] = {
    [NEXT_VALUE] = NEXT_KEY,
    [NEXT_ITEM] = NEXT_ITEM,
    [NEXT_ROOT] = NEXT_NOTHING,
};

void mcp_jsonw_init(struct mcp_jsonw *w, struct mcp_buf *buf)
{
    *w = (struct mcp_jsonw){ .buf = buf, .next = NEXT_ROOT };
}

/* A value begins: what stands before it, or 0. */
static inline char begin_value(struct mcp_jsonw *w)
{
    char before = w->due;

    MCP_BUG_ON(w->next <= NEXT_KEY);
    w->next = after_value[w->next];
    w->due = ',';
    return before;
}

static inline char begin_key(struct mcp_jsonw *w)
{
    char before = w->due;

    MCP_BUG_ON(w->next != NEXT_KEY);
    w->next = NEXT_VALUE;
    w->due = 0;
    return before;
}

/* Room for n bytes, with quotes, what stands before and what stands behind. Where there is none the
 * slow way makes it; it copies what is long, too: apart, so that the quick one has nothing to save. */
static inline bool has_room(const struct mcp_buf *buf, size_t n)
{
    return buf->size - buf->len > n + 4 && !buf->failed;
}

static __attribute__((noinline)) void put_slowly(struct mcp_buf *buf, char before, mcp_str text)
{
    if (before != 0)
        mcp_buf_char(buf, before);
    mcp_buf_str(buf, text);
}

static inline void begin_container(struct mcp_jsonw *w, bool object)
{
    struct mcp_buf *buf = w->buf;
    char before = begin_value(w), *out;

    if (has_room(buf, 1)) {
        out = buf->ptr + buf->len;
        *out = before;
        out += before != 0;
        *out++ = object ? '{' : '[';
        buf->len = (size_t)(out - buf->ptr);
    } else {
        put_slowly(buf, before, object ? MCP_STR("{") : MCP_STR("["));
    }
    MCP_BUG_ON(w->depth >= DEPTH_MAX);
    w->depth++;
    w->objects = w->objects << 1 | object;
    w->next = object ? NEXT_KEY : NEXT_ITEM;
    w->due = 0;
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
    bool object = (w->objects & 1) != 0;

    MCP_BUG_ON(w->depth == 0 || w->next == NEXT_VALUE);
    w->depth--;
    w->objects >>= 1;
    w->due = ',';
    w->next = (w->objects & 1) != 0 ? NEXT_KEY : NEXT_ITEM;
    if (w->depth == 0)
        w->next = NEXT_NOTHING;
    if (has_room(w->buf, 1))
        w->buf->ptr[w->buf->len++] = object ? '}' : ']';
    else
        mcp_buf_char(w->buf, object ? '}' : ']');
}

void mcp_jsonw_key(struct mcp_jsonw *w, mcp_str name)
{
    mcp__json_quoted(w->buf, begin_key(w), name, ':');
}

/* ---- values of members whose name is in place, quickly ---------------------------------------- */

char *mcp_jsonw_put_str(char *out, mcp_str s)
{
    if (s.len > MCP__QUICK || mcp_str_is_null(s))
        return NULL;
    *out++ = '"';
    if (!mcp__json_copy_plain(out, s.ptr, s.len))
        return NULL;
    out[s.len] = '"';
    return out + s.len + 1;
}

char *mcp_jsonw_put_raw(char *out, mcp_str text)
{
    if (text.len > MCP__SHORT)
        return NULL;
    mcp__copy_short(out, text.ptr, text.len);
    return out + text.len;
}

static size_t count_digits(uint64_t v)
{
    size_t n = 1;

    for (; v >= 10000; v /= 10000)
        n += 4;
    return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

char *mcp_jsonw_put_int(char *out, int64_t v)
{
    if (v < 0)
        return NULL;
    out += count_digits((uint64_t)v);
    mcp__print_int(out, v);
    return out;
}

/* ---- values ---------------------------------------------------------------------------------- */

void mcp_jsonw_str(struct mcp_jsonw *w, mcp_str s)
{
    if (mcp_str_is_null(s))
        mcp_jsonw_raw(w, MCP_STR("null"));
    else
        mcp__json_quoted(w->buf, begin_value(w), s, 0);
}

void mcp_jsonw_int(struct mcp_jsonw *w, int64_t v)
{
    char text[MCP__INT_DIGITS];

    const char *begin = mcp__print_int(text + sizeof(text), v);

    mcp_jsonw_raw(w, mcp_str_n(begin, (size_t)(text + sizeof(text) - begin)));
}

void mcp_jsonw_bool(struct mcp_jsonw *w, bool v)
{
    mcp_jsonw_raw(w, v ? MCP_STR("true") : MCP_STR("false"));
}

void mcp_jsonw_null(struct mcp_jsonw *w)
{
    mcp_jsonw_raw(w, MCP_STR("null"));
}

void mcp_jsonw_raw(struct mcp_jsonw *w, mcp_str text)
{
    struct mcp_buf *buf = w->buf;
    char before = begin_value(w);
    char *out;

    if (text.len > MCP__SHORT || !has_room(buf, text.len)) {
        put_slowly(buf, before, text);
        return;
    }
    out = buf->ptr + buf->len;
    *out = before;
    out += before != 0;
    buf->len += text.len + (before != 0);
    mcp__copy_short(out, text.ptr, text.len);
}

void mcp_json_quote(struct mcp_buf *buf, mcp_str s)
{
    mcp__json_quoted(buf, 0, s, 0);
}
