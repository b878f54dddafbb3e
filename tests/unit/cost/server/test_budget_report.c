/* How budgets stand: statuses at exact thresholds, probability, rollover, what is unknown. */
#include "cost/server/budget_report.h"
#include "mcp/proto/call_internal.h"
#include "server_help.h"

#include "../model/query_help.h"
#include "../model/result_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* What was spent in a currency in the periods that begin on that day. */
struct spend {
    const char *start, *currency, *amount; /* amount NULL: the metric is null in all rows */
    bool partly_unknown;
};

/* A source made by hand. */
static struct {
    const struct spend *spends;
    size_t n_spends;
    bool no_data;
    const char *data_through, *behind_through; /* of a second provider */
    int costs_rc, forecast_rc;
    const char *forecast_currency;
    double mean, lower, upper;
    unsigned forecasts;
    struct cost_query last; /* of get_costs */
} source;

static int fake_costs(void *ctx, struct mcp_call *call, const struct cost_query *query,
                      struct cost_result *out, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    static struct cost_provider_freshness fresh[2];

    (void)ctx;
    source.last = *query;
    if (source.costs_rc < 0)
        return mcp_error_set(err, (enum mcp_err)source.costs_rc, "the source fails");
    cost_result_init(out, arena, query);
    out->blocks = mcp_arena_alloc(arena, 4 * sizeof(*out->blocks));
    out->no_data = source.no_data;
    out->has_data_through = true;
    out->data_through = test_day(source.data_through);
    fresh[0] = (struct cost_provider_freshness){ MCP_STR("aws"), out->data_through };
    out->freshness = fresh;
    out->n_freshness = 1;
    if (source.behind_through != NULL)
        fresh[out->n_freshness++] =
            (struct cost_provider_freshness){ MCP_STR("gcp"), test_day(source.behind_through) };
    for (size_t i = 0; i < source.n_spends; i++) {
        const struct spend *s = &source.spends[i];
        struct cost_block_result *b;

        if (test_day(s->start) != query->start)
            continue;
        b = model_block(out, s->currency);
        model_group(out, b, "all", s->amount, s->amount);
        if (s->partly_unknown)
            b->total.rows_unknown = 1, b->total.rows = 2;
    }
    return 0;
}

static int fake_forecast(void *ctx, struct mcp_call *call, const struct cost_query *query,
                         struct cost_forecast_result *out, struct mcp_error *err)
{
    struct cost_forecast_series *series =
        MCP_ARENA_NEW(mcp_call_arena(call), struct cost_forecast_series);

    (void)ctx, (void)query;
    source.forecasts++;
    if (source.forecast_rc < 0)
        return mcp_error_set(err, (enum mcp_err)source.forecast_rc, "no forecast");
    series->currency = mcp_str_z(source.forecast_currency);
    series->mean = source.mean;
    series->lower = source.lower;
    series->upper = source.upper;
    *out = (struct cost_forecast_result){ .series = series, .n_series = 1 };
    return 0;
}

/* The report of a file of budgets on a day. */
struct report {
    struct mcp_call *call;
    struct cost_tools tools;
    struct cost_budgets budgets;
    struct mcp_json list; /* the array */
    mcp_str text;
    size_t left_out;
    int rc;
    struct mcp_error err;
};

static void begin(struct report *r, const char *yaml)
{
    struct mcp_error err = { 0 };

    *r = (struct report){ .tools = {
                              .spec = &server_spec_policy,
                              .source = { .costs = fake_costs, .forecast = fake_forecast } } };
    r->call = server_call(&r->tools, "{}");
    if (cost_budgets_parse(mcp_str_z(yaml), MCP_STR("b.yaml"), r->call->arena, &r->budgets, &err) <
        0)
        fail_msg("%s: %s", err.message, yaml);
    r->tools.budgets = &r->budgets;
}

static void report(struct report *r, const char *yaml, const char *day)
{
    struct mcp_buf json, text;

    begin(r, yaml);
    mcp_buf_init(&json, (size_t)1 << 20);
    mcp_buf_init(&text, (size_t)1 << 20);
    r->rc =
        cost__budget_report(&r->tools, r->call, test_day(day), &json, &text, &r->left_out, &r->err);
    if (r->rc == 0)
        assert_int_equal(mcp_json_parse(r->call->arena,
                                        mcp_arena_str(r->call->arena, mcp_buf_view(&json)), NULL,
                                        &r->list, NULL),
                         0);
    r->text = mcp_arena_str(r->call->arena, mcp_buf_view(&text));
    mcp_buf_release(&json);
    mcp_buf_release(&text);
}

static void end(struct report *r)
{
    server_call_end(r->call);
}

static struct mcp_json nth(const struct report *r, size_t n)
{
    struct mcp_json_iter it = mcp_json_iter(r->list);

    do {
        if (!mcp_json_next(&it))
            fail_msg("there is no budget %zu", n);
    } while (n-- > 0);
    return it.value;
}

/* The JSON of a member of the first budget, without quotes; "" when it is missing. */
static const char *member(const struct report *r, const char *path)
{
    mcp_str raw = mcp_json_raw(mcp_json_path(nth(r, 0), path));

    if (raw.len >= 2 && raw.ptr[0] == '"')
        raw = mcp_str_n(raw.ptr + 1, raw.len - 2);
    return mcp_str_is_null(raw) ? "" : mcp_arena_str(r->call->arena, raw).ptr;
}

static bool fired(const struct report *r, size_t n)
{
    struct mcp_json_iter it = mcp_json_iter(mcp_json_get(nth(r, 0), MCP_STR("thresholds")));

    do {
        assert_true(mcp_json_next(&it));
    } while (n-- > 0);
    return mcp_json_get_bool(it.value, MCP_STR("fired"), false);
}

static int setup(void **state)
{
    (void)state;
    memset(&source, 0, sizeof(source));
    source.data_through = "2026-11-19";
    source.forecast_currency = "USD";
    source.mean = 50;
    source.lower = 40;
    source.upper = 60;
    return 0;
}

static void a_threshold_fires_exactly_when_it_is_reached(void **state)
{
    static const struct {
        const char *amount, *at, *actual, *status;
    } cases[] = {
        { "100", "0.8", "80", "warning" },
        { "100", "0.8", "79.999999999999999999", "ok" },
        { "100", "0.8", "80.000000000000000001", "warning" },
        { "0.3", "0.1", "0.03", "warning" }, /* 0.3 * 0.1 is above 0.03 as doubles */
        { "0.3", "0.1", "0.029999999999999999", "ok" },
        { "100", "1", "99.999999999999999999", "ok" },
        { "100", "1", "100", "exceeded" },
        { "100", "0.5", "100", "exceeded" },
        { "100", "2", "150", "exceeded" },
        { "100", "0.8", "-5", "ok" },
        { "100", "0.8", "0", "ok" },
        { "0.000000000000000007", "0.5", "0.000000000000000003", "ok" },
        { "0.000000000000000007", "0.5", "0.000000000000000004", "warning" },
        { "1e20", "0.8", "8e19", "warning" },
        { "1e20", "0.8", "79999999999999999999.999999999999999999", "ok" },
        { "1e20", "10", "1e20", "exceeded" },
        { "100000000000000", "0.333333", "33333300000000", "warning" },
        { "100000000000000", "0.333333", "33333299999999.999999999999999999", "ok" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct spend spend = { "2026-11-01", "USD", cases[i].actual };
        struct report r;
        char yaml[400];

        source.spends = &spend;
        source.n_spends = 1;
        snprintf(yaml, sizeof(yaml),
                 "budgets: [{name: a, amount: %s, currency: USD, period: monthly, "
                 "thresholds: [{type: actual, at: %s}]}]",
                 cases[i].amount, cases[i].at);
        report(&r, yaml, "2026-11-19");
        assert_int_equal(r.rc, 0);
        if (strcmp(member(&r, "status"), cases[i].status) != 0)
            fail_msg("%s of %s at %s is %s", cases[i].actual, cases[i].amount, cases[i].at,
                     member(&r, "status"));
        end(&r);
    }
}

static void a_forecast_fires_by_its_mean_or_by_a_probability(void **state)
{
    static const struct {
        double mean, half; /* half the 80 % interval */
        const char *threshold;
        bool fired;
    } cases[] = {
        { 100, 10, "at: 1", true },
        { 99.99, 10, "at: 1", false },
        { 100, 10, "at: 1, probability: 0.5", true },
        { 100, 10, "at: 1, probability: 0.51", false },
        /* 90 % lie below the upper limit of the 80 % interval */
        { 90, 10, "at: 1, probability: 0.1", true },
        { 90, 10, "at: 1, probability: 0.101", false },
        { 110, 10, "at: 1, probability: 0.9", true },
        { 110, 10, "at: 1, probability: 0.901", false },
        { 100, 0, "at: 1, probability: 1", true },
        { 99, 0, "at: 1, probability: 0.01", false },
    };
    static const struct spend spend = { "2026-11-01", "USD", "10" };

    (void)state;
    source.spends = &spend;
    source.n_spends = 1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct report r;
        char yaml[400];

        source.mean = cases[i].mean;
        source.lower = cases[i].mean - cases[i].half;
        source.upper = cases[i].mean + cases[i].half;
        snprintf(yaml, sizeof(yaml),
                 "budgets: [{name: a, amount: 100, currency: USD, period: monthly, "
                 "thresholds: [{type: forecasted, %s}]}]",
                 cases[i].threshold);
        report(&r, yaml, "2026-11-19");
        if (fired(&r, 0) != cases[i].fired)
            fail_msg("case %zu: %s", i, cases[i].threshold);
        assert_string_equal(member(&r, "status"), cases[i].fired ? "warning" : "ok");
        end(&r);
    }
}

#define MONTHLY "budgets: [{name: a, amount: 100, currency: USD, period: monthly"
#define BOTH ", thresholds: [{type: actual, at: 0.5}, {type: forecasted, at: 1}]}]"

static void what_is_not_known_is_never_ok(void **state)
{
    static const struct spend some = { "2026-11-01", "USD", "10" };
    static const struct spend null = { "2026-11-01", "USD", NULL };
    static const struct spend partly = { "2026-11-01", "USD", "10", true };
    static const struct spend other = { "2026-11-01", "EUR", "10" };
    static const struct spend over = { "2026-11-01", "USD", "101" };
    static const struct {
        const struct spend *spend;
        bool no_data;
        const char *behind;
        int forecast_rc;
        const char *status, *warning;
    } cases[] = {
        { &some, false, NULL, 0, "ok", "" },
        { NULL, false, NULL, 0, "ok", "" }, /* rows, but none in this budget's scope */
        { NULL, true, NULL, 0, "unknown", "no data in the period" },
        { &null, false, NULL, 0, "unknown", "the metric is missing in some rows" },
        { &partly, false, NULL, 0, "unknown", "the metric is missing in some rows" },
        { &other, false, NULL, 0, "unknown", "other currencies are left out: 10.00 EUR" },
        { &some, false, "2026-11-16", 0, "unknown", "gcp" },
        { &some, false, "2026-11-17", 0, "ok", "" },
        { &over, false, "2026-11-01", 0, "exceeded", "gcp" },
        { &some, false, NULL, MCP_EREFUSED, "unknown", "" },
        { &over, false, NULL, MCP_EREFUSED, "exceeded", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct report r;

        source.spends = cases[i].spend;
        source.n_spends = cases[i].spend != NULL;
        source.no_data = cases[i].no_data;
        source.behind_through = cases[i].behind;
        source.forecast_rc = cases[i].forecast_rc;
        report(&r, MONTHLY BOTH, "2026-11-19");
        if (strcmp(member(&r, "status"), cases[i].status) != 0 ||
            strstr(member(&r, "warning"), cases[i].warning) == NULL ||
            (cases[i].warning[0] == '\0' && member(&r, "warning")[0] != '\0'))
            fail_msg("case %zu: %s, \"%s\"", i, member(&r, "status"), member(&r, "warning"));
        end(&r);
    }
}

static void a_refused_forecast_matters_to_forecasted_thresholds_only(void **state)
{
    static const struct spend some = { "2026-11-01", "USD", "10" };
    struct report r;

    (void)state;
    source.spends = &some;
    source.n_spends = 1;
    source.forecast_rc = MCP_EREFUSED;
    report(&r, MONTHLY ", thresholds: [{type: actual, at: 0.5}]}]", "2026-11-19");
    assert_string_equal(member(&r, "status"), "ok");
    assert_string_equal(member(&r, "forecast"), "null");
    end(&r);
}

static void other_currencies_are_summed_in_a_warning(void **state)
{
    static const struct spend spends[] = { { "2026-11-01", "EUR", "12.5" },
                                           { "2026-11-01", "USD", "60" },
                                           { "2026-11-01", "JPY", "3" } };
    struct report r;

    (void)state;
    source.spends = spends;
    source.n_spends = 3;
    source.forecast_currency = "EUR"; /* no forecast in the budget's own */
    report(&r, MONTHLY BOTH, "2026-11-19");
    assert_string_equal(member(&r, "actual"), "60");
    assert_string_equal(member(&r, "percent"), "60");
    assert_string_equal(member(&r, "warning"),
                        "other currencies are left out: 12.50 EUR and 3 JPY");
    assert_string_equal(member(&r, "forecast"), "null");
    assert_string_equal(member(&r, "check.residual"), "0");
    end(&r);
}

static void what_was_not_spent_last_period_is_added_once(void **state)
{
    static const struct {
        const char *before, *amount;
    } cases[] = {
        { "60", "140" },  { "99.5", "100.5" }, { "100", "100" },
        { "120", "100" }, { "-20", "220" },    { NULL, "100" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct spend spends[] = { { "2026-11-01", "USD", "10" },
                                        { "2026-10-01", "USD", cases[i].before },
                                        { "2026-09-01", "USD", "1" } };
        struct report r;

        source.spends = spends;
        source.n_spends = 3;
        report(&r, MONTHLY ", rollover: unspent}]", "2026-11-19");
        assert_string_equal(member(&r, "amount"), cases[i].amount);
        assert_string_equal(member(&r, "actual"), "10");
        end(&r);
    }
}

static void the_whole_period_is_asked_in_the_budgets_own_terms(void **state)
{
    struct report r;

    (void)state;
    source.forecast_rc = MCP_EREFUSED;
    report(&r,
           "budgets: [{name: a, amount: 100, currency: USD, period: quarterly, fiscal_start: 2, "
           "metric: effective, exclude: [Tax], filters: {service: [EC2]}}]",
           "2026-12-31");
    assert_int_equal(source.last.start, test_day("2026-11-01"));
    assert_int_equal(source.last.end, test_day("2027-01-31"));
    assert_int_equal(source.last.metric, COST_EFFECTIVE);
    assert_int_equal(source.last.n_filters, 2);
    assert_string_equal(member(&r, "period.start"), "2026-11-01");
    assert_string_equal(member(&r, "period.end"), "2027-01-31");
    end(&r);
}

static void an_invoice_budget_asks_for_no_forecast(void **state)
{
    static const struct spend some = { "2026-11-01", "USD", "10" };
    struct report r;

    (void)state;
    source.spends = &some;
    source.n_spends = 1;
    report(&r, MONTHLY ", basis: invoice}]", "2026-11-19");
    assert_int_equal(source.last.basis, COST_INVOICE);
    assert_int_equal(source.forecasts, 0);
    assert_string_equal(member(&r, "forecast"), "null");
    assert_string_equal(member(&r, "status"), "ok");
    end(&r);
}

static void budgets_of_other_periods_are_left_out(void **state)
{
    struct report r;

    (void)state;
    report(&r,
           "budgets:\n"
           "- {name: past, amount: 1, currency: USD, period: {start: 2026-01-01, end: "
           "2026-11-18}}\n"
           "- {name: now, amount: 1, currency: USD, period: {start: 2026-11-19, end: "
           "2026-11-19}}\n",
           "2026-11-19");
    assert_int_equal(mcp_json_count(r.list), 1);
    assert_int_equal(r.left_out, 0);
    assert_string_equal(member(&r, "name"), "now");
    end(&r);
    report(&r,
           "budgets: [{name: past, amount: 1, currency: USD, period: {start: 2026-01-01, end: "
           "2026-11-18}}]",
           "2026-11-19");
    assert_int_equal(mcp_json_count(r.list), 0);
    assert_int_equal(r.text.len, 0);
    end(&r);
}

/* A hundred budgets; every tenth is exceeded. */
static mcp_str many(struct mcp_arena *arena)
{
    struct mcp_buf buf;
    mcp_str text;

    mcp_buf_init(&buf, (size_t)1 << 20);
    mcp_buf_z(&buf, "budgets:\n");
    for (unsigned i = 0; i < 100; i++)
        mcp_buf_printf(&buf, "- {name: budget %u, amount: %s, currency: USD, period: monthly}\n", i,
                       i % 10 == 9 ? "5" : "500");
    text = mcp_arena_str(arena, mcp_buf_view(&buf));
    mcp_buf_release(&buf);
    return text;
}

static void of_too_many_budgets_the_exceeded_ones_come_first(void **state)
{
    static const struct spend some = { "2026-11-01", "USD", "10" };
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    size_t exceeded = 0, shown;
    struct report r;

    (void)state;
    source.spends = &some;
    source.n_spends = 1;
    report(&r, many(arena).ptr, "2026-11-19");
    shown = mcp_json_count(r.list);
    assert_in_range(shown, 15, 99);
    assert_int_equal(shown + r.left_out, 100);
    for (size_t i = 0; i < shown; i++) {
        bool over =
            mcp_json_str_eq(mcp_json_get(nth(&r, i), MCP_STR("status")), MCP_STR("exceeded"));

        assert_true(over == (i < 10));
        exceeded += over;
    }
    assert_int_equal(exceeded, 10);
    assert_true(mcp_json_raw(r.list).len + r.text.len < 25000 * 3 / 4);
    end(&r);
    mcp_arena_free(arena);
}

static void a_failing_source_fails_the_report_but_a_refused_forecast_does_not(void **state)
{
    struct report r;

    (void)state;
    source.costs_rc = MCP_EIO;
    report(&r, MONTHLY BOTH, "2026-11-19");
    assert_int_equal(r.rc, MCP_EIO);
    assert_string_equal(r.err.message, "the source fails");
    end(&r);
    source.costs_rc = 0;
    source.forecast_rc = MCP_ECANCELLED;
    report(&r, MONTHLY BOTH, "2026-11-19");
    assert_int_equal(r.rc, MCP_ECANCELLED);
    end(&r);
}

static void a_name_cannot_steer_a_terminal(void **state)
{
    struct report r;

    (void)state;
    source.no_data = true;
    report(&r, "budgets: [{name: \"a\\e[31mb\", amount: 1, currency: USD, period: monthly}]",
           "2026-11-19");
    assert_null(memchr(r.text.ptr, 0x1b, r.text.len));
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_threshold_fires_exactly_when_it_is_reached, setup),
        cmocka_unit_test_setup(a_forecast_fires_by_its_mean_or_by_a_probability, setup),
        cmocka_unit_test_setup(what_is_not_known_is_never_ok, setup),
        cmocka_unit_test_setup(a_refused_forecast_matters_to_forecasted_thresholds_only, setup),
        cmocka_unit_test_setup(other_currencies_are_summed_in_a_warning, setup),
        cmocka_unit_test_setup(what_was_not_spent_last_period_is_added_once, setup),
        cmocka_unit_test_setup(the_whole_period_is_asked_in_the_budgets_own_terms, setup),
        cmocka_unit_test_setup(an_invoice_budget_asks_for_no_forecast, setup),
        cmocka_unit_test_setup(budgets_of_other_periods_are_left_out, setup),
        cmocka_unit_test_setup(of_too_many_budgets_the_exceeded_ones_come_first, setup),
        cmocka_unit_test_setup(a_failing_source_fails_the_report_but_a_refused_forecast_does_not,
                               setup),
        cmocka_unit_test_setup(a_name_cannot_steer_a_terminal, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
