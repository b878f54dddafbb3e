/* How fast a BigQuery answer of 10 MB becomes sums: strict scan, envelope, rows, exact money. */
#include "mcp-gcp/fold.h"
#include "mcp-gcp/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROWS 40000
#define RUNS 15

static struct mcp_buf body;

/* One page of a daily series by SKU, with the columns that get_costs asks for. */
static void make_body(void)
{
    mcp_buf_init(&body, (size_t)64 << 20);
    mcp_buf_printf(&body, "{\"kind\":\"bigquery#queryResponse\",\"jobComplete\":true,\"rows\":[");
    for (unsigned i = 0; i < ROWS; i++) {
        mcp_buf_printf(&body, "%s{\"f\":[", i == 0 ? "" : ",");
        for (int c = 0; c < GCP_COSTS_N_SHORT; c++) {
            mcp_buf_z(&body, c == 0 ? "{\"v\":" : ",{\"v\":");
            if (c == GCP_COSTS_SECTION)
                mcp_buf_z(&body, "\"o\"");
            else if (c == GCP_COSTS_CURRENCY)
                mcp_buf_z(&body, "\"USD\"");
            else if (c == GCP_COSTS_BUCKET)
                mcp_buf_printf(&body, "\"%u\"", 20000 + i % 31);
            else if (c == GCP_COSTS_UNIT)
                mcp_buf_z(&body, "\"gibibyte month\"");
            else if (c >= GCP_COSTS_BILLED && c <= GCP_COSTS_CONTRACTED)
                mcp_buf_printf(&body, "\"%u.%06u\"", i % 900, i * 7919 % 1000000);
            else if (c == GCP_COSTS_QUANTITY)
                mcp_buf_printf(&body, "\"%u.%03u\"", i % 90, i % 1000);
            else if (c == GCP_COSTS_CLASS)
                mcp_buf_z(&body, "\"3\"");
            else if (c < GCP_COSTS_ROWS && c != GCP_COSTS_W && c != GCP_COSTS_CHARGE)
                mcp_buf_z(&body, "null");
            else
                mcp_buf_z(&body, "\"0\"");
            mcp_buf_char(&body, '}');
        }
        mcp_buf_z(&body, "]}");
    }
    mcp_buf_z(&body, "]}");
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of this thread: others on the machine do not count. */
static uint64_t cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static double run(bool fold_too)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    struct cost_query q = { .range = { 20000, 20030 },
                            .granularity = COST_DAILY,
                            .n_keys = 1,
                            .keys = { { .dim = COST_DIM_SERVICE } } };
    struct gcp_statement st = { .query = &q, .zone = GCP_ZONE_UTC };
    struct gcp_fold fold;
    uint64_t count = 0, start;
    mcp_str envelope, rows;
    int rc = gcp_fold_init(&fold, &st, 0, 10, arena, &err);

    start = cpu_ns();
    if (rc == 0)
        rc = gcp_rows_split(mcp_buf_view(&body), arena, &envelope, &rows, &err);
    if (rc == 0 && fold_too)
        rc = gcp_rows_each(rows, GCP_COSTS_N_SHORT, gcp_fold_row, &fold, &count, &err);
    if (rc < 0 || (fold_too && count != ROWS)) {
        fprintf(stderr, "bench_gcp: %s\n", err.message);
        exit(1);
    }
    start = cpu_ns() - start;
    mcp_arena_free(arena);
    return (double)body.len / (double)start * 1000; /* MB/s */
}

int main(void)
{
    double scan[RUNS], whole[RUNS];

    make_body();
    for (int i = 0; i < RUNS; i++) {
        scan[i] = run(false);
        whole[i] = run(true);
    }
    qsort(scan, RUNS, sizeof(scan[0]), compare);
    qsort(whole, RUNS, sizeof(whole[0]), compare);
    printf("decode_mb_s %.0f scan_mb_s %.0f bytes %zu\n", whole[RUNS / 2], scan[RUNS / 2],
           body.len);
    mcp_buf_release(&body);
    return 0;
}
