/* Rendered answers by question, each of one state of the data; capped, least recently used goes first. */
#ifndef COST_RESULT_CACHE_H
#define COST_RESULT_CACHE_H

#include <mcp/arena.h>

struct cost_result_cache;

/* max_bytes: of keys and values together; 0: nothing is ever kept. Any thread may call any function. */
struct cost_result_cache *cost_result_cache_new(size_t max_bytes);
void cost_result_cache_free(struct cost_result_cache *cache);

/* One answer: structuredContent in two pieces around the number of source.age_s, and the content
 * blocks as JSON. */
struct cost_cached {
    mcp_str head, tail;
    mcp_str content;
    uint64_t age_s;
};

/* Copies all bytes. key: the question, state: of the data it was asked of; an answer takes the place of
 * one to the same question in another state. An entry too large for a quarter of the cache is not kept.
 * ttl_ms: how long it may be answered. */
void cost_result_cache_put(struct cost_result_cache *cache, mcp_str key, mcp_str state,
                           const struct cost_cached *value, uint64_t ttl_ms);
/* True with *out borrowed until arena goes (the entry is held by a count until then). */
bool cost_result_cache_get(struct cost_result_cache *cache, mcp_str key, mcp_str state,
                           struct mcp_arena *arena, struct cost_cached *out);

struct cost_cache_stats {
    uint64_t hits, misses, bytes, entries;
};
void cost_result_cache_stats(struct cost_result_cache *cache, struct cost_cache_stats *out);

#endif
