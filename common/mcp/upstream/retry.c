/* When an attempt that failed is worth another one, and after how long. */
#include "mcp/upstream/retry.h"

#include <mcp/random.h>

#include <curl/curl.h>
#include <time.h>

#define BACKOFF_FIRST_MS 200
#define BACKOFF_MAX_MS 8000

static bool worth_it(const struct mcp__transfer *t, bool repeatable)
{
    switch (t->outcome) {
    case MCP__OUT_NO_CONNECTION:
        return true;
    case MCP__OUT_BROKEN:
    case MCP__OUT_BUSY:
    case MCP__OUT_TIMEOUT:
        return repeatable;
    case MCP__OUT_OK:
        return repeatable &&
               (t->status == 429 || t->status == 502 || t->status == 503 || t->status == 504);
    case MCP__OUT_TLS:
    case MCP__OUT_TOOBIG:
    case MCP__OUT_NOMEM:
    case MCP__OUT_STOPPED:
        break;
    }
    return false;
}

uint64_t mcp__retry_after_ms(mcp_str head, int64_t now)
{
    mcp_str line, name;
    bool more = head.len > 0;

    while (more) {
        int64_t value;
        char date[64];
        time_t when;

        more = mcp_str_cut(&head, '\n', &line);
        if (!mcp_str_cut(&line, ':', &name) || !mcp_str_eq_nocase(name, MCP_STR("retry-after")))
            continue;
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        line = mcp_str_trim(line);
        if (mcp_str_int64(line, &value) == 0)
            return value < 0 ? UINT64_MAX : value > 86400 ? 86400000 : (uint64_t)value * 1000;
        if (line.len >= sizeof(date))
            return UINT64_MAX;
        memcpy(date, line.ptr, line.len);
        date[line.len] = '\0';
        when = curl_getdate(date, NULL);
        if (when < 0)
            return UINT64_MAX;
        return when <= now ? 0 : when - now > 86400 ? 86400000 : (uint64_t)(when - now) * 1000;
    }
    return UINT64_MAX;
}

uint64_t mcp__retry_backoff_ms(unsigned attempts, uint32_t random)
{
    unsigned doublings = attempts == 0 ? 0 : attempts - 1;
    uint64_t full = doublings > 5 ? BACKOFF_MAX_MS : (uint64_t)BACKOFF_FIRST_MS << doublings;

    full = full > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : full;
    return full / 2 + random % (full / 2 + 1);
}

bool mcp__retry_wait(const struct mcp__transfer *t, const struct mcp_http_req *req,
                     enum mcp_http_method method, unsigned attempts, uint64_t remaining_ms,
                     uint64_t *wait_ms)
{
    uint64_t after = UINT64_MAX, wait;
    uint32_t random;

    if (!worth_it(t, method != MCP_POST || req->retry_post))
        return false;
    if (t->outcome == MCP__OUT_OK)
        after = mcp__retry_after_ms(mcp_str_n(t->head, t->head_len), time(NULL));
    mcp_random_bytes(&random, sizeof(random));
    wait = after != UINT64_MAX ? after : mcp__retry_backoff_ms(attempts, random);
    /* Waiting past the end would turn an answer that says why into a timeout. */
    if (wait >= remaining_ms)
        return false;
    *wait_ms = wait;
    return true;
}
