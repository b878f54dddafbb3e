/* What was read in one round of the loop, kept to be worked off together. */
#ifndef MCP_NET_INTAKE_H
#define MCP_NET_INTAKE_H

#include <mcp/str.h>

#include <uv.h>

#define MCP_INTAKE_LOTS 16 /* of one round at most */

/* Read, read, read, then answer, answer, answer: the kernel's way of receiving and ours do not push each
 * other out of the processor's caches with every request. */
struct mcp_intake {
    char *bytes; /* owned; of all lots, one behind the other */
    size_t used;
    struct {
        void *owner; /* borrowed; who has read it */
        mcp_str bytes;
    } lots[MCP_INTAKE_LOTS];
    unsigned n_lots;
    void (*feed)(void *owner, mcp_str bytes); /* borrowed bytes; may end the owner, later */
};

/* 0 or MCP_ENOMEM. */
int mcp__intake_init(struct mcp_intake *in, void (*feed)(void *owner, mcp_str bytes));
void mcp__intake_release(struct mcp_intake *in);
/* Where the next bytes may be read to; there is always room. */
uv_buf_t mcp__intake_room(const struct mcp_intake *in);
/* n > 0 bytes were read to the beginning of that room. True: it is time to work off. */
bool mcp__intake_add(struct mcp_intake *in, void *owner, size_t n);
/* Feeds all lots, in the order they came. An owner may not be freed while a lot of its waits. */
void mcp__intake_work_off(struct mcp_intake *in);

#endif
