/* Folds the cells of the group table into groups and into each currency's totals. */
#include "costs.h"

#include <stdlib.h>

static int overflow(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold (1.7e20)");
}

static int no_memory(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ENOMEM, "no memory for the groups");
}

void cost__costs_fold_release(struct cost_run *run)
{
    free(run->groups);
    free(run->table);
    run->groups = NULL;
    run->table = NULL;
}

static size_t slot_of(const struct cost_run *run, const struct cost_cell_key *key)
{
    size_t at = cost__key_hash(key) & (run->table_size - 1);

    while (run->table[at] != 0) {
        const struct cost_cell_key *k = &run->groups[run->table[at] - 1].key;

        if (k->w[0] == key->w[0] && k->w[1] == key->w[1])
            break;
        at = (at + 1) & (run->table_size - 1);
    }
    return at;
}

struct cost_fold_group *cost__costs_find(struct cost_run *run, const struct cost_cell_key *key)
{
    size_t at = run->table_size == 0 ? 0 : slot_of(run, key);

    return run->table_size == 0 || run->table[at] == 0 ? NULL : &run->groups[run->table[at] - 1];
}

/* Room for every cell to be a group of its own, so that nothing moves while folding. */
static int make_room(struct cost_run *run, struct mcp_error *err)
{
    size_t cells = run->cube.n_cells + run->previous.n_cells + 1;

    run->table_size = 64;
    while (run->table_size < cells * 2)
        run->table_size *= 2;
    run->groups_size = cells;
    run->groups = malloc(cells * sizeof(*run->groups));
    run->table = calloc(run->table_size, sizeof(*run->table));
    return run->groups == NULL || run->table == NULL ? no_memory(err) : 0;
}

static struct cost_fold_group *group_of(struct cost_run *run, const struct cost_cube *cube,
                                        const struct cost_cell *cell)
{
    struct cost_cell_key key = cost__cube_group(cube, &cell->key);
    size_t at = slot_of(run, &key);

    if (run->table[at] == 0) {
        run->groups[run->n_groups++] =
            (struct cost_fold_group){ .key = key,
                                      .page = COST_NO_PAGE,
                                      .currency = cost__cube_id(cube, &key, run->currency_key) };
        run->table[at] = (uint32_t)run->n_groups;
    }
    return &run->groups[run->table[at] - 1];
}

static struct cost_fold_block *block_of(struct cost_run *run, uint32_t currency)
{
    for (size_t i = 0; i < run->n_blocks; i++) {
        if (run->blocks[i].currency == currency)
            return &run->blocks[i];
    }
    run->blocks[run->n_blocks] = (struct cost_fold_block){ .currency = currency };
    return &run->blocks[run->n_blocks++];
}

static bool add(struct cost_money *sum, __int128 v)
{
    return __builtin_add_overflow(sum->units, v, &sum->units);
}

static bool add_measure(struct cost_measure *m, const struct cost_cube *cube,
                        const struct cost_cell *cell, enum cost_metric metric)
{
    bool over = add(&m->sum, cell->sum[metric]);

    m->rows += cell->rows;
    if (cell->ext != 0) {
        const struct cost_cell_ext *ext = &cube->ext[cell->ext - 1];

        m->rows_unknown += ext->unknown[metric];
        over |= add(&m->unknown_billed, ext->lacking[metric]);
    }
    return over;
}

static bool add_class(struct cost_class_sums *s, const struct cost_cube *cube,
                      const struct cost_cell *cell)
{
    bool over = false;

    s->rows += cell->rows;
    for (int m = 0; m < COST_N_METRICS; m++) {
        over |= add(&s->m[m], cell->sum[m]);
        if (cell->ext != 0)
            s->unknown[m] += cube->ext[cell->ext - 1].unknown[m];
    }
    return over;
}

static bool add_bridge(struct cost_bridge_in *b, const struct cost_cube *cube,
                       const struct cost_cell *cell, uint32_t profile)
{
    enum cost_class class = cost__profile_class(profile);
    bool usage = cost__profile_charge(profile) == COST_CHARGE_USAGE, over;

    if (class >= COST_N_CLASSES)
        class = COST_CLASS_OTHER;
    over = add_class(&b->classes[class], cube, cell);
    if (class == COST_CLASS_OTHER && (profile & COST_ROW_ELIGIBLE))
        over |= add_class(&b->eligible, cube, cell);
    if (profile & COST_ROW_REFUND) {
        over |= add(&b->refunds_billed, cell->sum[COST_BILLED]);
        over |= add(&b->refunds_effective, cell->sum[COST_EFFECTIVE]);
    }
    if (profile & COST_ROW_ZERO_EFFECTIVE) {
        b->usage_rows_zero_effective += cell->rows;
        over |= add(&b->usage_zero_effective_billed, cell->sum[COST_BILLED]);
    }
    if (class == COST_CLASS_OTHER && usage)
        over |= add(&b->usage_ordinary_billed, cell->sum[COST_BILLED]);
    return over;
}

/* Tax, credits and adjustments are billed sums; purchases and usage have no line of their own. */
static bool add_charge(struct cost_block_result *r, const struct cost_cell *cell, uint32_t profile)
{
    switch (cost__profile_charge(profile)) {
    case COST_CHARGE_TAX:
        return add(&r->tax, cell->sum[COST_BILLED]);
    case COST_CHARGE_CREDIT:
        return add(&r->credits, cell->sum[COST_BILLED]);
    case COST_CHARGE_ADJUSTMENT:
        return add(&r->adjustments, cell->sum[COST_BILLED]);
    default:
        return false;
    }
}

/* Tagged, untagged (usage of a resource) and untaggable, on effective (contract.md section 6). */
static bool add_tags(const struct cost_run *run, struct cost_block_result *r,
                     const struct cost_cell *cell, uint32_t profile)
{
    bool usage = cost__profile_charge(profile) == COST_CHARGE_USAGE &&
                 cost__profile_class(profile) != COST_CLASS_UNUSED;

    for (size_t k = 0; k < run->query->n_keys; k++) {
        if (run->query->keys[k].dim != COST_DIM_TAG)
            continue;
        r->has_tag_split = true;
        if (cost__cube_id(&run->cube, &cell->key, k) != 0)
            return add(&r->tagged, cell->sum[COST_EFFECTIVE]);
        if (usage && (profile & COST_ROW_RESOURCE))
            return add(&r->untagged, cell->sum[COST_EFFECTIVE]);
        return add(&r->untaggable, cell->sum[COST_EFFECTIVE]);
    }
    return false;
}

static bool add_cell(struct cost_run *run, const struct cost_cell *cell)
{
    struct cost_fold_group *group = group_of(run, &run->cube, cell);
    struct cost_fold_block *block = block_of(run, group->currency);
    struct cost_block_result *r = &block->result;
    uint32_t profile = cost__cube_profile(&run->cube, &cell->key);
    __int128 cost = cell->sum[run->query->metric];
    bool over = add_measure(&group->cost, &run->cube, cell, run->query->metric);

    over |= add_measure(&group->effective, &run->cube, cell, COST_EFFECTIVE);
    for (int m = 0; m < COST_N_METRICS; m++)
        over |= add_measure(&r->totals[m], &run->cube, cell, (enum cost_metric)m);
    over |= add(&r->parts_total, cost);
    over |= add_bridge(&r->bridge, &run->cube, cell, profile);
    over |= add_charge(r, cell, profile);
    over |= add_tags(run, r, cell, profile);
    if (profile & COST_PROFILE_SPANNING) {
        r->spanning_rows += cell->rows;
        over |= add(&r->spanning_cost, cost);
    }
    if (profile & COST_PROFILE_LATER) {
        r->later_rows += cell->rows;
        over |= add(&r->later_cost, cost);
    }
    if (cost__profile_charge(profile) == COST_CHARGE_USAGE) {
        over |= add(&block->usage, cost);
        if (cost__span_exceeds(run->query->granularity, profile))
            over |= add(&block->usage_coarse, cost);
    }
    return over;
}

/* The total by the second path; what the ledger has not (the billed sum of the rows that lack the
 * metric) comes from the first. */
static void set_totals(struct cost_run *run)
{
    enum cost_metric metric = run->query->metric;

    for (size_t i = 0; i < run->n_blocks; i++) {
        struct cost_block_result *r = &run->blocks[i].result;
        const struct cost_check_total *t = &run->check[run->blocks[i].currency];

        r->check_path = run->check_path;
        r->total = (struct cost_measure){ .sum = { t->sum[metric] },
                                          .rows = t->rows,
                                          .rows_unknown = t->unknown[metric],
                                          .unknown_billed = r->totals[metric].unknown_billed };
        if (run->compares)
            r->previous_total =
                (struct cost_money){ run->check_previous[run->blocks[i].currency].sum[metric] };
    }
}

int cost__costs_fold(struct cost_run *run, struct mcp_error *err)
{
    size_t n_currencies = cost__dict_count(run->view.snap, COST_COL_CURRENCY) + 1;
    enum cost_metric metric = run->query->metric;
    bool over = false;
    int rc = make_room(run, err);

    if (rc < 0)
        return rc;
    run->blocks = mcp_arena_try_array(run->arena, n_currencies, sizeof(*run->blocks));
    if (run->blocks == NULL)
        return no_memory(err);
    for (size_t i = 0; i < run->cube.n_cells; i++)
        over |= add_cell(run, &run->cube.cells[i]);
    for (size_t i = 0; i < run->previous.n_cells; i++) {
        const struct cost_cell *cell = &run->previous.cells[i];
        struct cost_fold_group *group = group_of(run, &run->previous, cell);
        struct cost_fold_block *block = block_of(run, group->currency);

        over |= add(&group->previous, cell->sum[metric]);
        over |= add(&block->parts_previous, cell->sum[metric]);
    }
    if (over)
        return overflow(err);
    /* A total that the second path has and the first has not must show as a residual. */
    for (uint32_t c = 0; c < n_currencies; c++) {
        if (run->check[c].rows > 0)
            block_of(run, c);
    }
    set_totals(run);
    for (size_t i = 0; i < run->n_blocks; i++) {
        struct cost_fold_block *b = &run->blocks[i];

        if (run->compares && b->parts_previous.units != b->result.previous_total.units)
            return mcp_error_word(err, MCP_EDATA, "check_failed",
                                  "the groups of the compared period do not add up to its total");
    }
    return 0;
}
