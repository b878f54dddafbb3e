/* A document whose memory the caller brings: what json.c makes and json_each.c reuses. */
#ifndef MCP_PROTO_JSON_DOC_H
#define MCP_PROTO_JSON_DOC_H

#include <mcp/json.h>

#define MCP__JSON_MAX_BYTES ((size_t)4 << 20)
#define MCP__JSON_MAX_TOKENS ((size_t)262144)
#define MCP__JSON_MAX_DEPTH 64U
/* What the scan can carry at most, whatever the limits say: jsmn counts bytes in an int. */
#define MCP__JSON_TOP_BYTES ((size_t)INT32_MAX - 1)
#define MCP__JSON_TOP_TOKENS ((size_t)INT32_MAX / 64)
#define MCP__JSON_TOP_DEPTH 1024U

/* The bytes a document of that many tokens needs. tokens <= MCP__JSON_TOP_TOKENS. */
size_t mcp__json_doc_bytes(size_t tokens);
/* Makes the document in room (borrowed, aligned for any type, mcp__json_doc_bytes(tokens) large).
 * text has passed the scan and holds exactly that many tokens. 0 or MCP_EPARSE. */
int mcp__json_doc_make(void *room, mcp_str text, size_t tokens, struct mcp_json *root,
                       struct mcp_error *err);

/* The content of a string value as it stands in the text, without quotes; of no string: missing. */
mcp_str mcp__json_content(struct mcp_json v);
/* Order of two string contents by their unescaped bytes. */
int mcp__json_content_cmp(mcp_str a, mcp_str b);
/* The content stands for exactly the bytes of plain. */
bool mcp__json_content_is(mcp_str content, mcp_str plain);
/* The first byte behind the value at p (no blanks before it), NULL when it is not whole. Adds its
 * tokens to *tokens. Looks at structure only: the text has passed the scan. */
const char *mcp__json_skip(const char *p, const char *end, size_t *tokens);

#endif
