/* Tag keys by the variant rule, tag filters, and what is tagged, untagged and untaggable. */
#ifndef COST_DATASET_TAGS_H
#define COST_DATASET_TAGS_H

#include "view.h"

/* A tag key of the query, resolved. */
struct cost_tag_use {
    bool found; /* false: no such key in scope, every row lacks it */
    struct cost_tag_column column;
    const mcp_str *variants; /* all keys equal but for case, spaces and scheme, when several */
    size_t n_variants;
};

/* The exact key first; else the only key equal after trimming, folding case and removing a known
 * scheme prefix (contract.md section 6). Several such: MCP_EINVAL naming them. Unknown: a warning
 * with the nearest keys. */
int cost__tags_use(struct cost_view *view, mcp_str key, struct cost_tag_use *use,
                   struct mcp_error *err);
/* The part of a key that the variant rule compares. */
mcp_str cost__tags_core(mcp_str key);
/* The set of tag sets (dict_count + 1 bits) that a filter on a tag lets pass. */
int cost__tags_filter(struct cost_view *view, const struct cost_filter *filter,
                      const uint64_t **bits, uint32_t *n, struct mcp_error *err);
/* Fills result->tag_variants with the cost of each variant of the query's tag keys. */
int cost__tags_variants(struct cost_view *view, const struct cost_query *query,
                        const struct cost_preds *preds, const struct cost_tag_use *uses,
                        size_t n_uses, struct mcp_error *err);

#endif
