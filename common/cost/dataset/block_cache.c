/* Decoded blocks that several calls share: rollups stay, facts go by use. */
#include "block_cache.h"

#include <pthread.h>
#include <stdlib.h>

#define BUCKETS 1024 /* power of two */

struct cost__cached {
    int64_t id;
    bool rollup;
    unsigned users;
    size_t bytes; /* as counted last */
    void *blob; /* owned */
    size_t blob_len;
    struct cost_block *block; /* owned */
    struct cost__cached *next; /* in the bucket */
    struct cost__cached *older, *newer; /* by use, of its kind */
};

struct list {
    struct cost__cached *oldest, *newest;
    size_t bytes, limit;
};

struct cost__block_cache {
    pthread_mutex_t lock; /* of everything below */
    struct cost__cached *buckets[BUCKETS];
    struct list facts, rollups;
};

struct cost__block_cache *cost__block_cache_new(void)
{
    struct cost__block_cache *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    pthread_mutex_init(&c->lock, NULL);
    c->facts.limit = COST__FACTS_CACHE_BYTES;
    c->rollups.limit = COST__ROLLUP_CACHE_BYTES;
    return c;
}

static void cached_free(struct cost__cached *e)
{
    cost__block_free(e->block);
    free(e->blob);
    free(e);
}

void cost__block_cache_free(struct cost__block_cache *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (c->buckets[i] != NULL) {
            struct cost__cached *e = c->buckets[i];

            MCP_BUG_ON(e->users != 0);
            c->buckets[i] = e->next;
            cached_free(e);
        }
    }
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct list *list_of(struct cost__block_cache *c, const struct cost__cached *e)
{
    return e->rollup ? &c->rollups : &c->facts;
}

static void unlink_use(struct list *l, struct cost__cached *e)
{
    if (e->older != NULL)
        e->older->newer = e->newer;
    else
        l->oldest = e->newer;
    if (e->newer != NULL)
        e->newer->older = e->older;
    else
        l->newest = e->older;
    e->older = e->newer = NULL;
}

static void link_newest(struct list *l, struct cost__cached *e)
{
    e->older = l->newest;
    e->newer = NULL;
    if (l->newest != NULL)
        l->newest->newer = e;
    else
        l->oldest = e;
    l->newest = e;
}

static struct cost__cached **bucket(struct cost__block_cache *c, int64_t id)
{
    return &c->buckets[((uint64_t)id * 0x9e3779b97f4a7c15u >> 40) & (BUCKETS - 1)];
}

static struct cost__cached *find(struct cost__block_cache *c, int64_t id)
{
    struct cost__cached *e = *bucket(c, id);

    while (e != NULL && e->id != id)
        e = e->next;
    if (e != NULL) {
        e->users++;
        unlink_use(list_of(c, e), e);
        link_newest(list_of(c, e), e);
    }
    return e;
}

struct cost__cached *cost__block_cache_get(struct cost__block_cache *c, int64_t id)
{
    struct cost__cached *e;

    pthread_mutex_lock(&c->lock);
    e = find(c, id);
    pthread_mutex_unlock(&c->lock);
    return e;
}

struct cost__cached *cost__block_cache_put(struct cost__block_cache *c, int64_t id, bool rollup,
                                           void *blob, size_t blob_len, struct cost_block *block)
{
    struct cost__cached *made = calloc(1, sizeof(*made)), *e, **at = bucket(c, id);

    if (made == NULL) {
        cost__block_free(block);
        free(blob);
        return NULL;
    }
    *made = (struct cost__cached){
        .id = id, .rollup = rollup, .users = 1, .blob = blob, .blob_len = blob_len, .block = block
    };
    pthread_mutex_lock(&c->lock);
    e = find(c, id);
    if (e == NULL) {
        made->next = *at;
        *at = made;
        link_newest(list_of(c, made), made);
        e = made;
        made = NULL;
    }
    pthread_mutex_unlock(&c->lock);
    if (made != NULL)
        cached_free(made);
    return e;
}

struct cost_block *cost__cached_block(struct cost__cached *cached)
{
    return cached->block;
}

/* Takes unused blocks out of the list, the least used first, until it fits; they are returned chained
 * by next. */
static struct cost__cached *shrink(struct cost__block_cache *c, struct list *l)
{
    struct cost__cached *out = NULL, *e = l->oldest;

    while (e != NULL && l->bytes > l->limit) {
        struct cost__cached *next = e->newer, **at = bucket(c, e->id);

        if (e->users == 0) {
            while (*at != e)
                at = &(*at)->next;
            *at = e->next;
            unlink_use(l, e);
            l->bytes -= e->bytes;
            e->next = out;
            out = e;
        }
        e = next;
    }
    return out;
}

void cost__block_cache_done(struct cost__block_cache *c, struct cost__cached *e)
{
    size_t bytes = e->blob_len + cost__block_bytes(e->block);
    struct list *l;
    struct cost__cached *gone;

    pthread_mutex_lock(&c->lock);
    l = list_of(c, e);
    l->bytes = l->bytes - e->bytes + bytes;
    e->bytes = bytes;
    e->users--;
    gone = shrink(c, l);
    pthread_mutex_unlock(&c->lock);
    while (gone != NULL) {
        struct cost__cached *next = gone->next;

        cached_free(gone);
        gone = next;
    }
}
