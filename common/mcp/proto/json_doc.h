/* What a document is made of: the tokens of jsmn or of the scan, in memory that the caller brings. */
#ifndef MCP_PROTO_JSON_DOC_H
#define MCP_PROTO_JSON_DOC_H

#include <mcp/json.h>

#include "mcp/base/copy.h"

/* json.c alone has jsmn's code, the others its tokens. */
#define JSMN_PARENT_LINKS
#ifdef MCP__JSON_PARSER
#define JSMN_STATIC
#else
#define JSMN_HEADER
#endif
#include <jsmn.h>

#define MCP__JSON_MAX_BYTES ((size_t)4 << 20)
#define MCP__JSON_MAX_TOKENS ((size_t)262144)
#define MCP__JSON_MAX_DEPTH 64U
/* What the scan can carry at most, whatever the limits say: jsmn counts bytes in an int. */
#define MCP__JSON_TOP_BYTES ((size_t)INT32_MAX - 1)
#define MCP__JSON_TOP_TOKENS ((size_t)INT32_MAX / 64)
#define MCP__JSON_TOP_DEPTH 1024U

/* The tokens of a small text, as the scan comes upon them: those that jsmn would find. */
#define MCP__JSON_NOTES ((size_t)96) /* a tools/call of the modern era has some 40 */
struct mcp__json_notes {
    jsmntok_t toks[MCP__JSON_NOTES];
    uint32_t next[MCP__JSON_NOTES]; /* as in the document */
    bool plain; /* no backslash anywhere */
};

/* mcp_json_scan that notes the tokens as well; they are whole when there are no more than fit. */
int mcp__json_scan_notes(mcp_str text, const struct mcp_json_limits *limits,
                         struct mcp__json_notes *notes, size_t *tokens, struct mcp_error *err);
/* The bytes a document of that many tokens needs. tokens <= MCP__JSON_TOP_TOKENS. */
size_t mcp__json_doc_bytes(size_t tokens);
/* Makes the document in room (borrowed, aligned for any type, mcp__json_doc_bytes(tokens) large).
 * text has passed the scan and holds exactly that many tokens. 0 or MCP_EPARSE. */
int mcp__json_doc_make(void *room, mcp_str text, size_t tokens, struct mcp_json *root,
                       struct mcp_error *err);

/* Tokens stand in the order of the text: a container before its content, a name before its value.
 * The value of a name is the next token; next[i] is the token behind all that i contains. */
struct mcp_json_doc {
    mcp_str text; /* borrowed */
    jsmntok_t *toks; /* follows this struct */
    uint32_t *next; /* follows toks */
    bool plain; /* no backslash anywhere: every string stands for itself */
};

static inline const jsmntok_t *mcp__json_tok(struct mcp_json v)
{
    return &v.doc->toks[v.tok];
}

/* The content of a string value as it stands in the text, without quotes; of no string: missing. */
static inline mcp_str mcp__json_content(struct mcp_json v)
{
    const jsmntok_t *tok;

    if (v.doc == NULL || (tok = mcp__json_tok(v))->type != JSMN_STRING)
        return MCP_STR_NULL;
    return mcp_str_n(v.doc->text.ptr + tok->start, (size_t)(tok->end - tok->start));
}

/* Order of two string contents by their unescaped bytes. */
int mcp__json_content_cmp(mcp_str a, mcp_str b);
/* The content stands for exactly the bytes of plain. */
bool mcp__json_content_is(mcp_str content, mcp_str plain);

/* mcp_json_str_eq where it is asked for each member of an object. */
static inline bool mcp__json_is(struct mcp_json v, mcp_str plain)
{
    mcp_str raw = mcp__json_content(v);

    /* Unescaping never lengthens. */
    if (mcp_str_is_null(raw) || raw.len < plain.len)
        return false;
    if (!v.doc->plain)
        return mcp__json_content_is(raw, plain);
    return raw.len == plain.len && mcp__same(raw.ptr, plain.ptr, plain.len);
}
/* A member name that stands twice in v or in any object below it, or missing. */
struct mcp_json mcp__json_duplicate_below(struct mcp_json v);
/* The first byte behind the value at p (no blanks before it), NULL when it is not whole. Adds its
 * tokens to *tokens. Looks at structure only: the text has passed the scan. */
const char *mcp__json_skip(const char *p, const char *end, size_t *tokens);

#endif
