/* Lines of `doctor` as a live source writes them. */
#include <cost/live.h>

#include <mcp/buf.h>

#define MAX_LINE 4096

void cost_report_line(const struct cost_report *report, enum cost_mark mark, const char *fmt, ...)
{
    struct mcp_buf text;
    va_list ap;

    mcp_buf_init(&text, MAX_LINE);
    va_start(ap, fmt);
    mcp_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    report->line(report->ctx, mark, mcp_buf_view(&text));
    mcp_buf_release(&text);
}

void cost_report_error(const struct cost_report *report, enum cost_mark mark, const char *what,
                       const struct mcp_error *err)
{
    if (err->next[0] == '\0')
        cost_report_line(report, mark, "%s: %s", what, err->message);
    else
        cost_report_line(report, mark, "%s: %s. %s", what, err->message, err->next);
}
