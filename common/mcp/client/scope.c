/* A call for programs that serve no tools: its deadline, its cancellation and its memory. */
#include "mcp/proto/call_internal.h"

#include <mcp/client.h>
#include <mcp/clock.h>

#define ARENA_BYTES ((size_t)16 << 10)
#define ARENA_MAX ((size_t)256 << 20)

struct mcp_call *mcp_client_scope_new(unsigned deadline_ms)
{
    struct mcp_arena *arena = mcp_arena_new(ARENA_BYTES, ARENA_MAX);
    struct mcp_call *call = arena == NULL ? NULL : mcp__call_new(arena);

    if (call == NULL) {
        mcp_arena_free(arena);
        return NULL;
    }
    if (deadline_ms > 0)
        call->deadline_ms = mcp_clock_mono_ms() + deadline_ms;
    return call;
}

void mcp_client_scope_cancel(struct mcp_call *scope)
{
    mcp__call_cancel(scope);
}

void mcp_client_scope_free(struct mcp_call *scope)
{
    if (scope != NULL)
        mcp__call_unref(scope);
}
