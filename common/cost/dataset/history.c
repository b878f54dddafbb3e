/* What get_forecast models: daily series, monthly recurring charges, and what is left out. */
#include "costs.h"
#include "row_view.h"

#include <mcp/date.h>

#include <stdlib.h>

#define MAX_DAYS 1100 /* three years: older days teach a forecast nothing */
#define MAX_SERIES 200 /* groups, the largest first */
#define MAX_PURCHASES 2000000 /* purchase rows kept until their rhythm is known */
#define MIN_DAILY_DAYS 14

enum left_out { OUT_TAX, OUT_CREDIT, OUT_ADJUSTMENT, OUT_ONE_TIME, N_LEFT_OUT };
static const char *const left_out_names[N_LEFT_OUT] = { "tax", "credit", "adjustment",
                                                        "one_time_purchase" };

/* One currency and group. */
struct line {
    __int128 *days; /* in arena, by day - from */
    int32_t first; /* day of its first modelled row */
    __int128 scheduled[31]; /* by day of the month - 1 */
    bool has_scheduled[31];
    __int128 out[N_LEFT_OUT];
    bool has_out[N_LEFT_OUT];
};

/* Purchases of one thing: what recurs is told by the days on which they are seen. */
struct rhythm {
    uint32_t line, service, sku, commitment, project; /* the key */
    bool recurring; /* ChargeFrequency */
    int32_t first;
    uint32_t n_days;
    uint64_t *seen; /* in arena: bit by day - from */
};
struct purchase {
    uint32_t rhythm;
    int32_t day;
    __int128 cost;
};

struct history {
    struct cost_run *run;
    struct cost_result base;
    struct line *lines; /* in arena: block * page_size + page */
    size_t n_lines, page_size;
    int32_t from, through; /* days of the series */
    struct cost_range last_month, last_cycle; /* for amounts that repeat */
    uint32_t recurring; /* id of COST_COL_CHARGE_FREQUENCY */
    struct cost_charges charges;
    struct cost_row_view rows;
    size_t *block_of; /* by currency id: 1 + index */
    size_t n_currencies;
    struct rhythm *rhythms; /* owned, heap */
    size_t n_rhythms, rhythms_size;
    uint32_t *table; /* owned, heap */
    size_t table_size;
    struct purchase *purchases; /* owned, heap */
    size_t n_purchases, purchases_size;
};

static const uint32_t history_cols =
    COST_COL_BIT(COST_COL_CURRENCY) | COST_COL_BIT(COST_COL_CHARGE_CATEGORY) |
    COST_COL_BIT(COST_COL_CHARGE_FREQUENCY) | COST_COL_BIT(COST_COL_SERVICE) |
    COST_COL_BIT(COST_COL_SKU) | COST_COL_BIT(COST_COL_COMMITMENT) | COST_COL_BIT(COST_COL_PROJECT);

static int overflow(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold (1.7e20)");
}

static int no_memory(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ENOMEM, "no memory for the history");
}

static bool within(const struct cost_range *range, int32_t day)
{
    return day >= range->start && day <= range->end;
}

static bool add_modelled(struct history *h, struct line *line, int32_t day, __int128 v)
{
    if (day < line->first)
        line->first = day;
    return __builtin_add_overflow(line->days[day - h->from], v, &line->days[day - h->from]);
}

/* A monthly charge repeats on its day: the latest cycle says how much. */
static bool add_scheduled(struct history *h, struct line *line, int32_t day, __int128 v)
{
    int dom;

    if (!within(&h->last_cycle, day))
        return false;
    dom = mcp_date_civil(day).day - 1;
    line->has_scheduled[dom] = true;
    return __builtin_add_overflow(line->scheduled[dom], v, &line->scheduled[dom]);
}

static bool add_left_out(struct history *h, struct line *line, enum left_out what, int32_t day,
                         __int128 v)
{
    line->has_out[what] = true;
    return within(&h->last_month, day) &&
           __builtin_add_overflow(line->out[what], v, &line->out[what]);
}

static size_t hash_of(const struct rhythm *r)
{
    struct cost_cell_key key = { { (uint64_t)r->line << 32 | r->service,
                                   (uint64_t)r->sku << 32 | r->commitment } };

    return cost__key_hash(&key) ^ (size_t)r->project * 0x9e3779b1u ^ r->recurring;
}

static int grow_rhythms(struct history *h)
{
    size_t size = h->rhythms_size == 0 ? 64 : h->rhythms_size * 2, table_size = size * 2;
    struct rhythm *rhythms = realloc(h->rhythms, size * sizeof(*rhythms));
    uint32_t *table;

    if (rhythms == NULL)
        return MCP_ENOMEM;
    h->rhythms = rhythms;
    table = calloc(table_size, sizeof(*table));
    if (table == NULL)
        return MCP_ENOMEM;
    for (size_t i = 0; i < h->n_rhythms; i++) {
        size_t at = hash_of(&rhythms[i]) & (table_size - 1);

        while (table[at] != 0)
            at = (at + 1) & (table_size - 1);
        table[at] = (uint32_t)i + 1;
    }
    free(h->table);
    h->table = table;
    h->table_size = table_size;
    h->rhythms_size = size;
    return 0;
}

static bool same_rhythm(const struct rhythm *a, const struct rhythm *b)
{
    return a->line == b->line && a->service == b->service && a->sku == b->sku &&
           a->commitment == b->commitment && a->project == b->project &&
           a->recurring == b->recurring;
}

/* The index of a rhythm, made when it is new; -1 when memory is out. */
static int64_t rhythm_of(struct history *h, const struct rhythm *key)
{
    size_t words = (size_t)(h->through - h->from) / 64 + 1, at;

    if (h->n_rhythms == h->rhythms_size && grow_rhythms(h) < 0)
        return -1;
    at = hash_of(key) & (h->table_size - 1);
    for (; h->table[at] != 0; at = (at + 1) & (h->table_size - 1)) {
        if (same_rhythm(&h->rhythms[h->table[at] - 1], key))
            return h->table[at] - 1;
    }
    h->rhythms[h->n_rhythms] = *key;
    h->rhythms[h->n_rhythms].first = INT32_MAX;
    h->rhythms[h->n_rhythms].seen = mcp_arena_try_array(h->run->arena, words, sizeof(uint64_t));
    if (h->rhythms[h->n_rhythms].seen == NULL)
        return -1;
    h->table[at] = (uint32_t)h->n_rhythms + 1;
    return (int64_t)h->n_rhythms++;
}

static int keep_purchase(struct history *h, uint32_t line, uint32_t row, int32_t day, __int128 v,
                         struct mcp_error *err)
{
    struct rhythm key = { .line = line,
                          .service = cost__row_id(&h->rows, COST_COL_SERVICE, row),
                          .sku = cost__row_id(&h->rows, COST_COL_SKU, row),
                          .commitment = cost__row_id(&h->rows, COST_COL_COMMITMENT, row),
                          .project = cost__row_id(&h->rows, COST_COL_PROJECT, row),
                          .recurring = h->recurring != 0 &&
                                       cost__row_id(&h->rows, COST_COL_CHARGE_FREQUENCY, row) ==
                                           h->recurring };
    int64_t index = rhythm_of(h, &key);
    uint32_t bit = (uint32_t)(day - h->from);
    struct rhythm *r;

    if (index < 0)
        return no_memory(err);
    r = &h->rhythms[index];
    if (!cost__bit(r->seen, bit + 1, bit))
        r->n_days++;
    cost__bit_set(r->seen, bit);
    if (day < r->first)
        r->first = day;
    if (h->n_purchases == h->purchases_size) {
        size_t size = h->purchases_size == 0 ? 256 : h->purchases_size * 2;
        struct purchase *p =
            h->n_purchases >= MAX_PURCHASES ? NULL : realloc(h->purchases, size * sizeof(*p));

        if (p == NULL)
            return no_memory(err);
        h->purchases = p;
        h->purchases_size = size;
    }
    h->purchases[h->n_purchases++] = (struct purchase){ (uint32_t)index, day, v };
    return 0;
}

static int history_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                         struct cost_block *block, struct mcp_error *err)
{
    struct history *h = ctx;
    int rc = cost__row_view_open(&h->rows, slice, block, history_cols, h->run->query->metric, err);

    (void)kind;
    return rc < 0 ? rc : cost__cube_open_keys(&h->run->cube, block, err);
}

static int add_row(struct history *h, uint32_t at, uint32_t row, struct mcp_error *err)
{
    struct line *line = &h->lines[at];
    int32_t day = cost__row_day(&h->rows, row);
    bool over = false;
    __int128 v = 0;

    if (!cost__column_null(&h->rows.cost, row) && cost__column_at(&h->rows.cost, row, &v))
        return overflow(err);
    switch (cost__charges_at(&h->charges, cost__row_id(&h->rows, COST_COL_CHARGE_CATEGORY, row))) {
    case COST_CHARGE_TAX:
        over = add_left_out(h, line, OUT_TAX, day, v);
        break;
    case COST_CHARGE_CREDIT:
        over = add_left_out(h, line, OUT_CREDIT, day, v);
        break;
    case COST_CHARGE_ADJUSTMENT:
        over = add_left_out(h, line, OUT_ADJUSTMENT, day, v);
        break;
    case COST_CHARGE_PURCHASE:
        return keep_purchase(h, at, row, day, v, err);
    default: /* usage of more than a day has the rhythm of its bill */
        over = (cost__row_flags(&h->rows, row) & COST_ROW_SPAN) >= COST_ROW_SPAN_MONTH
                   ? add_scheduled(h, line, day, v)
                   : add_modelled(h, line, day, v);
    }
    return over ? overflow(err) : 0;
}

static int history_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    struct history *h = ctx;
    struct cost_cell_key keys[COST_SCAN_BATCH];

    cost__cube_row_keys(&h->run->cube, rows, n, keys);
    for (size_t i = 0; i < n; i++) {
        const struct cost_fold_group *g = cost__costs_find(h->run, &keys[i]);
        uint32_t currency = cost__row_id(&h->rows, COST_COL_CURRENCY, rows[i]);
        int rc;

        if (g == NULL || g->page == COST_NO_PAGE || currency >= h->n_currencies ||
            h->block_of[currency] == 0)
            continue;
        rc = add_row(h, (uint32_t)((h->block_of[currency] - 1) * h->page_size + g->page), rows[i],
                     err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Now that every day was seen: daily ones are modelled, other recurring ones scheduled. */
static int settle_purchases(struct history *h, struct mcp_error *err)
{
    for (size_t i = 0; i < h->n_purchases; i++) {
        const struct purchase *p = &h->purchases[i];
        const struct rhythm *r = &h->rhythms[p->rhythm];
        uint32_t span = (uint32_t)(h->through - r->first) + 1;
        struct line *line = &h->lines[r->line];
        bool over;

        if (r->n_days >= MIN_DAILY_DAYS && (uint64_t)r->n_days * 100 >= (uint64_t)span * 80)
            over = add_modelled(h, line, p->day, p->cost);
        else if (r->recurring)
            over = add_scheduled(h, line, p->day, p->cost);
        else
            over = add_left_out(h, line, OUT_ONE_TIME, p->day, p->cost);
        if (over)
            return overflow(err);
    }
    return 0;
}

static int make_lines(struct history *h, struct mcp_error *err)
{
    struct cost_run *run = h->run;
    size_t n_days = (size_t)(h->through - h->from) + 1;

    h->n_currencies = cost__dict_count(run->view.snap, COST_COL_CURRENCY) + 1;
    h->block_of = mcp_arena_try_array(run->arena, h->n_currencies, sizeof(*h->block_of));
    for (size_t b = 0; b < run->n_blocks; b++) {
        if (run->blocks[b].result.n_groups > h->page_size)
            h->page_size = run->blocks[b].result.n_groups;
    }
    h->n_lines = run->n_blocks * h->page_size;
    h->lines = mcp_arena_try_array(run->arena, h->n_lines + 1, sizeof(*h->lines));
    if (h->block_of == NULL || h->lines == NULL)
        return no_memory(err);
    for (size_t b = 0; b < run->n_blocks; b++) {
        h->block_of[run->blocks[b].currency] = b + 1;
        for (size_t g = 0; g < run->blocks[b].result.n_groups; g++) {
            struct line *line = &h->lines[b * h->page_size + g];

            line->first = INT32_MAX;
            line->days = mcp_arena_try_array(run->arena, n_days, sizeof(*line->days));
            if (line->days == NULL)
                return no_memory(err);
        }
    }
    return 0;
}

static int find_recurring(struct history *h, struct mcp_error *err)
{
    struct cost_snapshot *snap = h->run->view.snap;
    uint32_t count = cost__dict_count(snap, COST_COL_CHARGE_FREQUENCY);

    for (uint32_t id = 1; id <= count; id++) {
        mcp_str text;
        int rc = cost__dict_text(snap, COST_COL_CHARGE_FREQUENCY, id, &text, err);

        if (rc < 0)
            return rc;
        if (mcp_str_eq_nocase(text, MCP_STR("Recurring")))
            h->recurring = id;
    }
    return 0;
}

static void set_windows(struct history *h)
{
    struct cost_range *range = &h->run->query->range;
    int32_t end = mcp_date_month_end(range->end);

    h->through = range->end;
    h->from = range->start;
    if (h->through - h->from >= MAX_DAYS)
        h->from = h->through - MAX_DAYS + 1;
    range->start = h->from;
    if (end > h->through)
        end = mcp_date_month_start(h->through) - 1;
    h->last_month = (struct cost_range){ mcp_date_month_start(end), end };
    h->last_cycle = (struct cost_range){ mcp_date_add_months(h->through, -1) + 1, h->through };
}

static void fill_series(const struct history *h, const struct line *line,
                        const struct cost_block_result *block, const struct cost_group *group,
                        struct cost_history_series *out)
{
    struct mcp_arena *arena = h->run->arena;
    struct cost_history_scheduled *scheduled = mcp_arena_alloc(arena, 31 * sizeof(*scheduled));
    struct cost_excluded *excluded = mcp_arena_alloc(arena, N_LEFT_OUT * sizeof(*excluded));
    int32_t first = line->first == INT32_MAX ? h->through + 1 : line->first;

    *out = (struct cost_history_series){ .currency = block->currency,
                                         .key = group->keys[0],
                                         .total = group->cost.sum,
                                         .first_day = first,
                                         .n = (size_t)(h->through - first) + 1,
                                         .scheduled = scheduled,
                                         .excluded = excluded };
    /* The days are money already: one 128-bit number each. */
    out->days = (const struct cost_money *)(const void *)(line->days + (first - h->from));
    for (int d = 0; d < 31; d++) {
        if (line->has_scheduled[d])
            scheduled[out->n_scheduled++] =
                (struct cost_history_scheduled){ d + 1, { line->scheduled[d] } };
    }
    for (int i = 0; i < N_LEFT_OUT; i++) {
        if (line->has_out[i])
            excluded[out->n_excluded++] =
                (struct cost_excluded){ mcp_str_z(left_out_names[i]), { line->out[i] } };
    }
}

static void hand_over(const struct history *h, struct cost_history *out)
{
    struct cost_history_series *series =
        mcp_arena_alloc(h->run->arena, (h->n_lines + 1) * sizeof(*series));

    for (size_t b = 0; b < h->run->n_blocks; b++) {
        const struct cost_block_result *block = &h->run->blocks[b].result;

        for (size_t g = 0; g < block->n_groups; g++)
            fill_series(h, &h->lines[b * h->page_size + g], block, &block->groups[g],
                        &series[out->n_series++]);
    }
    out->series = series;
}

static int read_history(struct history *h, struct mcp_error *err)
{
    struct cost_run *run = h->run;
    struct cost_scan_sink sink = { .block = history_block, .rows = history_rows, .ctx = h };
    struct cost_scan scan = { .snap = run->view.snap,
                              .scope = run->view.scope,
                              .preds = &run->preds,
                              .range = run->query->range,
                              .facts = true };
    int rc = cost__costs_read(run, err);

    if (rc == 0)
        rc = cost__costs_fold(run, err);
    if (rc == 0)
        rc = cost__costs_page(run, err);
    if (rc == 0)
        rc = make_lines(h, err);
    if (rc == 0)
        rc = find_recurring(h, err);
    if (rc == 0)
        rc = cost__charges_read(&h->charges, run->view.snap, err);
    if (rc == 0)
        rc = cost__scan_run(&scan, &sink, err);
    return rc < 0 ? rc : settle_purchases(h, err);
}

int cost_dataset_history(struct cost_snapshot *snap, const struct cost_scope *scope,
                         const struct cost_query *query, struct mcp_arena *arena,
                         struct cost_history *out, struct mcp_error *err)
{
    struct history *h = MCP_ARENA_NEW(arena, struct history);
    struct cost_query q = *query;
    int rc;

    q.compare = COST_COMPARE_NONE;
    q.granularity = COST_TOTAL;
    q.basis = COST_USAGE;
    q.offset = 0;
    q.limit = MAX_SERIES;
    h->run = MCP_ARENA_NEW(arena, struct cost_run);
    rc = cost__costs_open(h->run, snap, scope, &q, arena, &h->base, err);
    if (rc == 0) {
        set_windows(h);
        rc = read_history(h, err);
    }
    if (rc == 0) {
        *out = (struct cost_history){ 0 };
        hand_over(h, out);
    }
    free(h->rhythms);
    free(h->table);
    free(h->purchases);
    cost__costs_release(h->run);
    return rc;
}
