/* A legacy batch: its messages run side by side, their answers go out as one array. */
#ifndef MCP_NET_BATCH_H
#define MCP_NET_BATCH_H

#include "mcp/net/loop.h"

struct mcp_batch {
    struct mcp_loop *loop; /* borrowed */
    struct mcp_call *holder; /* one reference: its arena holds the document */
    struct mcp_buf out; /* the array without its closing bracket */
    size_t waiting; /* answers still to come, plus one while it starts */
    unsigned *running; /* counts the flights of a session, or NULL; borrowed */
    void *owner; /* of done; borrowed */
    /* All answers are in out, closed; an empty out: there was nothing to answer. The batch is freed
     * when it returns. */
    void (*done)(struct mcp_batch *batch);
};

/* Starts all messages of root, which has passed mcp__dispatch_batch. in is used for each of them;
 * scope as in mcp_flight_owner. done may come before it returns. 0 or MCP_ENOMEM. *out is the batch
 * while it waits, NULL when it is done already. */
struct mcp_batch_spec {
    struct mcp_call *holder;
    struct mcp_inbound in;
    struct mcp_json root;
    const void *scope;
    unsigned *running;
    void *owner;
    void (*done)(struct mcp_batch *batch);
};
int mcp__batch_start(struct mcp_loop *loop, const struct mcp_batch_spec *spec,
                     struct mcp_batch **out);
/* Cancels what runs and frees; done is not called. */
void mcp__batch_abandon(struct mcp_batch *batch);

#endif
