/* Regular expressions of schemas, by PCRE2 with limits on what one match may cost. */
#include <mcp/error.h>

#include "schema_node.h"

#include <stdatomic.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT 50000
#define DEPTH_LIMIT 1000
#define HEAP_LIMIT_KIB 1024

struct mcp__pattern {
    mcp_str text; /* borrowed from the arena */
    pcre2_code *code; /* owned */
    pcre2_match_context *limits; /* owned */
    _Atomic(pcre2_match_data *) spare; /* owned; taken by one match at a time, so that most need no
                                          memory of their own */
};

static void pattern_free(void *ptr)
{
    struct mcp__pattern *p = ptr;

    pcre2_match_data_free(atomic_load(&p->spare));
    pcre2_match_context_free(p->limits);
    pcre2_code_free(p->code);
}

struct mcp__pattern *mcp__pattern_new(struct mcp_arena *arena, mcp_str expression,
                                      struct mcp_error *err)
{
    /* As ECMA-262 reads it: $ is the very end, \uXXXX is a character, an unset group is empty. */
    const uint32_t options = PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY |
                             PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
    struct mcp__pattern *p = MCP_ARENA_NEW(arena, struct mcp__pattern);
    PCRE2_SIZE offset;
    int code;

    p->text = expression;
    p->code = pcre2_compile((PCRE2_SPTR)(expression.len == 0 ? "" : expression.ptr), expression.len,
                            options, &code, &offset, NULL);
    if (p->code == NULL) {
        char why[120] = "";

        pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof(why));
        mcp_error_set(err, MCP_EINVAL, "pattern \"%.*s\" at %zu: %s", MCP_STR_ARG(expression),
                      (size_t)offset, why);
        return NULL;
    }
    mcp_arena_defer(arena, pattern_free, p);
    p->limits = pcre2_match_context_create(NULL);
    if (p->limits == NULL) {
        mcp_error_set(err, MCP_ENOMEM, "no memory for a pattern");
        return NULL;
    }
    pcre2_set_match_limit(p->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(p->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(p->limits, HEAP_LIMIT_KIB);
    return p;
}

mcp_str mcp__pattern_text(const struct mcp__pattern *pattern)
{
    return pattern->text;
}

int mcp__pattern_match(struct mcp__pattern *pattern, mcp_str s)
{
    pcre2_match_data *data = atomic_exchange(&pattern->spare, NULL);
    int rc;

    if (data == NULL)
        data = pcre2_match_data_create(1, NULL);
    if (data == NULL)
        return MCP_ETOOBIG;
    rc = pcre2_match(pattern->code, (PCRE2_SPTR)(s.len == 0 ? "" : s.ptr), s.len, 0,
                     PCRE2_NO_UTF_CHECK, data, pattern->limits);
    pcre2_match_data_free(atomic_exchange(&pattern->spare, data));
    if (rc >= 0)
        return 1;
    return rc == PCRE2_ERROR_NOMATCH ? 0 : MCP_ETOOBIG;
}
