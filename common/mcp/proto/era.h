/* The revisions of MCP, what each one knows, and which era a message belongs to. */
#ifndef MCP_PROTO_ERA_H
#define MCP_PROTO_ERA_H

#include <mcp/error.h>
#include <mcp/str.h>

/* In order of time, so that < and >= say "before" and "from that one on". */
enum mcp_revision {
    MCP_REV_2024_11_05,
    MCP_REV_2025_03_26,
    MCP_REV_2025_06_18,
    MCP_REV_2025_11_25,
    MCP_REV_2026_07_28,
    MCP_N_REVISIONS,
};
#define MCP_REV_LATEST_LEGACY MCP_REV_2025_11_25
#define MCP_REV_MODERN MCP_REV_2026_07_28
/* What a legacy HTTP request without version header and negotiation is taken for. */
#define MCP_REV_ASSUMED MCP_REV_2025_03_26

/* What differs on the wire; everything that is not named here is the same in all of them. */
enum mcp_revision_feature {
    MCP_HAS_BATCH = 1 << 0,
    MCP_HAS_ANNOTATIONS = 1 << 1, /* tool.annotations */
    MCP_HAS_TITLE = 1 << 2, /* title, and _meta on definitions */
    MCP_HAS_STRUCTURED = 1 << 3, /* outputSchema, structuredContent */
    MCP_HAS_AUDIO = 1 << 4,
    MCP_HAS_RESOURCE_LINK = 1 << 5,
    MCP_HAS_DESCRIPTION = 1 << 6, /* Implementation.description, icons */
    MCP_HAS_PROGRESS_MESSAGE = 1 << 7,
    MCP_HAS_RESULT_TYPE = 1 << 8, /* resultType, ttlMs, cacheScope, _meta.serverInfo */
    MCP_HAS_COMPLETIONS = 1 << 9, /* the capability of that name */
    MCP_HAS_PRIMING = 1 << 10, /* events without data, streams that end before their answer */
};

struct mcp_revision_info {
    mcp_str name; /* "2025-11-25" */
    unsigned features; /* enum mcp_revision_feature */
};
extern const struct mcp_revision_info mcp__revisions[MCP_N_REVISIONS];

static inline bool mcp__revision_has(enum mcp_revision rev, enum mcp_revision_feature feature)
{
    return (mcp__revisions[rev].features & (unsigned)feature) != 0;
}

/* 0 with *out, or -1 for a name that is none of ours. */
int mcp__revision_parse(mcp_str name, enum mcp_revision *out);
/* The answer to `initialize`: the requested revision when it is a legacy one of ours, else the
 * latest legacy one. */
enum mcp_revision mcp__revision_negotiate(mcp_str requested);

enum mcp_era { MCP_LEGACY, MCP_MODERN };

/* What the classifier needs to know of one message (the body decides, headers only cross-check). */
struct mcp_era_evidence {
    bool request; /* has an id; else a notification */
    bool initialize; /* method is initialize */
    bool claimed; /* _meta has the protocolVersion key, whatever its value */
    mcp_str claim; /* its value when it is a string, else missing */
    mcp_str header; /* MCP-Protocol-Version without surrounding blanks; missing when absent */
};

/* HTTP, one message: 0 with *era, MCP_EHEADER (initialize under a modern header) or MCP_EINVAL
 * (modern header, no envelope). */
int mcp__era_of_http(const struct mcp_era_evidence *e, enum mcp_era *era, struct mcp_error *err);

/* stdio: the era sticks once the opening is over. All zero is the opening. */
struct mcp_era_pin {
    bool pinned;
    enum mcp_era era;
};
/* 0 with *era, or MCP_EVERSION (legacy initialize after a modern opening). discover: the method is
 * server/discover, which never pins. */
int mcp__era_of_stdio(struct mcp_era_pin *pin, const struct mcp_era_evidence *e, bool discover,
                      enum mcp_era *era, struct mcp_error *err);
/* True for a name that is not older than the modern revision: strings of dates compare as dates. */
bool mcp__era_is_modern_name(mcp_str name);

#endif
