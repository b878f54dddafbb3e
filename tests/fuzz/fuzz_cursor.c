/* Fuzzes what comes back in cursors and states: sealed texts that nobody sealed, sealed ones that
 * were changed, and any text behind the seal. The first byte chooses. */
#include "cost/server/answer.h"
#include "mcp/auth/seal.h"
#include "mcp/proto/call_internal.h"
#include "served.h"

#include <cost/query.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEY MCP_STR("0123456789abcdef0123456789abcdef")
#define BOUND MCP_STR("cursor\x1fsomebody")

/* Nobody has the key: nothing opens. */
static void forged(struct mcp_arena *arena, mcp_str text)
{
    struct mcp_error err = { 0 };
    mcp_str plain = MCP_STR_NULL;

    MCP_BUG_ON(mcp__unseal(KEY, arena, BOUND, text, &plain, &err) != MCP_EINVAL);
    MCP_BUG_ON(!mcp_str_is_null(plain) || err.message[0] == '\0');
}

/* What was sealed opens; with one character changed, or for another purpose, it does not. */
static void changed(struct mcp_arena *arena, unsigned at, mcp_str text)
{
    mcp_str sealed, plain;
    char *other;

    if (mcp__seal(KEY, arena, BOUND, text, &sealed, NULL) != 0) {
        MCP_BUG_ON(text.len <= MCP__SEAL_MAX);
        return;
    }
    MCP_BUG_ON(mcp__unseal(KEY, arena, BOUND, sealed, &plain, NULL) != 0 ||
               !mcp_str_eq(plain, text));
    MCP_BUG_ON(mcp__unseal(KEY, arena, MCP_STR("cursor"), sealed, &plain, NULL) != MCP_EINVAL);
    other = mcp_arena_alloc(arena, sealed.len);
    memcpy(other, sealed.ptr, sealed.len);
    /* Not the last one: some of its bits may count for nothing. */
    at %= (unsigned)sealed.len - 1;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    MCP_BUG_ON(mcp__unseal(KEY, arena, BOUND, mcp_str_n(other, sealed.len), &plain, NULL) !=
               MCP_EINVAL);
}

/* A cursor of the cost tools that opened: its parts may still be anything. */
static void opened(struct mcp_call *call, mcp_str text)
{
    struct cost_query query = { .cursor = text };
    struct cost__answer *answer;
    struct mcp_error err = { 0 };

    call->sealer = &test_no_seal;
    if (cost__answer_open(&answer, call, &query, &err) != 0)
        MCP_BUG_ON(err.message[0] == '\0');
    else
        MCP_BUG_ON(!answer->continued);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mcp_call_pool *pool;
    struct mcp_call *call;
    char *copy;
    mcp_str text;

    if (size == 0)
        return 0;
    if (pool == NULL)
        pool = mcp__call_pool_new(1);
    call = mcp__call_pool_take(pool);
    copy = malloc(size);
    memcpy(copy, data + 1, size - 1);
    text = mcp_str_n(copy, size - 1);
    if (data[0] < 124)
        forged(call->arena, text);
    else if (data[0] < 128) /* costs forty times as much and has little to find */
        changed(call->arena, data[0] + (unsigned)text.len * 7, text);
    else
        opened(call, text);
    mcp__call_unref(call);
    free(copy);
    return 0;
}
