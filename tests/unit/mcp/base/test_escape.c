/* The inside of JSON strings: every byte, alone and at every place of a word. */
#include "mcp/base/escape.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_special_byte_is_found_at_every_place),
        cmocka_unit_test(what_does_not_stand_for_itself_is_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
