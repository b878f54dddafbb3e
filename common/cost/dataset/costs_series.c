/* Series over buckets of time, and the rows that span them. */
#include "costs.h"
#include "numbers.h"

#include <mcp/date.h>

#define MAX_BUCKETS 20000 /* two years of hours; the writer refuses what exceeds a page */
#define DAY 86400

struct series {
    struct cost_run *run;
    const int64_t *starts;
    size_t n;
    uint32_t *bucket_of_day; /* by day - range.start */
    bool by_group; /* the page's groups have series too */
    struct cost_point **totals; /* by currency id */
    struct cost_point **groups; /* by block and page: groups[block * limit + page] */
    size_t *block_of; /* by currency id: 1 + index */
    size_t n_currencies, page_size;
    bool overflow;
    /* of the block at hand */
    struct cost_ids days, seconds, currency;
    struct cost_column metric;
    bool facts;
    uint32_t fixed; /* invoice basis: the bucket of the slice */
};

static int unreadable(int rc, struct mcp_error *err)
{
    return mcp_error_set(err, rc, "a block of the dataset cannot be read");
}

/* The bucket that holds a day, for buckets of a day or more. */
static uint32_t bucket_of(const struct series *s, int32_t day)
{
    const struct cost_range *range = &s->run->query->range;

    if (day < range->start)
        day = range->start;
    if (day > range->end)
        day = range->end;
    return s->bucket_of_day[day - range->start];
}

static int series_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                        struct cost_block *block, struct mcp_error *err)
{
    struct series *s = ctx;
    int rc = cost__block_days(block, &s->days);

    s->facts = kind == COST_FACTS;
    s->fixed = UINT32_MAX;
    if (s->run->query->basis == COST_INVOICE)
        s->fixed = bucket_of(s, slice->period_start);
    if (rc == 0)
        rc = cost__block_ids(block, COST_COL_CURRENCY, &s->currency);
    if (rc == 0)
        rc = cost__column_open(block, (enum cost_num)s->run->query->metric, &s->metric);
    if (rc == 0 && s->run->query->granularity == COST_HOURLY)
        rc = cost__block_seconds(block, &s->seconds);
    if (rc < 0)
        return unreadable(rc, err);
    return s->by_group ? cost__cube_open_keys(&s->run->cube, block, err) : 0;
}

static uint32_t bucket_at(const struct series *s, uint32_t row)
{
    int32_t day = (int32_t)cost__ids_at(&s->days, row);

    if (s->fixed != UINT32_MAX)
        return s->fixed;
    if (s->run->query->granularity == COST_HOURLY)
        return (uint32_t)(day - s->run->query->range.start) * 24 +
               cost__ids_at(&s->seconds, row) / 3600;
    return bucket_of(s, day);
}

static void add_point(struct series *s, struct cost_point *points, uint32_t bucket, __int128 v)
{
    if (bucket >= s->n)
        return;
    points[bucket].any = true;
    s->overflow |= __builtin_add_overflow(points[bucket].cost.units, v, &points[bucket].cost.units);
}

static int series_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    struct series *s = ctx;
    struct cost_cell_key keys[COST_SCAN_BATCH];

    if (s->by_group)
        cost__cube_row_keys(&s->run->cube, rows, n, keys);
    for (size_t i = 0; i < n; i++) {
        uint32_t currency = cost__ids_at(&s->currency, rows[i]);
        uint32_t bucket = bucket_at(s, rows[i]);
        const struct cost_fold_group *g;
        __int128 v = 0;

        if (currency >= s->n_currencies || s->block_of[currency] == 0)
            continue;
        if (!(s->facts && cost__column_null(&s->metric, rows[i])))
            s->overflow |= cost__column_at(&s->metric, rows[i], &v);
        add_point(s, s->totals[currency], bucket, v);
        if (!s->by_group)
            continue;
        g = cost__costs_find(s->run, &keys[i]);
        if (g != NULL && g->page != COST_NO_PAGE)
            add_point(s, s->groups[(s->block_of[currency] - 1) * s->page_size + g->page], bucket,
                      v);
    }
    if (s->overflow)
        return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold");
    return 0;
}

static struct cost_point *points_new(const struct series *s)
{
    struct cost_point *points = mcp_arena_try_array(s->run->arena, s->n, sizeof(*points));

    for (size_t i = 0; points != NULL && i < s->n; i++)
        points[i].start = s->starts[i];
    return points;
}

static int no_memory(struct mcp_error *err)
{
    mcp_error_set(err, MCP_ETOOBIG, "the series of this page is too long to be answered");
    return mcp_error_next(err,
                          "Ask for a coarser granularity, a shorter range or a smaller limit.");
}

static int make_days(struct series *s)
{
    const struct cost_range *range = &s->run->query->range;
    size_t n_days = (size_t)(range->end - range->start) + 1, bucket = 0;

    s->bucket_of_day = mcp_arena_try_array(s->run->arena, n_days, sizeof(*s->bucket_of_day));
    if (s->bucket_of_day == NULL)
        return MCP_ENOMEM;
    for (size_t d = 0; d < n_days; d++) {
        int64_t instant = ((int64_t)range->start + (int64_t)d) * DAY;

        while (bucket + 1 < s->n && s->starts[bucket + 1] <= instant)
            bucket++;
        s->bucket_of_day[d] = (uint32_t)bucket;
    }
    return 0;
}

/* Points for every block, and for every group of its page. */
static int make_points(struct series *s, struct mcp_error *err)
{
    struct cost_run *run = s->run;

    s->n_currencies = cost__dict_count(run->view.snap, COST_COL_CURRENCY) + 1;
    for (size_t b = 0; b < run->n_blocks; b++) {
        if (run->blocks[b].result.n_groups > s->page_size)
            s->page_size = run->blocks[b].result.n_groups;
    }
    s->totals = mcp_arena_try_array(run->arena, s->n_currencies, sizeof(struct cost_point *));
    s->block_of = mcp_arena_try_array(run->arena, s->n_currencies, sizeof(*s->block_of));
    s->groups = mcp_arena_try_array(run->arena, run->n_blocks * s->page_size + 1,
                                    sizeof(struct cost_point *));
    if (s->totals == NULL || s->block_of == NULL || s->groups == NULL || make_days(s) < 0)
        return no_memory(err);
    for (size_t b = 0; b < run->n_blocks; b++) {
        struct cost_fold_block *block = &run->blocks[b];
        struct cost_point *points = points_new(s);

        if (points == NULL)
            return no_memory(err);
        s->totals[block->currency] = points;
        s->block_of[block->currency] = b + 1;
        block->result.points = points;
        block->result.n_buckets = s->n;
        for (size_t g = 0; s->by_group && g < block->result.n_groups; g++) {
            points = points_new(s);
            if (points == NULL)
                return no_memory(err);
            s->groups[b * s->page_size + g] = points;
            block->page[g].points = points;
        }
    }
    return 0;
}

int cost__costs_series(struct cost_run *run, struct mcp_error *err)
{
    struct cost_query *q = run->query;
    struct series s = { .run = run,
                        .by_group = q->has_granularity && !q->series_total_only && q->n_keys > 0 };
    struct cost_scan_sink sink = { .block = series_block, .rows = series_rows, .ctx = &s };
    struct cost_scan scan = { .snap = run->view.snap,
                              .scope = run->view.scope,
                              .preds = &run->preds,
                              .basis = q->basis,
                              .range = q->range,
                              .cols = COST_COL_BIT(COST_COL_CURRENCY),
                              .facts = q->granularity == COST_HOURLY };
    int64_t *starts;
    int rc = cost_buckets(&q->range, q->granularity, MAX_BUCKETS, run->arena, &starts, &s.n);

    if (rc == MCP_ERANGE) {
        mcp_error_set(err, rc, "%s of this range is more than %d periods",
                      cost_granularity_name(q->granularity), MAX_BUCKETS);
        return mcp_error_next(err, "Ask for a coarser granularity or a shorter range.");
    }
    if (rc < 0)
        return mcp_error_set(err, rc, "no memory for the series");
    s.starts = starts;
    if (s.by_group)
        scan.cols |= cost__cube_cols(&run->cube);
    rc = make_points(&s, err);
    return rc < 0 ? rc : cost__scan_run(&scan, &sink, err);
}

/* The facts behind the rollup rows that left it open. */
struct spanning {
    struct cost_run *run;
    struct cost_ids days, seconds, lengths, flags, currency;
    struct cost_column metric;
};

static int spanning_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                          struct cost_block *block, struct mcp_error *err)
{
    struct spanning *s = ctx;
    int rc = cost__block_days(block, &s->days);

    (void)slice;
    (void)kind;
    if (rc == 0)
        rc = cost__block_seconds(block, &s->seconds);
    if (rc == 0)
        rc = cost__block_lengths(block, &s->lengths);
    if (rc == 0)
        rc = cost__block_flags(block, &s->flags);
    if (rc == 0)
        rc = cost__block_ids(block, COST_COL_CURRENCY, &s->currency);
    if (rc == 0)
        rc = cost__column_open(block, (enum cost_num)s->run->query->metric, &s->metric);
    return rc < 0 ? unreadable(rc, err) : 0;
}

static int spanning_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    struct spanning *s = ctx;
    const struct cost_frame *frame = &s->run->frame;

    for (size_t i = 0; i < n; i++) {
        int32_t day = (int32_t)cost__ids_at(&s->days, rows[i]);
        uint32_t currency = cost__ids_at(&s->currency, rows[i]);
        __int128 v = 0;

        if (cost__frame_spans(frame, cost__ids_at(&s->flags, rows[i]), day) >= 0 ||
            !cost__frame_spans_exactly(frame, day, cost__ids_at(&s->seconds, rows[i]),
                                       cost__ids_at(&s->lengths, rows[i])))
            continue;
        for (size_t b = 0; b < s->run->n_blocks; b++) {
            struct cost_block_result *r = &s->run->blocks[b].result;

            if (s->run->blocks[b].currency != currency)
                continue;
            r->spanning_rows++;
            if ((!cost__column_null(&s->metric, rows[i]) &&
                 cost__column_at(&s->metric, rows[i], &v)) ||
                cost_money_add(&r->spanning_cost, (struct cost_money){ v }) < 0)
                return mcp_error_set(err, MCP_ERANGE,
                                     "a sum is beyond what an exact amount can hold");
        }
    }
    return 0;
}

int cost__costs_spanning(struct cost_run *run, struct mcp_error *err)
{
    struct spanning s = { .run = run };
    struct cost_scan_sink sink = { .block = spanning_block, .rows = spanning_rows, .ctx = &s };
    struct cost_scan scan = { .snap = run->view.snap,
                              .scope = run->view.scope,
                              .preds = &run->preds,
                              .basis = run->query->basis,
                              .range = run->query->range,
                              .facts = true,
                              .only = run->cube.maybe_slices };

    return run->cube.maybe ? cost__scan_run(&scan, &sink, err) : 0;
}
