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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_and_nesting_are_the_writers_business),
        cmocka_unit_test(sixty_four_levels_fit_of_either_kind),
        cmocka_unit_test(every_string_reads_back_as_it_was_written),
        cmocka_unit_test(a_full_buffer_is_told_once_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
