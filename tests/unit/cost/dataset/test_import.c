/* The import of FOCUS files: the public sample's figures, every spelling taken, every refusal. */
#include "import_help.h"

#include "cost/dataset/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

static int begin(void **state)
{
    static struct import_test t;

    import_test_begin(&t);
    *state = &t;
    return 0;
}

static int end(void **state)
{
    import_test_end(*state);
    return 0;
}

static void the_public_sample_has_its_known_totals(void **state)
{
    static const struct {
        const char *family, *billed;
        int32_t through; /* days since 1970 */
    } known[] = { { "aws", "18.0066386184", 19996 },
                  { "azure", "1.97651418586", 19985 },
                  { "oracle", "0.53707392473", 19995 } };
    struct import_test *t = *state;
    const char *path = import_shared(t, "focus/focus_1_0_sample_1000.csv");
    struct cost_dataset *ds;
    struct cost_snapshot *snap;
    const struct cost_ledger_row *rows;
    size_t n;

    if (path == NULL)
        skip();
    assert_int_equal(import_one(t, mcp_str_z(path)), 0);
    assert_string_equal(import_total(t), "20.52022672899/1000");
    ds = cost_dataset_new(mcp_str_z(t->dataset), "focus-files");
    assert_int_equal(cost_dataset_acquire(ds, &snap, NULL), 0);
    n = cost__snapshot_ledger(snap, &rows);
    for (size_t i = 0; i < 3; i++) {
        struct cost_scope scope = { .family = mcp_str_z(known[i].family) };
        struct cost_extent extent;
        struct cost_money sum = COST_MONEY_ZERO;
        char text[COST_MONEY_TEXT];

        for (size_t k = 0; k < n; k++) {
            mcp_str family;

            assert_int_equal(
                cost__dict_text(snap, COST_COL_PROVIDER, rows[k].provider, &family, NULL), 0);
            if (mcp_str_eq(family, scope.family))
                assert_int_equal(cost_money_add(&sum, rows[k].sum[COST_BILLED]), 0);
        }
        cost_money_format(sum, text);
        assert_string_equal(text, known[i].billed);
        assert_int_equal(cost_snapshot_extent(snap, &scope, &extent, NULL), 0);
        assert_int_equal(extent.data_through, known[i].through);
        assert_true(extent.has_days);
    }
    cost_snapshot_release(snap);
    cost_dataset_free(ds);
}

/* A whole file and what its ledger says. */
static const struct {
    const char *what, *text, *total;
} accepted[] = {
    { "BOM, CRLF, spaces and case in the header, dates without zone, NULL",
      "\xef\xbb\xbf"
      "billing period "
      "start,BILLINGCURRENCY,Billing_Account_Id,chargePeriodStart,ChargePeriodEnd,BilledCost,"
      "ChargeCategory,ListCost\r\n"
      "2026-01-01 00:00:00,usd,a,2026-01-02 00:00:00,2026-01-03 00:00:00,1.25,usage,NULL\r\n",
      "1.25/1" },
    { "no newline at the end, minutes only, UTC spelled, unknown columns",
      "BillingPeriodStart,BillingCurrency,BillingAccountId,ChargePeriodStart,ChargePeriodEnd,"
      "BilledCost,ChargeCategory,x_Foo\n"
      "2026-01-01T00:00Z,EUR,a,2026-01-02T00:00Z,2026-01-03 00:00:00 UTC,-3,Credit,\"x, y\"",
      "-3/1" },
    { "quoted newlines and doubled quotes, exponents",
      "BillingPeriodStart,BillingCurrency,BillingAccountId,ChargePeriodStart,ChargePeriodEnd,"
      "BilledCost,ChargeCategory,ResourceName,ResourceId\n"
      "2026-01-01,USD,a,2026-01-02,2026-01-03,1.5E-3,Tax,\"a \"\"b\"\"\nc\",r\n\n",
      "0.0015/1" },
};

static void spellings_of_providers_are_taken(void **state)
{
    for (size_t i = 0; i < sizeof(accepted) / sizeof(*accepted); i++) {
        struct import_test *t = *state;

        unlink(t->dataset);
        if (import_one(t, import_file(t, "f.csv", accepted[i].text)) != 0)
            fail_msg("%s: %s", accepted[i].what, t->err.message);
        assert_string_equal(import_total(t), accepted[i].total);
    }
}

#define HEAD                                                                                       \
    "BillingPeriodStart,BillingCurrency,BillingAccountId,ChargePeriodStart,ChargePeriodEnd,"       \
    "BilledCost,ChargeCategory,Tags\n"
static const struct {
    const char *text, *says;
} refused[] = {
    { "a,b\n1,2\n", "the header lacks BillingPeriodStart" },
    { "", "is empty" },
    { HEAD "2026-01-01,USD,a,2026-01-02,2026-01-03,1,Usage,{}\n2026-01-01,USD,a,2026-01-02,2026-01-"
           "03,1x,Usage,{}\n",
      ":3: BilledCost is \"1x\": it is no number" },
    { HEAD "2026-01-01,USD,a,2026-01-02,2026-01-03,1e30,Usage,{}\n",
      ":2: BilledCost is \"1e30\": the amount is out of range" },
    { HEAD "2026-01-01,USD,a,2026-02-30,2026-01-03,1,Usage,{}\n",
      ":2: ChargePeriodStart is \"2026-02-30\"" },
    { HEAD "2026-01-01,,a,2026-01-02,2026-01-03,1,Usage,{}\n",
      ":2: BillingCurrency is \"\": a value is required" },
    { HEAD "2026-01-01,USD,a,2026-01-02,2026-01-03,1,Fee,{}\n", "ChargeCategory is none of" },
    { HEAD "2026-01-01,USD,a,2026-01-03,2026-01-02,1,Usage,{}\n", "ChargePeriodEnd is before" },
    { HEAD "2026-01-01,USD,a,2026-01-02,2026-01-03,1,Usage\n", "7 fields, the header 8" },
    { HEAD "2026-01-01,USD,a,2026-01-02,2026-01-03,1,Usage,{\n", "Tags: it is no JSON object" },
    { HEAD "2026-01-01,USD,a,2026-01-02,2026-01-03,1,Usage,\"{}\n", "never closes" },
    { "BilledCost,Billed Cost\n", "stands twice" },
};

static void bad_files_are_refused_with_line_column_and_reason(void **state)
{
    struct import_test *t = *state;

    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        assert_int_equal(import_one(t, import_file(t, "f.csv", refused[i].text)), MCP_EDATA);
        if (strstr(t->err.message, refused[i].says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", t->err.message, refused[i].says);
        assert_int_equal(access(t->dataset, F_OK), -1);
    }
}

static void a_refused_delivery_leaves_the_dataset_as_it_was(void **state)
{
    struct import_test *t = *state;
    mcp_str generation;

    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))), 0);
    generation = import_generation(t);
    assert_int_equal(
        import_one(t, import_file(t, "b.csv",
                                  import_rows(t, "2026-02", "2026-02-05,p1,1 2026-02-06,p1,oops"))),
        MCP_EDATA);
    assert_true(mcp_str_eq(generation, import_generation(t)));
    assert_string_equal(import_total(t), "1/1");
}

static void gzip_files_of_several_members_are_read(void **state)
{
    struct import_test *t = *state;
    const char *text = import_rows(t, "2026-01", "2026-01-05,p1,1 2026-01-06,p1,2");
    mcp_str path = import_bytes(t, "a.csv.gz", "", 0);
    gzFile f = gzopen(path.ptr, "wb");

    gzwrite(f, text, 100);
    gzclose(f);
    f = gzopen(path.ptr, "ab");
    gzwrite(f, text + 100, (unsigned)strlen(text) - 100);
    gzclose(f);
    assert_int_equal(import_one(t, path), 0);
    assert_string_equal(import_total(t), "3/2");
    assert_int_equal(truncate(path.ptr, 60), 0);
    assert_int_equal(import_one(t, path), MCP_EDATA);
}

static void rounded_numbers_are_counted(void **state)
{
    struct import_test *t = *state;

    assert_int_equal(
        import_one(t, import_file(
                          t, "a.csv",
                          HEAD
                          "2026-01-01,USD,a,2026-01-02,2026-01-03,0.0000000000000000016,Usage,\n")),
        0);
    assert_int_equal(t->report.rounded, 1);
    assert_int_equal(t->report.n_notes, 2); /* columns, and the provider without a name */
    assert_non_null(strstr(t->report.notes[0].ptr, "lack the columns EffectiveCost, ListCost"));
    assert_int_equal(t->report.rounded_max, 400000000);
}

static void overflowing_sums_refuse_the_delivery(void **state)
{
    struct import_test *t = *state;

    assert_int_equal(
        import_one(
            t, import_file(
                   t, "a.csv",
                   import_rows(
                       t, "2026-01",
                       "2026-01-05,p1,160000000000000000000 2026-01-05,p1,160000000000000000000"))),
        MCP_EDATA);
    assert_non_null(strstr(t->err.message, "leaves the range"));
}

static int stop(void *ctx, const struct cost_import_progress *p)
{
    (void)p;
    *(int *)ctx += 1;
    return 1;
}

static void progress_can_end_the_import(void **state)
{
    struct import_test *t = *state;
    int calls = 0;
    struct cost_import_options options = { .progress = stop, .ctx = &calls };

    assert_int_equal(
        import_paths(t, &options, 1,
                     import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))),
        MCP_ECANCELLED);
    assert_int_equal(calls, 1);
    assert_int_equal(access(t->dataset, F_OK), -1);
}

static void links_out_of_a_folder_are_not_followed(void **state)
{
    struct import_test *t = *state;
    mcp_str secret = import_file(t, "outside.csv", import_rows(t, "2026-01", "2026-01-05,p1,100"));

    import_file(t, "in/a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"));
    assert_int_equal(symlink(secret.ptr, mcp_arena_printf(t->arena, "%s/in/b.csv", t->dir).ptr), 0);
    assert_int_equal(import_one(t, mcp_arena_printf(t->arena, "%s/in", t->dir)), 0);
    assert_string_equal(import_total(t), "1/1");
}

static void only_the_newest_run_of_a_manifest_is_read(void **state)
{
    struct import_test *t = *state;

    import_file(t, "az/r1/part.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"));
    import_file(t, "az/r1/manifest.json",
                "{\"exportConfig\":{\"exportName\":\"e\"},\"runInfo\":{\"submittedTime\":\"2026-01-"
                "06T00:00:00Z\",\"startDate\":\"2026-01-01T00:00:00\"},\"blobs\":[{\"blobName\":"
                "\"x/r1/part.csv\"}]}");
    import_file(t, "az/r2/part.csv", import_rows(t, "2026-01", "2026-01-05,p1,1 2026-01-06,p1,2"));
    import_file(t, "az/r2/manifest.json",
                "{\"exportConfig\":{\"exportName\":\"e\"},\"runInfo\":{\"submittedTime\":\"2026-01-"
                "07T00:00:00Z\",\"startDate\":\"2026-01-01T00:00:00\"},\"blobs\":[{\"blobName\":"
                "\"x/r2/part.csv\"}]}");
    assert_int_equal(import_one(t, mcp_arena_printf(t->arena, "%s/az", t->dir)), 0);
    assert_string_equal(import_total(t), "3/2");
    assert_int_equal(t->report.n_skipped, 1);
    assert_non_null(strstr(t->report.skipped_files[0].ptr, "r1/part.csv"));
    assert_true(mcp_str_eq(t->report.slices[0].source, MCP_STR("e")));
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_public_sample_has_its_known_totals),
        T(spellings_of_providers_are_taken),
        T(bad_files_are_refused_with_line_column_and_reason),
        T(a_refused_delivery_leaves_the_dataset_as_it_was),
        T(gzip_files_of_several_members_are_read),
        T(rounded_numbers_are_counted),
        T(overflowing_sums_refuse_the_delivery),
        T(progress_can_end_the_import),
        T(links_out_of_a_folder_are_not_followed),
        T(only_the_newest_run_of_a_manifest_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
