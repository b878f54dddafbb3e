/* How a server has its own cloud as a source: its settings, how it is opened, examined, closed. */
#ifndef COST_LIVE_H
#define COST_LIVE_H

#include <cost/source.h>
#include <mcp/options.h>

/* One line of `doctor`. */
enum cost_mark { COST_MARK_OK, COST_MARK_WARN, COST_MARK_FAIL };

/* Where lines go: text without a line end; a fault says what to do about it. */
struct cost_report {
    void (*line)(void *ctx, enum cost_mark mark, mcp_str text);
    void *ctx;
};
void cost_report_line(const struct cost_report *report, enum cost_mark mark, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* An error as a line: what is wrong, then the next step. */
void cost_report_error(const struct cost_report *report, enum cost_mark mark, const char *what,
                       const struct mcp_error *err);

/* Static description; the server's main.c points to it. */
struct cost_live_spec {
    const char *section; /* "gcp": its key in the file that the six servers share */
    const char *title; /* "Google Cloud", for messages */
    const struct mcp_opt *opts; /* rows named "gcp.billing.source" ... */
    const size_t *n_opts; /* borrowed, beside them */
    size_t config_size; /* of the zeroed struct that the rows fill */
    /* After the options were read: completes and checks them. *chosen: billing.source names the cloud,
     * which then goes before a dataset that was imported. */
    int (*settle)(void *config, const struct mcp_options *options, bool *chosen,
                  struct mcp_error *err);
    /* Makes the source; reaches for nothing yet: what is missing is the error of the first call. config
     * outlives the source. spec: for scope{contains, overlaps_with}. */
    int (*open)(const void *config, struct cost_source *out, struct mcp_error *err);
    /* No call is under way. */
    void (*close)(struct cost_source *source);
    /* Each permission and setting that an answer needs, a line each, with the fix. */
    void (*doctor)(const struct cost_source *source, struct mcp_call *call,
                   const struct cost_report *report);
};

#endif
