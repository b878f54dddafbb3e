/* Writing JSON as a stream into a mcp_buf; commas and nesting are kept by the writer. */
#ifndef MCP_JSON_WRITER_H
#define MCP_JSON_WRITER_H

#include <mcp/buf.h>
#include <mcp/str.h>

/* On the caller's stack. Misuse (a value where a key belongs, more than 64 deep) is a bug and
 * aborts. Errors are those of the buf, asked once at the end. */
struct mcp_jsonw {
    struct mcp_buf *buf; /* borrowed */
    uint64_t objects; /* bit 0: the innermost container is an object; bit 1: the one around it */
    unsigned depth;
    unsigned char next; /* what may come, the writer's own */
    char due; /* the comma before it, or 0 */
};
#define MCP_JSONW_NEXT_KEY 1 /* of next: in an object, before a key */
#define MCP_JSONW_INT_MAX 20 /* characters of an integer at most */

void mcp_jsonw_init(struct mcp_jsonw *w, struct mcp_buf *buf);
void mcp_jsonw_object(struct mcp_jsonw *w);
void mcp_jsonw_array(struct mcp_jsonw *w);
void mcp_jsonw_end(struct mcp_jsonw *w); /* closes the innermost */
void mcp_jsonw_key(struct mcp_jsonw *w, mcp_str name);

/* A missing mcp_str is written as null. Bytes that are no UTF-8 become U+FFFD. U+2028/9 stay. */
void mcp_jsonw_str(struct mcp_jsonw *w, mcp_str s);
void mcp_jsonw_int(struct mcp_jsonw *w, int64_t v);
void mcp_jsonw_bool(struct mcp_jsonw *w, bool v);
void mcp_jsonw_null(struct mcp_jsonw *w);
/* text is a whole JSON value, written as it stands. */
void mcp_jsonw_raw(struct mcp_jsonw *w, mcp_str text);

/* ---- key and value in one --------------------------------------------------------------------- */

/* All of it is inlined, because a key has to be a constant where it is looked at: whether the compiler
 * knows it, and knows it to be printable ASCII without quote or backslash. */
#ifdef __OPTIMIZE__
#define MCP_JSONW_PLAIN                                                                            \
    " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz"    \
    "{|}~"
#define MCP_JSONW_IS_PLAIN(key)                                                                    \
    (__builtin_constant_p(strlen(key)) && strspn(key, MCP_JSONW_PLAIN) == strlen(key))
#else
#define MCP_JSONW_IS_PLAIN(key) false
#endif

/* A name known to the compiler is a few stores and no loop: written behind the buf's end, with room for
 * a value of n bytes and its quotes. Where that goes; NULL when the name may need an escape, no name is
 * due, or the buf has to grow. For the functions below alone, as the next four. */
static inline __attribute__((always_inline)) char *mcp_jsonw_name(const struct mcp_jsonw *w,
                                                                  const char *key, size_t n)
{
    const struct mcp_buf *buf = w->buf;
    size_t len = strlen(key);
    char *out;

    if (!MCP_JSONW_IS_PLAIN(key) || w->next != MCP_JSONW_NEXT_KEY || buf->failed ||
        buf->size - buf->len <= n + len + 8)
        return NULL;
    out = buf->ptr + buf->len;
    *out = w->due;
    out += w->due != 0;
    *out = '"';
    memcpy(out + 1, key, len);
    memcpy(out + 1 + len, "\":", 2);
    return out + len + 3;
}

/* The value to where it goes: its end, or NULL when it is not short and plain. */
char *mcp_jsonw_put_str(char *out, mcp_str s);
char *mcp_jsonw_put_raw(char *out, mcp_str text);
char *mcp_jsonw_put_int(char *out, int64_t v);

/* The buf takes the member that ends there. False for NULL: it has to be written the general way. */
static inline __attribute__((always_inline)) bool mcp_jsonw_end_member(struct mcp_jsonw *w,
                                                                       const char *end)
{
    if (end == NULL)
        return false;
    w->due = ',';
    w->buf->len = (size_t)(end - w->buf->ptr);
    return true;
}

static inline __attribute__((always_inline)) void mcp_jsonw_kstr(struct mcp_jsonw *w,
                                                                 const char *key, mcp_str s)
{
    char *out = mcp_jsonw_name(w, key, s.len);

    if (out == NULL || !mcp_jsonw_end_member(w, mcp_jsonw_put_str(out, s))) {
        mcp_jsonw_key(w, mcp_str_z(key));
        mcp_jsonw_str(w, s);
    }
}

static inline __attribute__((always_inline)) void mcp_jsonw_kraw(struct mcp_jsonw *w,
                                                                 const char *key, mcp_str text)
{
    char *out = mcp_jsonw_name(w, key, text.len);

    if (out == NULL || !mcp_jsonw_end_member(w, mcp_jsonw_put_raw(out, text))) {
        mcp_jsonw_key(w, mcp_str_z(key));
        mcp_jsonw_raw(w, text);
    }
}

static inline __attribute__((always_inline)) void mcp_jsonw_kint(struct mcp_jsonw *w,
                                                                 const char *key, int64_t v)
{
    char *out = mcp_jsonw_name(w, key, MCP_JSONW_INT_MAX);

    if (out == NULL || !mcp_jsonw_end_member(w, mcp_jsonw_put_int(out, v))) {
        mcp_jsonw_key(w, mcp_str_z(key));
        mcp_jsonw_int(w, v);
    }
}

static inline __attribute__((always_inline)) void mcp_jsonw_kz(struct mcp_jsonw *w, const char *key,
                                                               const char *z)
{
    mcp_jsonw_kstr(w, key, mcp_str_z(z));
}

static inline __attribute__((always_inline)) void mcp_jsonw_kbool(struct mcp_jsonw *w,
                                                                  const char *key, bool v)
{
    mcp_jsonw_kraw(w, key, v ? MCP_STR("true") : MCP_STR("false"));
}

static inline __attribute__((always_inline)) void mcp_jsonw_knull(struct mcp_jsonw *w,
                                                                  const char *key)
{
    mcp_jsonw_kraw(w, key, MCP_STR("null"));
}

static inline void mcp_jsonw_kobject(struct mcp_jsonw *w, const char *key)
{
    mcp_jsonw_key(w, mcp_str_z(key));
    mcp_jsonw_object(w);
}

static inline void mcp_jsonw_karray(struct mcp_jsonw *w, const char *key)
{
    mcp_jsonw_key(w, mcp_str_z(key));
    mcp_jsonw_array(w);
}

/* s with its quotes, escaped; for those who write without a writer. */
void mcp_json_quote(struct mcp_buf *buf, mcp_str s);

#endif
