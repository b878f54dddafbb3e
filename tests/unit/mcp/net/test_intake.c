/* What was read in one round: fed in order, whole, each lot once. */
#include "mcp/net/intake.h"

#include <mcp/buf.h>
#include <mcp/error.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_intake in;
static char fed[80 << 10];
static size_t n_fed;
static char a = 'a', b = 'b';

/* As "a:bytes " behind what was fed before. */
static void feed(void *owner, mcp_str bytes)
{
    assert_true(n_fed + bytes.len + 3 <= sizeof(fed));
    fed[n_fed++] = *(char *)owner;
    fed[n_fed++] = ':';
    memcpy(fed + n_fed, bytes.ptr, bytes.len);
    n_fed += bytes.len;
    fed[n_fed++] = ' ';
}

static int setup(void **state)
{
    (void)state;
    n_fed = 0;
    return mcp__intake_init(&in, feed);
}

static int teardown(void **state)
{
    (void)state;
    mcp__intake_release(&in);
    return 0;
}

static bool add(char *owner, const char *bytes)
{
    uv_buf_t room = mcp__intake_room(&in);
    size_t n = strlen(bytes);

    assert_true(room.len >= n);
    memcpy(room.base, bytes, n);
    return mcp__intake_add(&in, owner, n);
}

static void lots_are_fed_once_in_the_order_they_came(void **state)
{
    static const char expected[] = "a:one b:two a:three ";

    (void)state;
    assert_false(add(&a, "one"));
    assert_false(add(&b, "two"));
    assert_false(add(&a, "three"));
    assert_int_equal(n_fed, 0);
    mcp__intake_work_off(&in);
    mcp__intake_work_off(&in);
    assert_int_equal(n_fed, sizeof(expected) - 1);
    assert_memory_equal(fed, expected, n_fed);
}

static void as_many_lots_as_a_round_has(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 1; i < MCP_INTAKE_LOTS; i++)
            assert_false(add(&a, "x"));
        assert_true(add(&b, "y"));
        n_fed = 0;
        mcp__intake_work_off(&in);
        assert_int_equal(n_fed, MCP_INTAKE_LOTS * 4);
        assert_memory_equal(fed + n_fed - 4, "b:y ", 4);
    }
}

/* Whoever reads as much as there is room for never finds none. */
static void large_lots_end_the_round_before_the_room_ends(void **state)
{
    size_t all = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        uv_buf_t room = mcp__intake_room(&in);
        size_t n = i % 3 == 0 ? room.len : 10000;

        assert_true(room.len >= (16 << 10));
        memset(room.base, 'z', n);
        all += n;
        if (mcp__intake_add(&in, &a, n)) {
            n_fed = 0;
            mcp__intake_work_off(&in);
        }
    }
    assert_true(all > (1 << 20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lots_are_fed_once_in_the_order_they_came, setup, teardown),
        cmocka_unit_test_setup_teardown(as_many_lots_as_a_round_has, setup, teardown),
        cmocka_unit_test_setup_teardown(large_lots_end_the_round_before_the_room_ends, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
