/* Base64: the vectors of RFC 4648, and every spelling that is not the canonical one refused. */
#include <mcp/base64.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_vectors_of_rfc_4648_go_there_and_back(void **state)
{
    static const struct {
        mcp_str bytes;
        const char *std, *url;
    } rows[] = {
        { { "", 0 }, "", "" },
        { { "f", 1 }, "Zg==", "Zg" },
        { { "fo", 2 }, "Zm8=", "Zm8" },
        { { "foo", 3 }, "Zm9v", "Zm9v" },
        { { "foob", 4 }, "Zm9vYg==", "Zm9vYg" },
        { { "fooba", 5 }, "Zm9vYmE=", "Zm9vYmE" },
        { { "foobar", 6 }, "Zm9vYmFy", "Zm9vYmFy" },
        { { "\xFB\xFF\xFE\x00", 4 }, "+//+AA==", "-__-AA" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_buf buf;

        mcp_buf_init(&buf, 64);
        mcp_base64_encode(&buf, MCP_BASE64_STD, rows[i].bytes.ptr, rows[i].bytes.len);
        assert_true(mcp_str_eq(mcp_buf_view(&buf), mcp_str_z(rows[i].std)));
        mcp_buf_clear(&buf);
        mcp_base64_encode(&buf, MCP_BASE64_URL, rows[i].bytes.ptr, rows[i].bytes.len);
        assert_true(mcp_str_eq(mcp_buf_view(&buf), mcp_str_z(rows[i].url)));
        mcp_buf_clear(&buf);
        assert_int_equal(mcp_base64_decode(&buf, MCP_BASE64_STD, mcp_str_z(rows[i].std)), 0);
        assert_true(mcp_str_eq(mcp_buf_view(&buf), rows[i].bytes));
        assert_int_equal(mcp_base64_decode(&buf, MCP_BASE64_URL, mcp_str_z(rows[i].url)), 0);
        assert_int_equal(buf.len, rows[i].bytes.len * 2);
        mcp_buf_release(&buf);
    }
}

static void other_spellings_are_refused_and_append_nothing(void **state)
{
    static const struct {
        enum mcp_base64 kind;
        const char *text;
    } rows[] = {
        { MCP_BASE64_STD, "Zg" },       { MCP_BASE64_STD, "Zg=" },
        { MCP_BASE64_STD, "Zh==" },     { MCP_BASE64_STD, "Zm9=" },
        { MCP_BASE64_STD, "Z===" },     { MCP_BASE64_STD, "====" },
        { MCP_BASE64_STD, "Zg==Zg==" }, { MCP_BASE64_STD, "Zm9v\n" },
        { MCP_BASE64_STD, "-__-" },     { MCP_BASE64_URL, "Zg==" },
        { MCP_BASE64_URL, "Z" },        { MCP_BASE64_URL, "Zh" },
        { MCP_BASE64_URL, "Zm9" },      { MCP_BASE64_URL, "+//+" },
        { MCP_BASE64_URL, "Zm 9v" },    { MCP_BASE64_URL, "Zm9v\xC3\xA4" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_buf buf;

        mcp_buf_init(&buf, 64);
        assert_int_equal(mcp_base64_decode(&buf, rows[i].kind, mcp_str_z(rows[i].text)), -1);
        assert_int_equal(buf.len, 0);
        mcp_buf_release(&buf);
    }
}

static void what_fills_the_cap_exactly_decodes(void **state)
{
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 4);
    assert_int_equal(mcp_base64_decode(&buf, MCP_BASE64_STD, MCP_STR("Zm9vYg==")), 0);
    assert_int_equal(mcp_base64_decode(&buf, MCP_BASE64_STD, MCP_STR("Zg==")), -1);
    assert_int_equal(buf.len, 4);
    mcp_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_4648_go_there_and_back),
        cmocka_unit_test(other_spellings_are_refused_and_append_nothing),
        cmocka_unit_test(what_fills_the_cap_exactly_decodes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
