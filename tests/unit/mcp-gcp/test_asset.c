/* Assets read, and names that mean the same resource made one. */
#include "mcp-gcp/resources.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static void bill_and_inventory_name_one_resource_alike(void **state)
{
    static const mcp_str ids[] = { { "1234567890", 10 }, { "my-project", 10 } };
    static const struct {
        const char *inventory, *numeric_id, *bill;
        bool same;
    } cases[] = {
        { "//compute.googleapis.com/projects/my-project/zones/z/instances/vm", "777",
          "//compute.googleapis.com/projects/1234567890/zones/z/instances/777", true },
        { "//compute.googleapis.com/projects/my-project/zones/z/instances/vm", "777",
          "//compute.googleapis.com/projects/my-project/zones/z/instances/vm", true },
        { "//compute.googleapis.com/projects/my-project/zones/z/instances/vm", "777",
          "//compute.googleapis.com/projects/other/zones/z/instances/vm", false },
        { "//compute.googleapis.com/projects/my-project/zones/z/instances/vm", "777",
          "//compute.googleapis.com/projects/1234567890/zones/y/instances/777", false },
        { "//storage.googleapis.com/bucket", "", "//storage.googleapis.com/bucket", true },
        { "//bigquery.googleapis.com/projects/my-project/datasets/d", "",
          "//bigquery.googleapis.com/v2/projects/1234567890/datasets/d", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mcp_str name = mcp_str_z(cases[i].inventory);
        mcp_str bill = gcp_asset_key(mcp_str_z(cases[i].bill), ids, 1, MCP_STR_NULL, arena);
        bool same =
            mcp_str_eq(bill, gcp_asset_key(name, ids, 1, MCP_STR_NULL, arena)) ||
            (cases[i].numeric_id[0] != '\0' &&
             mcp_str_eq(bill, gcp_asset_key(name, ids, 1, mcp_str_z(cases[i].numeric_id), arena)));

        if (same != cases[i].same)
            fail_msg("%s and %s", cases[i].inventory, cases[i].bill);
    }
}

static void a_name_of_any_length_and_shape_gives_a_key(void **state)
{
    char slashes[4096];

    (void)state;
    memset(slashes, '/', sizeof(slashes));
    for (size_t n = 0; n < sizeof(slashes); n += 37)
        assert_non_null(gcp_asset_key(mcp_str_n(slashes, n), NULL, 0, MCP_STR_NULL, arena).ptr);
}

static void an_asset_is_read_with_its_labels(void **state)
{
    static const char text[] =
        "{\"name\":\"//compute.googleapis.com/projects/p/zones/z/instances/vm\",\"assetType\":"
        "\"compute.googleapis.com/Instance\",\"project\":\"projects/12\",\"displayName\":\"vm\","
        "\"location\":\"z\",\"labels\":{\"team\":\"web\",\"odd\":5},\"additionalAttributes\":{"
        "\"id\":"
        "\"99\"}}";
    struct gcp_asset a;
    struct mcp_json json;

    (void)state;
    assert_int_equal(mcp_json_parse(arena, mcp_str_z(text), NULL, &json, NULL), 0);
    assert_int_equal(gcp_asset_read(json, arena, &a), 0);
    assert_true(mcp_str_eq(a.project, MCP_STR("p")));
    assert_true(mcp_str_eq(a.number, MCP_STR("12")));
    assert_true(mcp_str_eq(a.numeric_id, MCP_STR("99")));
    assert_int_equal(a.n_labels, 1);
    assert_true(mcp_str_eq(a.labels[0].value, MCP_STR("web")));
    assert_int_equal(mcp_json_parse(arena, MCP_STR("{\"assetType\":\"x\"}"), NULL, &json, NULL), 0);
    assert_int_equal(gcp_asset_read(json, arena, &a), MCP_EUPSTREAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bill_and_inventory_name_one_resource_alike),
        cmocka_unit_test(a_name_of_any_length_and_shape_gives_a_key),
        cmocka_unit_test(an_asset_is_read_with_its_labels),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
