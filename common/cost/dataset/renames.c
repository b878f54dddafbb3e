/* Services that a provider renamed: one service before and after (contract.md section 1). */
#include "renames.h"

#include "preds.h"

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

#define N_RENAMES (sizeof(renames) / sizeof(renames[0]))

const struct cost_rename *cost__renames_row(size_t i)
{
    return i < N_RENAMES ? &renames[i] : NULL;
}

/* The ids of both names of each rename, 0 where the data has not the name. The texts are in memory
 * after the first look; a search by name would ask the file each time. */
struct pair {
    uint32_t before, after;
};

static int find_pairs(struct cost_snapshot *snap, struct pair out[N_RENAMES], struct mcp_error *err)
{
    uint32_t n = cost__dict_count(snap, COST_COL_SERVICE);

    memset(out, 0, N_RENAMES * sizeof(*out));
    for (uint32_t id = 1; id <= n; id++) {
        mcp_str name;
        int rc = cost__dict_text(snap, COST_COL_SERVICE, id, &name, err);

        if (rc < 0)
            return rc;
        for (size_t i = 0; i < N_RENAMES; i++) {
            if (mcp_str_eq(name, mcp_str_z(renames[i].before)))
                out[i].before = id;
            else if (mcp_str_eq(name, mcp_str_z(renames[i].after)))
                out[i].after = id;
        }
    }
    return 0;
}

int cost__renames_remap(struct cost_snapshot *snap, struct mcp_arena *arena, const uint32_t **remap,
                        struct mcp_error *err)
{
    uint32_t n = cost__dict_count(snap, COST_COL_SERVICE) + 1, *map = NULL;
    struct pair pairs[N_RENAMES];
    int rc = find_pairs(snap, pairs, err);

    for (size_t i = 0; rc == 0 && i < N_RENAMES; i++) {
        if (pairs[i].before == 0 || pairs[i].after == 0)
            continue;
        if (map == NULL) {
            map = mcp_arena_try_array(arena, n, sizeof(*map));
            if (map == NULL)
                return mcp_error_set(err, MCP_ENOMEM, "no memory for the services");
            for (uint32_t id = 0; id < n; id++)
                map[id] = id;
        }
        map[pairs[i].before] = pairs[i].after;
    }
    *remap = map;
    return rc;
}

int cost__renames_spread(struct cost_snapshot *snap, uint64_t *bits, uint32_t n,
                         struct mcp_error *err)
{
    struct pair pairs[N_RENAMES];
    int rc = find_pairs(snap, pairs, err);

    for (size_t i = 0; rc == 0 && i < N_RENAMES; i++) {
        if (pairs[i].before == 0 || pairs[i].after == 0 ||
            (!cost__bit(bits, n, pairs[i].before) && !cost__bit(bits, n, pairs[i].after)))
            continue;
        cost__bit_set(bits, pairs[i].before);
        cost__bit_set(bits, pairs[i].after);
    }
    return rc;
}
