/* Rows of BigQuery's answers: taken apart exactly, refused when they are of another form. */
#include "mcp-gcp/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct seen {
    char text[200];
    size_t len;
};

static int keep(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    struct seen *s = ctx;

    (void)err;
    for (int i = 0; i < 2; i++) {
        mcp_str c = mcp_str_is_null(cells[i]) ? MCP_STR("NULL") : cells[i];

        assert_true(s->len + c.len + 1 < sizeof(s->text));
        memcpy(s->text + s->len, c.ptr, c.len);
        s->len += c.len;
        s->text[s->len++] = i == 0 ? ',' : ';';
    }
    s->text[s->len] = '\0';
    return 0;
}

static int walk(const char *body, struct seen *s, uint64_t *count)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    mcp_str envelope, rows;
    int rc = gcp_rows_split(mcp_str_z(body), arena, &envelope, &rows, &err);

    *s = (struct seen){ .len = 0 };
    *count = 0;
    if (rc == 0 && !mcp_str_is_null(rows))
        rc = gcp_rows_each(rows, 2, keep, s, count, &err);
    if (rc < 0)
        assert_int_equal(err.err, rc);
    mcp_arena_free(arena);
    return rc;
}

static void cells_come_as_texts(void **state)
{
    struct seen s;
    uint64_t n;

    (void)state;
    assert_int_equal(walk("{\"a\":1,\"rows\":[{\"f\":[{\"v\":\"x\"},{\"v\":null}]},\n"
                          " { \"f\" : [ {\"v\": \"\"} , {\"v\": 12.50} ] }, "
                          "{\"f\":[{\"v\":true},{\"v\":\"NaN\"}]}],\"z\":[]}",
                          &s, &n),
                     0);
    assert_string_equal(s.text, "x,NULL;,12.50;true,NaN;");
    assert_int_equal(n, 3);
}

static void escapes_are_read(void **state)
{
    struct seen s;
    uint64_t n;

    (void)state;
    assert_int_equal(walk("{\"rows\":[{\"f\":[{\"v\":\"a\\\"b\\\\\"},{\"v\":"
                          "\"\\u003cZ\\u00fcrich\\ud83d\\ude80\"}]}]}",
                          &s, &n),
                     0);
    assert_string_equal(s.text, "a\"b\\,<Zürich🚀;");
}

static void rows_may_be_absent(void **state)
{
    struct seen s;
    uint64_t n;

    (void)state;
    assert_int_equal(walk("{\"totalRows\":\"0\"}", &s, &n), 0);
    assert_int_equal(walk("{}", &s, &n), 0);
    assert_int_equal(walk("{\"rows\":[]}", &s, &n), 0);
    assert_int_equal(n, 0);
}

static void the_envelope_is_the_answer_without_its_rows(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    mcp_str envelope, rows;

    (void)state;
    assert_int_equal(
        gcp_rows_split(MCP_STR("{\"a\":{\"rows\":[1]},\"rows\":[{\"f\":[]}] ,\"b\":\"]\"}"), arena,
                       &envelope, &rows, &err),
        0);
    assert_true(mcp_str_eq(rows, MCP_STR("[{\"f\":[]}]")));
    assert_true(mcp_str_eq(envelope, MCP_STR("{\"a\":{\"rows\":[1]},\"rows\":[] ,\"b\":\"]\"}")));
    mcp_arena_free(arena);
}

static void other_forms_are_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "[]",
        "{",
        "null",
        "{\"rows\":[{\"f\":[{\"v\":1}]}]}",
        "{\"rows\":[{\"f\":[{\"v\":1},{\"v\":2},{\"v\":3}]}]}",
        "{\"rows\":[{\"f\":[{\"v\":{\"f\":[]}},{\"v\":2}]}]}",
        "{\"rows\":[{\"f\":[{\"v\":[1]},{\"v\":2}]}]}",
        "{\"rows\":[[1,2]]}",
        "{\"rows\":[{\"g\":[{\"v\":1},{\"v\":2}]}]}",
        "{\"rows\":[{\"f\":[{\"w\":1},{\"v\":2}]}]}",
        "{\"rows\":[{\"f\":[{\"v\":1,\"x\":2},{\"v\":2}]}]}",
        "{\"rows\":[{\"f\":[{\"v\":1},{\"v\":2}],\"x\":1}]}",
    };
    struct seen s;
    uint64_t n;

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_int_equal(walk(bodies[i], &s, &n), MCP_EUPSTREAM);
}

static int stop(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    (void)ctx;
    (void)cells;
    return mcp_error_set(err, MCP_EDATA, "enough");
}

static void the_reader_may_end_the_walk(void **state)
{
    struct mcp_error err = { 0 };
    uint64_t n = 0;

    (void)state;
    assert_int_equal(gcp_rows_each(MCP_STR("[{\"f\":[{\"v\":1}]},{\"f\":[{\"v\":2}]}]"), 1, stop,
                                   NULL, &n, &err),
                     MCP_EDATA);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_come_as_texts),
        cmocka_unit_test(escapes_are_read),
        cmocka_unit_test(rows_may_be_absent),
        cmocka_unit_test(the_envelope_is_the_answer_without_its_rows),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(the_reader_may_end_the_walk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
