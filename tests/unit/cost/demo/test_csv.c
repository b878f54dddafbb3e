/* Tests of the CSV form: as many fields as the header has, and amounts that read back exactly. */
#include <cost/demo.h>
#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MAX_FIELDS 80

/* Splits one line; quoted fields lose their quotes (in place). */
static size_t split(char *line, size_t len, mcp_str fields[MAX_FIELDS])
{
    size_t n = 0, at = 0;
    for (;;) {
        char *start = line + at, *to = start;
        bool quoted = at < len && line[at] == '"';
        at += quoted;
        while (at < len && (quoted || (line[at] != ',' && line[at] != '\n'))) {
            if (quoted && line[at] == '"') {
                if (line[at + 1] != '"')
                    break;
                at++;
            }
            *to++ = line[at++];
        }
        at += quoted;
        assert_true(n < MAX_FIELDS);
        fields[n++] = mcp_str_n(start, (size_t)(to - start));
        assert_true(at < len);
        if (line[at++] == '\n') {
            assert_int_equal(at, len);
            return n;
        }
    }
}

static size_t find(const mcp_str *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (mcp_str_eq(names[i], mcp_str_z(name)))
            return i;
    fail_msg("no column %s", name);
    return 0;
}

static void each_row_has_the_headers_fields_and_reads_back(void **state)
{
    (void)state;
    struct cost_demo_options options = { .months = 1 };
    struct cost_row row;
    struct mcp_buf head, line;
    mcp_str names[MAX_FIELDS], fields[MAX_FIELDS];
    size_t rows = 0, bytes = 0;
    mcp_buf_init(&head, 4096);
    mcp_buf_init(&line, 8192);
    cost_demo_csv_header(&head);
    size_t n = split(head.ptr, head.len, names);
    size_t billed = find(names, n, "BilledCost"), contracted = find(names, n, "ContractedCost");
    size_t start = find(names, n, "ChargePeriodStart"), tags = find(names, n, "Tags");
    assert_int_equal(mcp_date_parse(MCP_STR("2026-11-20"), &options.last_day), 0);
    struct cost_demo *demo = cost_demo_new(&options);
    while (cost_demo_next(demo, &row, NULL) == 1) {
        struct cost_money m;
        int64_t instant;
        mcp_buf_clear(&line);
        cost_demo_csv_row(&row, &line);
        assert_int_equal(mcp_buf_error(&line), 0);
        bytes += line.len;
        rows++;
        assert_int_equal(split(line.ptr, line.len, fields), n);
        assert_int_equal(cost_money_parse(fields[billed], &m, NULL), 0);
        assert_int_equal(cost_money_cmp(m, row.num[COST_NUM_BILLED]), 0);
        assert_int_equal(fields[contracted].len == 0, row.null_num[COST_NUM_CONTRACTED]);
        assert_int_equal(mcp_instant_parse(fields[start], false, &instant), 0);
        assert_int_equal(instant, row.charge_start);
        assert_true(mcp_str_eq(fields[tags], row.text[COST_COL_TAGS]));
    }
    assert_in_range(bytes / rows, 600, 850);
    cost_demo_free(demo);
    mcp_buf_release(&head);
    mcp_buf_release(&line);
}

static void the_header_names_focus_1_2_columns(void **state)
{
    (void)state;
    static const char *const mandatory[] = {
        "BilledCost",        "BillingAccountId",   "BillingAccountName", "BillingCurrency",
        "BillingPeriodEnd",  "BillingPeriodStart", "ChargeCategory",     "ChargeClass",
        "ChargeDescription", "ChargePeriodEnd",    "ChargePeriodStart",  "ContractedCost",
        "EffectiveCost",     "InvoiceIssuerName",  "ListCost",           "PricingQuantity",
        "PricingUnit",       "ProviderName",       "PublisherName",      "ServiceCategory",
        "ServiceName",
    };
    struct mcp_buf head;
    mcp_str names[MAX_FIELDS];
    mcp_buf_init(&head, 4096);
    cost_demo_csv_header(&head);
    size_t n = split(head.ptr, head.len, names);
    for (size_t i = 0; i < sizeof(mandatory) / sizeof(mandatory[0]); i++)
        find(names, n, mandatory[i]);
    for (size_t i = 1; i < n; i++)
        assert_true(mcp_str_cmp(names[i - 1], names[i]) < 0);
    mcp_buf_release(&head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_has_the_headers_fields_and_reads_back),
        cmocka_unit_test(the_header_names_focus_1_2_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
