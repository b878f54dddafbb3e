/* Writing JSON: commas, nesting, escapes; what was written is read again. */
#include <mcp/json.h>
#include <mcp/json_writer.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void commas_and_nesting_are_the_writers_business(void **state)
{
    struct mcp_jsonw w;
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 1000);
    mcp_jsonw_init(&w, &buf);
    mcp_jsonw_object(&w);
    mcp_jsonw_kint(&w, "i", -5);
    mcp_jsonw_kz(&w, "z", "a\"b");
    mcp_jsonw_kz(&w, "none", NULL);
    mcp_jsonw_kstr(&w, "empty", MCP_STR(""));
    mcp_jsonw_kbool(&w, "b", true);
    mcp_jsonw_knull(&w, "n");
    mcp_jsonw_kraw(&w, "money", MCP_STR("183830.68815196091453"));
    mcp_jsonw_karray(&w, "list");
    mcp_jsonw_int(&w, 1);
    mcp_jsonw_bool(&w, false);
    mcp_jsonw_object(&w);
    mcp_jsonw_end(&w);
    mcp_jsonw_array(&w);
    mcp_jsonw_null(&w);
    mcp_jsonw_end(&w);
    mcp_jsonw_raw(&w, MCP_STR("{}"));
    mcp_jsonw_end(&w);
    mcp_jsonw_kobject(&w, "o");
    mcp_jsonw_key(&w, MCP_STR("\n"));
    mcp_jsonw_str(&w, MCP_STR("\xFF"));
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
    assert_int_equal(mcp_buf_error(&buf), 0);
    assert_true(mcp_str_eq(
        mcp_buf_view(&buf),
        MCP_STR("{\"i\":-5,\"z\":\"a\\\"b\",\"none\":null,\"empty\":\"\",\"b\":true,\"n\":null,"
                "\"money\":183830.68815196091453,\"list\":[1,false,{},[null],{}],"
                "\"o\":{\"\\n\":\"\xEF\xBF\xBD\"}}")));
    mcp_buf_release(&buf);
}

static void sixty_four_levels_fit_of_either_kind(void **state)
{
    struct mcp_json_limits limits = { .max_depth = 64 };
    struct mcp_jsonw w;
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 10000);
    mcp_jsonw_init(&w, &buf);
    for (int i = 0; i < 64; i++) {
        if (i % 2 == 0) {
            mcp_jsonw_object(&w);
            mcp_jsonw_kint(&w, "a", i);
            if (i < 63)
                mcp_jsonw_key(&w, MCP_STR("b"));
        } else {
            mcp_jsonw_array(&w);
            mcp_jsonw_int(&w, i);
        }
    }
    for (int i = 0; i < 64; i++)
        mcp_jsonw_end(&w);
    assert_int_equal(mcp_json_scan(mcp_buf_view(&buf), &limits, NULL, NULL), 0);
    mcp_buf_release(&buf);
}

static void every_string_reads_back_as_it_was_written(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 1000);
    for (unsigned c = 0; c < 128; c++) {
        char text[17];
        struct mcp_json v;
        mcp_str back;

        memset(text, 'x', sizeof(text));
        text[c % sizeof(text)] = (char)c;
        mcp_buf_clear(&buf);
        mcp_json_quote(&buf, mcp_str_n(text, sizeof(text)));
        assert_int_equal(mcp_json_parse(arena, mcp_buf_view(&buf), NULL, &v, NULL), 0);
        assert_int_equal(mcp_json_str(v, arena, &back), 0);
        assert_true(mcp_str_eq(back, mcp_str_n(text, sizeof(text))));
    }
    mcp_buf_release(&buf);
    mcp_arena_free(arena);
}

static void a_full_buffer_is_told_once_at_the_end(void **state)
{
    struct mcp_jsonw w;
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 8);
    mcp_jsonw_init(&w, &buf);
    mcp_jsonw_array(&w);
    for (int i = 0; i < 100; i++)
        mcp_jsonw_int(&w, i);
    mcp_jsonw_end(&w);
    assert_int_equal(mcp_buf_error(&buf), MCP_ETOOBIG);
    mcp_buf_release(&buf);
}

/* Names by literal and by pointer, values of every kind and length, short of room at every byte. */
static void write_all(struct mcp_buf *buf, const char *key)
{
    static const char longer[] =
        "a string that is longer than all the pieces that are copied in one go, "
        "and than what is looked at without a call";
    struct mcp_jsonw w;

    mcp_jsonw_init(&w, buf);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "s", MCP_STR("12345678901234567"));
    mcp_jsonw_kstr(&w, "quoted", MCP_STR("a\"b"));
    mcp_jsonw_kstr(&w, "longer", mcp_str_n(longer, sizeof(longer) - 1));
    mcp_jsonw_kstr(&w, "empty", MCP_STR(""));
    mcp_jsonw_kstr(&w, "none", MCP_STR_NULL);
    mcp_jsonw_kint(&w, "least", INT64_MIN);
    mcp_jsonw_kint(&w, key, 100);
    mcp_jsonw_kstr(&w, key, MCP_STR("x"));
    mcp_jsonw_kraw(&w, key, MCP_STR("1.50"));
    mcp_jsonw_kbool(&w, "b", false);
    mcp_jsonw_karray(&w, "list");
    for (size_t n = 0; n <= 40; n++)
        mcp_jsonw_str(&w, mcp_str_n(longer, n));
    mcp_jsonw_object(&w);
    mcp_jsonw_end(&w);
    mcp_jsonw_int(&w, INT64_MAX);
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
}

static void whatever_the_room_the_text_is_the_same_or_too_big(void **state)
{
    struct mcp_buf whole;
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_json root;

    (void)state;
    mcp_buf_init(&whole, 10000);
    assert_non_null(mcp_buf_reserve(&whole, 9000));
    write_all(&whole, "\x01\"");
    assert_int_equal(mcp_json_parse(arena, mcp_buf_view(&whole), NULL, &root, NULL), 0);
    assert_true(mcp_str_starts(mcp_buf_view(&whole),
                               MCP_STR("{\"s\":\"12345678901234567\",\"quoted\":\"a\\\"b\",")));
    assert_true(mcp_str_eq(mcp_json_raw(mcp_json_get(root, MCP_STR("least"))),
                           MCP_STR("-9223372036854775808")));
    assert_true(mcp_str_eq(mcp_json_raw(mcp_json_get(root, MCP_STR("\x01\""))), MCP_STR("100")));
    for (size_t cap = 1; cap <= whole.len; cap++) {
        struct mcp_buf buf;

        mcp_buf_init(&buf, cap);
        write_all(&buf, "\x01\"");
        assert_int_equal(mcp_buf_error(&buf), cap < whole.len ? MCP_ETOOBIG : 0);
        if (cap == whole.len)
            assert_true(mcp_str_eq(mcp_buf_view(&buf), mcp_buf_view(&whole)));
        mcp_buf_release(&buf);
    }
    mcp_buf_release(&whole);
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_and_nesting_are_the_writers_business),
        cmocka_unit_test(sixty_four_levels_fit_of_either_kind),
        cmocka_unit_test(every_string_reads_back_as_it_was_written),
        cmocka_unit_test(a_full_buffer_is_told_once_at_the_end),
        cmocka_unit_test(whatever_the_room_the_text_is_the_same_or_too_big),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
