/* Reading JSON: members, elements, typed access, missing values. */
#include "mcp/proto/json_doc.h"

#include <mcp/buf.h>

#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int make(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL ? -1 : 0;
}

static int drop(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static struct mcp_json parse(const char *text)
{
    struct mcp_json root = { NULL, 0 };

    assert_int_equal(mcp_json_parse(arena, mcp_str_z(text), NULL, &root, NULL), 0);
    return root;
}

/* A text of about so many values, with the blanks and escapes that only a whole parser gets right. */
static void put_value(struct mcp_buf *text, uint32_t *seed, int *left)
{
    static const char *const scalars[] = { "1",    "-0.5e3",     "true",    "null",
                                           "\"\"", "\"a\\\"b\"", "\"\\\\\"" };
    static const char *const blanks[] = { "", "", " ", "\n\t" };
    unsigned pick;
    bool object;

#define NEXT(n) ((*seed = *seed * 1664525 + 1013904223), (*seed >> 16) % (n))
    --*left;
    mcp_buf_z(text, blanks[NEXT(4)]);
    pick = NEXT(3);
    object = NEXT(2) == 0;
    if ((pick > 0 && *left < 100) || *left <= 0) {
        mcp_buf_z(text, scalars[NEXT(sizeof(scalars) / sizeof(scalars[0]))]);
        mcp_buf_z(text, blanks[NEXT(4)]);
        return;
    }
    mcp_buf_char(text, object ? '{' : '[');
    for (unsigned i = 0, n = NEXT(5); i<n && * left> 0; i++) {
        mcp_buf_z(text, i > 0 ? "," : "");
        if (object)
            mcp_buf_printf(text, "\"k%u\"%s:", i, blanks[NEXT(4)]);
        *left -= object;
        put_value(text, seed, left);
    }
    mcp_buf_z(text, blanks[NEXT(4)]);
    mcp_buf_char(text, object ? '}' : ']');
    mcp_buf_z(text, blanks[NEXT(4)]);
#undef NEXT
}

static void the_noted_tokens_are_those_that_jsmn_cuts(void **state)
{
    struct mcp_buf text;
    uint32_t seed = 3;
    size_t largest = 0, escaped = 0;

    (void)state;
    mcp_buf_init(&text, 100000);
    for (int round = 0; round < 5000; round++) {
        int left = 1 + round % 130;
        struct mcp_json noted, cut;
        size_t n;
        void *room;

        mcp_buf_clear(&text);
        put_value(&text, &seed, &left);
        mcp_arena_reset(arena);
        assert_int_equal(mcp_json_scan(mcp_buf_view(&text), NULL, &n, NULL), 0);
        room = mcp_arena_alloc(arena, mcp__json_doc_bytes(n));
        assert_int_equal(mcp__json_doc_make(room, mcp_buf_view(&text), n, &cut, NULL), 0);
        assert_int_equal(mcp_json_parse(arena, mcp_buf_view(&text), NULL, &noted, NULL), 0);
        assert_memory_equal(noted.doc->toks, cut.doc->toks, n * sizeof(*cut.doc->toks));
        assert_memory_equal(noted.doc->next, cut.doc->next, n * sizeof(*cut.doc->next));
        assert_int_equal(noted.doc->plain, cut.doc->plain);
        if (n <= MCP__JSON_NOTES && n > largest)
            largest = n;
        escaped += n <= MCP__JSON_NOTES && !cut.doc->plain;
    }
    assert_true(largest > MCP__JSON_NOTES - 4); /* up to the border, and some beyond */
    assert_true(escaped > 100);
    mcp_buf_release(&text);
}

static void types_and_raw_text_are_those_of_the_document(void **state)
{
    static const struct {
        const char *text;
        enum mcp_json_type type;
    } rows[] = {
        { "null", MCP_JSON_NULL },         { "true", MCP_JSON_BOOL },
        { "false", MCP_JSON_BOOL },        { "-1.50", MCP_JSON_NUMBER },
        { "\"a\"", MCP_JSON_STRING },      { "[1, 2]", MCP_JSON_ARRAY },
        { "{\"a\": 1}", MCP_JSON_OBJECT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_json v = parse(rows[i].text);

        assert_int_equal(mcp_json_type(v), rows[i].type);
        assert_true(mcp_str_eq(mcp_json_raw(v), mcp_str_z(rows[i].text)));
    }
}

static void members_are_found_past_nested_values(void **state)
{
    struct mcp_json v =
        parse("{\"a\":{\"x\":[1,{\"b\":2}],\"b\":3},\"b\":{\"c\":{\"d\":4}},\"e\":[]}");
    int64_t n = 0;

    (void)state;
    assert_int_equal(mcp_json_int64(mcp_json_path(v, "b.c.d"), &n), 0);
    assert_int_equal(n, 4);
    assert_int_equal(mcp_json_get_int64(mcp_json_get(v, MCP_STR("a")), MCP_STR("b"), 0), 3);
    assert_int_equal(mcp_json_count(v), 3);
    assert_int_equal(mcp_json_count(mcp_json_get(v, MCP_STR("e"))), 0);
    assert_false(mcp_json_exists(mcp_json_get(v, MCP_STR("x"))));
    assert_false(mcp_json_exists(mcp_json_path(v, "a.x.b")));
    assert_true(mcp_json_path(v, "").tok == v.tok);
    /* The first of two wins. */
    assert_int_equal(mcp_json_get_int64(parse("{\"k\":1,\"k\":2}"), MCP_STR("k"), 0), 1);
}

static void iterators_walk_members_and_elements_in_order(void **state)
{
    struct mcp_json v = parse("[[1,2],{\"a\":[3],\"b\":4},\"x\"]");
    struct mcp_json_iter it = mcp_json_iter(v);
    char keys[8] = "";
    size_t n = 0;

    (void)state;
    assert_true(mcp_json_next(&it));
    assert_int_equal(it.index, 0);
    assert_false(mcp_json_exists(it.key));
    assert_int_equal(mcp_json_count(it.value), 2);
    assert_true(mcp_json_next(&it));
    for (struct mcp_json_iter in = mcp_json_iter(it.value); mcp_json_next(&in);) {
        mcp_str key;

        assert_int_equal(in.index, n);
        assert_int_equal(mcp_json_str(in.key, arena, &key), 0);
        keys[n++] = key.ptr[0];
    }
    assert_string_equal(keys, "ab");
    assert_true(mcp_json_next(&it));
    assert_int_equal(it.index, 2);
    assert_true(mcp_json_str_eq(it.value, MCP_STR("x")));
    assert_false(mcp_json_next(&it));
    assert_false(mcp_json_next(&it));
    it = mcp_json_iter(parse("5"));
    assert_false(mcp_json_next(&it));
}

static void a_missing_value_is_not_anything(void **state)
{
    struct mcp_json none = { NULL, 0 };
    struct mcp_json_iter it = mcp_json_iter(none);
    int64_t n;
    double d;
    bool b;
    mcp_str s;

    (void)state;
    assert_int_equal(mcp_json_type(none), MCP_JSON_MISSING);
    assert_true(mcp_str_is_null(mcp_json_raw(none)));
    assert_false(mcp_json_next(&it));
    assert_int_equal(mcp_json_count(none), 0);
    assert_false(mcp_json_exists(mcp_json_get(none, MCP_STR("a"))));
    assert_false(mcp_json_exists(mcp_json_path(none, "a.b")));
    assert_int_equal(mcp_json_int64(none, &n), -1);
    assert_int_equal(mcp_json_double(none, &d), -1);
    assert_int_equal(mcp_json_bool(none, &b), -1);
    assert_int_equal(mcp_json_str(none, arena, &s), -1);
    assert_false(mcp_json_str_eq(none, MCP_STR("")));
    assert_false(mcp_json_exists(mcp_json_duplicate(none)));
    assert_true(mcp_str_is_null(mcp_json_get_str(none, MCP_STR("a"), arena)));
    assert_true(mcp_json_get_bool(none, MCP_STR("a"), true));
    assert_int_equal(mcp_json_get_int64(none, MCP_STR("a"), 7), 7);
}

static void integers_are_known_by_value_and_refused_when_they_do_not_fit(void **state)
{
    static const struct {
        const char *text;
        int rc;
        int64_t value;
    } rows[] = {
        { "0", 0, 0 },
        { "-0.0e5", 0, 0 },
        { "1.0", 0, 1 },
        { "1e2", 0, 100 },
        { "12.50e1", 0, 125 },
        { "9223372036854775807", 0, INT64_MAX },
        { "-9223372036854775808", 0, INT64_MIN },
        { "-9.223372036854775808e18", 0, INT64_MIN },
        { "9223372036854775808", -1, 0 },
        { "1e19", -1, 0 },
        { "1e999999999999", -1, 0 },
        { "1.5", -1, 0 },
        { "1e-1", -1, 0 },
        { "\"1\"", -1, 0 },
        { "true", -1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t out = 0;

        assert_int_equal(mcp_json_int64(parse(rows[i].text), &out), rows[i].rc);
        assert_true(out == rows[i].value);
    }
}

static void doubles_are_read_to_their_last_digit_or_refused(void **state)
{
    double out = 0;
    char *digits = malloc(700);

    (void)state;
    assert_non_null(digits);
    assert_int_equal(mcp_json_double(parse("0.1"), &out), 0);
    assert_true(out == 0.1);
    assert_int_equal(mcp_json_double(mcp_json_get(parse("{\"a\":1e3}"), MCP_STR("a")), &out), 0);
    assert_true(out == 1000.0);
    assert_int_equal(mcp_json_double(parse("1e999"), &out), -1);
    assert_int_equal(mcp_json_double(parse("\"1\""), &out), -1);
    memset(digits, '1', 699);
    digits[699] = '\0';
    assert_int_equal(mcp_json_double(parse(digits), &out), -1);
    free(digits);
}

static void a_large_object_is_walked_in_linear_time(void **state)
{
    size_t n = 60000, len = 0;
    char *text = malloc(n * 24);
    struct mcp_json root;
    int64_t sum = 0;

    (void)state;
    assert_non_null(text);
    text[len++] = '[';
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, 24, "%s{\"a\":[%zu]}", i == 0 ? "" : ",", i);
    text[len++] = ']';
    assert_int_equal(mcp_json_parse(arena, mcp_str_n(text, len), NULL, &root, NULL), 0);
    assert_int_equal(mcp_json_count(root), n);
    for (struct mcp_json_iter it = mcp_json_iter(root); mcp_json_next(&it);) {
        struct mcp_json_iter in = mcp_json_iter(mcp_json_get(it.value, MCP_STR("a")));
        int64_t one;

        assert_true(mcp_json_next(&in));
        assert_int_equal(mcp_json_int64(in.value, &one), 0);
        sum += one;
    }
    assert_int_equal(sum, n * (n - 1) / 2);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_noted_tokens_are_those_that_jsmn_cuts),
        cmocka_unit_test(types_and_raw_text_are_those_of_the_document),
        cmocka_unit_test(members_are_found_past_nested_values),
        cmocka_unit_test(iterators_walk_members_and_elements_in_order),
        cmocka_unit_test(a_missing_value_is_not_anything),
        cmocka_unit_test(integers_are_known_by_value_and_refused_when_they_do_not_fit),
        cmocka_unit_test(doubles_are_read_to_their_last_digit_or_refused),
        cmocka_unit_test(a_large_object_is_walked_in_linear_time),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
