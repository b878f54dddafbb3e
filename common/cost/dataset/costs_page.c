/* Ranks the groups of each currency, cuts the page and names what is on it. */
#include "costs.h"

#include <cost/dims.h>

#include <stdlib.h>

struct ranking {
    struct cost_run *run;
    const uint32_t *groups; /* of this currency, by their index in the list to rank */
};

static int text_of(struct cost_run *run, size_t k, uint32_t id, mcp_str *text,
                   struct mcp_error *err)
{
    *text = MCP_STR_NULL;
    if (id == 0)
        return 0;
    if (run->keys[k].col == COST_COL_TAGS) {
        const struct cost_tag_column *column = &run->tags[k].column;

        if (id <= column->n_values)
            *text = column->values[id - 1];
        return 0;
    }
    return cost__dict_text(run->view.snap, run->keys[k].col, id, text, err);
}

/* Ties go by the bytes of the keys, in their order; a missing value comes first. */
static int tie(void *ctx, size_t a, size_t b)
{
    struct ranking *r = ctx;
    struct cost_run *run = r->run;
    const struct cost_fold_group *ga = &run->groups[r->groups[a]];
    const struct cost_fold_group *gb = &run->groups[r->groups[b]];

    for (size_t k = 0; k < run->n_keys; k++) {
        uint32_t ia = cost__cube_id(&run->cube, &ga->key, k);
        uint32_t ib = cost__cube_id(&run->cube, &gb->key, k);
        mcp_str ta, tb;
        int d;

        if (ia == ib || text_of(run, k, ia, &ta, NULL) < 0 || text_of(run, k, ib, &tb, NULL) < 0)
            continue;
        if (ia == 0 || ib == 0)
            return ia == 0 ? -1 : 1;
        d = mcp_str_cmp(ta, tb);
        if (d != 0)
            return d;
    }
    return 0;
}

static int overflow(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold (1.7e20)");
}

static bool all_missing(const struct cost_run *run, const struct cost_fold_group *group)
{
    for (size_t k = 0; k < run->query->n_keys; k++) {
        if (cost__cube_id(&run->cube, &group->key, k) != 0)
            return false;
    }
    return run->query->n_keys > 0;
}

/* Lists as long as there are groups are heap, freed with the arena: its limit is for answers. */
static void *list_new(struct cost_run *run, size_t n, size_t size)
{
    void *list = calloc(n + 1, size);

    if (list != NULL)
        mcp_arena_defer(run->arena, free, list);
    return list;
}

/* The order of one currency's groups into block->order; change decides when comparing. */
static int rank(struct cost_run *run, struct cost_fold_block *block, size_t *n,
                struct mcp_error *err)
{
    struct cost_rank_item *items = list_new(run, run->n_groups, sizeof(*items));
    uint32_t *mine = list_new(run, run->n_groups, sizeof(*mine));
    struct ranking ranking = { run, mine };
    size_t used = 0;

    block->order = list_new(run, run->n_groups, sizeof(*block->order));
    if (items == NULL || mine == NULL || block->order == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory to rank the groups");
    for (size_t i = 0; i < run->n_groups; i++) {
        const struct cost_fold_group *g = &run->groups[i];

        if (g->currency != block->currency)
            continue;
        mine[used] = (uint32_t)i;
        items[used] = (struct cost_rank_item){ .by = g->cost.sum, .index = used };
        if (run->compares && cost_money_sub(&items[used].by, g->previous) < 0)
            return overflow(err);
        used++;
    }
    cost_rank(items, used, tie, &ranking);
    for (size_t i = 0; i < used; i++)
        block->order[i] = mine[items[i].index];
    *n = used;
    return 0;
}

/* Sums before and after the page, and of the group without any value. */
static bool sum_around(struct cost_run *run, struct cost_fold_block *block, size_t n, size_t first,
                       size_t last)
{
    struct cost_block_result *r = &block->result;
    bool over = false;

    for (size_t i = 0; i < n; i++) {
        struct cost_fold_group *g = &run->groups[block->order[i]];

        if (all_missing(run, g))
            over |= cost_money_add(&r->none_cost, g->cost.sum) < 0;
        if (i < first) {
            over |= cost_money_add(&r->before_cost, g->cost.sum) < 0;
            over |= cost_money_add(&r->before_previous, g->previous) < 0;
        } else if (i < last) {
            g->page = (uint32_t)(i - first);
        } else {
            over |= cost_money_add(&r->other_cost, g->cost.sum) < 0;
            over |= cost_money_add(&r->other_previous, g->previous) < 0;
            over |= cost_money_add(g->cost.sum.units < 0 ? &r->other_negative : &r->other_positive,
                                   g->cost.sum) < 0;
        }
    }
    r->groups_total = n;
    r->before_groups = first;
    r->other_groups = n - last;
    return over;
}

static int name_key(struct cost_run *run, const struct cost_fold_group *g, size_t k,
                    struct cost_key *out, struct mcp_error *err)
{
    uint32_t id = cost__cube_id(&run->cube, &g->key, k);
    enum cost_dim dim = run->query->keys[k].dim;
    int rc = text_of(run, k, id, &out->value, err);

    if (rc < 0 || id == 0)
        return rc;
    if (dim == COST_DIM_SERVICE && run->has_provider)
        rc = text_of(run, run->provider_key, cost__cube_id(&run->cube, &g->key, run->provider_key),
                     &out->provider, err);
    if (rc < 0 || dim == COST_DIM_TAG)
        return rc;
    if (dim == COST_DIM_PROVIDER) {
        out->label = mcp_str_z(cost_provider_title(out->value));
        return 0;
    }
    return cost__dict_label(run->view.snap, run->keys[k].col, id, &out->label, err);
}

/* Adds a quantity to a list of one line a unit; room for every unit. */
static bool add_quantity(struct cost_quantity *list, uint32_t *units, size_t *n, uint32_t unit,
                         __int128 v)
{
    size_t i = 0;

    while (i < *n && units[i] != unit)
        i++;
    if (i == *n) {
        units[i] = unit;
        list[i] = (struct cost_quantity){ .sum = COST_MONEY_ZERO };
        (*n)++;
    }
    return cost_money_add(&list[i].sum, (struct cost_money){ v }) < 0;
}

/* Usage of what has neither a unit nor a quantity says nothing. */
static bool has_quantity(const struct cost_run *run, const struct cost_cell *cell)
{
    if (cost__profile_charge(cost__cube_profile(&run->cube, &cell->key)) != COST_CHARGE_USAGE)
        return false;
    return cell->quantity != 0 || cost__cube_unit(&run->cube, &cell->key) != 0;
}

static int name_units(struct cost_run *run, struct cost_quantity *list, const uint32_t *units,
                      size_t n, struct mcp_error *err)
{
    for (size_t i = 0; i < n; i++) {
        int rc = units[i] == 0
                     ? 0
                     : cost__dict_text(run->view.snap, COST_COL_UNIT, units[i], &list[i].unit, err);

        if (rc < 0)
            return rc;
    }
    for (size_t i = 1; i < n; i++) { /* few: by name, so that answers compare */
        struct cost_quantity q = list[i];
        size_t at = i;

        for (; at > 0 && mcp_str_cmp(list[at - 1].unit, q.unit) > 0; at--)
            list[at] = list[at - 1];
        list[at] = q;
    }
    return 0;
}

/* What quantities are gathered into: one list for each group of a page and one for its total. */
struct quantities {
    struct cost_quantity *list; /* in arena */
    uint32_t *units;
    size_t n;
};

static int quantities_room(struct cost_run *run, struct quantities *q, size_t n_units,
                           struct mcp_error *err)
{
    if (q->list != NULL)
        return 0;
    q->list = mcp_arena_try_array(run->arena, n_units, sizeof(*q->list));
    q->units = mcp_arena_try_array(run->arena, n_units, sizeof(*q->units));
    return q->list == NULL || q->units == NULL
               ? mcp_error_set(err, MCP_ENOMEM, "no memory for the quantities")
               : 0;
}

static int fill_quantities(struct cost_run *run, struct cost_fold_block *block,
                           struct mcp_error *err)
{
    size_t n_page = block->result.n_groups;
    size_t n_units = cost__dict_count(run->view.snap, COST_COL_UNIT) + 1;
    struct quantities *q = mcp_arena_try_array(run->arena, n_page + 1, sizeof(*q));
    int rc = q == NULL ? mcp_error_set(err, MCP_ENOMEM, "no memory for the quantities") : 0;

    for (size_t i = 0; rc == 0 && i < run->cube.n_cells; i++) {
        const struct cost_cell *cell = &run->cube.cells[i];
        struct cost_cell_key key = cost__cube_group(&run->cube, &cell->key);
        uint32_t unit = cost__cube_unit(&run->cube, &cell->key);
        const struct cost_fold_group *g;

        if (!has_quantity(run, cell) ||
            cost__cube_id(&run->cube, &key, run->currency_key) != block->currency)
            continue;
        rc = quantities_room(run, &q[n_page], n_units, err);
        if (rc == 0 &&
            add_quantity(q[n_page].list, q[n_page].units, &q[n_page].n, unit, cell->quantity))
            return overflow(err);
        g = cost__costs_find(run, &key);
        if (rc < 0 || g == NULL || g->page == COST_NO_PAGE)
            continue;
        rc = quantities_room(run, &q[g->page], n_units, err);
        if (rc == 0 &&
            add_quantity(q[g->page].list, q[g->page].units, &q[g->page].n, unit, cell->quantity))
            return overflow(err);
    }
    for (size_t i = 0; rc == 0 && i <= n_page; i++) {
        rc = name_units(run, q[i].list, q[i].units, q[i].n, err);
        if (i < n_page) {
            block->page[i].quantities = q[i].list;
            block->page[i].n_quantities = q[i].n;
        } else {
            block->result.quantities = q[i].list;
            block->result.n_quantities = q[i].n;
        }
    }
    return rc;
}

static int page_block(struct cost_run *run, struct cost_fold_block *block, struct mcp_error *err)
{
    size_t limit = run->query->limit > 0 ? (size_t)run->query->limit : COST_DEFAULT_LIMIT;
    size_t n = 0, first, last;
    int rc = rank(run, block, &n, err);

    if (rc < 0)
        return rc;
    first = run->query->offset < n ? run->query->offset : n;
    last = n - first < limit ? n : first + limit;
    block->page = mcp_arena_try_array(run->arena, last - first + 1, sizeof(*block->page));
    if (block->page == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the page");
    if (sum_around(run, block, n, first, last))
        return overflow(err);
    for (size_t i = first; i < last; i++) {
        const struct cost_fold_group *g = &run->groups[block->order[i]];
        struct cost_group *out = &block->page[i - first];

        out->cost = g->cost;
        out->effective = g->effective;
        out->previous = g->previous;
        for (size_t k = 0; k < run->query->n_keys; k++) {
            rc = name_key(run, g, k, &out->keys[k], err);
            if (rc < 0)
                return rc;
        }
    }
    block->result.groups = block->page;
    block->result.n_groups = last - first;
    rc = cost__dict_text(run->view.snap, COST_COL_CURRENCY, block->currency,
                         &block->result.currency, err);
    if (rc < 0)
        return rc;
    block->result.is_virtual = cost_currency_decimals(block->result.currency) < 0;
    return fill_quantities(run, block, err);
}

/* More rows first; the code decides between equals. Amounts of two currencies do not compare. */
static bool comes_before(const struct cost_block_result *a, const struct cost_block_result *b)
{
    if (a->total.rows != b->total.rows)
        return a->total.rows > b->total.rows;
    return mcp_str_cmp(a->currency, b->currency) < 0;
}

int cost__costs_page(struct cost_run *run, struct mcp_error *err)
{
    for (size_t i = 0; i < run->n_blocks; i++) {
        int rc = page_block(run, &run->blocks[i], err);

        if (rc < 0)
            return rc;
    }
    for (size_t i = 1; i < run->n_blocks; i++) {
        struct cost_fold_block b = run->blocks[i];
        size_t at = i;

        for (; at > 0 && comes_before(&b.result, &run->blocks[at - 1].result); at--)
            run->blocks[at] = run->blocks[at - 1];
        run->blocks[at] = b;
    }
    return 0;
}
