/* The answer of a source before it is written: its beginning and its warnings. */
#include <cost/result.h>

#include <mcp/error.h>

#include <stdio.h>

#define WARNINGS_MAX 20
#define WARNING_CHARS 400

void cost_result_init(struct cost_result *r, struct mcp_arena *arena, const struct cost_query *q)
{
    *r = (struct cost_result){ .query = *q,
                               .timezone = MCP_STR("UTC"),
                               .time_start = (int64_t)q->range.start * 86400,
                               .time_end = ((int64_t)q->range.end + 1) * 86400,
                               .arena = arena };
}

/* The last warning of a full list says how many more there were. */
static void count_further(struct cost_result *r)
{
    struct cost_warning *last = &r->warnings[WARNINGS_MAX - 1];
    static const char code[] = "more_warnings";
    mcp_str number;
    int64_t n = 1;

    if (last->code == code) {
        mcp_str rest = last->text;

        if (mcp_str_cut(&rest, ' ', &number) && mcp_str_int64(number, &n) < 0)
            n = 1;
    }
    last->text =
        mcp_arena_printf(r->arena, "%lld further warnings are not listed.", (long long)n + 1);
    last->next = MCP_STR("Ask for a shorter period or use filters.");
    last->code = code;
}

void cost_result_warn(struct cost_result *r, const char *code, mcp_str next, const char *fmt, ...)
{
    char text[WARNING_CHARS];
    struct cost_warning *w;
    va_list ap;

    if (r->n_warnings == WARNINGS_MAX) {
        count_further(r);
        return;
    }
    if (r->n_warnings == r->warnings_size) {
        size_t size = r->warnings_size == 0 ? 4 : r->warnings_size * 2;

        w = mcp_arena_alloc(r->arena, size * sizeof(*w));
        if (r->n_warnings > 0)
            memcpy(w, r->warnings, r->n_warnings * sizeof(*w));
        r->warnings = w;
        r->warnings_size = size;
    }
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    w = &r->warnings[r->n_warnings++];
    w->code = code;
    w->text = mcp_arena_str(r->arena, mcp_str_head(mcp_str_z(text), sizeof(text) - 1));
    w->next = mcp_arena_str(r->arena, next);
}
