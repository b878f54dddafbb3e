/* Rendered answers by query and state of the data: a locked hash table with a use list. */
#include <cost/result_cache.h>

#include <mcp/clock.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define BUCKETS 4096

/* One answer. Its bytes stand behind it in one allocation. Counted: one by the table, one by each
 * reader that has not let go of it yet. */
struct entry {
    struct entry *chain; /* same bucket */
    struct entry *newer, *older; /* by last use */
    atomic_int refs;
    uint64_t hash;
    uint64_t born_ms, dies_ms; /* monotonic */
    size_t bytes;
    mcp_str key, state, head, tail, content; /* in the same allocation */
};

struct cost_result_cache {
    pthread_mutex_t lock; /* guards all below */
    struct entry *buckets[BUCKETS];
    struct entry *newest, *oldest;
    size_t bytes, max_bytes;
    uint64_t hits, misses, entries;
};

struct cost_result_cache *cost_result_cache_new(size_t max_bytes)
{
    struct cost_result_cache *cache = calloc(1, sizeof(*cache));

    if (cache == NULL)
        return NULL;
    pthread_mutex_init(&cache->lock, NULL);
    cache->max_bytes = max_bytes;
    return cache;
}

static void entry_unref(void *ptr)
{
    struct entry *e = ptr;

    if (atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) == 1)
        free(e);
}

static void use_unlink(struct cost_result_cache *cache, struct entry *e)
{
    *(e->newer != NULL ? &e->newer->older : &cache->newest) = e->older;
    *(e->older != NULL ? &e->older->newer : &cache->oldest) = e->newer;
}

static void use_first(struct cost_result_cache *cache, struct entry *e)
{
    e->newer = NULL;
    e->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = e;
    cache->newest = e;
}

static struct entry **slot_of(struct cost_result_cache *cache, uint64_t hash, mcp_str key)
{
    struct entry **slot = &cache->buckets[hash % BUCKETS];

    while (*slot != NULL && ((*slot)->hash != hash || !mcp_str_eq((*slot)->key, key)))
        slot = &(*slot)->chain;
    return slot;
}

static void drop(struct cost_result_cache *cache, struct entry **slot)
{
    struct entry *e = *slot;

    *slot = e->chain;
    use_unlink(cache, e);
    cache->bytes -= e->bytes;
    cache->entries--;
    entry_unref(e);
}

void cost_result_cache_free(struct cost_result_cache *cache)
{
    if (cache == NULL)
        return;
    while (cache->oldest != NULL)
        drop(cache, slot_of(cache, cache->oldest->hash, cache->oldest->key));
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static mcp_str copy_to(char **at, mcp_str s)
{
    mcp_str out = { *at, s.len };

    if (s.len > 0)
        memcpy(*at, s.ptr, s.len);
    *at += s.len;
    return out;
}

void cost_result_cache_put(struct cost_result_cache *cache, mcp_str key, mcp_str state,
                           const struct cost_cached *value, uint64_t ttl_ms)
{
    size_t bytes = sizeof(struct entry) + key.len + state.len + value->head.len + value->tail.len +
                   value->content.len;
    struct entry **slot;
    struct entry *e;
    char *at;

    if (bytes > cache->max_bytes / 4 || ttl_ms == 0)
        return;
    e = malloc(bytes);
    if (e == NULL)
        return; /* an answer that is not kept is computed again */
    at = (char *)(e + 1);
    atomic_init(&e->refs, 1);
    e->hash = mcp_str_hash(key);
    e->born_ms = mcp_clock_mono_ms();
    e->dies_ms = e->born_ms + ttl_ms;
    e->bytes = bytes;
    e->key = copy_to(&at, key);
    e->state = copy_to(&at, state);
    e->head = copy_to(&at, value->head);
    e->tail = copy_to(&at, value->tail);
    e->content = copy_to(&at, value->content);

    pthread_mutex_lock(&cache->lock);
    slot = slot_of(cache, e->hash, key);
    if (*slot != NULL)
        drop(cache, slot);
    while (cache->oldest != NULL && cache->bytes + bytes > cache->max_bytes)
        drop(cache, slot_of(cache, cache->oldest->hash, cache->oldest->key));
    slot = &cache->buckets[e->hash % BUCKETS];
    e->chain = *slot;
    *slot = e;
    use_first(cache, e);
    cache->bytes += bytes;
    cache->entries++;
    pthread_mutex_unlock(&cache->lock);
}

bool cost_result_cache_get(struct cost_result_cache *cache, mcp_str key, mcp_str state,
                           struct mcp_arena *arena, struct cost_cached *out)
{
    uint64_t now = mcp_clock_mono_ms();
    struct entry **slot;
    struct entry *e;

    pthread_mutex_lock(&cache->lock);
    slot = slot_of(cache, mcp_str_hash(key), key);
    if (*slot != NULL && (*slot)->dies_ms <= now)
        drop(cache, slot);
    e = *slot;
    /* Of another state it stays: who asks may be behind. */
    if (e == NULL || !mcp_str_eq(e->state, state)) {
        cache->misses++;
        pthread_mutex_unlock(&cache->lock);
        return false;
    }
    cache->hits++;
    use_unlink(cache, e);
    use_first(cache, e);
    atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&cache->lock);

    mcp_arena_defer(arena, entry_unref, e);
    *out = (struct cost_cached){
        .head = e->head, .tail = e->tail, .content = e->content, .age_s = (now - e->born_ms) / 1000
    };
    return true;
}

void cost_result_cache_stats(struct cost_result_cache *cache, struct cost_cache_stats *out)
{
    pthread_mutex_lock(&cache->lock);
    *out = (struct cost_cache_stats){ .hits = cache->hits,
                                      .misses = cache->misses,
                                      .bytes = cache->bytes,
                                      .entries = cache->entries };
    pthread_mutex_unlock(&cache->lock);
}
