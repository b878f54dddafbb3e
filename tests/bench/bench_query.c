/* Warm query times over generated rows: bench_query [--rows N] [--dataset FILE] (kept when named). */
#include <cost/dataset.h>
#include <cost/demo.h>
#include <mcp/arena.h>
#include <mcp/date.h>
#include <mcp/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MONTHS 13

struct bench {
    struct cost_snapshot *snap;
    struct cost_scope scope;
    struct cost_extent extent;
    struct mcp_arena *arena;
};

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int fail(const char *what, const struct mcp_error *err)
{
    fprintf(stderr, "bench_query: %s: %s\n", what, err->message);
    return 1;
}

/* Fills the dataset from the generator unless the file is there. */
static int fill(const char *path, uint64_t rows, struct mcp_error *err)
{
    struct cost_demo_options options = { .rows = rows,
                                         .months = MONTHS,
                                         .last_day = mcp_date_from_civil(
                                             (struct mcp_civil){ 2026, 11, 20 }) };
    struct cost_import_options import = { 0 };
    struct cost_import_report report;
    struct mcp_arena *arena = mcp_arena_new(0, (size_t)1 << 30);
    struct cost_demo *demo = cost_demo_new(&options);
    double start = now_ms();
    int rc = arena == NULL || demo == NULL ? MCP_ENOMEM : 0;

    if (rc == 0)
        rc = cost_import_rows(mcp_str_z(path), MCP_STR("bench"), cost_demo_next, demo, &import,
                              arena, &report, err);
    if (rc == 0)
        printf("import    %10llu rows %10.0f ms\n", (unsigned long long)report.rows,
               now_ms() - start);
    cost_demo_free(demo);
    mcp_arena_free(arena);
    return rc;
}

/* The query of a call, as the server makes it. month 1..13 fills %s of args with YYYY-MM. */
static int ask(struct bench *b, struct cost_query *q, struct cost_result *r, struct mcp_error *err)
{
    int rc;

    b->extent.today = b->extent.data_through + 1;
    rc = cost_query_resolve(q, &b->extent, err);
    return rc < 0 ? rc : cost_dataset_costs(b->snap, &b->scope, q, b->arena, r, err);
}

/* What a new process pays: opening, the first blocks, the first names. */
static int run_first(struct bench *b, double opened_ms, struct mcp_error *err)
{
    struct cost_query q = { .tool = COST_GET_COSTS, .n_keys = 1 };
    struct cost_result r;
    double start = now_ms();

    q.keys[0].dim = COST_DIM_SERVICE;
    if (ask(b, &q, &r, err) < 0)
        return fail("first", err);
    mcp_arena_reset(b->arena);
    printf("%-34s %8.3f ms to open %9.3f ms to answer\n", "first get_costs {}", opened_ms,
           now_ms() - start);
    return 0;
}

/* Repeats a query for half a second, each time over another month when step is set. */
static int run(struct bench *b, const char *name, const struct cost_query *query, bool step,
               struct mcp_error *err)
{
    double start, took, best = 1e9;
    unsigned n = 0;

    for (start = now_ms(); (took = now_ms() - start) < 500 || n < 3; n++) {
        struct cost_query q = *query;
        struct cost_result r;
        double one = now_ms();
        char period[16];

        if (step) {
            struct mcp_civil c =
                mcp_date_civil(mcp_date_add_months(b->extent.data_through, -(int)(n % MONTHS)));

            snprintf(period, sizeof(period), "%04d-%02d", c.year, c.month);
            q.period = mcp_str_z(period);
        }
        if (ask(b, &q, &r, err) < 0)
            return fail(name, err);
        mcp_arena_reset(b->arena);
        one = now_ms() - one;
        if (one < best)
            best = one;
    }
    printf("%-34s %8u calls %9.3f ms mean %9.3f ms best\n", name, n, took / n, best);
    return 0;
}

static int run_all(struct bench *b, struct mcp_error *err)
{
    struct cost_query by_service = { .tool = COST_GET_COSTS, .n_keys = 1 };
    struct cost_query q;
    int rc;

    by_service.keys[0].dim = COST_DIM_SERVICE;
    rc = run(b, "one month by service", &by_service, true, err);
    q = by_service;
    q.has_start = q.has_end = true;
    q.start = mcp_date_month_start(b->extent.first);
    q.end = b->extent.data_through;
    q.has_granularity = true;
    q.granularity = COST_MONTHLY;
    if (rc == 0)
        rc = run(b, "all months by service, MONTHLY", &q, false, err);
    q.has_granularity = false;
    if (rc == 0)
        rc = run(b, "all months by service, total", &q, false, err);
    q.keys[0].dim = COST_DIM_PROJECT;
    if (rc == 0)
        rc = run(b, "all months by project", &q, false, err);
    q.keys[0].dim = COST_DIM_RESOURCE;
    if (rc == 0)
        rc = run(b, "all months by resource (facts)", &q, false, err);
    q = by_service;
    q.keys[0].dim = COST_DIM_SKU;
    if (rc == 0)
        rc = run(b, "one month by sku (facts)", &q, true, err);
    q = by_service;
    q.n_filters = 1;
    q.filters[0] = (struct cost_filter){ .key = { .dim = COST_DIM_CHARGE_CATEGORY },
                                         .values = &MCP_STR("Usage"),
                                         .n_values = 1 };
    if (rc == 0)
        rc = run(b, "one month, usage only (facts check)", &q, true, err);
    return rc;
}

int main(int argc, char **argv)
{
    struct mcp_error err = { 0 };
    struct bench b = { .arena = mcp_arena_new((size_t)1 << 20, (size_t)1 << 30) };
    char own[] = "/tmp/bench-query-XXXXXX";
    const char *path = NULL;
    uint64_t rows = 1000000;
    struct cost_dataset *ds;
    double opened;
    int rc = 0;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--rows") == 0)
            rows = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--dataset") == 0)
            path = argv[i + 1];
    }
    if (path == NULL) {
        int fd = mkstemp(own);

        if (fd < 0)
            return 1;
        close(fd);
        unlink(own);
    }
    if (access(path == NULL ? own : path, R_OK) != 0)
        rc = fill(path == NULL ? own : path, rows, &err);
    if (rc < 0)
        return fail("import", &err);
    ds = cost_dataset_new(mcp_str_z(path == NULL ? own : path), "bench");
    opened = now_ms();
    rc = ds == NULL ? MCP_ENOMEM : cost_dataset_acquire(ds, &b.snap, &err);
    if (rc == 0)
        rc = cost_snapshot_extent(b.snap, &b.scope, &b.extent, &err);
    if (rc < 0)
        return fail("open", &err);
    rc = run_first(&b, now_ms() - opened, &err);
    if (rc == 0)
        rc = run_all(&b, &err);
    cost_snapshot_release(b.snap);
    cost_dataset_free(ds);
    mcp_arena_free(b.arena);
    if (path == NULL) {
        char lock[64];

        snprintf(lock, sizeof(lock), "%s.lock", own);
        unlink(lock);
        unlink(own);
    }
    return rc;
}
