/* What one client wants to be told of, and the notifications that tell it. */
#ifndef MCP_PROTO_WATCH_H
#define MCP_PROTO_WATCH_H

#include <mcp/buf.h>
#include <mcp/change.h>
#include <mcp/error.h>
#include <mcp/json.h>
#include <mcp/json_writer.h>

#define MCP_WATCH_URIS_MAX 256
#define MCP_WATCH_URI_BYTES ((size_t)8 << 10)
/* In what is served, beside enum mcp_change. */
#define MCP_WATCH_TASKS (1U << 31)

/* Each of them once; at most MCP_WATCH_URIS_MAX. */
struct mcp_watch_names {
    char **items; /* owned, each of them too */
    size_t n;
};

/* All zero is an empty one. */
struct mcp_watch {
    unsigned changes; /* enum mcp_change */
    struct mcp_watch_names uris; /* for MCP_CHANGE_RESOURCE */
    struct mcp_watch_names tasks; /* ids */
    char *id; /* owned; the token of the request that listens; NULL: a legacy session */
};

void mcp__watch_release(struct mcp_watch *watch);
/* 0 (also when it is there already), MCP_ETOOBIG, MCP_ENOMEM. */
int mcp__watch_add(struct mcp_watch *watch, mcp_str uri);
void mcp__watch_remove(struct mcp_watch *watch, mcp_str uri);
bool mcp__watch_wants(const struct mcp_watch *watch, enum mcp_change change, mcp_str uri);
bool mcp__watch_wants_task(const struct mcp_watch *watch, mcp_str id);
/* That nothing it wants will ever come. */
bool mcp__watch_is_empty(const struct mcp_watch *watch);
/* Only tasks that the client may know of are watched: the others are taken out. */
void mcp__watch_keep_tasks(struct mcp_watch *watch, bool (*known)(void *ctx, mcp_str id),
                           void *ctx);

/* Fills an empty watch from the filter of subscriptions/listen, as far as `served` goes; id: the
 * token of the request. 0; MCP_EINVAL: no such object; MCP_ETOOBIG, MCP_ENOMEM. */
int mcp__watch_read(struct mcp_watch *watch, struct mcp_json filter, unsigned served, mcp_str id,
                    struct mcp_arena *arena, struct mcp_error *err);
/* notifications/subscriptions/acknowledged with what is honoured. */
void mcp__watch_ack(const struct mcp_watch *watch, struct mcp_buf *out);
/* The notification of a change, tagged for a client that listens. */
void mcp__watch_note(const struct mcp_watch *watch, enum mcp_change change, mcp_str uri,
                     struct mcp_buf *out);
/* The parts of a notification to who watches: its beginning up to the open object "params", the tag
 * of the one that listens, the end. */
void mcp__watch_open_note(struct mcp_jsonw *w, struct mcp_buf *out, const char *method);
void mcp__watch_close_note(const struct mcp_watch *watch, struct mcp_jsonw *w);
/* The result that ends a listening orderly. */
void mcp__watch_end(const struct mcp_watch *watch, struct mcp_buf *out);
/* notifications/cancelled of the request that listens: stdio wants it behind the result. */
void mcp__watch_cancelled(const struct mcp_watch *watch, struct mcp_buf *out);

#endif
