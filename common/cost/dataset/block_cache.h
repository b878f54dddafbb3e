/* Decoded blocks that several calls share: rollups stay, facts go by use. */
#ifndef COST_DATASET_BLOCK_CACHE_H
#define COST_DATASET_BLOCK_CACHE_H

#include "block.h"

#define COST__FACTS_CACHE_BYTES ((size_t)16 << 20)
#define COST__ROLLUP_CACHE_BYTES ((size_t)96 << 20)

struct cost__block_cache;
struct cost__cached;

struct cost__block_cache *cost__block_cache_new(void);
/* No block may be in use. */
void cost__block_cache_free(struct cost__block_cache *cache);

/* The block in use by one caller more, or NULL when it is not there. */
struct cost__cached *cost__block_cache_get(struct cost__block_cache *cache, int64_t id);
/* Takes blob (heap) and block over, in use by the caller. Another thread may have put the same block
 * meanwhile: then its copy is returned and this one freed. NULL when memory is out (both freed). */
struct cost__cached *cost__block_cache_put(struct cost__block_cache *cache, int64_t id, bool rollup,
                                           void *blob, size_t blob_len, struct cost_block *block);
struct cost_block *cost__cached_block(struct cost__cached *cached);
/* The caller's use ends; what the block takes is counted anew, the least used unused ones go. */
void cost__block_cache_done(struct cost__block_cache *cache, struct cost__cached *cached);

#endif
