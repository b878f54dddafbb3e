/* Values that people write, found among the names in scope, and the nearest ones for a miss. */
#include "names.h"

#define MAX_NAMES 100000 /* compared for "did you mean" */
#define MAX_LISTED 5 /* ids named in an ambiguity */

static const struct {
    enum cost_dim dim;
    const char *words[6]; /* NULL-terminated */
} closed_lists[] = {
    { COST_DIM_CHARGE_CATEGORY, { "Usage", "Purchase", "Tax", "Credit", "Adjustment", NULL } },
    { COST_DIM_CHARGE_CLASS, { "Correction", NULL } },
    { COST_DIM_CHARGE_FREQUENCY, { "One-Time", "Recurring", "Usage-Based", NULL } },
    { COST_DIM_PRICING_CATEGORY, { "Standard", "Dynamic", "Committed", "Other", NULL } },
    { COST_DIM_COMMITMENT_STATUS, { "Used", "Unused", NULL } },
};

static bool is_closed(enum cost_dim dim)
{
    for (size_t i = 0; i < sizeof(closed_lists) / sizeof(closed_lists[0]); i++) {
        if (closed_lists[i].dim == dim)
            return true;
    }
    return false;
}

bool cost__names_closed(enum cost_dim dim, mcp_str value)
{
    for (size_t i = 0; i < sizeof(closed_lists) / sizeof(closed_lists[0]); i++) {
        if (closed_lists[i].dim != dim)
            continue;
        for (size_t w = 0; closed_lists[i].words[w] != NULL; w++) {
            if (mcp_str_eq_nocase(value, mcp_str_z(closed_lists[i].words[w])))
                return true;
        }
    }
    return false;
}

/* Text and display name of an id: both may be what the person wrote. */
static int names_of(struct cost_view *view, enum cost_col col, uint32_t id, mcp_str names[2],
                    struct mcp_error *err)
{
    int rc = cost__dict_text(view->snap, col, id, &names[0], err);

    return rc < 0 ? rc : cost__dict_label(view->snap, col, id, &names[1], err);
}

int cost__names_all(struct cost_view *view, enum cost_col col, const mcp_str **names, size_t *n,
                    struct mcp_error *err)
{
    uint32_t limit = cost__dict_count(view->snap, col) + 1, count = limit - 1;
    const uint64_t *seen;
    mcp_str *list;
    size_t used = 0;
    int rc;

    if (count > MAX_NAMES)
        count = MAX_NAMES;
    rc = cost__view_seen(view, col, &seen, err);
    if (rc < 0)
        return rc;
    list = mcp_arena_try_array(view->arena, 2 * (size_t)count + 1, sizeof(*list));
    if (list == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the list of names");
    for (uint32_t id = 1; id <= count; id++) {
        mcp_str pair[2];

        if (!cost__bit(seen, limit, id))
            continue;
        rc = names_of(view, col, id, pair, err);
        if (rc < 0)
            return rc;
        for (int i = 0; i < 2; i++) {
            if (pair[i].len > 0)
                list[used++] = pair[i];
        }
    }
    *names = list;
    *n = used;
    return 0;
}

/* All ids in scope that match: by id or else by name, exactly or else without case. */
static int match_seen(struct cost_view *view, enum cost_col col, mcp_str value,
                      const uint64_t *seen, const uint32_t **ids, size_t *n, struct mcp_error *err)
{
    uint32_t count = cost__dict_count(view->snap, col);
    uint32_t *found = mcp_arena_try_array(view->arena, (size_t)count + 1, sizeof(*found));
    size_t used = 0;

    if (found == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory to look a name up");
    for (int level = 0; level < 4 && used == 0; level++) {
        int which = level & 1; /* ids before names */

        for (uint32_t id = 1; id <= count; id++) {
            mcp_str pair[2];
            int rc;

            if (!cost__bit(seen, count + 1, id))
                continue;
            rc = names_of(view, col, id, pair, err);
            if (rc < 0)
                return rc;
            if (pair[which].len > 0 && (level < 2 ? mcp_str_eq(pair[which], value)
                                                  : mcp_str_eq_nocase(pair[which], value)))
                found[used++] = id;
        }
    }
    *ids = found;
    *n = used;
    return 0;
}

/* Leaves of what the dictionary found what rows in scope carry. What is outside must not decide how
 * the rest is read, so a search that hit only hidden ids starts again among the visible ones. */
static int only_seen(struct cost_view *view, enum cost_col col, mcp_str value, const uint32_t **ids,
                     size_t *n, struct mcp_error *err)
{
    uint32_t limit = cost__dict_count(view->snap, col) + 1;
    const uint64_t *seen;
    size_t visible = 0;
    int rc = *n == 0 ? 0 : cost__view_seen(view, col, &seen, err);

    if (rc < 0 || *n == 0)
        return rc;
    for (size_t i = 0; i < *n; i++)
        visible += cost__bit(seen, limit, (*ids)[i]);
    if (visible == *n)
        return 0;
    return match_seen(view, col, value, seen, ids, n, err);
}

static int ambiguous(struct cost_view *view, enum cost_dim dim, mcp_str value, const uint32_t *ids,
                     size_t n, struct mcp_error *err)
{
    struct mcp_buf list;
    size_t shown = n < MAX_LISTED ? n : MAX_LISTED;

    mcp_buf_init(&list, 700);
    for (size_t i = 0; i < shown; i++) {
        mcp_str pair[2];
        int rc = names_of(view, cost__dim_col(dim), ids[i], pair, err);

        if (rc < 0) {
            mcp_buf_release(&list);
            return rc;
        }
        mcp_buf_z(&list, i == 0 ? "" : i + 1 == shown && shown == n ? " and " : ", ");
        mcp_buf_printf(&list, "\"%.*s\"", MCP_STR_ARG(mcp_str_head(pair[0], 100)));
        if (pair[1].len > 0 && !mcp_str_eq(pair[0], pair[1]))
            mcp_buf_printf(&list, " (%.*s)", MCP_STR_ARG(mcp_str_head(pair[1], 60)));
    }
    mcp_error_word(err, MCP_EINVAL, "ambiguous_value",
                   "filters.%s: \"%.*s\" means %zu different ids: %.*s%s", cost_dim_name(dim),
                   MCP_STR_ARG(mcp_str_head(value, 100)), n, (int)list.len,
                   list.ptr == NULL ? "" : list.ptr, shown < n ? ", ..." : "");
    mcp_buf_release(&list);
    return mcp_error_next(err, "Give the id that is meant, or list several ids as values of %s.",
                          cost_dim_name(dim));
}

int cost__names_find(struct cost_view *view, enum cost_dim dim, mcp_str value, const uint32_t **ids,
                     size_t *n, struct mcp_error *err)
{
    enum cost_col col = cost__dim_col(dim);
    bool by_name;
    int rc = cost__dict_find(view->snap, col, value, view->arena, ids, n, &by_name, err);

    if (rc == 0 && *n == 0 && dim == COST_DIM_PROVIDER && cost_provider_family(value) != NULL)
        rc = cost__dict_find(view->snap, col, mcp_str_z(cost_provider_family(value)), view->arena,
                             ids, n, &by_name, err);
    if (rc == 0)
        rc = only_seen(view, col, value, ids, n, err);
    if (rc < 0)
        return rc;
    return *n > 1 && !is_closed(dim) ? ambiguous(view, dim, value, *ids, *n, err) : 0;
}
