/* One answer on its way out: its cursor, its bytes, its place in the result cache. */
#include "answer.h"

#include <mcp/json_writer.h>

#define MAX_BYTES (1024 * 1024)
#define PURPOSE MCP_STR("cursor")
/* Imported data does not change without a new generation, which is the state of the answer. */
#define TTL_MS ((uint64_t)60 * 60 * 1000)

static void release_answer(void *answer)
{
    struct cost__answer *a = answer;

    cost_page_release(&a->page);
}

int cost__answer_open(struct cost__answer **out, struct mcp_call *call, struct cost_query *query,
                      struct mcp_error *err)
{
    struct cost__answer *a = MCP_ARENA_NEW(mcp_call_arena(call), struct cost__answer);
    mcp_str plain, offset;
    int64_t at;
    int rc;

    cost_page_init(&a->page);
    mcp_arena_defer(mcp_call_arena(call), release_answer, a);
    *out = a;
    if (!mcp_str_is_null(query->cursor)) {
        rc = mcp_unseal(call, PURPOSE, query->cursor, &plain, err);
        if (rc < 0)
            return mcp_error_next(err, "Use next_cursor of the answer before as it is, with the "
                                       "same arguments, or leave cursor out.");
        mcp_str_cut(&plain, ' ', &a->digest);
        mcp_str_cut(&plain, ' ', &offset);
        a->generation = plain;
        a->continued = true;
        if (mcp_str_int64(offset, &at) < 0 || at < 0)
            return mcp_error_set(err, MCP_EINVAL, "the cursor is damaged");
        query->offset = (size_t)at;
    }
    return 0;
}

int cost__answer_check(const struct cost__answer *a, const struct cost_result *r,
                       struct mcp_error *err)
{
    char digest[2 * COST_DIGEST_BYTES + 1];

    if (!a->continued)
        return 0;
    /* New data moves default dates, and with them the digest: it is told first. */
    if (!mcp_str_eq(a->generation, r->generation)) {
        mcp_error_set(err, MCP_ESTALE, "the data has changed since the cursor was given");
        return mcp_error_next(err, "Ask again without cursor.");
    }
    cost_query_digest_hex(&r->query, digest);
    if (!mcp_str_eq(a->digest, mcp_str_z(digest))) {
        mcp_error_set(err, MCP_EINVAL, "the cursor belongs to another question");
        return mcp_error_next(err, "Repeat the arguments of the call that gave it, or leave cursor "
                                   "out.");
    }
    return 0;
}

int cost__answer_cursor(struct mcp_call *call, struct cost_result *r, size_t offset,
                        struct mcp_error *err)
{
    char digest[2 * COST_DIGEST_BYTES + 1];

    if (offset == 0)
        return 0;
    cost_query_digest_hex(&r->query, digest);
    return mcp_seal(call, PURPOSE,
                    mcp_arena_printf(mcp_call_arena(call), "%s %zu %.*s", digest, offset,
                                     MCP_STR_ARG(r->generation)),
                    &r->next_cursor, err);
}

/* Who asks, what, and how it is rendered: bytes, never shown. The text comes last, so that no two keys
 * run into each other. */
static mcp_str cache_key(const struct cost_tools *tools, struct mcp_call *call,
                         const struct cost_query *q)
{
    mcp_str principal = mcp_call_principal(call);
    struct {
        int64_t form, width, limit, offset, today;
        unsigned char digest[COST_DIGEST_BYTES];
    } head = { tools->form, tools->width, q->limit, (int64_t)q->offset, q->today, { 0 } };
    size_t len = sizeof(head) + principal.len;
    char *key = mcp_arena_alloc(mcp_call_arena(call), len);

    cost_query_digest(q, head.digest);
    memcpy(key, &head, sizeof(head));
    if (principal.len > 0)
        memcpy(key + sizeof(head), principal.ptr, principal.len);
    return mcp_str_n(key, len);
}

int cost__answer_send(struct cost__answer *a, const struct cost_tools *tools, struct mcp_call *call,
                      const struct cost_result *r, struct mcp_error *err)
{
    struct mcp_buf block;
    struct cost_cached value = { 0 };
    mcp_str json = mcp_buf_view(&a->page.json), text = mcp_buf_view(&a->page.text);
    bool fits = mcp_buf_error(&a->page.json) == 0 && mcp_buf_error(&a->page.text) == 0 &&
                json.len <= MAX_BYTES && text.len <= MAX_BYTES;

    mcp_buf_init(&block, MAX_BYTES * 2);
    mcp_buf_z(&block, "{\"type\":\"text\",\"text\":");
    mcp_json_quote(&block, text);
    mcp_buf_char(&block, '}');
    if (!fits || mcp_buf_error(&block) < 0) {
        mcp_buf_release(&block);
        mcp_error_set(err, MCP_ETOOBIG, "the answer is larger than 1 MiB");
        return mcp_error_next(err, "Ask for a shorter period, fewer keys or a smaller limit.");
    }
    mcp_buf_str(mcp_result_structured(call), json);
    value.content = mcp_buf_view(&block);
    mcp_result_content_raw(call, value.content);
    /* Later pages are asked for once, and never from the cache. */
    if (tools->cache != NULL && r->query.tool == COST_GET_COSTS && !a->continued) {
        cost_age_split(json, a->page.age_at, mcp_call_arena(call), &value.head, &value.tail);
        cost_result_cache_put(tools->cache, cache_key(tools, call, &r->query), r->generation,
                              &value, r->ttl_ms > 0 ? r->ttl_ms : TTL_MS);
    }
    mcp_buf_release(&block);
    return 0;
}

static mcp_str decimal(struct mcp_arena *arena, uint64_t n)
{
    const size_t size = 20;
    char *text = mcp_arena_alloc(arena, size);
    size_t at = size;

    do {
        text[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    return mcp_str_n(text + at, size - at);
}

int cost__answer_cached(const struct cost_tools *tools, struct mcp_call *call,
                        struct cost_query *query)
{
    struct cost_cached hit;
    mcp_str generation;

    if (tools->cache == NULL || tools->source.peek == NULL || !mcp_str_is_null(query->cursor) ||
        tools->source.peek(tools->source.ctx, query, &generation, mcp_call_arena(call)) < 0 ||
        !cost_result_cache_get(tools->cache, cache_key(tools, call, query), generation,
                               mcp_call_arena(call), &hit))
        return MCP_MISS;
    mcp_result_kept(
        call, hit.content,
        (const mcp_str[]){ hit.head, decimal(mcp_call_arena(call), hit.age_s), hit.tail }, 3);
    return 0;
}
