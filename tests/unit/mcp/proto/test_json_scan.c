/* The strict pass: the public parsing suite, limits, messages, and hostile text in milliseconds. */
#include <mcp/clock.h>
#include <mcp/json.h>

#include "data_files.h"

#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What the suite leaves to the implementation (i_ files) and we take: numbers of any size, because
 * their text is what counts. All others of them are refused. */
static const char *const taken[] = {
    "i_number_double_huge_neg_exp.json", "i_number_huge_exp.json",
    "i_number_neg_int_huge_exp.json",    "i_number_pos_double_huge_exp.json",
    "i_number_real_neg_overflow.json",   "i_number_real_pos_overflow.json",
    "i_number_real_underflow.json",      "i_number_too_big_neg_int.json",
    "i_number_too_big_pos_int.json",     "i_number_very_big_negative_int.json",
};

static bool is_taken(const char *name)
{
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strcmp(name, taken[i]) == 0)
            return true;
    }
    return name[0] == 'y';
}

static void the_public_suite_is_judged_as_the_strict_rules_say(void **state)
{
    const char *folder = data_folder("json-parsing");
    size_t n, wrong = 0, met = 0;
    char **names;

    (void)state;
    if (folder == NULL)
        skip();
    n = data_names(folder, &names);
    for (size_t i = 0; i < n; i++) {
        struct mcp_error err = { 0 };
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct mcp_json root;
        char path[4096];
        size_t len;
        char *text;
        int rc;

        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        text = data_read(path, &len);
        rc = mcp_json_parse(arena, mcp_str_n(text, len), NULL, &root, &err);
        if ((rc == 0) != is_taken(names[i]) || (rc != 0 && err.message[0] == '\0')) {
            fprintf(stderr, "%s: %d %s\n", names[i], rc, err.message);
            wrong++;
        }
        met += names[i][0] == 'i' && rc == 0;
        free(text);
        mcp_arena_free(arena);
    }
    data_names_free(names, n);
    assert_int_equal(wrong, 0);
    assert_int_equal(met, sizeof(taken) / sizeof(taken[0]));
    assert_true(n > 300);
}

static void errors_name_the_byte_and_what_was_expected(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        { "", "invalid JSON: the text ends at byte 0, expected a value" },
        { "[1,]", "invalid JSON at byte 3: expected a value" },
        { "[1 2]", "invalid JSON at byte 3: expected , or ]" },
        { "{\"a\":1", "invalid JSON: the text ends at byte 6, inside an object" },
        { "{\"a\" 1}", "invalid JSON at byte 5: expected a colon" },
        { "{a:1}", "invalid JSON at byte 1: expected a member name in double quotes" },
        { "{\"a\":1,}", "invalid JSON at byte 7: expected a member name in double quotes" },
        { "\"a", "invalid JSON: the text ends at byte 2, inside a string" },
        { "\"\\uD834x\"", "invalid JSON at byte 2: high surrogate without a low one behind it" },
        { "\"\\uDD1E\"", "invalid JSON at byte 2: low surrogate without a high one before it" },
        { "1 2", "invalid JSON at byte 2: something follows the value" },
        { "-", "invalid JSON: the text ends at byte 1, expected a digit" },
        { "\"\x01\"", "invalid JSON at byte 1: control characters in a string must be escaped" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_error err = { 0 };

        assert_int_equal(mcp_json_scan(mcp_str_z(rows[i].text), NULL, NULL, &err), MCP_EPARSE);
        assert_string_equal(err.message, rows[i].message);
    }
    assert_int_equal(mcp_json_scan(MCP_STR_NULL, NULL, NULL, NULL), MCP_EPARSE);
}

static void tokens_are_counted_exactly(void **state)
{
    static const struct {
        const char *text;
        size_t tokens;
    } rows[] = {
        { "1", 1 },         { " \"x\" ", 1 },
        { "[]", 1 },        { "{}", 1 },
        { "[1,2,3]", 4 },   { "{\"a\":1,\"b\":[true,{}]}", 7 },
        { "[[],[[]]]", 4 }, { "\n{ \"a\" : { \"b\" : null } }\r\t", 5 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t tokens = 0;

        assert_int_equal(mcp_json_scan(mcp_str_z(rows[i].text), NULL, &tokens, NULL), 0);
        assert_int_equal(tokens, rows[i].tokens);
    }
}

static void each_limit_holds_at_its_border(void **state)
{
    const mcp_str text = MCP_STR("[[1,2],[3]]"); /* 11 bytes, 6 values, 2 deep */
    const struct {
        struct mcp_json_limits limits;
        int rc;
    } rows[] = {
        { { 11, 6, 2 }, 0 },
        { { 10, 6, 2 }, MCP_ETOOBIG },
        { { 11, 5, 2 }, MCP_ETOOBIG },
        { { 11, 6, 1 }, MCP_ETOOBIG },
        { { SIZE_MAX, SIZE_MAX, UINT32_MAX }, 0 },
    };
    char deep[3000];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(mcp_json_scan(text, &rows[i].limits, NULL, NULL), rows[i].rc);
    memset(deep, '[', sizeof(deep) / 2);
    memset(deep + sizeof(deep) / 2, ']', sizeof(deep) / 2);
    assert_int_equal(mcp_json_scan(mcp_str_n(deep + 1500 - 64, 128), NULL, NULL, NULL), 0);
    assert_int_equal(mcp_json_scan(mcp_str_n(deep + 1500 - 65, 130), NULL, NULL, NULL),
                     MCP_ETOOBIG);
    /* The scan's own ceiling, whatever is asked for. */
    assert_int_equal(
        mcp_json_scan(mcp_str_n(deep + 1500 - 1024, 2048), &rows[4].limits, NULL, NULL), 0);
    assert_int_equal(mcp_json_scan(mcp_str_n(deep, sizeof(deep)), &rows[4].limits, NULL, NULL),
                     MCP_ETOOBIG);
}

/* What the text repeats, between the first and the last bytes of 4 MiB. */
static const struct hostile {
    const char *first, *repeat, *last;
} hostiles[] = {
    { "[1", ",1", "]" },       { "", "[", "" },
    { "", "{\"a\":", "" },     { "[[]", ",[]", "]" },
    { "[{}", ",{}", "]" },     { "{\"a\":1", ",\"a\":1", "}" },
    { "\"", "\\u0041", "\"" }, { "\"", "\xC3\xA4", "\"" },
    { "", " ", "" },           { "", "9", "" },
    { "[\"", "\\", "" },       { "[\"\"", ",\"\"", "]" },
};

static void hostile_text_is_parsed_or_refused_within_milliseconds(void **state)
{
    const size_t size = (size_t)4 << 20;
    char *text = malloc(size);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
        const struct hostile *h = &hostiles[i];
        size_t len = strlen(h->first), n = strlen(h->repeat);
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct mcp_json root;
        uint64_t begin;

        memcpy(text, h->first, len);
        for (; len + n + 1 <= size; len += n)
            memcpy(text + len, h->repeat, n);
        memcpy(text + len, h->last, strlen(h->last));
        len += strlen(h->last);
        begin = mcp_clock_mono_ms();
        (void)mcp_json_parse(arena, mcp_str_n(text, len), NULL, &root, NULL);
        /* Milliseconds in truth; the bound leaves room for sanitizers and a busy machine, and
         * still catches everything that is not linear (seconds). */
        assert_true(mcp_clock_mono_ms() - begin < 1000);
        mcp_arena_free(arena);
    }
    free(text);
}

static void a_member_of_the_outermost_object_is_found_on_the_way(void **state)
{
    static const struct {
        const char *text, *found; /* NULL: missing */
    } rows[] = {
        { "{\"rows\":[1,{\"rows\":2}],\"z\":0}", "[1,{\"rows\":2}]" },
        { " {\"a\":{\"rows\":1}, \"rows\" : \"x\" } ", "\"x\"" },
        { "{\"rows\":1,\"rows\":[ ]\n}", "[ ]" },
        { "{\"rows\":{}}", "{}" },
        { "{\"row\":1,\"rowss\":2,\"\":3}", NULL },
        { "{\"\\u0072ows\":1}", NULL }, /* the bytes count */
        { "[\"rows\",1]", NULL },
        { "{}", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        mcp_str value;

        assert_int_equal(
            mcp_json_scan_member(mcp_str_z(rows[i].text), NULL, MCP_STR("rows"), &value, NULL), 0);
        assert_true(mcp_str_is_null(value) == (rows[i].found == NULL));
        assert_true(mcp_str_eq(value, mcp_str_z(rows[i].found)));
    }
    assert_int_equal(
        mcp_json_scan_member(MCP_STR("{\"rows\":[}"), NULL, MCP_STR("rows"), NULL, NULL),
        MCP_EPARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_public_suite_is_judged_as_the_strict_rules_say),
        cmocka_unit_test(errors_name_the_byte_and_what_was_expected),
        cmocka_unit_test(tokens_are_counted_exactly),
        cmocka_unit_test(each_limit_holds_at_its_border),
        cmocka_unit_test(hostile_text_is_parsed_or_refused_within_milliseconds),
        cmocka_unit_test(a_member_of_the_outermost_object_is_found_on_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
