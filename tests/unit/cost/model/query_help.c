/* For tests of queries: arguments as JSON text in, a query out. */
#include "query_help.h"

#include <mcp/date.h>

#include <stdio.h>
#include <stdlib.h>

int test_query(enum cost_tool tool, const char *args, struct mcp_arena *arena,
               struct cost_query *out, struct mcp_error *err)
{
    size_t len = strlen(args);
    char *text = mcp_arena_alloc(arena, len + 1);
    struct mcp_json root;

    for (size_t i = 0; i < len; i++)
        text[i] = args[i] == '\'' ? '"' : args[i];
    mcp_error_clear(err);
    if (mcp_json_parse(arena, mcp_str_n(text, len), NULL, &root, err) < 0) {
        fprintf(stderr, "test arguments are no JSON: %s\n", args);
        abort();
    }
    return cost_query_parse(tool, root, arena, out, err);
}

int32_t test_day(const char *date)
{
    int32_t day;

    if (mcp_date_parse(mcp_str_z(date), &day) < 0)
        abort();
    return day;
}

const char *test_range(struct cost_range r, char out[24])
{
    char a[MCP_DATE_LEN + 1], b[MCP_DATE_LEN + 1];

    mcp_date_format(r.start, a);
    mcp_date_format(r.end, b);
    snprintf(out, 24, "%s..%s", a, b);
    return out;
}
