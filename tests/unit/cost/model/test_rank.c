/* Groups are ranked by absolute amount, ties by their keys, and the first page needs no full sort. */
#include <cost/result.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static int by_index(void *ctx, size_t a, size_t b)
{
    int sign = *(int *)ctx;

    return sign * ((a > b) - (a < b));
}

static void large_credits_stand_beside_large_costs(void **state)
{
    struct cost_rank_item items[] = { { { 5 }, 0 }, { { -9 }, 1 }, { { 0 }, 2 }, { { 9 }, 3 } };
    int sign = 1;

    (void)state;
    cost_rank(items, 4, by_index, &sign);
    assert_int_equal(items[0].index, 1);
    assert_int_equal(items[1].index, 3);
    assert_int_equal(items[2].index, 0);
    assert_int_equal(items[3].index, 2);
    sign = -1;
    cost_rank(items, 4, by_index, &sign);
    assert_int_equal(items[0].index, 3);
    assert_int_equal(items[1].index, 1);
    cost_rank(items, 0, by_index, &sign);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void the_top_is_the_head_of_the_whole_order(void **state)
{
    enum { N = 3000 };
    static const size_t tops[] = { 0, 1, 10, 16, 17, 100, 2999, 3000, 9999 };
    struct cost_rank_item *whole = calloc(N, sizeof(*whole)), *part = calloc(N, sizeof(*part));
    int sign = 1;

    (void)state;
    /* kinds: random, few values (many ties), sorted, reversed, all equal */
    for (int kind = 0; kind < 5; kind++) {
        for (size_t t = 0; t < sizeof(tops) / sizeof(tops[0]); t++) {
            uint32_t seed = 7;
            bool *seen = calloc(N, sizeof(*seen));

            for (size_t i = 0; i < N; i++) {
                int v = (int)next_random(&seed) % 100000 - 50000;

                v = kind == 1 ? v % 3 : kind == 2 ? (int)i : kind == 3 ? -(int)i : v;
                whole[i] = part[i] = (struct cost_rank_item){ { kind == 4 ? 1 : v }, i };
            }
            cost_rank(whole, N, by_index, &sign);
            cost_rank_top(part, N, tops[t], by_index, &sign);
            for (size_t i = 0; i < N; i++) {
                if (i < tops[t])
                    assert_int_equal(part[i].index, whole[i].index);
                assert_false(seen[part[i].index]);
                seen[part[i].index] = true;
            }
            free(seen);
        }
    }
    free(whole);
    free(part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_credits_stand_beside_large_costs),
        cmocka_unit_test(the_top_is_the_head_of_the_whole_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
