/* The result of a list method: printed once when it is one page, else cut into pages. */
#ifndef MCP_PROTO_LISTING_H
#define MCP_PROTO_LISTING_H

#include "mcp/proto/era.h"

#include <mcp/arena.h>
#include <mcp/buf.h>
#include <mcp/json_writer.h>

enum mcp_list {
    MCP_LIST_TOOLS,
    MCP_LIST_RESOURCES,
    MCP_LIST_TEMPLATES,
    MCP_LIST_PROMPTS,
    MCP_N_LISTS,
};
/* The member of the result that holds the items: "tools" ... */
extern const char *const mcp__list_keys[MCP_N_LISTS];

/* One list as one revision sees it; in an arena, immutable. */
struct mcp_listing {
    enum mcp_list list;
    enum mcp_revision rev;
    mcp_str items; /* as JSON, comma separated */
    const size_t *ends; /* behind each item, in items */
    size_t n;
    mcp_str tail; /* of the result behind the array: modern hints and _meta */
    mcp_str whole; /* the result when everything fits one page, else missing */
};

/* Fills out from the items that put writes, in arena. tail: members for behind the array, each with
 * a comma before it. 0, or MCP_ETOOBIG when the result takes more than limit bytes. */
int mcp__listing_make(struct mcp_arena *arena, struct mcp_listing *out, mcp_str tail,
                      size_t page_size, size_t limit, size_t n,
                      void (*put)(void *ctx, struct mcp_jsonw *w, size_t i), void *ctx);
/* The result with the items from `from` to before `to`; next_cursor missing: the last page. */
void mcp__listing_page(const struct mcp_listing *listing, size_t from, size_t to,
                       mcp_str next_cursor, struct mcp_buf *out);

#endif
