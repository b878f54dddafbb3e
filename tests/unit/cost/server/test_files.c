/* The file source: what it says without data, what the loop may ask, how it describes itself. */
#include "cost/server/files.h"
#include "mcp/proto/call_internal.h"
#include "server_help.h"

#include "../model/query_help.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char bill[] =
    "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,BilledCost,"
    "EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,SubAccountId,"
    "InvoiceIssuerName,ChargeCategory\n"
    "2026-01-01,2026-02-01,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,1.5,1,1,1,USD,acct,p,"
    "\"Amazon Web Services, Inc.\",Usage\n"
    "2026-01-01,2026-02-01,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,2.5,1,1,1,USD,acct,p,"
    "Google Cloud,Usage\n";
static const char *const overlaps[] = { "mcp-aws", "mcp-gcp", NULL };
static const struct cost_server_spec everything = { .name = "mcp-forecast",
                                                    .overlaps_with = overlaps };
static const struct cost_server_spec aws = { .name = "mcp-aws", .family = "aws" };

static struct server_home home;
static struct cost__files *files;
static struct cost_tools tools;
static mcp_str data[1];

static int setup(void **state)
{
    (void)state;
    server_home_begin(&home);
    mcp_clock_set((int64_t)test_day("2026-01-07") * 86400);
    files = NULL;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cost__files_free(files);
    server_home_end(&home);
    return 0;
}

static void open_files(const struct cost__files_options *options)
{
    files = cost__files_new(options);
    assert_non_null(files);
    tools = (struct cost_tools){ .spec = options->spec };
    cost__files_source(files, &tools.source);
}

static void open_bill(const struct cost_server_spec *spec)
{
    data[0] = mcp_str_z(server_file(&home, "bill.csv", bill));
    open_files(&(struct cost__files_options){ .spec = spec, .data = data, .n_data = 1 });
}

static void without_data_every_tool_names_the_ways_in(void **state)
{
    (void)state;
    open_files(&(struct cost__files_options){ .spec = &aws });
    for (size_t i = 0; i < cost_n_tool_rows; i++) {
        struct mcp_call *call = server_call(&tools, "{}");
        const struct mcp_error *err = server_refused(call, cost_tool_rows[i].name);

        assert_int_equal(err->err, MCP_ECONFIG);
        assert_string_equal(err->code, "not_configured");
        assert_non_null(strstr(err->next, "mcp-aws import"));
        assert_non_null(strstr(err->next, "--demo"));
        server_call_end(call);
    }
}

static void a_missing_or_foreign_dataset_is_told_with_its_path(void **state)
{
    static const struct {
        const char *name;
        enum mcp_err err;
    } cases[] = { { "none.db", MCP_ENOTFOUND }, { "other.db", MCP_EDATA } };

    (void)state;
    server_file(&home, "other.db", "this is no dataset, but it is long enough to be looked at");
    for (size_t i = 0; i < 2; i++) {
        const char *path = server_path(&home, cases[i].name);
        struct cost__files_options options = { .spec = &aws, .path = mcp_str_z(path) };
        const struct mcp_error *err;
        struct mcp_call *call;

        open_files(&options);
        call = server_call(&tools, "{}");
        err = server_refused(call, "get_costs");
        assert_int_equal(err->err, cases[i].err);
        assert_non_null(strstr(err->message, path));
        assert_true(err->next[0] != '\0');
        server_call_end(call);
        cost__files_free(files);
        files = NULL;
    }
}

static int peek(mcp_str *generation)
{
    struct mcp_call *call = server_call(&tools, "{}");
    struct mcp_error err = { 0 };
    struct cost_query q;
    mcp_str now = MCP_STR_NULL;
    char range[24];
    int rc;

    assert_int_equal(cost_query_parse(COST_GET_COSTS, call->args, call->arena, &q, &err), 0);
    rc = tools.source.peek(tools.source.ctx, &q, &now, call->arena);
    if (rc == 0) {
        assert_string_equal(test_range(q.range, range), "2026-01-01..2026-01-05");
        *generation = mcp_str_n(strndup(now.ptr, now.len), now.len);
    }
    server_call_end(call);
    return rc;
}

static void the_loop_knows_the_data_once_a_worker_has_opened_it(void **state)
{
    mcp_str before = MCP_STR_NULL;
    struct mcp_call *call;
    union {
        const char *z;
        void *p;
    } owned;

    (void)state;
    open_bill(&everything);
    assert_int_equal(peek(&before), MCP_MISS);
    call = server_call(&tools, "{}");
    server_run(call, "get_costs");
    server_call_end(call);
    assert_int_equal(peek(&before), 0);
    assert_true(before.len > 0);
    owned.z = before.ptr;
    free(owned.p);
}

static void a_server_sees_its_family_and_says_what_overlaps(void **state)
{
    static const struct {
        const struct cost_server_spec *spec;
        const char *total, *provider;
        size_t overlaps;
    } cases[] = { { &everything, "4", "multiple", 2 }, { &aws, "1.5", "aws", 0 } };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct mcp_call *call;
        struct mcp_json root;

        open_bill(cases[i].spec);
        call = server_call(&tools, "{}");
        server_run(call, "get_costs");
        root = server_root(call);
        assert_true(mcp_str_eq(mcp_json_raw(mcp_json_get(root, MCP_STR("total_cost"))),
                               mcp_str_z(cases[i].total)));
        assert_true(
            mcp_json_str_eq(mcp_json_get(root, MCP_STR("provider")), mcp_str_z(cases[i].provider)));
        assert_true(mcp_json_str_eq(mcp_json_path(root, "source.backend"), MCP_STR("focus-files")));
        assert_int_equal(mcp_json_count(mcp_json_path(root, "scope.overlaps_with")),
                         cases[i].overlaps);
        server_call_end(call);
        cost__files_free(files);
        files = NULL;
    }
}

static void a_cancelled_call_computes_nothing_and_leaves_its_slot(void **state)
{
    struct mcp_call *call;

    (void)state;
    open_bill(&everything);
    call = server_call(&tools, "{}");
    server_run(call, "get_costs");
    server_call_end(call);
    for (unsigned i = 0; i < 200; i++) { /* more than there are slots to lose */
        call = server_call(&tools, "{}");
        mcp__call_cancel(call);
        assert_int_equal(server_refused(call, "get_costs")->err, MCP_ECANCELLED);
        server_call_end(call);
    }
    call = server_call(&tools, "{}");
    call->deadline_ms = mcp_clock_mono_ms() + 5000;
    server_run(call, "get_costs");
    server_call_end(call);
}

static void a_refused_question_gives_its_slot_back(void **state)
{
    struct mcp_call *call;

    (void)state;
    open_bill(&everything);
    for (unsigned i = 0; i < 200; i++) {
        call = server_call(&tools, "{}");
        call->deadline_ms = mcp_clock_mono_ms() + 5000;
        assert_string_equal(server_refused(call, "get_forecast")->code, "insufficient_history");
        server_call_end(call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_data_every_tool_names_the_ways_in, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_or_foreign_dataset_is_told_with_its_path, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_loop_knows_the_data_once_a_worker_has_opened_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_server_sees_its_family_and_says_what_overlaps, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_call_computes_nothing_and_leaves_its_slot,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_refused_question_gives_its_slot_back, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
