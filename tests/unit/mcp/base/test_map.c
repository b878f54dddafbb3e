/* The hash table: finds what was put, once, through every growth. */
#include <mcp/map.h>

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_key_is_found_once_through_every_growth(void **state)
{
    static char keys[5000][8];
    struct mcp_map map = { 0 };
    struct mcp_map_slot *slot;
    uint64_t sum = 0;
    bool made;

    (void)state;
    assert_null(mcp_map_find(&map, MCP_STR("0")));
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(keys[i], sizeof(keys[i]), "%u", i);
        slot = mcp_map_put(&map, mcp_str_z(keys[i]), &made);
        assert_non_null(slot);
        assert_true(made);
        slot->value.num = i;
        slot = mcp_map_put(&map, mcp_str_z(keys[i / 2]), &made);
        assert_false(made);
        assert_int_equal(slot->value.num, i / 2);
    }
    assert_int_equal(map.count, 5000);
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(mcp_map_find(&map, mcp_str_z(keys[i]))->value.num, i);
    assert_null(mcp_map_find(&map, MCP_STR("5000")));
    for (size_t i = 0; (slot = mcp_map_each(&map, &i)) != NULL;)
        sum += slot->value.num;
    assert_int_equal(sum, 5000 * 4999 / 2);
    mcp_map_release(&map);
    assert_null(mcp_map_find(&map, MCP_STR("1")));
}

static void the_empty_key_is_a_key(void **state)
{
    struct mcp_map map = { 0 };
    bool made;

    (void)state;
    mcp_map_put(&map, MCP_STR(""), &made)->value.num = 9;
    assert_true(made);
    assert_int_equal(mcp_map_find(&map, MCP_STR_NULL)->value.num, 9);
    assert_int_equal(map.count, 1);
    mcp_map_release(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_found_once_through_every_growth),
        cmocka_unit_test(the_empty_key_is_a_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
