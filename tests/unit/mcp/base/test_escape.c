/* The inside of JSON strings: every byte, alone and at every place of a word. */
#include "mcp/base/escape.h"

#include "mcp/base/utf8.h"

#include <mcp/error.h>

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void the_first_special_byte_is_found_at_every_place(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        for (size_t at = 0; at < 20; at++) {
            char text[20];
            const char *found;

            memset(text, 0x7F, sizeof(text));
            text[at] = (char)c;
            if (at + 1 < sizeof(text))
                text[at + 1] = 1; /* a neighbour that must not be found first */
            found = mcp__json_plain(text, text + sizeof(text));
            if (!is_plain((unsigned char)c))
                assert_ptr_equal(found, text + at);
            else
                assert_ptr_equal(found, text + at + 1);
        }
    }
}

static void what_does_not_stand_for_itself_is_escaped(void **state)
{
    static const struct {
        mcp_str from, to;
    } rows[] = {
        { { "", 0 }, { "", 0 } },
        { { "plain text of some length", 25 }, { "plain text of some length", 25 } },
        { { "a\"b\\c", 5 }, { "a\\\"b\\\\c", 7 } },
        { { "\b\f\n\r\t", 5 }, { "\\b\\f\\n\\r\\t", 10 } },
        { { "\0\x1F\x7F", 3 }, { "\\u0000\\u001f\x7F", 13 } },
        { { "\xC3\xA4\xE2\x80\xA8", 5 }, { "\xC3\xA4\xE2\x80\xA8", 5 } },
        { { "x\xFFy\xE2\x82", 5 }, { "x\xEF\xBF\xBDy\xEF\xBF\xBD\xEF\xBF\xBD", 11 } },
        { { "\xED\xA0\x80", 3 }, { "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 9 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_buf buf;

        mcp_buf_init(&buf, 100);
        mcp__json_escape(&buf, rows[i].from);
        assert_int_equal(buf.len, rows[i].to.len);
        assert_true(mcp_str_eq(mcp_buf_view(&buf), rows[i].to));
        mcp_buf_release(&buf);
    }
}

/* Byte by byte, as RFC 8259 has it. Text from a few kinds of bytes, so that each meets each. */
static size_t expected(const unsigned char *text, size_t len, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < len;) {
        size_t one = mcp__utf8_len(text + i, text + len);

        if (one > 1 || (one == 1 && is_plain(text[i]))) {
            memcpy(out + n, text + i, one);
            n += one;
            i += one;
            continue;
        }
        if (one == 0)
            n += (size_t)snprintf(out + n, 7, "\xEF\xBF\xBD");
        else if (text[i] == '"' || text[i] == '\\')
            n += (size_t)snprintf(out + n, 7, "\\%c", text[i]);
        else if (text[i] == '\n')
            n += (size_t)snprintf(out + n, 7, "\\n");
        else
            n += (size_t)snprintf(out + n, 7, "\\u%04x", text[i]);
        i++;
    }
    return n;
}

#define LONGEST 700

static void any_text_is_escaped_alike_with_much_room_little_and_none_to_spare(void **state)
{
    static const unsigned char kinds[] =
        "aaaaaaaaaaaaaaaaaaaa\"\\\n\x01\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
    static unsigned char text[LONGEST];
    static char wanted[LONGEST * 6 + 1];
    uint32_t seed = 7;

    (void)state;
    for (int round = 0; round < 4000; round++) {
        size_t len = (size_t)round % LONGEST, n;

        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = kinds[(seed >> 16) % (sizeof(kinds) - 1)];
        }
        n = expected(text, len, wanted);
        for (int wide = 0; wide <= mcp__json_escape_is_wide(); wide++) {
            struct mcp_buf buf;

            mcp_buf_init(&buf, round % 2 == 0 ? 100000 : n + 1);
            assert_non_null(mcp_buf_reserve(&buf, round % 2 == 0 ? 50000 : 1));
            mcp__json_escape_by(&buf, mcp_str_n((const char *)text, len), wide != 0);
            assert_int_equal(buf.len, n);
            assert_memory_equal(buf.ptr, wanted, n);
            mcp_buf_release(&buf);
        }
        for (int kind = 0; kind < 3; kind++) {
            struct mcp_buf buf;

            mcp_buf_init(&buf, kind == 0 ? 100000 : n + 4);
            if (kind == 0)
                assert_non_null(mcp_buf_reserve(&buf, 50000));
            mcp__json_quoted(&buf, kind == 2 ? 0 : ',', mcp_str_n((const char *)text, len),
                             kind == 2 ? 0 : ':');
            assert_int_equal(mcp_buf_error(&buf), 0);
            assert_int_equal(buf.len, n + (kind == 2 ? 2 : 4));
            assert_memory_equal(buf.ptr + (kind == 2 ? 1 : 2), wanted, n);
            mcp_buf_release(&buf);
        }
        if (n > 0) { /* one byte less than it takes */
            struct mcp_buf buf;

            mcp_buf_init(&buf, n + 1);
            mcp__json_quoted(&buf, 0, mcp_str_n((const char *)text, len), 0);
            assert_int_equal(mcp_buf_error(&buf), MCP_ETOOBIG);
            mcp_buf_release(&buf);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_special_byte_is_found_at_every_place),
        cmocka_unit_test(what_does_not_stand_for_itself_is_escaped),
        cmocka_unit_test(any_text_is_escaped_alike_with_much_room_little_and_none_to_spare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
