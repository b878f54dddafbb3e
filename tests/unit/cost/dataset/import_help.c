/* For tests of the import: CSV text in files of a temporary folder, deliveries, what the ledger says. */
#include "import_help.h"

#include "cost/dataset/snapshot.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char import_header[] =
    "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,BilledCost,"
    "EffectiveCost,"
    "ListCost,ContractedCost,BillingCurrency,BillingAccountId,SubAccountId,InvoiceIssuerName,"
    "ChargeCategory\n";

static void must(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        abort();
    }
}

void import_test_begin(struct import_test *t)
{
    *t = (struct import_test){ .dir = "/tmp/test-import-XXXXXX" };
    must(mkdtemp(t->dir) != NULL, "mkdtemp");
    snprintf(t->dataset, sizeof(t->dataset), "%s/dataset.db", t->dir);
    t->arena = mcp_arena_new(0, (size_t)256 << 20);
    must(t->arena != NULL, "arena");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void import_test_end(struct import_test *t)
{
    must(nftw(t->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0, "nftw");
    mcp_arena_free(t->arena);
}

mcp_str import_bytes(struct import_test *t, const char *name, const void *bytes, size_t len)
{
    mcp_str path = mcp_arena_printf(t->arena, "%s/%s", t->dir, name);
    char *copy = strdup(path.ptr);
    FILE *f;

    must(copy != NULL, "strdup");
    for (char *p = copy + strlen(t->dir) + 1; (p = strchr(p, '/')) != NULL; p++) {
        *p = '\0';
        mkdir(copy, 0700);
        *p = '/';
    }
    free(copy);
    f = fopen(path.ptr, "wb");
    must(f != NULL, path.ptr);
    must(fwrite(bytes, 1, len, f) == len, "fwrite");
    must(fclose(f) == 0, "fclose");
    return path;
}

mcp_str import_file(struct import_test *t, const char *name, const char *text)
{
    return import_bytes(t, name, text, strlen(text));
}

const char *import_rows(struct import_test *t, const char *month, const char *cells)
{
    mcp_str rest = mcp_str_z(cells), cell;
    struct mcp_buf buf;
    mcp_str text;
    int64_t year, number;

    must(mcp_str_int64(mcp_str_n(month, 4), &year) == 0 &&
             mcp_str_int64(mcp_str_z(month + 5), &number) == 0,
         "month");
    mcp_buf_init(&buf, (size_t)16 << 20);
    mcp_buf_z(&buf, import_header);
    while (!mcp_str_is_null(rest)) {
        mcp_str day, project;

        (void)mcp_str_cut(&rest, ' ', &cell);
        must(mcp_str_cut(&cell, ',', &day) && mcp_str_cut(&cell, ',', &project), "cell");
        mcp_buf_printf(&buf,
                       "%s-01,%04d-%02d-01,%.*sT00:00:00Z,%.*sT23:00:00Z,%.*s,%.*s,%.*s,%.*s,USD,"
                       "acct,%.*s,\"Amazon Web Services, Inc.\",Usage\n",
                       month, (int)(number == 12 ? year + 1 : year), (int)(number % 12 + 1),
                       MCP_STR_ARG(day), MCP_STR_ARG(day), MCP_STR_ARG(cell), MCP_STR_ARG(cell),
                       MCP_STR_ARG(cell), MCP_STR_ARG(cell), MCP_STR_ARG(project));
    }
    mcp_buf_char(&buf, '\0');
    text = mcp_arena_str(t->arena, mcp_buf_view(&buf));
    mcp_buf_release(&buf);
    return text.ptr;
}

int import_paths(struct import_test *t, const struct cost_import_options *options, size_t n, ...)
{
    struct cost_import_options own = { 0 };
    mcp_str paths[16];
    va_list ap;

    must(n <= 16, "paths");
    if (options != NULL)
        own = *options;
    va_start(ap, n);
    for (size_t i = 0; i < n; i++)
        paths[i] = va_arg(ap, mcp_str);
    va_end(ap);
    own.paths = paths;
    own.n_paths = n;
    mcp_error_clear(&t->err);
    return cost_import(mcp_str_z(t->dataset), &own, t->arena, &t->report, &t->err);
}

int import_one(struct import_test *t, mcp_str path)
{
    return import_paths(t, NULL, 1, path);
}

static struct cost_snapshot *acquire(struct import_test *t, struct cost_dataset **ds)
{
    struct cost_snapshot *snap = NULL;
    struct mcp_error err = { 0 };

    *ds = cost_dataset_new(mcp_str_z(t->dataset), "focus-files");
    if (cost_dataset_acquire(*ds, &snap, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    return snap;
}

const char *import_total(struct import_test *t)
{
    struct cost_dataset *ds;
    struct cost_snapshot *snap = acquire(t, &ds);
    const struct cost_ledger_row *rows;
    size_t n = cost__snapshot_ledger(snap, &rows);
    struct cost_money sum = COST_MONEY_ZERO;
    uint64_t count = 0;
    char text[COST_MONEY_TEXT];

    for (size_t i = 0; i < n; i++) {
        must(cost_money_add(&sum, rows[i].sum[COST_BILLED]) == 0, "sum");
        count += rows[i].rows;
    }
    cost_money_format(sum, text);
    cost_snapshot_release(snap);
    cost_dataset_free(ds);
    return mcp_arena_printf(t->arena, "%s/%llu", text, (unsigned long long)count).ptr;
}

mcp_str import_generation(struct import_test *t)
{
    struct cost_dataset *ds;
    struct cost_snapshot *snap = acquire(t, &ds);
    mcp_str generation = mcp_arena_str(t->arena, cost_snapshot_generation(snap));

    cost_snapshot_release(snap);
    cost_dataset_free(ds);
    return generation;
}

const char *import_shared(struct import_test *t, const char *name)
{
    const char *root = getenv("MCP_SHARED");
    mcp_str path =
        mcp_arena_printf(t->arena, "%s/data/%s", root == NULL ? "../shared" : root, name);

    if (access(path.ptr, R_OK) == 0)
        return path.ptr;
    fprintf(stderr, "SKIPPED: %s is not there (set MCP_SHARED)\n", path.ptr);
    return NULL;
}
