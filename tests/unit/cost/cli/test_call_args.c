/* Flags of `call TOOL` become the tool's arguments by its schema; the rest is left for the options. */
#include "cost/cli/call_args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MAX_WORDS 16

static const char schema_text[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"group_by\":{\"type\":\"array\"},\"period\":{\"type\":\"string\"},"
    "\"limit\":{\"type\":\"integer\"},\"bridge\":{\"type\":\"boolean\"},"
    "\"filters\":{\"type\":\"object\"},\"cursor\":{\"type\":[\"string\",\"null\"]}}}";
static const struct mcp_schema_text schema = { "t.in", schema_text, sizeof(schema_text) - 1 };
static const struct mcp_tool tool = { .name = "t", .in = &schema };

/* words: one line of a shell without quoting. What is left is joined into left. */
static int run(const char *words, char *json_out, char *left, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    mcp_str rest = mcp_str_z(words), word;
    char *argv[MAX_WORDS];
    struct mcp_buf json;
    int argc = 0, rc;
    bool more = rest.len > 0;

    while (more && argc < MAX_WORDS) {
        more = mcp_str_cut(&rest, ' ', &word);
        argv[argc] = mcp_arena_alloc(arena, word.len + 1);
        memcpy(argv[argc++], word.ptr, word.len);
    }
    mcp_buf_init(&json, 65536);
    *err = (struct mcp_error){ 0 };
    rc = cost__call_args(&tool, &argc, argv, arena, &json, err);
    mcp_buf_char(&json, '\0');
    memcpy(json_out, json.ptr, json.len);
    left[0] = '\0';
    for (int i = 0; rc == 0 && i < argc; i++) {
        strncat(left, argv[i], 100); /* check-src: allow strncat, a test's own bounded words */
        strncat(left, "|", 2); /* check-src: allow strncat, a test's own bounded words */
    }
    mcp_buf_release(&json);
    mcp_arena_free(arena);
    return rc;
}

static void flags_take_the_types_of_the_schema(void **state)
{
    static const struct {
        const char *words, *json, *left;
    } cases[] = {
        { "", "{}", "" },
        { "--group-by service,project", "{\"group_by\":[\"service\",\"project\"]}", "" },
        { "--group_by=service", "{\"group_by\":[\"service\"]}", "" },
        { "--limit 5 --period 2026-05", "{\"limit\":5,\"period\":\"2026-05\"}", "" },
        { "--limit five", "{\"limit\":\"five\"}", "" }, /* the schema check says what is wrong */
        { "--bridge", "{\"bridge\":true}", "" },
        { "--bridge false --json", "{\"bridge\":false}", "--json|" },
        { "--demo --period mtd --dataset x.db", "{\"period\":\"mtd\"}", "--demo|--dataset|x.db|" },
        { "--filter service=A,B", "{\"filters\":{\"service\":[\"A\",\"B\"]}}", "" },
        { "--filter service=A --filter service=B --filter region!=eu",
          "{\"filters\":{\"service\":[\"A\",\"B\"],\"region\":{\"not\":[\"eu\"]}}}", "" },
        { "--filter project=", "{\"filters\":{\"project\":[null]}}", "" },
        { "--args {\"limit\":3} --limit 4", "{\"limit\":4}", "" },
        { "--filters {\"tag:env\":[\"prod\"]}", "{\"filters\":{\"tag:env\":[\"prod\"]}}", "" },
        { "--cursor abc", "{\"cursor\":\"abc\"}", "" },
    };
    char json[4096], left[1024];
    struct mcp_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(run(cases[i].words, json, left, &err), 0);
        assert_string_equal(json, cases[i].json);
        assert_string_equal(left, cases[i].left);
    }
}

static void a_wrong_flag_says_what_to_type(void **state)
{
    static const struct {
        const char *words, *says;
    } cases[] = {
        { "--filter service", "KEY=VALUE" },
        { "--filter a=1 --filter a!=2", "both with = and with !=" },
        { "--period", "needs a value" },
        { "--args [1]", "no JSON object" },
        { "--args", "needs a JSON object" },
    };
    char json[4096], left[1024];
    struct mcp_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(run(cases[i].words, json, left, &err) < 0);
        if (strstr(err.message, cases[i].says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", err.message, cases[i].says);
    }
}

static void a_tool_is_found_by_its_exact_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < cost_n_tool_rows; i++)
        assert_ptr_equal(cost__call_tool(cost_tool_rows[i].name), &cost_tool_rows[i]);
    assert_null(cost__call_tool("get_cost"));
    assert_null(cost__call_tool("GET_COSTS"));
    assert_null(cost__call_tool(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tool_is_found_by_its_exact_name),
        cmocka_unit_test(flags_take_the_types_of_the_schema),
        cmocka_unit_test(a_wrong_flag_says_what_to_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
