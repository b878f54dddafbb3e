/* The result cache: what is kept, what goes, and that readers outlive eviction. */
#include <cost/result_cache.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>

#define HOUR_MS 3600000

static struct cost_cached value_of(const char *text)
{
    return (struct cost_cached){ .head = mcp_str_z(text),
                                 .tail = MCP_STR("}"),
                                 .content = MCP_STR("[]") };
}

static void an_answer_comes_back_until_its_time_is_over(void **state)
{
    struct cost_result_cache *cache = cost_result_cache_new(1 << 20);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct cost_cached in = value_of("{\"a\":1,\"age_s\":"), out;

    (void)state;
    cost_result_cache_put(cache, MCP_STR("k"), MCP_STR("s"), &in, HOUR_MS);
    assert_true(cost_result_cache_get(cache, MCP_STR("k"), MCP_STR("s"), arena, &out));
    assert_true(mcp_str_eq(out.head, in.head));
    assert_true(mcp_str_eq(out.tail, in.tail));
    assert_true(mcp_str_eq(out.content, in.content));
    assert_int_equal(out.age_s, 0);
    assert_false(cost_result_cache_get(cache, MCP_STR("other"), MCP_STR("s"), arena, &out));
    cost_result_cache_put(cache, MCP_STR("none"), MCP_STR("s"), &in, 0);
    assert_false(cost_result_cache_get(cache, MCP_STR("none"), MCP_STR("s"), arena, &out));
    mcp_arena_free(arena);
    cost_result_cache_free(cache);
}

static void the_least_recently_used_answer_goes_first(void **state)
{
    struct cost_result_cache *cache = cost_result_cache_new(8192);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    char big[1600] = { 0 };
    struct cost_cached in = { .head = { big, sizeof(big) } }, out;
    struct cost_cache_stats stats;
    char key[8];

    (void)state;
    for (int i = 0; i < 4; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        cost_result_cache_put(cache, mcp_str_z(key), MCP_STR("s"), &in, HOUR_MS);
    }
    assert_true(cost_result_cache_get(cache, MCP_STR("k0"), MCP_STR("s"), arena, &out));
    cost_result_cache_put(cache, MCP_STR("k4"), MCP_STR("s"), &in, HOUR_MS);
    cost_result_cache_stats(cache, &stats);
    assert_true(stats.bytes <= 8192);
    assert_true(cost_result_cache_get(cache, MCP_STR("k0"), MCP_STR("s"), arena, &out));
    assert_false(cost_result_cache_get(cache, MCP_STR("k1"), MCP_STR("s"), arena, &out));
    assert_true(cost_result_cache_get(cache, MCP_STR("k4"), MCP_STR("s"), arena, &out));
    mcp_arena_free(arena);
    cost_result_cache_free(cache);
}

static void a_question_has_the_answer_of_one_state_only(void **state)
{
    struct cost_result_cache *cache = cost_result_cache_new(8192);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct cost_cached old = { .head = MCP_STR("old") }, fresh = { .head = MCP_STR("new") }, out;
    struct cost_cache_stats stats;

    (void)state;
    cost_result_cache_put(cache, MCP_STR("k"), MCP_STR("1"), &old, HOUR_MS);
    assert_false(cost_result_cache_get(cache, MCP_STR("k"), MCP_STR("2"), arena, &out));
    assert_true(cost_result_cache_get(cache, MCP_STR("k"), MCP_STR("1"), arena, &out));
    cost_result_cache_put(cache, MCP_STR("k"), MCP_STR("2"), &fresh, HOUR_MS);
    assert_false(cost_result_cache_get(cache, MCP_STR("k"), MCP_STR("1"), arena, &out));
    assert_true(cost_result_cache_get(cache, MCP_STR("k"), MCP_STR("2"), arena, &out));
    assert_true(mcp_str_eq(out.head, MCP_STR("new")));
    cost_result_cache_stats(cache, &stats);
    assert_int_equal(stats.entries, 1);
    mcp_arena_free(arena);
    cost_result_cache_free(cache);
}

static void an_answer_too_large_for_a_quarter_is_not_kept(void **state)
{
    struct cost_result_cache *cache = cost_result_cache_new(4096);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    char big[2000] = { 0 };
    struct cost_cached in = { .head = { big, sizeof(big) } }, out;

    (void)state;
    cost_result_cache_put(cache, MCP_STR("k"), MCP_STR("s"), &in, HOUR_MS);
    assert_false(cost_result_cache_get(cache, MCP_STR("k"), MCP_STR("s"), arena, &out));
    mcp_arena_free(arena);
    cost_result_cache_free(cache);
}

static void a_reader_keeps_its_bytes_when_the_cache_goes(void **state)
{
    struct cost_result_cache *cache = cost_result_cache_new(1 << 20);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct cost_cached in = value_of("kept"), out;

    (void)state;
    cost_result_cache_put(cache, MCP_STR("k"), MCP_STR("s"), &in, HOUR_MS);
    assert_true(cost_result_cache_get(cache, MCP_STR("k"), MCP_STR("s"), arena, &out));
    cost_result_cache_put(cache, MCP_STR("k"), MCP_STR("s"), &in, HOUR_MS); /* replaced */
    cost_result_cache_free(cache);
    assert_true(mcp_str_eq(out.head, MCP_STR("kept")));
    mcp_arena_free(arena);
}

static void *hammer(void *ctx)
{
    struct cost_result_cache *cache = ctx;
    struct cost_cached in = value_of("some bytes of an answer"), out;
    char key[16];

    for (int i = 0; i < 2000; i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);

        snprintf(key, sizeof(key), "k%d", i % 37);
        cost_result_cache_put(cache, mcp_str_z(key), MCP_STR("s"), &in, HOUR_MS);
        snprintf(key, sizeof(key), "k%d", (i * 7) % 37);
        if (cost_result_cache_get(cache, mcp_str_z(key), MCP_STR("s"), arena, &out) &&
            !mcp_str_eq(out.head, in.head)) {
            mcp_arena_free(arena);
            return ctx;
        }
        mcp_arena_free(arena);
    }
    return NULL;
}

static void many_threads_share_one_cache(void **state)
{
    struct cost_result_cache *cache = cost_result_cache_new(4096);
    pthread_t threads[4];
    void *bad;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, cache), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &bad), 0);
        assert_null(bad);
    }
    cost_result_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_back_until_its_time_is_over),
        cmocka_unit_test(the_least_recently_used_answer_goes_first),
        cmocka_unit_test(a_question_has_the_answer_of_one_state_only),
        cmocka_unit_test(an_answer_too_large_for_a_quarter_is_not_kept),
        cmocka_unit_test(a_reader_keeps_its_bytes_when_the_cache_goes),
        cmocka_unit_test(many_threads_share_one_cache),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
