/* Services that a provider renamed: one service before and after (contract.md section 1). */
#include "renames.h"

#include "filter.h"

/* The whole table: nothing else is joined. Names are unique across providers. */
static const struct cost_rename renames[] = {
    { "AWS Single Sign-On", "AWS IAM Identity Center" },
    { "Amazon Elasticsearch Service", "Amazon OpenSearch Service" },
    { "Amazon Kinesis Data Analytics", "Amazon Managed Service for Apache Flink" },
    { "Amazon Kinesis Firehose", "Amazon Data Firehose" },
    { "Azure Active Directory Domain Services", "Microsoft Entra Domain Services" },
    { "Security Center", "Microsoft Defender for Cloud" },
    { "Stackdriver Logging", "Cloud Logging" },
    { "Stackdriver Monitoring", "Cloud Monitoring" },
};

const struct cost_rename *cost__renames_row(size_t i)
{
    return i < sizeof(renames) / sizeof(renames[0]) ? &renames[i] : NULL;
}

/* The id whose text is exactly this, or 0. */
static int exact_id(struct cost_snapshot *snap, struct mcp_arena *arena, const char *name,
                    uint32_t *id, struct mcp_error *err)
{
    const uint32_t *ids;
    size_t n;
    bool by_name;
    int rc =
        cost__dict_find(snap, COST_COL_SERVICE, mcp_str_z(name), arena, &ids, &n, &by_name, err);

    *id = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        mcp_str text;

        rc = cost__dict_text(snap, COST_COL_SERVICE, ids[i], &text, err);
        if (rc == 0 && mcp_str_eq(text, mcp_str_z(name)))
            *id = ids[i];
    }
    return rc;
}

static int pair_of(struct cost_snapshot *snap, struct mcp_arena *arena, size_t i, uint32_t *before,
                   uint32_t *after, struct mcp_error *err)
{
    int rc = exact_id(snap, arena, renames[i].before, before, err);

    *after = 0;
    return rc < 0 || *before == 0 ? rc : exact_id(snap, arena, renames[i].after, after, err);
}

int cost__renames_remap(struct cost_snapshot *snap, struct mcp_arena *arena, const uint32_t **remap,
                        struct mcp_error *err)
{
    uint32_t n = cost__dict_count(snap, COST_COL_SERVICE) + 1, *map = NULL;

    for (size_t i = 0; i < sizeof(renames) / sizeof(renames[0]); i++) {
        uint32_t before, after;
        int rc = pair_of(snap, arena, i, &before, &after, err);

        if (rc < 0)
            return rc;
        if (before == 0 || after == 0)
            continue;
        if (map == NULL) {
            map = mcp_arena_try_array(arena, n, sizeof(*map));
            if (map == NULL)
                return mcp_error_set(err, MCP_ENOMEM, "no memory for the services");
            for (uint32_t id = 0; id < n; id++)
                map[id] = id;
        }
        map[before] = after;
    }
    *remap = map;
    return 0;
}

int cost__renames_spread(struct cost_snapshot *snap, struct mcp_arena *arena, uint64_t *bits,
                         uint32_t n, struct mcp_error *err)
{
    for (size_t i = 0; i < sizeof(renames) / sizeof(renames[0]); i++) {
        uint32_t before, after;
        int rc = pair_of(snap, arena, i, &before, &after, err);

        if (rc < 0)
            return rc;
        if (before == 0 || after == 0 ||
            (!cost__bit(bits, n, before) && !cost__bit(bits, n, after)))
            continue;
        cost__bit_set(bits, before);
        cost__bit_set(bits, after);
    }
    return 0;
}
