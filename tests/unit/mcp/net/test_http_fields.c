/* The head of a request, piece by piece, and what Host, Origin and Accept say. */
#include "mcp/net/http_fields.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void add(struct mcp_http_fields *f, const char *name, const char *value)
{
    for (const char *p = name; *p != '\0'; p++)
        assert_int_equal(mcp__fields_name(f, p, 1), 0); /* the worst of cuts */
    mcp__fields_name_end(f);
    assert_int_equal(mcp__fields_value(f, value, strlen(value)), 0);
    mcp__fields_value_end(f);
}

static void values_are_found_whatever_the_case(void **state)
{
    struct mcp_http_fields f;

    (void)state;
    mcp__fields_init(&f, 4096);
    mcp__fields_clear(&f);
    assert_int_equal(mcp__fields_url(&f, "/mcp?x", 6), 0);
    add(&f, "HOST", "localhost:1");
    add(&f, "X-Other", "ignored");
    add(&f, "mcp-PARAM-Region", " eu ");
    add(&f, "Accept", "");
    assert_true(mcp_str_eq(mcp__fields_target(&f), MCP_STR("/mcp?x")));
    assert_true(mcp_str_eq(mcp__fields_get(&f, MCP_FIELD_HOST), MCP_STR("localhost:1")));
    assert_true(mcp_str_eq(mcp__fields_param(&f, MCP_STR("REGION")), MCP_STR("eu")));
    assert_true(mcp_str_is_null(mcp__fields_param(&f, MCP_STR("zone"))));
    assert_false(mcp_str_is_null(mcp__fields_get(&f, MCP_FIELD_ACCEPT)));
    assert_true(mcp_str_is_null(mcp__fields_get(&f, MCP_FIELD_ORIGIN)));
    assert_null(f.twice);
    mcp__fields_release(&f);
}

/* Folded by words of eight bytes: none but A to Z may move, on either side of a word's end. */
static void only_letters_are_folded_in_a_name(void **state)
{
    static const struct {
        const char *name;
        bool known;
    } rows[] = {
        { "MCP-PROTOCOL-VERSION", true },     { "mcp-protocol-versioN", true },
        { "MCP-pROTOCOL-VERSIOn", true },     { "MCP\rPROTOCOL-VERSION", false },
        { "MCP-PROTOCOL\rVERSION", false },   { "MCP-PROTOC\xcfL-VERSION", false },
        { "MCP-PROTOCO\x0c-VERSION", false }, { "@CP-PROTOCOL-VERSION", false },
        { "MCP-PROTOCOL-VERSI[N", false },    { "MCP-PROTOCOL-VERSION_", false },
        { "MCP-PROTOCOL-VERSIO", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_http_fields f;

        mcp__fields_init(&f, 4096);
        mcp__fields_clear(&f);
        add(&f, "X-A-Name-That-Is-Longer-Than-The-Next", "");
        add(&f, rows[i].name, "1");
        if (mcp_str_is_null(mcp__fields_get(&f, MCP_FIELD_MCP_VERSION)) == rows[i].known)
            fail_msg("%s", rows[i].name);
        mcp__fields_release(&f);
    }
}

static void values_lose_the_blanks_around_them(void **state)
{
    struct mcp_http_fields f;

    (void)state;
    mcp__fields_init(&f, 4096);
    mcp__fields_clear(&f);
    add(&f, "Host", " \tlocal host\t ");
    add(&f, "Origin", " \t ");
    add(&f, "Mcp-Param-X", " ");
    assert_true(mcp_str_eq(mcp__fields_get(&f, MCP_FIELD_HOST), MCP_STR("local host")));
    assert_false(mcp_str_is_null(mcp__fields_get(&f, MCP_FIELD_ORIGIN)));
    assert_int_equal(mcp__fields_get(&f, MCP_FIELD_ORIGIN).len, 0);
    assert_false(mcp_str_is_null(mcp__fields_param(&f, MCP_STR("x"))));
    mcp__fields_release(&f);
}

static void a_second_one_of_its_kind_is_noticed(void **state)
{
    static const char *const names[] = { "Host",          "Content-Length",
                                         "Authorization", "Mcp-Session-Id",
                                         "Mcp-Name",      "Mcp-Param-X",
                                         "Origin",        "MCP-Protocol-Version" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct mcp_http_fields f;

        mcp__fields_init(&f, 4096);
        mcp__fields_clear(&f);
        add(&f, names[i], "1");
        assert_null(f.twice);
        add(&f, names[i], "1");
        assert_non_null(f.twice);
        mcp__fields_clear(&f);
        assert_null(f.twice);
        mcp__fields_release(&f);
    }
}

static void the_head_is_bounded_with_unknown_headers_too(void **state)
{
    struct mcp_http_fields f;

    (void)state;
    mcp__fields_init(&f, 100);
    mcp__fields_clear(&f);
    add(&f, "X-Other", "0123456789012345678901234567890123456789012345678901234567890123456789");
    assert_int_equal(mcp__fields_value(&f, "01234567890123456789", 20), -1);
    assert_true(f.too_long);
    mcp__fields_release(&f);
}

static void hosts_are_split(void **state)
{
    static const struct {
        const char *value, *host;
        bool ok, loopback;
    } rows[] = {
        { "localhost", "localhost", true, true },
        { "LOCALHOST:80", "LOCALHOST", true, true },
        { "127.0.0.1:8080", "127.0.0.1", true, true },
        { "[::1]:8080", "::1", true, true },
        { "[::1]", "::1", true, true },
        { "evil.com:80", "evil.com", true, false },
        { "localhost.evil.com", "localhost.evil.com", true, false },
        { "localhost:80x", NULL, false, false },
        { "localhost:123456", NULL, false, false },
        { "[::1", NULL, false, false },
        { "", NULL, false, false },
        { ":80", NULL, false, false },
        { "[::1]x", NULL, false, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        mcp_str host;

        if (mcp__host_split(mcp_str_z(rows[i].value), &host) != rows[i].ok)
            fail_msg("%s", rows[i].value);
        if (rows[i].ok) {
            assert_true(mcp_str_eq(host, mcp_str_z(rows[i].host)));
            assert_int_equal(mcp__host_is_loopback(host), rows[i].loopback);
        }
    }
}

static void accept_lists_are_read(void **state)
{
    const mcp_str sse = MCP_STR("text/event-stream");

    (void)state;
    assert_true(mcp__accepts(MCP_STR_NULL, sse));
    assert_true(mcp__accepts(MCP_STR("application/json, text/event-stream"), sse));
    assert_true(mcp__accepts(MCP_STR("Text/Event-Stream;q=0.5"), sse));
    assert_true(mcp__accepts(MCP_STR("*/*"), sse));
    assert_true(mcp__accepts(MCP_STR("text/*"), sse));
    assert_false(mcp__accepts(MCP_STR("application/json"), sse));
    assert_false(mcp__accepts(MCP_STR("application/*"), sse));
    assert_false(mcp__accepts(MCP_STR(""), sse));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_whatever_the_case),
        cmocka_unit_test(only_letters_are_folded_in_a_name),
        cmocka_unit_test(values_lose_the_blanks_around_them),
        cmocka_unit_test(a_second_one_of_its_kind_is_noticed),
        cmocka_unit_test(the_head_is_bounded_with_unknown_headers_too),
        cmocka_unit_test(hosts_are_split),
        cmocka_unit_test(accept_lists_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
