/* get_costs as JSON: the original shape, exact amounts, null for what is not known. */
#include "result_help.h"

#include "query_help.h"

#include <schemas.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static bool holds(mcp_str json, const char *part)
{
    char text[1024];
    size_t n = strlen(part);

    assert_true(n < sizeof(text));
    for (size_t i = 0; i <= n; i++)
        text[i] = part[i] == '\'' ? '"' : part[i];
    return strstr(json.ptr, text) != NULL; /* the arena puts a NUL behind its copies */
}

static void the_whole_answer_is_as_written_here(void **state)
{
    struct cost_result *r =
        model_result(COST_GET_COSTS, "{'period':'2026-10','granularity':'TOTAL'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct cost_quantity hours = { MCP_STR("Hrs"), model_money("744.5") };
    struct cost_slice_info slice = { MCP_STR("aws"),
                                     MCP_STR("aws"),
                                     MCP_STR("123"),
                                     test_day("2026-10-01"),
                                     test_day("2026-10-31"),
                                     test_day("2026-10-31"),
                                     true,
                                     -1,
                                     0 };
    struct cost_group *g;

    (void)state;
    g = model_group(r, b, "AmazonEC2", "75.000000000000000001", "75.000000000000000001");
    g->keys[0].label = MCP_STR("Elastic Compute Cloud");
    g->quantities = &hours;
    g->n_quantities = 1;
    model_group(r, b, "AmazonS3", "25", "20");
    model_group(r, b, NULL, "-0.5", "-0.5");
    b->tax = model_money("1.25");
    r->slices = &slice;
    r->n_slices = r->slices_total = 1;
    model_same(
        model_costs_json(r),
        "{'provider':'aws','currency':'USD','time_period':{'start':'2026-10-01','end':'2026-10-31',"
        "'end_exclusive':'2026-11-01','granularity':'TOTAL','timezone':'UTC','today':'2026-11-21'},"
        "'total_cost':99.500000000000000001,'breakdown':["
        "{'dimension':'service','value':'AmazonEC2','cost':75.000000000000000001,"
        "'usage_quantity':744.5,'usage_unit':'Hrs','keys':{'service':'AmazonEC2'},'kind':'group',"
        "'label':'Elastic Compute Cloud','share':0.753769},"
        "{'dimension':'service','value':'AmazonS3','cost':25,'usage_quantity':null,"
        "'usage_unit':null,'keys':{'service':'AmazonS3'},'kind':'group','share':0.251256,"
        "'effective':20},"
        "{'dimension':'service','value':'(none)','cost':-0.5,'usage_quantity':null,"
        "'usage_unit':null,'keys':{'service':null},'kind':'none','share':-0.005025}],"
        "'metric':'billed','basis':'usage',"
        "'totals':{'billed':99.500000000000000001,'effective':94.500000000000000001,'tax':1.25,"
        "'credits':0,'adjustments':0},"
        "'other':{'groups':0,'cost':0,'positive':0,'negative':0},'before':{'groups':0,'cost':0},"
        "'check':{'total':'99.500000000000000001','parts':'99.500000000000000001','other':'0',"
        "'none':'-0.5','residual':'0','path':'ledger'},'spanning':{'rows':0,'cost':0},"
        "'freshness':{'data_through':'2026-11-19','slices':{'columns':['source','provider',"
        "'billing_account','start','end','data_through','complete','closed'],'rows':[['aws','aws',"
        "'123','2026-10-01','2026-10-31','2026-10-31',true,null]]},'slices_total':1},"
        "'source':{'backend':'focus-files','requests':0,'price_usd':null,'bytes_scanned':0,"
        "'cached':false,'age_s':0},'scope':{'providers':['aws']},'warnings':[],"
        "'next_cursor':null}");
}

static void no_rows_is_null_with_a_warning_and_never_zero(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2030'}", arena);
    mcp_str json;

    (void)state;
    r->no_data = true;
    r->has_available = true;
    r->available = (struct cost_range){ test_day("2025-10-05"), test_day("2026-11-19") };
    cost_result_judge(r);
    json = model_costs_json(r);
    assert_true(holds(json, "'currency':null"));
    assert_true(holds(json, "'total_cost':null,'breakdown':[]"));
    assert_true(holds(json, "'warnings':[{'code':'no_data'"));
    assert_true(holds(json, "'available':{'start':'2025-10-05','end':'2026-11-19'}"));
    assert_true(holds(json, "start_date 2025-10-05, end_date 2026-11-19"));
}

static void several_currencies_are_never_added(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    mcp_str json;

    (void)state;
    model_group(r, b, "a", "10", "10");
    b->points = model_points(r, b, 2, "5");
    b = model_block(r, "DBU");
    model_group(r, b, "a", "7", "7");
    b->points = model_points(r, b, 1, "7");
    cost_result_judge(r);
    json = model_costs_json(r);
    assert_true(holds(json, "'currency':null,"));
    assert_true(holds(json, "'total_cost':null"));
    assert_true(holds(json, "'cost':10,'currency':'USD'"));
    assert_true(holds(json, "'cost':7,'currency':'DBU'"));
    assert_true(holds(json, "'currencies':[{'currency':'USD','total_cost':10,"));
    assert_true(holds(json, "{'currency':'DBU','total_cost':7,'virtual':true,"));
    assert_true(holds(json, "'columns':['period','cost','currency']"));
    assert_true(holds(json, "['2026-10-02',5,'USD'],['2026-10-01',7,'DBU']"));
    assert_true(holds(json, "'share':null"));
    assert_true(holds(json, "mixed_currencies"));
    assert_true(holds(json, "virtual_currency"));
}

static void a_total_of_zero_or_less_has_no_shares(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    mcp_str json;

    (void)state;
    model_group(r, b, "refunds", "-20", "-20");
    model_group(r, b, "use", "5", "5");
    json = model_costs_json(r);
    assert_true(holds(json, "'total_cost':-15"));
    assert_true(holds(json, "'share':null"));
    assert_false(holds(json, "'share':0"));
}

static void an_unknown_metric_is_null_and_a_part_of_it_is_counted(void **state)
{
    struct cost_result *r =
        model_result(COST_GET_COSTS, "{'period':'2026-10','metric':'list'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct cost_group *g;
    mcp_str json;

    (void)state;
    model_group(r, b, "known", "3", "3");
    g = model_group(r, b, "unknown", NULL, NULL);
    g->cost.unknown_billed = b->total.unknown_billed = model_money("12.5");
    cost_result_judge(r);
    json = model_costs_json(r);
    assert_true(holds(json, "'value':'unknown','cost':null"));
    assert_true(holds(json, "'rows_unknown':1,'unknown_billed':12.5"));
    assert_true(holds(json, "metric_unknown"));
    assert_true(holds(json, "'not_for_savings':true"));
    assert_true(holds(json, "'code':'not_for_savings'"));
}

static void several_keys_are_texts_and_exact_keys(void **state)
{
    struct cost_result *r = model_result(
        COST_GET_COSTS,
        "{'period':'2026-10','group_by':['service','tag:org'],'granularity':'MONTHLY'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct cost_group *g;
    mcp_str json;

    (void)state;
    g = model_group(r, b, "EC2", "3", "3");
    g->keys[0].provider = MCP_STR("aws");
    g->points = model_points(r, b, 1, "3");
    b->has_tag_split = true;
    b->tagged = model_money("2");
    b->untagged = model_money("1");
    json = model_costs_json(r);
    assert_true(holds(json, "'dimension':'service, tag:org','value':'EC2 / (none)'"));
    assert_true(
        holds(json, "'keys':{'service':'EC2','tag:org':null,'provider':'aws'},'kind':'group'"));
    assert_true(holds(json, "'columns':['period','service','tag:org','provider','cost']"));
    assert_true(holds(json, "'rows':[['2026-10','EC2',null,'aws',3]]"));
    assert_true(holds(json, "'coverage':0.666667"));
}

static void a_comparison_adds_previous_change_and_percent(void **state)
{
    struct cost_result *r =
        model_result(COST_GET_COSTS, "{'period':'2026-10','compare':'previous_period'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct cost_group *g;
    mcp_str json;

    (void)state;
    g = model_group(r, b, "a", "15", "15");
    g->previous = model_money("10");
    g = model_group(r, b, "new", "2", "2");
    b->previous_total = model_money("10");
    (void)g;
    json = model_costs_json(r);
    assert_true(holds(json, "'compared':{'start':'2026-09-01','end':'2026-09-30'}"));
    assert_true(holds(json, "'previous':10,'change':5,'change_pct':50}"));
    assert_true(holds(json, "'previous':0,'change':2,'change_pct':null}"));
    assert_true(holds(json, "'previous':10,'change':7,'change_pct':70,'totals'"));
}

static void mixed_units_are_listed_and_not_summed(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct cost_quantity units[] = { { MCP_STR("GB"), model_money("2.5") },
                                     { MCP_STR_NULL, model_money("1") } };
    struct cost_group *g = model_group(r, b, "a", "15", "15");

    (void)state;
    g->quantities = units;
    g->n_quantities = 2;
    assert_true(holds(model_costs_json(r), "'usage_quantity':null,'usage_unit':null,"
                                           "'units':[['GB',2.5],[null,1]]"));
}

static void the_bridge_is_printed_when_asked_for(void **state)
{
    struct cost_result *r =
        model_result(COST_GET_COSTS, "{'period':'2026-10','bridge':true}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct cost_class_sums *o = &b->bridge.classes[COST_CLASS_OTHER];
    mcp_str json;

    (void)state;
    model_group(r, b, "a", "15", "15");
    o->rows = 1;
    o->m[COST_BILLED] = o->m[COST_EFFECTIVE] = model_money("15");
    o->m[COST_LIST] = model_money("20");
    o->m[COST_CONTRACTED] = model_money("18");
    json = model_costs_json(r);
    assert_true(holds(json, "'invoice':{'list':20,'negotiated_discount':-2,'other_discounts':-3,"
                            "'covered_and_unused':0,'billed_gross':15,'credits':0,"
                            "'adjustments':0,'tax':0,'billed':15}"));
    assert_true(holds(json, "'commitments':{'coverage':null,'utilisation':null}"));
}

static void a_residual_is_an_error_and_no_number(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct mcp_error err = { 0 };
    struct mcp_buf buf;

    (void)state;
    model_group(r, b, "a", "15", "15");
    b->parts_total = model_money("14.999999999999999999");
    mcp_buf_init(&buf, 1 << 20);
    assert_int_equal(cost_write_costs(r, &buf, NULL, &err), MCP_EDATA);
    assert_string_equal(err.code, "check_failed");
    assert_non_null(strstr(err.message, "residual 0.000000000000000001"));
    assert_int_equal(buf.len, 0);
    mcp_error_clear(&err);
    assert_int_equal(cost_text_costs(r, 0, &buf, &err), MCP_EDATA);
    mcp_error_clear(&err);
    assert_int_equal(cost_csv_costs(r, &buf, &err), MCP_EDATA);
    assert_int_equal(buf.len, 0);
    mcp_buf_release(&buf);
}

static void an_answer_out_of_the_cache_says_its_age(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct mcp_error err = { 0 };
    struct mcp_buf buf;
    mcp_str head, tail, whole;
    size_t at;

    (void)state;
    model_group(r, b, "a", "15", "15");
    mcp_buf_init(&buf, 1 << 20);
    mcp_buf_z(&buf, "prefix");
    assert_int_equal(cost_write_costs(r, &buf, &at, &err), 0);
    cost_age_split(mcp_buf_view(&buf), at, arena, &head, &tail);
    whole = mcp_arena_printf(arena, "%.*s%d%.*s", MCP_STR_ARG(head), 42, MCP_STR_ARG(tail));
    whole = mcp_str_n(whole.ptr + 6, whole.len - 6);
    model_accepts(&cost_schema_get_costs_out, whole);
    assert_true(holds(whole, "'cached':true,'age_s':42}"));
    mcp_buf_release(&buf);
}

static void names_from_outside_are_escaped(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);
    struct cost_block_result *b = model_block(r, "USD");

    (void)state;
    model_group(r, b, "a\"\n\x01\xff\\", "15", "15");
    assert_true(holds(model_costs_json(r), "\\u0001\xef\xbf\xbd\\\\"));
}

static void a_full_buffer_is_an_error(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct mcp_error err = { 0 };
    struct mcp_buf buf;

    (void)state;
    model_group(r, b, "a", "15", "15");
    mcp_buf_init(&buf, 100);
    assert_int_equal(cost_write_costs(r, &buf, NULL, &err), MCP_ETOOBIG);
    mcp_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_answer_is_as_written_here),
        cmocka_unit_test(no_rows_is_null_with_a_warning_and_never_zero),
        cmocka_unit_test(several_currencies_are_never_added),
        cmocka_unit_test(a_total_of_zero_or_less_has_no_shares),
        cmocka_unit_test(an_unknown_metric_is_null_and_a_part_of_it_is_counted),
        cmocka_unit_test(several_keys_are_texts_and_exact_keys),
        cmocka_unit_test(a_comparison_adds_previous_change_and_percent),
        cmocka_unit_test(mixed_units_are_listed_and_not_summed),
        cmocka_unit_test(the_bridge_is_printed_when_asked_for),
        cmocka_unit_test(a_residual_is_an_error_and_no_number),
        cmocka_unit_test(an_answer_out_of_the_cache_says_its_age),
        cmocka_unit_test(names_from_outside_are_escaped),
        cmocka_unit_test(a_full_buffer_is_an_error),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
