/* The streams of one loop on which changes are told, and the way of a change to them. */
#ifndef MCP_NET_WATCHER_H
#define MCP_NET_WATCHER_H

#include "mcp/net/loop.h"
#include "mcp/proto/watch.h"

#define MCP_WATCHERS_MAX 1024

/* Embedded in its owner, who takes it out before it goes. The loop thread's. */
struct mcp_watcher {
    const struct mcp_watch *watch; /* borrowed from the owner, or from a session */
    void *owner; /* borrowed */
    void (*send)(struct mcp_watcher *watcher, mcp_str text); /* one whole notification */
    /* The server ends: says the last word; may take it out. */
    void (*stop)(struct mcp_watcher *watcher);
    struct mcp_watcher *prev, *next;
};

/* 0, or MCP_EBUSY: there are MCP_WATCHERS_MAX. */
int mcp__watcher_add(struct mcp_loop *loop, struct mcp_watcher *watcher);
void mcp__watcher_remove(struct mcp_loop *loop, struct mcp_watcher *watcher);
/* Stops all of them. */
void mcp__watchers_stop(struct mcp_loop *loop);

#endif
