/* What an asset of Cloud Asset Inventory is, and when two names mean the same resource. */
#include "resources.h"

#define MAX_LABELS 64
#define MAX_PARTS 24

static mcp_str part_after(mcp_str path, const char *name)
{
    mcp_str rest = path, part;
    bool more = path.len > 0, found = false;

    while (more) {
        more = mcp_str_cut(&rest, '/', &part);
        if (found)
            return part;
        found = mcp_str_eq(part, mcp_str_z(name));
    }
    return MCP_STR_NULL;
}

static int read_labels(struct mcp_json json, struct mcp_arena *arena, struct gcp_asset *out)
{
    struct mcp_json_iter it = mcp_json_iter(mcp_json_get(json, MCP_STR("labels")));
    struct cost_tag *list = NULL;

    while (mcp_json_next(&it) && out->n_labels < MAX_LABELS) {
        struct cost_tag *tag;

        if (list == NULL)
            list = mcp_arena_try_array(arena, MAX_LABELS, sizeof(*list));
        if (list == NULL)
            return MCP_ENOMEM;
        tag = &list[out->n_labels];
        if (mcp_json_str(it.key, arena, &tag->key) == 0 &&
            mcp_json_str(it.value, arena, &tag->value) == 0)
            out->n_labels++;
    }
    out->labels = list;
    return 0;
}

int gcp_asset_read(struct mcp_json json, struct mcp_arena *arena, struct gcp_asset *out)
{
    struct mcp_json more = mcp_json_get(json, MCP_STR("additionalAttributes"));

    *out = (struct gcp_asset){
        .name = mcp_json_get_str(json, MCP_STR("name"), arena),
        .type = mcp_json_get_str(json, MCP_STR("assetType"), arena),
        .display_name = mcp_json_get_str(json, MCP_STR("displayName"), arena),
        .location = mcp_json_get_str(json, MCP_STR("location"), arena),
        .number = mcp_json_get_str(json, MCP_STR("project"), arena),
        .numeric_id = mcp_json_get_str(more, MCP_STR("id"), arena),
    };
    if (out->name.len == 0)
        return MCP_EUPSTREAM;
    mcp_str_cut_prefix(&out->number, MCP_STR("projects/"));
    out->project = part_after(out->name, "projects");
    if (out->project.len == 0)
        out->project = out->number;
    return read_labels(json, arena, out);
}

static mcp_str id_of(mcp_str project, const mcp_str *ids, size_t n_ids)
{
    for (size_t i = 0; i < n_ids; i++) {
        if (mcp_str_eq(ids[2 * i], project))
            return ids[2 * i + 1];
    }
    return project;
}

mcp_str gcp_asset_key(mcp_str name, const mcp_str *ids, size_t n_ids, mcp_str last,
                      struct mcp_arena *arena)
{
    mcp_str parts[MAX_PARTS], rest = name, host = MCP_STR_NULL, key;
    struct mcp_buf text;
    size_t n = 0;
    bool more = true;

    if (mcp_str_cut_prefix(&rest, MCP_STR("//")))
        more = mcp_str_cut(&rest, '/', &host);
    while (more && n < MAX_PARTS)
        more = mcp_str_cut(&rest, '/', &parts[n++]);
    mcp_buf_init(&text, name.len + last.len + 512);
    mcp_str_cut(&host, '.', &key);
    mcp_buf_str(&text, key);
    for (size_t i = 0; i < n; i++) {
        mcp_str part = parts[i];

        /* "compute/v1/projects" and "compute/projects" are one. */
        if (part.len >= 2 && part.ptr[0] == 'v' && part.ptr[1] >= '0' && part.ptr[1] <= '9' &&
            i < 2)
            continue;
        if (i > 0 && mcp_str_eq(parts[i - 1], MCP_STR("projects")))
            part = id_of(part, ids, n_ids);
        if (i + 1 == n && last.len > 0)
            part = last;
        mcp_buf_char(&text, '/');
        mcp_buf_str(&text, part);
    }
    key = mcp_arena_str(arena, mcp_buf_view(&text));
    mcp_buf_release(&text);
    return key;
}
