/* What was read in one round of the loop, kept to be worked off together. */
#include "mcp/net/intake.h"

#include <mcp/error.h>

#include <stdlib.h>

#define BYTES ((size_t)64 << 10)
/* Less room than that is not worth a system call. */
#define ROOM_MIN ((size_t)16 << 10)

int mcp__intake_init(struct mcp_intake *in, void (*feed)(void *owner, mcp_str bytes))
{
    *in = (struct mcp_intake){ .bytes = malloc(BYTES), .feed = feed };
    return in->bytes == NULL ? MCP_ENOMEM : 0;
}

void mcp__intake_release(struct mcp_intake *in)
{
    free(in->bytes);
    in->bytes = NULL;
}

uv_buf_t mcp__intake_room(const struct mcp_intake *in)
{
    return uv_buf_init(in->bytes + in->used, (unsigned)(BYTES - in->used));
}

bool mcp__intake_add(struct mcp_intake *in, void *owner, size_t n)
{
    MCP_BUG_ON(in->n_lots == MCP_INTAKE_LOTS || n > BYTES - in->used);
    in->lots[in->n_lots].owner = owner;
    in->lots[in->n_lots].bytes = mcp_str_n(in->bytes + in->used, n);
    in->n_lots++;
    in->used += n;
    return in->n_lots == MCP_INTAKE_LOTS || BYTES - in->used < ROOM_MIN;
}

void mcp__intake_work_off(struct mcp_intake *in)
{
    for (unsigned i = 0; i < in->n_lots; i++)
        in->feed(in->lots[i].owner, in->lots[i].bytes);
    in->n_lots = 0;
    in->used = 0;
}
