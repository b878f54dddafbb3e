/* CSV records: RFC 4180, against a simple reader, across every buffer border. */
#include "cost/dataset/csv.h"

#include <mcp/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Fields joined by | and records by newline-dollar, or the error's word. */
static const char *records(mcp_str text, struct mcp_buf *buf)
{
    struct cost__csv_input *in;
    struct cost__csv *csv;
    struct mcp_error err = { 0 };
    const mcp_str *fields;
    size_t n;
    int rc;

    mcp_buf_clear(buf);
    assert_int_equal(cost__csv_input_memory(text, &in, NULL), 0);
    csv = cost__csv_new(in);
    while ((rc = cost__csv_next(csv, &fields, &n, &err)) == 1) {
        for (size_t i = 0; i < n; i++) {
            mcp_buf_z(buf, i == 0 ? "" : "|");
            mcp_buf_str(buf, fields[i]);
        }
        mcp_buf_char(buf, '$');
    }
    if (rc < 0)
        mcp_buf_z(buf, err.message);
    mcp_buf_char(buf, '\0');
    cost__csv_free(csv);
    cost__csv_input_close(in);
    return buf->ptr;
}

static const struct {
    const char *text, *want;
} cases[] = {
    { "", "" },
    { "a,b\n", "a|b$" },
    { "a,b", "a|b$" },
    { "a,b\r\nc,d\r\n", "a|b$c|d$" },
    { "\xef\xbb\xbf"
      "a\nb\n",
      "a$b$" },
    { "a,\n,\n", "a|$|$" },
    { "\n\na\n\r\n\nb\n", "a$b$" },
    { "\"a,b\",\"c\nd\"\n", "a,b|c\nd$" },
    { "\"a\"\"b\",\"\"\"\"\n", "a\"b|\"$" },
    { "\"\",x\r\n", "|x$" },
    { "\"a\"\r\n", "a$" },
    { "a\"b\"\n", "memory:1: field 1 has a quote inside but is not in quotes" },
    { "x\n\"a\"b\n", "x$memory:2: field 1 has text behind its closing quote" },
    { "x\ny,\"a\n", "x$memory:2: field 2 opens a quote that never closes" },
    { "\"a\n\n\"\nz,\"b\"c\n", "a\n\n$memory:4: field 2 has text behind its closing quote" },
};

static void records_follow_rfc_4180(void **state)
{
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 4096);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(records(mcp_str_z(cases[i].text), &buf), cases[i].want);
    mcp_buf_release(&buf);
}

/* Records of random fields, long enough to cross windows and buffers. */
static void long_files_come_out_as_they_went_in(void **state)
{
    static const char alphabet[] = "ab,\"\n\r xyz0123456789";
    uint64_t seed = 7;
    struct mcp_buf text, want, got;

    (void)state;
    mcp_buf_init(&text, (size_t)64 << 20);
    mcp_buf_init(&want, (size_t)64 << 20);
    mcp_buf_init(&got, (size_t)64 << 20);
    for (int r = 0; r < 20000; r++) {
        for (int f = 0; f < 5; f++) {
            size_t len;

            seed = seed * 6364136223846793005u + 1442695040888963407u;
            len = seed >> 33 & 31;
            if (r % 5000 == 17 && f == 2)
                len = 400000; /* larger than the first buffer */
            mcp_buf_z(&text, f == 0 ? "\"" : ",\"");
            mcp_buf_z(&want, f == 0 ? "" : "|");
            for (size_t i = 0; i < len; i++) {
                char c;

                seed = seed * 6364136223846793005u + 1442695040888963407u;
                c = alphabet[(seed >> 33) % (sizeof(alphabet) - 1)];
                if (c == '"')
                    mcp_buf_char(&text, '"');
                mcp_buf_char(&text, c);
                mcp_buf_char(&want, c);
            }
            mcp_buf_char(&text, '"');
        }
        mcp_buf_z(&text, r % 2 ? "\n" : "\r\n");
        mcp_buf_char(&want, '$');
    }
    mcp_buf_char(&want, '\0');
    (void)records(mcp_buf_view(&text), &got);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.ptr, want.ptr, want.len);
    mcp_buf_release(&text);
    mcp_buf_release(&want);
    mcp_buf_release(&got);
}

static void too_large_fields_are_refused(void **state)
{
    size_t len = COST__CSV_MAX_FIELD + 10;
    char *p = malloc(len);
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, (size_t)4 << 20);
    memset(p, 'x', len);
    assert_non_null(strstr(records(mcp_str_n(p, len), &buf), "a field is larger than 1048576"));
    free(p);
    len = COST__CSV_MAX_RECORD + 10;
    p = malloc(len);
    memset(p, 'x', len);
    assert_non_null(strstr(records(mcp_str_n(p, len), &buf), "the record is larger than 8388608"));
    memset(p, ',', 2000);
    assert_non_null(strstr(records(mcp_str_n(p, 2000), &buf), "beyond the most a record may have"));
    free(p);
    mcp_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_follow_rfc_4180),
        cmocka_unit_test(long_files_come_out_as_they_went_in),
        cmocka_unit_test(too_large_fields_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
