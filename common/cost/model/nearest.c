/* What was perhaps meant by a value that there is not: names that look like it. */
#include <cost/result.h>

static bool contains_nocase(mcp_str text, mcp_str part)
{
    for (size_t i = 0; part.len > 0 && i + part.len <= text.len; i++) {
        if (mcp_str_eq_nocase(mcp_str_n(text.ptr + i, part.len), part))
            return true;
    }
    return false;
}

/* How far a name is from what was written: 0 best; max + 1: too far to be offered. */
static unsigned far(mcp_str value, mcp_str name, unsigned max)
{
    unsigned d = mcp_str_distance(value, name, max);

    if (value.len >= 3 && contains_nocase(name, value) && d > 1)
        return 1;
    if (name.len >= 3 && contains_nocase(value, name) && d > 2)
        return 2;
    return d;
}

size_t cost_names_nearest(mcp_str value, const mcp_str *candidates, size_t n,
                          mcp_str out[COST_NAMES_NEAREST])
{
    unsigned max = value.len < 6 ? 2 : (unsigned)(value.len < 30 ? value.len / 3 : 10);
    unsigned score[COST_NAMES_NEAREST];
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned d = far(value, candidates[i], max);
        size_t at = used;
        bool twice = false;

        for (size_t k = 0; k < used; k++)
            twice |= mcp_str_eq(out[k], candidates[i]);
        if (d > max || twice)
            continue;
        while (at > 0 && (score[at - 1] > d ||
                          (score[at - 1] == d && mcp_str_cmp(out[at - 1], candidates[i]) > 0)))
            at--;
        if (at == COST_NAMES_NEAREST)
            continue;
        if (used < COST_NAMES_NEAREST)
            used++;
        for (size_t k = used - 1; k > at; k--) {
            out[k] = out[k - 1];
            score[k] = score[k - 1];
        }
        out[at] = candidates[i];
        score[at] = d;
    }
    return used;
}

void cost_result_unknown_value(struct cost_result *r, const char *what, mcp_str value,
                               const mcp_str *candidates, size_t n)
{
    mcp_str near[COST_NAMES_NEAREST], next;
    size_t found = cost_names_nearest(value, candidates, n, near);
    struct mcp_buf list;

    if (r == NULL)
        return;
    if (found == 0) /* nothing looks alike: a few of what there is helps more than nothing */
        for (; found < n && found < COST_NAMES_NEAREST; found++)
            near[found] = candidates[found];
    mcp_buf_init(&list, 1000);
    for (size_t i = 0; i < found; i++)
        mcp_buf_printf(&list, "%s\"%.*s\"", i == 0 ? "" : ", ",
                       MCP_STR_ARG(mcp_str_head(near[i], 100)));
    if (found == 0)
        next = mcp_arena_printf(r->arena,
                                "Call get_costs with group_by [\"%s\"] to see the "
                                "values that there are.",
                                what);
    else
        next = mcp_arena_printf(r->arena, "Nearest: %.*s.", (int)list.len, list.ptr);
    cost_result_warn(r, "unknown_value", next, "No %s is called \"%.*s\".", what,
                     MCP_STR_ARG(mcp_str_head(value, 100)));
    mcp_buf_release(&list);
}
