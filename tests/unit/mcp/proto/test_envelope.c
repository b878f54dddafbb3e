/* From a handler's result to the bytes that each revision gets; and the life of a call. */
#include "tools.h"

#include "mcp/proto/envelope.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_registry *registry;

/* Runs the pure tool for that revision and gives the answer's text, to be freed. */
static char *answer(const char *tool, enum mcp_revision rev, bool text_json)
{
    const struct mcp_registry_tool *row = mcp__registry_find(registry, mcp_str_z(tool));
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    mcp_str parts[MCP_ENVELOPE_PARTS];
    struct mcp_error err = { 0 };
    struct mcp_buf buf;
    size_t n, len;

    call->tool = row->tool;
    call->rev = rev;
    call->text_json = text_json;
    call->id = MCP_STR("1");
    assert_int_equal(
        mcp_json_parse(call->arena, MCP_STR("{\"text\":\"a\",\"n\":5}"), NULL, &call->args, NULL),
        0);
    mcp__envelope_finish(call, row->tool->run(call, &err), &err);
    n = mcp__envelope_parts(registry, call, parts);
    mcp_buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < n; i++)
        mcp_buf_str(&buf, parts[i]);
    mcp_buf_char(&buf, '\0');
    mcp__call_unref(call);
    return mcp_buf_steal(&buf, &len);
}

static void expect(const char *tool, enum mcp_revision rev, bool text_json, const char *part,
                   bool there)
{
    char *text = answer(tool, rev, text_json);

    if ((strstr(text, part) != NULL) != there)
        fail_msg("%s in %d: %s", tool, (int)rev, text);
    assert_null(strchr(text, '\n'));
    free(text);
}

static void structured_content_is_text_where_the_revision_has_none(void **state)
{
    (void)state;
    expect("echo", MCP_REV_2025_06_18, false, "\"structuredContent\":{\"echo\":\"a\"}", true);
    expect("echo", MCP_REV_2025_06_18, false, "\"text\":\"a\"", true);
    expect("echo", MCP_REV_2025_03_26, false, "structuredContent", false);
    expect("echo", MCP_REV_2025_03_26, false, "\"text\":\"{\\\"echo\\\":\\\"a\\\"}\"", true);
    expect("echo", MCP_REV_2025_03_26, false, "\"text\":\"a\"", false);
}

static void text_json_replaces_the_table(void **state)
{
    (void)state;
    expect("echo", MCP_REV_2026_07_28, true, "\"text\":\"{\\\"echo\\\":\\\"a\\\"}\"", true);
    expect("echo", MCP_REV_2026_07_28, true, "\"text\":\"a\"", false);
    expect("json", MCP_REV_2026_07_28, false, "\"type\":\"text\"", true);
}

static void only_the_modern_result_has_a_type_and_names_the_server(void **state)
{
    (void)state;
    expect("echo", MCP_REV_2026_07_28, false, "\"resultType\":\"complete\"", true);
    expect("echo", MCP_REV_2026_07_28, false, "\"io.modelcontextprotocol/serverInfo\"", true);
    expect("echo", MCP_REV_2025_11_25, false, "resultType", false);
    expect("echo", MCP_REV_2025_11_25, false, "_meta", false);
}

static void blocks_a_revision_does_not_know_become_text(void **state)
{
    (void)state;
    expect("blocks", MCP_REV_2024_11_05, false, "\"audio\"", false);
    expect("blocks", MCP_REV_2025_03_26, false, "\"audio\"", true);
    expect("blocks", MCP_REV_2025_03_26, false, "resource_link", false);
    expect("blocks", MCP_REV_2025_06_18, false, "resource_link", true);
}

static void an_error_says_code_cause_and_next_step(void **state)
{
    (void)state;
    expect(
        "fail", MCP_REV_2026_07_28, false,
        "\"text\":\"error permission_denied: the profile has no right to read costs. Next: grant "
        "ce:GetCostAndUsage\"}],\"isError\":true",
        true);
    expect("fail", MCP_REV_2025_06_18, false,
           "\"_meta\":{\"error\":{\"code\":\"permission_denied\"}}}}", true);
    expect("fail", MCP_REV_2026_07_28, false, "structuredContent", false);
}

static void a_result_over_the_limit_is_an_error(void **state)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    char *block = malloc(1 << 20);

    (void)state;
    memset(block, 'x', 1 << 20);
    call->tool = mcp__registry_find(registry, MCP_STR("echo"))->tool;
    for (int i = 0; i < 17; i++)
        mcp_result_text(call, mcp_str_n(block, 1 << 20));
    mcp__envelope_finish(call, 0, NULL);
    assert_true(call->is_error);
    assert_true(call->content.len < 1000);
    free(block);
    mcp__call_unref(call);
}

/* The result as it was when it was kept, for that revision; to be freed. */
static char *kept_answer(enum mcp_revision rev, bool text_json, size_t pieces)
{
    static const mcp_str structured[] = { { "{\"age\":", 7 }, { "12", 2 }, { ",\"x\":1}", 7 } };
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    mcp_str parts[MCP_ENVELOPE_PARTS];
    struct mcp_buf buf;
    size_t n, len;

    call->tool = mcp__registry_find(registry, MCP_STR("echo"))->tool;
    call->rev = rev;
    call->text_json = text_json;
    call->id = MCP_STR("1");
    mcp_result_kept(call, MCP_STR("{\"type\":\"text\",\"text\":\"t\"}"), structured, pieces);
    mcp__envelope_finish(call, 0, NULL);
    n = mcp__envelope_parts(registry, call, parts);
    mcp_buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < n; i++)
        mcp_buf_str(&buf, parts[i]);
    mcp_buf_char(&buf, '\0');
    mcp__call_unref(call);
    return mcp_buf_steal(&buf, &len);
}

static void a_kept_result_is_what_each_revision_wants(void **state)
{
    static const struct {
        enum mcp_revision rev;
        bool text_json;
        size_t pieces;
        const char *part;
    } rows[] = {
        { MCP_REV_2026_07_28, false, 3,
          "\"result\":{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"t\"}]"
          ","
          "\"structuredContent\":{\"age\":12,\"x\":1},\"_meta\":{\"io.modelcontextprotocol/" },
        { MCP_REV_2026_07_28, true, 3,
          "\"content\":[{\"type\":\"text\",\"text\":\"{\\\"age\\\":12,\\\"x\\\":1}\"}],"
          "\"structuredContent\":{\"age\":12,\"x\":1}," },
        { MCP_REV_2026_07_28, false, 0, "\"text\":\"t\"}],\"_meta\":{" },
        { MCP_REV_2025_11_25, false, 3,
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":"
          "\"t\"}],"
          "\"structuredContent\":{\"age\":12,\"x\":1}}}" },
        { MCP_REV_2025_03_26, false, 3,
          "\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"age\\\":12,\\\"x\\\":1}\"}]}"
          "}" },
        { MCP_REV_2025_03_26, false, 0, "\"content\":[{\"type\":\"text\",\"text\":\"t\"}]}}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = kept_answer(rows[i].rev, rows[i].text_json, rows[i].pieces);

        if (strstr(text, rows[i].part) == NULL)
            fail_msg("row %zu: %s", i, text);
        free(text);
    }
}

static void what_a_call_kept_is_gone_when_it_fails(void **state)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    mcp_str parts[MCP_ENVELOPE_PARTS];
    size_t n;

    (void)state;
    call->tool = mcp__registry_find(registry, MCP_STR("echo"))->tool;
    call->id = MCP_STR("1");
    mcp_result_kept(call, MCP_STR("{\"kept\":1}"), NULL, 0);
    mcp__envelope_finish(call, MCP_EBUSY, NULL);
    n = mcp__envelope_parts(registry, call, parts);
    for (size_t i = 0; i < n; i++)
        assert_false(mcp_str_eq(parts[i], MCP_STR("{\"kept\":1}")));
    mcp__call_unref(call);
}

static void progress_has_a_message_since_2025_03_26(void **state)
{
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 1000);
    mcp__envelope_progress(&buf, MCP_REV_2024_11_05, MCP_STR("\"t\""), 1, 0, MCP_STR("m"));
    assert_true(
        mcp_str_ends(mcp_buf_view(&buf), MCP_STR("{\"progressToken\":\"t\",\"progress\":1}}")));
    mcp_buf_clear(&buf);
    mcp__envelope_progress(&buf, MCP_REV_2025_03_26, MCP_STR("7"), 1, 3, MCP_STR("m"));
    assert_true(mcp_str_ends(
        mcp_buf_view(&buf),
        MCP_STR("{\"progressToken\":7,\"progress\":1,\"total\":3,\"message\":\"m\"}}")));
    mcp_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structured_content_is_text_where_the_revision_has_none),
        cmocka_unit_test(text_json_replaces_the_table),
        cmocka_unit_test(only_the_modern_result_has_a_type_and_names_the_server),
        cmocka_unit_test(blocks_a_revision_does_not_know_become_text),
        cmocka_unit_test(an_error_says_code_cause_and_next_step),
        cmocka_unit_test(a_result_over_the_limit_is_an_error),
        cmocka_unit_test(a_kept_result_is_what_each_revision_wants),
        cmocka_unit_test(what_a_call_kept_is_gone_when_it_fails),
        cmocka_unit_test(progress_has_a_message_since_2025_03_26),
    };
    int failed;

    registry = test_registry_of(test_pure_tools, n_test_pure_tools);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    mcp__registry_free(registry);
    return failed;
}
