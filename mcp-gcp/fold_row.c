/* One row of a get_costs statement with its numbers read. */
#include "fold_row.h"

#include <mcp/date.h>

int gcp_fold_overflow(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold (1.7e20)");
}

int gcp_fold_foreign(struct mcp_error *err, enum gcp_costs_column column, mcp_str text)
{
    return mcp_error_set(err, MCP_EUPSTREAM,
                         "BigQuery's answer holds \"%.*s\" in %s, which is no number: no figure is "
                         "given rather than a wrong one",
                         MCP_STR_ARG(mcp_str_head(text, 40)), gcp_costs_columns[column]);
}

int gcp_fold_money(struct gcp_fold *f, const mcp_str *cells, enum gcp_costs_column column,
                   struct cost_money *out, struct mcp_error *err)
{
    uint64_t rounded = 0;
    int rc;

    *out = COST_MONEY_ZERO;
    if (mcp_str_is_null(cells[column]))
        return 0;
    rc = cost_money_parse(cells[column], out, &rounded);
    if (rc == MCP_ERANGE)
        return gcp_fold_overflow(err);
    if (rounded > 0)
        f->rounded++;
    return rc < 0 ? gcp_fold_foreign(err, column, cells[column]) : 0;
}

static int integer(const mcp_str *cells, enum gcp_costs_column column, int64_t *out,
                   struct mcp_error *err)
{
    *out = 0;
    if (mcp_str_is_null(cells[column]) || mcp_str_int64(cells[column], out) == 0)
        return 0;
    return gcp_fold_foreign(err, column, cells[column]);
}

int gcp_fold_count(const mcp_str *cells, enum gcp_costs_column column, uint64_t *out,
                   struct mcp_error *err)
{
    int64_t n;
    int rc = integer(cells, column, &n, err);

    if (rc == 0 && n < 0)
        return gcp_fold_foreign(err, column, cells[column]);
    *out = (uint64_t)n;
    return rc;
}

/* The index of a bucket, SIZE_MAX for none. */
static int bucket(const struct gcp_fold *f, const mcp_str *cells, size_t *out,
                  struct mcp_error *err)
{
    int64_t v, i = 0;
    int rc = integer(cells, GCP_COSTS_BUCKET, &v, err);

    *out = SIZE_MAX;
    if (rc < 0 || mcp_str_is_null(cells[GCP_COSTS_BUCKET]))
        return rc;
    if (f->query->granularity == COST_HOURLY) {
        i = v - f->buckets[0] / 3600;
    } else if (f->query->granularity == COST_DAILY) {
        i = v - f->query->range.start;
    } else {
        struct mcp_civil c = mcp_date_civil(f->query->range.start);

        i = (v / 100 - c.year) * 12 + v % 100 - c.month;
    }
    if (i < 0 || (uint64_t)i >= f->n_buckets)
        return gcp_fold_foreign(err, GCP_COSTS_BUCKET, cells[GCP_COSTS_BUCKET]);
    *out = (size_t)i;
    return 0;
}

int gcp_fold_read(struct gcp_fold *f, const mcp_str *cells, struct gcp_fold_row *row,
                  struct mcp_error *err)
{
    static const enum gcp_costs_column sums[] = { GCP_COSTS_BILLED, GCP_COSTS_EFFECTIVE,
                                                  GCP_COSTS_LIST, GCP_COSTS_CONTRACTED };
    static const enum gcp_costs_column counts[] = { GCP_COSTS_N, GCP_COSTS_EFFECTIVE_N,
                                                    GCP_COSTS_LIST_N, GCP_COSTS_CONTRACTED_N };
    static const enum gcp_costs_column lacks[] = { GCP_COSTS_N, GCP_COSTS_EFFECTIVE_B,
                                                   GCP_COSTS_LIST_B, GCP_COSTS_CONTRACTED_B };
    int rc;

    *row = (struct gcp_fold_row){ .cells = cells };
    rc = integer(cells, GCP_COSTS_CHARGE, &row->charge, err);
    if (rc == 0)
        rc = integer(cells, GCP_COSTS_CLASS, &row->class, err);
    if (rc == 0)
        rc = integer(cells, GCP_COSTS_PLACE, &row->place, err);
    if (rc == 0)
        rc = integer(cells, GCP_COSTS_GROUPS, &row->groups, err);
    if (rc == 0)
        rc = gcp_fold_count(cells, GCP_COSTS_ROWS, &row->n, err);
    if (rc == 0)
        rc = bucket(f, cells, &row->bucket, err);
    for (int m = 0; rc == 0 && m < COST_N_METRICS; m++) {
        rc = gcp_fold_money(f, cells, sums[m], &row->sum[m], err);
        if (rc == 0 && counts[m] != GCP_COSTS_N)
            rc = gcp_fold_count(cells, counts[m], &row->unknown[m], err);
        if (rc == 0 && lacks[m] != GCP_COSTS_N)
            rc = gcp_fold_money(f, cells, lacks[m], &row->lacking[m], err);
    }
    if (rc == 0 && (row->charge < 0 || row->charge >= COST_N_CHARGES || row->class < 0 ||
                    row->class >= COST_N_CLASSES))
        return gcp_fold_foreign(err, GCP_COSTS_CLASS, cells[GCP_COSTS_CLASS]);
    return rc;
}
