/* Sketches: files that share most of their records are told from those that do not. */
#include "cost/dataset/sketch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t hash(uint64_t i)
{
    i = (i + 1) * 0x9e3779b97f4a7c15u;
    i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9u;
    return i ^ i >> 27;
}

/* Records from..to, each twice. */
static void fill(struct cost__sketch *s, uint64_t from, uint64_t to)
{
    *s = (struct cost__sketch){ .n = 0 };
    for (uint64_t i = from; i < to; i++) {
        cost__sketch_add(s, hash(i));
        cost__sketch_add(s, hash(i));
    }
    cost__sketch_seal(s);
}

static const struct {
    uint64_t a, b, c, d; /* a..b against c..d */
    bool shares;
} cases[] = {
    { 0, 10, 10, 20, false },
    { 0, 10, 0, 30, true },
    { 0, 10, 8, 30, false },
    { 0, 0, 0, 10, false },
    { 0, 1000, 0, 100000, true },
    { 0, 50000, 40000, 90000, false },
    { 0, 50000, 5000, 60000, true },
    { 0, 100000, 100000, 200000, false },
    { 0, 1, 0, 1, true },
};

static void sharing_more_than_half_is_seen(void **state)
{
    static struct cost__sketch a, b;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        fill(&a, cases[i].a, cases[i].b);
        fill(&b, cases[i].c, cases[i].d);
        if (cost__sketch_shares(&a, &b) != cases[i].shares ||
            cost__sketch_shares(&b, &a) != cases[i].shares)
            fail_msg("case %zu", i);
    }
}

static void a_sketch_survives_its_bytes(void **state)
{
    static struct cost__sketch a, b;

    (void)state;
    fill(&a, 0, 5000);
    assert_int_equal(cost__sketch_parse(cost__sketch_bytes(&a), &b), 0);
    assert_true(b.full);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.heap, b.heap, sizeof(a.heap));
    assert_int_equal(cost__sketch_parse(MCP_STR("1234567"), &b), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sharing_more_than_half_is_seen),
        cmocka_unit_test(a_sketch_survives_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
