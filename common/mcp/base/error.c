/* Error codes, and the text that travels with a failure. */
#include <mcp/error.h>

#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct err_row {
    enum mcp_err err;
    const char *name;
    int rpc;
    int http;
    bool retry;
} rows[] = {
#define MCP_ERR_ROW(sym, num, name, rpc, http, retry) { (sym), (name), (rpc), (http), (retry) },
    MCP_ERR_MAP(MCP_ERR_ROW)
#undef MCP_ERR_ROW
};

/* The codes count down from -1 without a gap (a test holds that), so the row is found by place. A
 * code that is none of ours is our own mistake somewhere and reads as internal_error. */
static const struct err_row *find(enum mcp_err code)
{
    size_t at = (size_t)(-(int)code) - 1;

    if (code >= 0 || at >= sizeof(rows) / sizeof(rows[0]))
        at = (size_t)(-(int)MCP_EINTERNAL) - 1;
    return &rows[at];
}

static void format(char *out, size_t size, const char *fmt, va_list ap)
{
    int n = vsnprintf(out, size, fmt, ap);

    if (n < 0)
        out[0] = '\0';
    else if ((size_t)n >= size)
        out[mcp__utf8_whole(out, size - 1)] = '\0';
}

static void set(struct mcp_error *err, enum mcp_err code, const char *word, const char *fmt,
                va_list ap)
{
    if (err == NULL || err->err != MCP_OK)
        return;
    err->err = code;
    err->code = word;
    err->retry_after_ms = 0;
    err->next[0] = '\0';
    format(err->message, sizeof(err->message), fmt, ap);
}

int mcp_error_set(struct mcp_error *err, enum mcp_err code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    set(err, code, mcp_err_name(code), fmt, ap);
    va_end(ap);
    return code;
}

int mcp_error_word(struct mcp_error *err, enum mcp_err code, const char *word, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    set(err, code, word, fmt, ap);
    va_end(ap);
    return code;
}

int mcp_error_next(struct mcp_error *err, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL || err->err == MCP_OK)
        return MCP_EINTERNAL;
    if (err->next[0] == '\0') {
        va_start(ap, fmt);
        format(err->next, sizeof(err->next), fmt, ap);
        va_end(ap);
    }
    return err->err;
}

void mcp_error_clear(struct mcp_error *err)
{
    if (err == NULL)
        return;
    err->err = MCP_OK;
    err->code = NULL;
    err->retry_after_ms = 0;
    err->message[0] = '\0';
    err->next[0] = '\0';
}

const char *mcp_err_name(enum mcp_err code)
{
    return code == MCP_OK ? "ok" : find(code)->name;
}

int mcp_err_rpc(enum mcp_err code)
{
    return code == MCP_OK ? 0 : find(code)->rpc;
}

int mcp_err_http(enum mcp_err code)
{
    return code == MCP_OK ? 200 : find(code)->http;
}

bool mcp_err_retryable(enum mcp_err code)
{
    return code != MCP_OK && find(code)->retry;
}

_Noreturn void mcp_bug(const char *file, int line, const char *cond)
{
    dprintf(STDERR_FILENO, "bug: %s:%d: %s\n", file, line, cond);
    abort();
}
