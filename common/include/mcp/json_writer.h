/* Writing JSON as a stream into a mcp_buf; commas and nesting are kept by the writer. */
#ifndef MCP_JSON_WRITER_H
#define MCP_JSON_WRITER_H

#include <mcp/buf.h>
#include <mcp/str.h>

/* On the caller's stack. Misuse (a value where a key belongs, more than 64 deep) is a bug and
 * aborts. Errors are those of the buf, asked once at the end. */
struct mcp_jsonw {
    struct mcp_buf *buf; /* borrowed */
    unsigned depth;
    uint64_t first; /* bit d - 1: nothing stands in level d yet */
    uint64_t object; /* bit d - 1: level d is an object */
    bool keyed; /* a key waits for its value */
    bool rooted; /* the one value of the text was begun */
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

/* key and value in one. */
void mcp_jsonw_kstr(struct mcp_jsonw *w, const char *key, mcp_str s);
void mcp_jsonw_kz(struct mcp_jsonw *w, const char *key, const char *z);
void mcp_jsonw_kint(struct mcp_jsonw *w, const char *key, int64_t v);
void mcp_jsonw_kbool(struct mcp_jsonw *w, const char *key, bool v);
void mcp_jsonw_knull(struct mcp_jsonw *w, const char *key);
void mcp_jsonw_kraw(struct mcp_jsonw *w, const char *key, mcp_str text);
void mcp_jsonw_kobject(struct mcp_jsonw *w, const char *key);
void mcp_jsonw_karray(struct mcp_jsonw *w, const char *key);

/* s with its quotes, escaped; for those who write without a writer. */
void mcp_json_quote(struct mcp_buf *buf, mcp_str s);

#endif
