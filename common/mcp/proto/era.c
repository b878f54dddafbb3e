/* The revisions of MCP, what each one knows, and which era a message belongs to. */
#include "mcp/proto/era.h"

#define SINCE_2025_03_26                                                                           \
    (MCP_HAS_ANNOTATIONS | MCP_HAS_AUDIO | MCP_HAS_PROGRESS_MESSAGE | MCP_HAS_COMPLETIONS)
#define SINCE_2025_06_18                                                                           \
    (SINCE_2025_03_26 | MCP_HAS_TITLE | MCP_HAS_STRUCTURED | MCP_HAS_RESOURCE_LINK)
#define SINCE_2025_11_25 (SINCE_2025_06_18 | MCP_HAS_DESCRIPTION | MCP_HAS_PRIMING)

/* Batches are unspecified in 2024-11-05; its clients may send them as those of the next one do. */
const struct mcp_revision_info mcp__revisions[MCP_N_REVISIONS] = {
    [MCP_REV_2024_11_05] = { { "2024-11-05", 10 }, MCP_HAS_BATCH },
    [MCP_REV_2025_03_26] = { { "2025-03-26", 10 }, MCP_HAS_BATCH | SINCE_2025_03_26 },
    [MCP_REV_2025_06_18] = { { "2025-06-18", 10 }, SINCE_2025_06_18 },
    [MCP_REV_2025_11_25] = { { "2025-11-25", 10 }, SINCE_2025_11_25 },
    [MCP_REV_2026_07_28] = { { "2026-07-28", 10 }, SINCE_2025_11_25 | MCP_HAS_RESULT_TYPE },
};

int mcp__revision_parse(mcp_str name, enum mcp_revision *out)
{
    for (int i = 0; i < MCP_N_REVISIONS; i++) {
        if (mcp_str_eq(name, mcp__revisions[i].name)) {
            *out = (enum mcp_revision)i;
            return 0;
        }
    }
    return -1;
}

enum mcp_revision mcp__revision_negotiate(mcp_str requested)
{
    enum mcp_revision rev;

    if (mcp__revision_parse(requested, &rev) == 0 && rev != MCP_REV_MODERN)
        return rev;
    return MCP_REV_LATEST_LEGACY;
}

bool mcp__era_is_modern_name(mcp_str name)
{
    return !mcp_str_is_null(name) && mcp_str_cmp(name, mcp__revisions[MCP_REV_MODERN].name) >= 0;
}

int mcp__era_of_http(const struct mcp_era_evidence *e, enum mcp_era *era, struct mcp_error *err)
{
    bool modern_header = mcp__era_is_modern_name(e->header);

    if (e->request && e->initialize && !mcp__era_is_modern_name(e->claim)) {
        if (modern_header)
            return mcp_error_set(
                err, MCP_EHEADER,
                "initialize belongs to the revisions before 2026-07-28, the header "
                "MCP-Protocol-Version says %.*s",
                MCP_STR_ARG(e->header));
        *era = MCP_LEGACY;
        return 0;
    }
    if (e->claimed) {
        *era = MCP_MODERN;
        return 0;
    }
    if (!modern_header) {
        *era = MCP_LEGACY;
        return 0;
    }
    if (e->request)
        return mcp_error_set(err, MCP_EINVAL,
                             "params._meta lacks io.modelcontextprotocol/protocolVersion");
    *era = MCP_MODERN;
    return 0;
}

int mcp__era_of_stdio(struct mcp_era_pin *pin, const struct mcp_era_evidence *e, bool discover,
                      enum mcp_era *era, struct mcp_error *err)
{
    enum mcp_revision rev;

    if (pin->pinned && pin->era == MCP_MODERN) {
        if (e->request && e->initialize && !e->claimed)
            return mcp_error_set(err, MCP_EVERSION,
                                 "this connection speaks 2026-07-28, which has no initialize");
        *era = MCP_MODERN;
        return 0;
    }
    if (pin->pinned) {
        *era = MCP_LEGACY;
        return 0;
    }
    if (e->claimed) {
        /* A malformed or unknown claim is answered as modern, and the opening goes on. */
        if (e->request && !discover && mcp__revision_parse(e->claim, &rev) == 0 &&
            rev == MCP_REV_MODERN)
            *pin = (struct mcp_era_pin){ .pinned = true, .era = MCP_MODERN };
        *era = MCP_MODERN;
        return 0;
    }
    if (discover) {
        /* A probe that forgot its envelope is told so; a legacy client never sends it. */
        *era = MCP_MODERN;
        return 0;
    }
    *pin = (struct mcp_era_pin){ .pinned = true, .era = MCP_LEGACY };
    *era = MCP_LEGACY;
    return 0;
}
