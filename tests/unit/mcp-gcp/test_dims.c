/* The dimensions and amounts of an export as expressions: what each table can tell, and in which words. */
#include "mcp-gcp/dims.h"

#include "bq_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct bq bq;

/* The table "export" with these columns; the caller unrefs. */
static struct gcp_table *table_of(const char *columns)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_TABLE, 200, NULL, bq_table(columns, ""), 0 },
                                 { NULL } };
    struct gcp_table *t = NULL;
    uint64_t requests = 0;

    bq_begin(&bq, rows);
    assert_int_equal(gcp_table_read(&bq.gcp, bq.call, MCP_STR("export"), &t, &requests, &bq.err),
                     0);
    bq_end(&bq);
    return t;
}

static int dim_of(const struct gcp_table *t, enum cost_dim dim, const char *tag, unsigned n,
                  struct mcp_arena *arena, struct gcp_sql *sql, struct gcp_dim *out,
                  struct mcp_error *err)
{
    struct cost_key_spec spec = { .dim = dim, .tag_key = mcp_str_z(tag) };

    gcp_sql_init(sql, arena);
    *err = (struct mcp_error){ 0 };
    return gcp_dim_of(t, &spec, n, sql, out, err);
}

static void every_table_says_what_it_can_tell(void **state)
{
    static const struct {
        enum cost_dim dim;
        const char *standard, *detailed, *focus; /* a part of the expression; NULL: refused */
    } rows[] = {
        { COST_DIM_PROVIDER, "'gcp'", "'gcp'", "'gcp'" },
        { COST_DIM_BILLING_ACCOUNT, "t.billing_account_id", "t.billing_account_id",
          "t.BillingAccountId" },
        { COST_DIM_INVOICE, "t.invoice.month", "t.invoice.month", NULL },
        { COST_DIM_PROJECT, "t.project.id", "t.project.id", "t.SubAccountId" },
        { COST_DIM_REGION, "IFNULL(t.location.region, t.location.location)",
          "IFNULL(t.location.region, t.location.location)", "t.RegionId" },
        { COST_DIM_SERVICE, "t.service.description", "t.service.description", "t.ServiceName" },
        { COST_DIM_SERVICE_CATEGORY, NULL, NULL, "t.ServiceCategory" },
        { COST_DIM_SKU, "t.sku.id", "t.sku.id", "t.SkuId" },
        { COST_DIM_RESOURCE, NULL, "IFNULL(t.resource.global_name, t.resource.name)",
          "t.ResourceId" },
        { COST_DIM_RESOURCE_GROUP, NULL, NULL, NULL },
        { COST_DIM_CHARGE_CATEGORY, "WHEN promo THEN 'Credit'", "WHEN promo THEN 'Credit'",
          "t.ChargeCategory" },
        { COST_DIM_COMMITMENT, "t.subscription.instance_id", "t.subscription.instance_id",
          "t.CommitmentDiscountId" },
        { COST_DIM_COMMITMENT_STATUS, NULL, NULL, "t.CommitmentDiscountStatus" },
        { COST_DIM_CLUSTER, "'goog-k8s-cluster-name'", "'goog-k8s-cluster-name'", NULL },
        { COST_DIM_NAMESPACE, "'k8s-namespace'", "'k8s-namespace'", NULL },
        { COST_DIM_CURRENCY, "t.currency", "t.currency", "t.BillingCurrency" },
    };
    const char *const tables[] = { bq_standard, bq_detailed, bq_focus };

    (void)state;
    for (int k = 0; k < 3; k++) {
        struct gcp_table *t = table_of(tables[k]);

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            const char *const wanted[] = { rows[i].standard, rows[i].detailed, rows[i].focus };
            struct mcp_arena *arena = mcp_arena_new(0, 0);
            struct mcp_error err;
            struct gcp_dim dim;
            struct gcp_sql sql;
            int rc = dim_of(t, rows[i].dim, NULL, 0, arena, &sql, &dim, &err);

            if (wanted[k] == NULL) {
                assert_int_equal(rc, MCP_EREFUSED);
                assert_string_equal(err.code, "dimension_not_exported");
                assert_true(bq_holds(err.message, cost_dim_name(rows[i].dim)));
                assert_true(rows[i].dim == COST_DIM_RESOURCE
                                ? bq_holds(err.next, "detailed usage cost export")
                                : bq_holds(err.next, "service") && bq_holds(err.next, "tag:KEY"));
            } else {
                assert_int_equal(rc, 0);
                if (!bq_holds(dim.key.ptr, wanted[k]))
                    fail_msg("%s is %s", cost_dim_name(rows[i].dim), dim.key.ptr);
            }
            mcp_arena_free(arena);
        }
        gcp_table_unref(t);
    }
}

static void a_project_is_known_by_its_name_and_number_too(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct gcp_table *t = table_of(bq_standard);
    struct mcp_error err;
    struct gcp_dim dim;
    struct gcp_sql sql;

    (void)state;
    assert_int_equal(dim_of(t, COST_DIM_PROJECT, NULL, 0, arena, &sql, &dim, &err), 0);
    assert_true(mcp_str_eq(dim.label, MCP_STR("t.project.name")));
    assert_true(mcp_str_eq(dim.alias, MCP_STR("t.project.number")));
    gcp_table_unref(t);
    mcp_arena_free(arena);
}

static void a_tag_reads_labels_then_tags_then_those_of_the_project(void **state)
{
    static const struct {
        const char *columns, *tag, *first, *lacks, *value;
    } rows[] = {
        { bq_standard, "team", "UNNEST(t.labels)", NULL, "team" },
        { bq_standard, " labels/team ", "UNNEST(t.labels)", "UNNEST(t.tags)", "team" },
        { bq_standard, "tags/cc", "UNNEST(t.tags)", "UNNEST(t.labels)", "cc" },
        { bq_standard, "project.labels/env", "UNNEST(t.project.labels)", "UNNEST(t.labels)",
          "env" },
        { bq_focus, "team", "UNNEST(t.Tags)", "t.labels", "team" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct gcp_table *t = table_of(rows[i].columns);
        struct mcp_error err;
        struct gcp_dim dim;
        struct gcp_sql sql;
        char value[64];

        assert_int_equal(dim_of(t, COST_DIM_TAG, rows[i].tag, 7, arena, &sql, &dim, &err), 0);
        assert_true(bq_holds(dim.key.ptr, rows[i].first));
        assert_true(bq_holds(dim.key.ptr, "@tag_7"));
        assert_true(rows[i].lacks == NULL || !bq_holds(dim.key.ptr, rows[i].lacks));
        snprintf(value, sizeof(value), "{\"value\":\"%s\"}", rows[i].value);
        assert_true(bq_holds(mcp_arena_str(arena, mcp_buf_view(sql.params)).ptr, value));
        gcp_table_unref(t);
        mcp_arena_free(arena);
    }
}

static void a_holder_that_the_table_lacks_is_refused(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct gcp_table *t = table_of(bq_focus);
    struct mcp_error err;
    struct gcp_dim dim;
    struct gcp_sql sql;

    (void)state;
    assert_int_equal(dim_of(t, COST_DIM_TAG, "project.labels/env", 0, arena, &sql, &dim, &err),
                     MCP_EREFUSED);
    gcp_table_unref(t);
    mcp_arena_free(arena);
}

static void amounts_are_exact_and_what_is_not_exported_is_unknown(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct gcp_table *standard = table_of(bq_standard), *detailed = table_of(bq_detailed);
    struct gcp_words w;

    (void)state;
    /* FLOAT is cast row by row, NUMERIC is what it is. */
    gcp_words_of(standard, arena, &w);
    assert_true(bq_holds(w.billed, "CAST(t.cost AS NUMERIC)"));
    assert_true(bq_holds(w.billed, "SUM(CAST(c.amount AS NUMERIC))"));
    assert_true(bq_holds(w.list, "CAST(t.cost_at_list AS NUMERIC)"));
    assert_string_equal(w.contracted, "IF(promo, NUMERIC '0', CAST(t.cost AS NUMERIC))");
    assert_null(w.resource);
    assert_false(bq_holds(w.class, "effective_price"));
    gcp_words_of(detailed, arena, &w);
    assert_false(bq_holds(w.billed, "CAST("));
    assert_non_null(w.resource);
    /* The younger column tells what usage would cost without a commitment. */
    assert_true(bq_holds(w.contracted, "IFNULL(CAST(t.cost_at_effective_price_default AS NUMERIC), "
                                       "t.cost)"));
    assert_true(bq_holds(w.class, "CAST(t.cost_at_effective_price_default AS NUMERIC) <> t.cost"));
    gcp_table_unref(standard);
    gcp_table_unref(detailed);
    standard =
        table_of("usage_start_time TIMESTAMP, usage_end_time TIMESTAMP, cost FLOAT, currency "
                 "STRING, credits* RECORD(amount FLOAT, type STRING), cost_type STRING, sku "
                 "RECORD(id STRING, description STRING), project RECORD(id STRING), service "
                 "RECORD(description STRING), invoice RECORD(month STRING), location "
                 "RECORD(location STRING), usage RECORD(pricing_unit STRING), export_time "
                 "TIMESTAMP");
    gcp_words_of(standard, arena, &w);
    assert_string_equal(w.list, "IF(promo, NUMERIC '0', CAST(NULL AS NUMERIC))");
    assert_true(bq_holds(w.quantity, "CAST(NULL AS NUMERIC)"));
    gcp_table_unref(standard);
    mcp_arena_free(arena);
}

static void a_focus_table_speaks_for_itself(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct gcp_table *t = table_of(bq_focus);
    struct gcp_words w;

    (void)state;
    gcp_words_of(t, arena, &w);
    assert_false(w.splits);
    assert_string_equal(w.billed, "t.BilledCost");
    assert_string_equal(w.effective, "t.EffectiveCost");
    assert_string_equal(w.project, "t.SubAccountId");
    assert_string_equal(w.commitment, "FALSE");
    assert_true(bq_holds(w.class, "t.CommitmentDiscountStatus = 'Unused' THEN 1"));
    gcp_table_unref(t);
    mcp_arena_free(arena);
}

static void credits_are_told_by_type_and_no_type_is_lost(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct gcp_table *t = table_of(bq_standard);
    mcp_str rest = gcp_credit_sum(t, GCP_N_CREDITS - 1, arena);

    (void)state;
    for (size_t i = 0; i + 1 < GCP_N_CREDITS; i++) {
        mcp_str sum = gcp_credit_sum(t, i, arena);
        mcp_str known = mcp_arena_printf(arena, "'%s'", gcp_credit_types[i]);

        assert_true(bq_holds(sum.ptr, mcp_arena_printf(arena, "c.type = %s)", known.ptr).ptr));
        assert_true(bq_holds(rest.ptr, known.ptr));
    }
    assert_true(bq_holds(rest.ptr, "IFNULL(c.type, '') NOT IN ("));
    assert_string_equal(gcp_credit_types[GCP_N_CREDITS - 1], "OTHER");
    gcp_table_unref(t);
    mcp_arena_free(arena);
}

static int teardown(void **state)
{
    (void)state;
    gcp_files_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_says_what_it_can_tell),
        cmocka_unit_test(a_project_is_known_by_its_name_and_number_too),
        cmocka_unit_test(a_tag_reads_labels_then_tags_then_those_of_the_project),
        cmocka_unit_test(a_holder_that_the_table_lacks_is_refused),
        cmocka_unit_test(amounts_are_exact_and_what_is_not_exported_is_unknown),
        cmocka_unit_test(a_focus_table_speaks_for_itself),
        cmocka_unit_test(credits_are_told_by_type_and_no_type_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
