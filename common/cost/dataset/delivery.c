/* What a delivery may change: slices against what the dataset has (contract.md section 5). */
#include "delivery.h"
#include "carry.h"
#include "store.h"

#include <mcp/date.h>

#include <stdlib.h>

#define SHOWN 8 /* things that would vanish, in an error */

/* A slice of the dataset with the account and period of a delivered one. */
struct old_slice {
    int64_t id;
    mcp_str source, provider, account; /* in arena */
    int32_t period_start, period_end;
    uint64_t rows;
    mcp_str ledger, projects, usage_days; /* in arena */
};

/* The delivered slices of one (source, account, period), and what the dataset has of it. */
struct bundle {
    struct cost__slice **slices; /* in arena */
    size_t n;
    struct old_slice *old; /* in arena; of every source */
    size_t n_old;
};

static int no_memory(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ENOMEM, "out of memory");
}

static mcp_str kept(struct mcp_arena *arena, mcp_str s)
{
    char *p = mcp_arena_try(arena, s.len + 1);

    if (p == NULL)
        return MCP_STR_NULL;
    if (s.len > 0)
        memcpy(p, s.ptr, s.len);
    return mcp_str_n(p, s.len);
}

static int load_old(struct cost__delivery *d, const struct cost__slice *s, struct bundle *b,
                    struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__store_prepare(
        d->imp->db,
        "SELECT s.id, s.source, s.provider, coalesce(s.account,''), s.rows, s.ledger, f.projects,"
        " f.usage_days, s.period_start, s.period_end FROM slice s JOIN slice_facts f ON "
        "f.slice=s.id"
        " WHERE s.account_fold=? AND s.period_start=? ORDER BY s.id",
        err);
    size_t size = 0;
    int rc = stmt == NULL ? MCP_EIO
                          : cost__store_bind(stmt, "si", cost__slice_account_fold(d->imp, s),
                                             (int64_t)s->period_start);

    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        struct old_slice *o;

        rc = 0;
        if (b->n_old == size) {
            struct old_slice *more =
                mcp_arena_try_array(d->arena, size == 0 ? 4 : size * 2, sizeof(*more));

            if (more == NULL) {
                rc = no_memory(err);
                break;
            }
            if (size > 0)
                memcpy(more, b->old, size * sizeof(*more));
            b->old = more;
            size = size == 0 ? 4 : size * 2;
        }
        o = &b->old[b->n_old++];
        *o = (struct old_slice){
            .id = sqlite3_column_int64(stmt, 0),
            .source = kept(d->arena, cost__store_text(stmt, 1)),
            .provider = kept(d->arena, cost__store_text(stmt, 2)),
            .account = kept(d->arena, cost__store_text(stmt, 3)),
            .rows = (uint64_t)sqlite3_column_int64(stmt, 4),
            .ledger = kept(d->arena, cost__store_blob(stmt, 5)),
            .projects = kept(d->arena, cost__store_blob(stmt, 6)),
            .usage_days = kept(d->arena, cost__store_blob(stmt, 7)),
            .period_start = (int32_t)sqlite3_column_int64(stmt, 8),
            .period_end = (int32_t)sqlite3_column_int64(stmt, 9),
        };
        if (mcp_str_is_null(o->source) || mcp_str_is_null(o->provider) ||
            mcp_str_is_null(o->ledger) || mcp_str_is_null(o->projects) ||
            mcp_str_is_null(o->usage_days))
            rc = no_memory(err);
    }
    sqlite3_finalize(stmt);
    return rc;
}

/* ---- what would vanish ---- */

static bool bundle_has_project(const struct bundle *b, uint32_t project)
{
    for (size_t i = 0; i < b->n; i++) {
        for (size_t j = 0; j < b->slices[i]->n_projects; j++) {
            if (b->slices[i]->projects[j].project == project)
                return true;
        }
    }
    return false;
}

static bool bundle_has_day(const struct bundle *b, int32_t day)
{
    for (size_t i = 0; i < b->n; i++) {
        for (size_t j = 0; j < b->slices[i]->n_usage_days; j++) {
            if (b->slices[i]->usage_days[j] == day)
                return true;
        }
    }
    return false;
}

static size_t n_projects(const struct old_slice *o)
{
    return o->projects.len / COST__PROJECT_BYTES;
}

static uint32_t project_of(const struct old_slice *o, size_t i)
{
    struct cost__project_facts p;

    memcpy(&p, o->projects.ptr + i * COST__PROJECT_BYTES, sizeof(p));
    return p.project;
}

static void project_name(struct cost__delivery *d, uint32_t project, struct mcp_buf *buf)
{
    if (project == 0)
        mcp_buf_z(buf, "(no sub-account)");
    else
        mcp_buf_str(buf, cost__importer_text(d->imp, COST_COL_PROJECT, project));
}

/* Appends what of the old slice the bundle lacks; the number of such things. */
static size_t vanishing(struct cost__delivery *d, const struct bundle *b, const struct old_slice *o,
                        struct mcp_buf *buf)
{
    size_t n = 0;

    for (size_t i = 0; i < n_projects(o); i++) {
        uint32_t project = project_of(o, i);

        if (bundle_has_project(b, project))
            continue;
        if (n++ < SHOWN) {
            mcp_buf_z(buf, n == 1 ? "sub-account " : ", sub-account ");
            project_name(d, project, buf);
        }
    }
    for (size_t i = 0; i < o->usage_days.len / sizeof(int32_t); i++) {
        int32_t day;
        char text[MCP_DATE_LEN + 1];

        memcpy(&day, o->usage_days.ptr + i * sizeof(day), sizeof(day));
        if (bundle_has_day(b, day))
            continue;
        if (n++ < SHOWN) {
            mcp_date_format(day, text);
            mcp_buf_printf(buf, "%susage of %s", n == 1 ? "" : ", ", text);
        }
    }
    if (n > SHOWN)
        mcp_buf_printf(buf, " and %zu more", n - SHOWN);
    return n;
}

static int refuse_vanishing(struct cost__delivery *d, const struct bundle *b, struct mcp_error *err)
{
    struct mcp_buf buf;
    int rc = 0;

    mcp_buf_init(&buf, 4096);
    for (size_t i = 0; rc == 0 && i < b->n_old; i++) {
        const struct old_slice *o = &b->old[i];
        char period[MCP_DATE_LEN + 1];

        mcp_buf_clear(&buf);
        if (!mcp_str_eq(o->source, cost__slice_source(d->imp, b->slices[0])) ||
            vanishing(d, b, o, &buf) == 0)
            continue;
        mcp_date_format(o->period_start, period);
        rc = mcp_error_word(err, MCP_EREFUSED, "would_vanish",
                            "the bill of %.*s, account %.*s, from %s would lose %.*s",
                            MCP_STR_ARG(o->source), MCP_STR_ARG(o->account), period, (int)buf.len,
                            buf.ptr);
        mcp_error_next(err, "If that is meant: --replace (take the new bill as it is), --partial "
                            "(replace only the sub-accounts and days it contains) or --append (add "
                            "its rows to what is there)");
    }
    mcp_buf_release(&buf);
    return rc;
}

static int refuse_second_source(struct cost__delivery *d, const struct bundle *b,
                                struct mcp_error *err)
{
    mcp_str source = cost__slice_source(d->imp, b->slices[0]);

    for (size_t i = 0; i < b->n_old; i++) {
        const struct old_slice *o = &b->old[i];
        struct mcp_buf name;
        char period[MCP_DATE_LEN + 1];
        size_t j = 0;

        if (mcp_str_eq(o->source, source))
            continue;
        while (j < n_projects(o) && !bundle_has_project(b, project_of(o, j)))
            j++;
        if (j == n_projects(o))
            continue;
        mcp_buf_init(&name, 1024);
        project_name(d, project_of(o, j), &name);
        mcp_date_format(o->period_start, period);
        mcp_error_word(
            err, MCP_EREFUSED, "second_source",
            "account %.*s, period from %s is already there from the source \"%.*s\", with "
            "the sub-account %.*s too: adding it from \"%.*s\" would count it twice",
            MCP_STR_ARG(o->account), period, MCP_STR_ARG(o->source), (int)name.len, name.ptr,
            MCP_STR_ARG(source));
        mcp_buf_release(&name);
        return mcp_error_next(err, "To replace the bill, import it with --source \"%.*s\"",
                              MCP_STR_ARG(o->source));
    }
    return 0;
}

/* ---- carrying over ---- */

static bool cell_is_new(void *ctx, uint32_t project, int32_t day)
{
    const struct bundle *b = ctx;

    for (size_t i = 0; i < b->n; i++) {
        if (cost__slice_has_cell(b->slices[i], project, day))
            return true;
    }
    return false;
}

static int exec_id(struct cost__delivery *d, const char *sql, int64_t a, int64_t b,
                   struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__store_prepare(d->imp->db, sql, err);
    int rc = stmt == NULL ? MCP_EIO : 0;

    if (rc == 0)
        rc = cost__store_bind(stmt, sqlite3_bind_parameter_count(stmt) == 2 ? "ii" : "i", a, b);
    if (rc == 0)
        rc = cost__store_run(stmt, err);
    sqlite3_finalize(stmt);
    return rc;
}

/* The old slice's rows that stay, into the delivered slice of its provider. */
static int carry_over(struct cost__delivery *d, struct bundle *b, const struct old_slice *o,
                      struct mcp_error *err)
{
    struct cost__importer *imp = d->imp;
    struct cost__slice *first = b->slices[0], *into;
    uint32_t provider = cost__dict_id(&imp->dicts[COST_COL_PROVIDER], o->provider);
    bool partial = imp->options->partial;
    int rc;

    into = provider == 0 ? NULL
                         : cost__importer_slice(imp, first->source, provider, first->account_fold,
                                                first->period_start);
    if (into == NULL)
        return no_memory(err);
    if (into->rows == 0) {
        into->account = first->account;
        into->period_end = o->period_end;
    }
    into->keep_cells = false; /* what is carried over is not what was delivered */
    rc = cost__carry(imp, o->id, into, partial ? cell_is_new : NULL, b, err);
    /* A file of which a part was replaced counts as known, but no longer as in effect. */
    if (rc == 0 && partial)
        rc = exec_id(d,
                     "UPDATE file SET slices=slices+1000000 WHERE id IN "
                     "(SELECT file FROM slice_file WHERE slice=?1)",
                     o->id, 0, err);
    if (rc == 0)
        rc = exec_id(d,
                     "INSERT OR IGNORE INTO slice_file SELECT ?2, file FROM slice_file "
                     "WHERE slice=?1",
                     o->id, into->id, err);
    return rc;
}

static int delete_old(struct cost__delivery *d, int64_t id, struct mcp_error *err)
{
    static const char *const deletes[] = {
        "DELETE FROM block WHERE slice=?1",
        "DELETE FROM slice_facts WHERE slice=?1",
        "DELETE FROM slice_file WHERE slice=?1",
        "DELETE FROM slice WHERE id=?1",
    };
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof(deletes) / sizeof(*deletes); i++)
        rc = exec_id(d, deletes[i], id, 0, err);
    return rc;
}

/* ---- the report ---- */

static struct cost_import_slice *report_row(struct cost__delivery *d)
{
    if (d->n_slices == d->slices_size) {
        size_t size = d->slices_size == 0 ? 16 : d->slices_size * 2;
        struct cost_import_slice *more = mcp_arena_try_array(d->arena, size, sizeof(*more));

        if (more == NULL)
            return NULL;
        if (d->n_slices > 0)
            memcpy(more, d->slices, d->n_slices * sizeof(*more));
        d->slices = more;
        d->slices_size = size;
    }
    return &d->slices[d->n_slices++];
}

/* One row for each currency of a ledger, found again by its key. */
static struct cost_import_slice *row_of(struct cost__delivery *d, mcp_str source, mcp_str provider,
                                        mcp_str account, int32_t start, int32_t end,
                                        mcp_str currency)
{
    struct cost_import_slice *r;

    for (size_t i = 0; i < d->n_slices; i++) {
        r = &d->slices[i];
        if (r->period_start == start && mcp_str_eq(r->source, source) &&
            mcp_str_eq(r->provider, provider) && mcp_str_eq_nocase(r->billing_account, account) &&
            mcp_str_eq(r->currency, currency))
            return r;
    }
    r = report_row(d);
    if (r != NULL)
        *r = (struct cost_import_slice){ .source = mcp_arena_str(d->arena, source),
                                         .provider = mcp_arena_str(d->arena, provider),
                                         .billing_account = mcp_arena_str(d->arena, account),
                                         .currency = mcp_arena_str(d->arena, currency),
                                         .period_start = start,
                                         .period_end = end,
                                         .what = "new" };
    return r;
}

static int report_before(struct cost__delivery *d, const struct old_slice *o, const char *what,
                         struct mcp_error *err)
{
    size_t n;

    if (cost__ledger_count(o->ledger, &n) != 0)
        return mcp_error_word(err, MCP_EDATA, "bad_dataset", "the dataset's ledger is damaged");
    for (size_t i = 0; i < n; i++) {
        struct cost_day_total t;
        struct cost_import_slice *r;

        cost__ledger_read(o->ledger, i, &t);
        r = row_of(d, o->source, o->provider, o->account, o->period_start, o->period_end,
                   cost__importer_text(d->imp, COST_COL_CURRENCY, t.currency));
        if (r == NULL)
            return no_memory(err);
        r->what = what;
        r->rows_before += t.rows;
        if (cost_money_add(&r->billed_before, t.sum[COST_BILLED]) != 0)
            return mcp_error_set(err, MCP_ERANGE, "a sum leaves the range of amounts");
    }
    return 0;
}

static int report_after(struct cost__delivery *d, const struct cost__slice *s,
                        struct mcp_error *err)
{
    const struct cost__importer *imp = d->imp;

    for (size_t i = 0; i < s->ledger.n; i++) {
        const struct cost_day_total *t = &s->ledger.rows[i];
        struct cost_import_slice *r =
            row_of(d, cost__slice_source(imp, s), cost__slice_provider(imp, s),
                   cost__slice_account(imp, s), s->period_start, s->period_end,
                   cost__importer_text(imp, COST_COL_CURRENCY, t->currency));

        if (r == NULL)
            return no_memory(err);
        r->rows_after += t->rows;
        if (cost_money_add(&r->billed_after, t->sum[COST_BILLED]) != 0)
            return mcp_error_set(err, MCP_ERANGE, "a sum leaves the range of amounts");
    }
    return 0;
}

/* ---- bundles ---- */

static int make_bundle(struct cost__delivery *d, size_t first, size_t n, struct bundle *b,
                       struct mcp_error *err)
{
    const struct cost__slice *s = d->imp->slices[first];

    *b = (struct bundle){ 0 };
    b->slices = mcp_arena_try_array(d->arena, n, sizeof(struct cost__slice *));
    if (b->slices == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        struct cost__slice *other = d->imp->slices[i];

        if (other->source != s->source || other->account_fold != s->account_fold ||
            other->period_start != s->period_start)
            continue;
        if (i < first)
            return MCP_MISS; /* dealt with already */
        b->slices[b->n++] = other;
    }
    return load_old(d, s, b, err);
}

static int apply_bundle(struct cost__delivery *d, struct bundle *b, struct mcp_error *err)
{
    const struct cost_import_options *o = d->imp->options;
    mcp_str source = cost__slice_source(d->imp, b->slices[0]);
    bool carry = o->append || o->partial;
    const char *what = o->append ? "appended" : o->partial ? "partly replaced" : "replaced";
    int rc = refuse_second_source(d, b, err);

    if (rc == 0 && !o->replace && !carry)
        rc = refuse_vanishing(d, b, err);
    for (size_t i = 0; rc == 0 && i < b->n_old; i++) {
        if (!mcp_str_eq(b->old[i].source, source))
            continue;
        rc = report_before(d, &b->old[i], what, err);
        if (rc == 0 && carry)
            rc = carry_over(d, b, &b->old[i], err);
        if (rc == 0)
            rc = delete_old(d, b->old[i].id, err);
    }
    return rc;
}

int cost__delivery_apply(struct cost__delivery *d, struct mcp_error *err)
{
    size_t n = d->imp->n_slices; /* carrying over may add more */
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct bundle b;

        rc = make_bundle(d, i, n, &b, err);
        if (rc == MCP_MISS) {
            rc = 0;
            continue;
        }
        if (rc == 0)
            rc = apply_bundle(d, &b, err);
    }
    for (size_t i = 0; rc == 0 && i < d->imp->n_slices; i++)
        rc = report_after(d, d->imp->slices[i], err);
    return rc;
}
