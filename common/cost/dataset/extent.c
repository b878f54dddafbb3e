/* First and last days of what a caller may see (contract.md sections 4 and 11). */
#include "snapshot_internal.h"

/* What counts so far. */
struct seen {
    bool any;
    int32_t first;
    int64_t short_end, ended_end;
};

static void see(struct seen *seen, int32_t day_min, int64_t short_end, int64_t ended_end)
{
    if (!seen->any || day_min < seen->first)
        seen->first = day_min;
    seen->any = true;
    seen->short_end = short_end > seen->short_end ? short_end : seen->short_end;
    seen->ended_end = ended_end > seen->ended_end ? ended_end : seen->ended_end;
}

/* Ids of the allowed projects: by their exact id only, a display name opens nothing. */
static int allowed_projects(struct cost_snapshot *s, const struct cost_scope *scope,
                            struct mcp_arena *arena, uint32_t **ids, size_t *n,
                            struct mcp_error *err)
{
    uint32_t *out = mcp_arena_try_array(arena, scope->n_projects + 1, sizeof(*out));
    int rc = 0;

    if (out == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    *n = 0;
    for (size_t i = 0; rc == 0 && i < scope->n_projects; i++) {
        const uint32_t *found;
        size_t n_found;
        bool by_name;

        rc = cost__dict_find(s, COST_COL_PROJECT, scope->projects[i], arena, &found, &n_found,
                             &by_name, err);
        for (size_t j = 0; rc == 0 && !by_name && j < n_found && *n < scope->n_projects; j++) {
            mcp_str text;

            rc = cost__dict_text(s, COST_COL_PROJECT, found[j], &text, err);
            if (rc == 0 && mcp_str_eq(text, scope->projects[i]))
                out[(*n)++] = found[j];
        }
    }
    *ids = out;
    return rc;
}

static bool in_scope(const struct cost_scope *scope, const struct cost__project_facts *p,
                     const uint32_t *ids, size_t n)
{
    if (scope->kubernetes && p->kubernetes == 0)
        return false;
    if (!scope->restricted)
        return true;
    if (p->project == 0)
        return scope->unattributed;
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == p->project)
            return true;
    }
    return false;
}

static int see_projects(struct cost_snapshot *s, const struct cost_scope *scope, uint32_t slice,
                        const uint32_t *ids, size_t n, struct seen *seen, struct mcp_error *err)
{
    const struct cost__slice_parts *parts;
    int rc = cost__snapshot_parts(s, slice, &parts, err);

    if (rc != 0)
        return rc;
    for (size_t i = 0; i < parts->n_projects; i++) {
        const struct cost__project_facts *p = &parts->projects[i];

        if (in_scope(scope, p, ids, n))
            see(seen, p->day_min, p->short_end, p->ended_end);
    }
    return 0;
}

static bool in_family(const struct cost_scope *scope, mcp_str provider)
{
    return mcp_str_is_null(scope->family) || mcp_str_eq(scope->family, provider);
}

int cost_snapshot_extent(struct cost_snapshot *s, const struct cost_scope *scope,
                         struct cost_extent *out, struct mcp_error *err)
{
    struct seen seen = { .short_end = INT64_MIN, .ended_end = INT64_MIN };
    struct mcp_arena *arena = NULL;
    uint32_t *ids = NULL;
    size_t n = 0;
    int rc = 0;

    if (scope->restricted) {
        arena = mcp_arena_new(0, 0);
        rc = arena == NULL ? mcp_error_set(err, MCP_ENOMEM, "out of memory")
                           : allowed_projects(s, scope, arena, &ids, &n, err);
    }
    if (scope->restricted || scope->kubernetes) {
        for (size_t i = 0; rc == 0 && i < s->n_slices; i++) {
            if (in_family(scope, s->slices[i].provider))
                rc = see_projects(s, scope, s->slices[i].id, ids, n, &seen, err);
        }
    } else {
        for (size_t i = 0; i < s->n_families; i++) {
            const struct cost__family_days *f = &s->families[i];

            if (in_family(scope, f->provider))
                see(&seen, f->first, f->short_end, f->ended_end);
        }
    }
    mcp_arena_free(arena);
    if (rc != 0)
        return rc;
    *out = (struct cost_extent){ .empty = !seen.any };
    if (!seen.any)
        return 0;
    out->first = seen.first;
    out->data_through = cost__data_through(seen.short_end, seen.ended_end);
    /* Only future charges: their first day is all there is to name. */
    if (out->data_through == INT32_MIN)
        out->data_through = seen.first;
    out->has_days = seen.short_end != INT64_MIN;
    return 0;
}
