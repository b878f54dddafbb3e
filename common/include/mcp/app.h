/* A server made of tools and options: over stdio, over HTTP, or one call from the command line. */
#ifndef MCP_APP_H
#define MCP_APP_H

#include <mcp/change.h>
#include <mcp/error.h>
#include <mcp/options.h>
#include <mcp/prompt.h>
#include <mcp/resource.h>
#include <mcp/tool.h>

struct mcp_app;

/* Static description; everything is borrowed for the life of the program. */
struct mcp_app_spec {
    const char *name; /* "mcp-aws" */
    const char *title;
    const char *version;
    const char *description;
    const char *instructions; /* under 2,000 characters */
    const struct mcp_tool *tools;
    size_t n_tools;
    const struct mcp_resource *resources; /* NULL: none, as prompts */
    size_t n_resources;
    const struct mcp_prompt *prompts;
    size_t n_prompts;
    bool logging; /* handlers use mcp_call_log */
    unsigned changes; /* enum mcp_change: what mcp_app_changed may tell */
    void *user; /* mcp_call_user() */
    struct mcp_app *
        *self; /* mcp_app_new puts the app here too, for mcp_app_changed; NULL: nowhere */
    /* Folder of this user's key for cursors, below $XDG_STATE_HOME; NULL: name. Servers that share
     * it open each other's cursors. */
    const char *state_dir;
};

/* Builds the registry (schemas compiled, tools/list printed), sets the log level and, with
 * config->now, the clock: before any other thread. config holds the options of mcp_app_opts and
 * outlives the app. err names the tool and the fault. */
int mcp_app_new(const struct mcp_app_spec *spec, const struct mcp_app_config *config,
                struct mcp_app **app, struct mcp_error *err);
void mcp_app_free(struct mcp_app *app);

/* Serves until EOF, a signal, or a fatal error: stdio, or HTTP when config->http is set. The exit
 * status: 0, 1 when serving could not begin or go on, 2 when the options do not allow it (a bind
 * that is open to everybody); the reason is the last log line. Every bound address is told in a log
 * line "listening" with its url, at any log level. Does not return while handlers are stuck: it
 * ends the program then. */
int mcp_app_run(struct mcp_app *app);

/* Tells all clients that want to know: a list is another one, or the resource `uri` holds something
 * else (missing for lists). Any thread, handlers too; before and after serving nobody hears it. */
void mcp_app_changed(struct mcp_app *app, enum mcp_change change, mcp_str uri);

/* A whole main function: reads the options of libmcp and those of own (one table more, or NULL) from
 * the YAML file, the environment and argv, then serves. Words: --help, --version, --print-config,
 * --config FILE, and "call TOOL [JSON]" for one answer on stdout. The exit status: 0 answered or
 * served to the end, 1 the tool or serving failed, 2 wrong options. */
int mcp_app_main(const struct mcp_app_spec *spec, const struct mcp_opt_table *own, int argc,
                 char **argv);

/* What one call gave; bytes live in arena. */
struct mcp_app_answer {
    bool is_error;
    mcp_str structured; /* JSON, or missing */
    mcp_str text; /* all text blocks, a newline between */
};

/* One tools/call on this thread by the same path (schema check, handler, envelope), without a
 * transport and without a deadline of the app's. 0 when there is an answer (is_error included),
 * else a code with err. progress may be NULL. SIGINT and SIGTERM cancel the call; a second one ends
 * the program. */
int mcp_app_call(struct mcp_app *app, mcp_str tool, mcp_str args_json, struct mcp_arena *arena,
                 void (*progress)(void *ctx, int64_t done, int64_t total, mcp_str message),
                 void *ctx, struct mcp_app_answer *answer, struct mcp_error *err);

#endif
