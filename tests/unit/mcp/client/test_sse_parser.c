/* Event streams: the rules of the standard, in portions of every size. */
#include "mcp/client/sse_parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define BOM "\xef\xbb\xbf"

static char seen[4096];

static int on_event(void *ctx, const struct mcp_sse_event *event)
{
    size_t n = strlen(seen);

    snprintf(seen + n, sizeof(seen) - n, "[%.*s|%.*s]", MCP_STR_ARG(event->type),
             MCP_STR_ARG(event->data));
    return ctx == NULL ? 0 : *(int *)ctx;
}

static const struct {
    const char *stream, *events, *id;
    uint64_t retry;
} rows[] = {
    { "data: a\n\n", "[message|a]", "", UINT64_MAX },
    { "data:a\n\ndata:  b\n\n", "[message|a][message| b]", "", UINT64_MAX },
    { "event: x\ndata: a\ndata: b\n\n", "[x|a\nb]", "", UINT64_MAX },
    { "data: a\r\n\r\ndata: b\r\n\r\n", "[message|a][message|b]", "", UINT64_MAX },
    { "data: a\r\rdata: b\r\r", "[message|a][message|b]", "", UINT64_MAX },
    { BOM "data: a\n\n" BOM "data: b\n\n", "[message|a]", "", UINT64_MAX },
    { ": comment\n\ndata: a\n\n: end", "[message|a]", "", UINT64_MAX },
    { "id: 7\nretry: 500\ndata: \n\n", "[message|]", "7", 500 },
    { "data\n\n", "[message|]", "", UINT64_MAX },
    { "id: 1\n\nid\n\n", "", "", UINT64_MAX },
    { "retry: 5s\nretry: -1\nretry: 99999999999\n\n", "", "", UINT64_MAX },
    { "event: x\n\ndata: a\n\n", "[message|a]", "", UINT64_MAX },
    { "data: never whole\n", "", "", UINT64_MAX },
    { "datax: a\ndat: b\nDATA: c\n\n", "", "", UINT64_MAX },
    { "data: {\"a\":\"b: c\"}\n\n", "[message|{\"a\":\"b: c\"}]", "", UINT64_MAX },
};

static void check(size_t row, size_t first, size_t portion)
{
    mcp_str all = mcp_str_z(rows[row].stream);
    struct mcp_sse_parser p;

    seen[0] = '\0';
    mcp__sse_parser_init(&p, 1000, on_event, NULL);
    for (size_t at = 0, n = first; at < all.len; at += n, n = portion) {
        if (n > all.len - at)
            n = all.len - at;
        assert_int_equal(mcp__sse_parser_feed(&p, mcp_str_n(all.ptr + at, n)), 0);
    }
    assert_string_equal(seen, rows[row].events);
    assert_true(mcp_str_eq(mcp_buf_view(&p.last_id), mcp_str_z(rows[row].id)));
    assert_int_equal(p.retry_ms, rows[row].retry);
    mcp__sse_parser_release(&p);
}

static void a_stream_is_the_same_in_portions_of_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = strlen(rows[i].stream);

        check(i, len, 1);
        check(i, 1, 1);
        for (size_t split = 1; split < len; split++)
            check(i, split, len);
    }
}

static void an_event_and_a_line_beyond_the_cap_are_refused(void **state)
{
    struct mcp_sse_parser p;
    int rc = 0;

    (void)state;
    mcp__sse_parser_init(&p, 16, on_event, NULL);
    assert_int_equal(mcp__sse_parser_feed(&p, MCP_STR("data: 0123456789abcdef\n")), MCP_ETOOBIG);
    assert_int_equal(mcp__sse_parser_feed(&p, MCP_STR("\n")), MCP_ETOOBIG);
    mcp__sse_parser_release(&p);

    mcp__sse_parser_init(&p, 16, on_event, NULL);
    for (int i = 0; i < 17 && rc == 0; i++)
        rc = mcp__sse_parser_feed(&p, MCP_STR("x"));
    assert_int_equal(rc, MCP_ETOOBIG);
    mcp__sse_parser_release(&p);

    mcp__sse_parser_init(&p, 16, on_event, NULL);
    assert_int_equal(mcp__sse_parser_feed(&p, MCP_STR("data: 01234567\ndata: 01234567\n\n")),
                     MCP_ETOOBIG);
    mcp__sse_parser_release(&p);
}

static void the_callback_ends_the_reading(void **state)
{
    struct mcp_sse_parser p;
    int stop = MCP_ECANCELLED;

    (void)state;
    seen[0] = '\0';
    mcp__sse_parser_init(&p, 100, on_event, &stop);
    assert_int_equal(mcp__sse_parser_feed(&p, MCP_STR("data: a\n\ndata: b\n\n")), MCP_ECANCELLED);
    assert_string_equal(seen, "[message|a]");
    mcp__sse_parser_release(&p);
}

static void an_id_that_cannot_be_sent_back_is_none(void **state)
{
    char line[1200] = "id: ";
    struct mcp_sse_parser p;

    (void)state;
    memset(line + 4, 'x', 1100);
    memcpy(line + 1104, "\n\n", 3);
    mcp__sse_parser_init(&p, 4096, on_event, NULL);
    assert_int_equal(mcp__sse_parser_feed(&p, MCP_STR("id: a\nid: b\0c\n\n")), 0);
    assert_true(mcp_str_eq(mcp_buf_view(&p.last_id), MCP_STR("a")));
    assert_int_equal(mcp__sse_parser_feed(&p, mcp_str_z(line)), 0);
    assert_int_equal(p.last_id.len, 0);
    mcp__sse_parser_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_the_same_in_portions_of_every_size),
        cmocka_unit_test(an_event_and_a_line_beyond_the_cap_are_refused),
        cmocka_unit_test(the_callback_ends_the_reading),
        cmocka_unit_test(an_id_that_cannot_be_sent_back_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
