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

/* A name that holds nothing to escape: no quote, backslash or control character, and well-formed UTF-8.
 * Not looked at. Alone, and with its value in one go. */
void mcp_jsonw_plain_key(struct mcp_jsonw *w, mcp_str name);
void mcp_jsonw_plain_kstr(struct mcp_jsonw *w, mcp_str name, mcp_str s);
void mcp_jsonw_plain_kraw(struct mcp_jsonw *w, mcp_str name, mcp_str text);
void mcp_jsonw_plain_kint(struct mcp_jsonw *w, mcp_str name, int64_t v);

/* key and value in one. A key that the compiler knows, and knows to be plain ASCII, is not looked at
 * again. */
#ifdef __OPTIMIZE__
#define MCP_JSONW_PLAIN                                                                            \
    " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz"    \
    "{|}~"
#define MCP_JSONW_IS_PLAIN(key)                                                                    \
    (__builtin_constant_p(strlen(key)) && strspn(key, MCP_JSONW_PLAIN) == strlen(key))
#else
#define MCP_JSONW_IS_PLAIN(key) false
#endif

static inline void mcp_jsonw_kstr(struct mcp_jsonw *w, const char *key, mcp_str s)
{
    if (MCP_JSONW_IS_PLAIN(key)) {
        mcp_jsonw_plain_kstr(w, mcp_str_z(key), s);
    } else {
        mcp_jsonw_key(w, mcp_str_z(key));
        mcp_jsonw_str(w, s);
    }
}

static inline void mcp_jsonw_kraw(struct mcp_jsonw *w, const char *key, mcp_str text)
{
    if (MCP_JSONW_IS_PLAIN(key)) {
        mcp_jsonw_plain_kraw(w, mcp_str_z(key), text);
    } else {
        mcp_jsonw_key(w, mcp_str_z(key));
        mcp_jsonw_raw(w, text);
    }
}

static inline void mcp_jsonw_kint(struct mcp_jsonw *w, const char *key, int64_t v)
{
    if (MCP_JSONW_IS_PLAIN(key)) {
        mcp_jsonw_plain_kint(w, mcp_str_z(key), v);
    } else {
        mcp_jsonw_key(w, mcp_str_z(key));
        mcp_jsonw_int(w, v);
    }
}

static inline void mcp_jsonw_kz(struct mcp_jsonw *w, const char *key, const char *z)
{
    mcp_jsonw_kstr(w, key, mcp_str_z(z));
}

static inline void mcp_jsonw_kbool(struct mcp_jsonw *w, const char *key, bool v)
{
    mcp_jsonw_kraw(w, key, v ? MCP_STR("true") : MCP_STR("false"));
}

static inline void mcp_jsonw_knull(struct mcp_jsonw *w, const char *key)
{
    mcp_jsonw_kraw(w, key, MCP_STR("null"));
}

static inline void mcp_jsonw_zkey(struct mcp_jsonw *w, const char *key)
{
    if (MCP_JSONW_IS_PLAIN(key))
        mcp_jsonw_plain_key(w, mcp_str_z(key));
    else
        mcp_jsonw_key(w, mcp_str_z(key));
}

static inline void mcp_jsonw_kobject(struct mcp_jsonw *w, const char *key)
{
    mcp_jsonw_zkey(w, key);
    mcp_jsonw_object(w);
}

static inline void mcp_jsonw_karray(struct mcp_jsonw *w, const char *key)
{
    mcp_jsonw_zkey(w, key);
    mcp_jsonw_array(w);
}

/* s with its quotes, escaped; for those who write without a writer. */
void mcp_json_quote(struct mcp_buf *buf, mcp_str s);

#endif
