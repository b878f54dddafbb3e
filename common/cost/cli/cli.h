/* The sub-commands of a server program; each prints to stdout and returns the exit status. */
#ifndef COST_CLI_CLI_H
#define COST_CLI_CLI_H

#include "settings.h"

#include <cost/tools.h>
#include <mcp/app.h>

struct cost__files;

/* A program's parts, put together by program.c. All borrowed. */
struct cost__program {
    const struct cost_server_spec *spec;
    struct cost__settings *settings;
    struct cost_tools *tools;
    struct cost__files *files;
    struct mcp_app *app; /* NULL for config and health */
    const struct mcp_tool *tool; /* of `call`; NULL: none was named */
    const mcp_str *client_args; /* of `config`: what a client's server is started with; in arena */
    size_t n_client_args;
    struct mcp_arena *arena;
    int argc;
    char **argv;
};

enum { COST__EXIT_OK = 0, COST__EXIT_ERROR = 1, COST__EXIT_USAGE = 2 };

int cost__cli_call(struct cost__program *p);
int cost__cli_doctor(struct cost__program *p);
int cost__cli_config(struct cost__program *p);
int cost__cli_import(struct cost__program *p);
int cost__cli_health(struct cost__program *p);
/* The page that argv asks for, on stdout. */
int cost__cli_help(const struct cost_server_spec *spec, int argc, char **argv,
                   struct mcp_arena *arena);

/* The row of a tool by its name, or NULL. */
const struct mcp_tool *cost__cli_tool(const char *name);
/* "mcp-aws: message" and the next step, on stderr. Returns the status given. */
int cost__cli_fail(const struct cost_server_spec *spec, int status, const struct mcp_error *err);
/* The text of an answer with isError, taken apart for people: what is wrong, and what to do next (may
 * be missing). */
void cost__cli_refusal(mcp_str text, mcp_str *message, mcp_str *next);
/* What was printed has reached stdout: COST__EXIT_OK, else COST__EXIT_ERROR. */
int cost__cli_done(void);
/* Columns of the terminal on stdout, at least 40; 100 when it is none. */
unsigned cost__cli_width(void);
/* text on stdout with a line end at last; on a terminal its lines are broken between words, where
 * they would not fit, and go on indented. */
void cost__cli_print(mcp_str text);

/* The flags of `call TOOL` that name arguments of the tool (--group-by service, --filter KEY=VALUE,
 * --start-date ...) as one JSON object, merged over --args; the flags that do not are left in
 * argv for the option tables, their number in *argc. */
int cost__call_args(const struct mcp_tool *tool, int *argc, char **argv, struct mcp_arena *arena,
                    struct mcp_buf *json, struct mcp_error *err);
/* For a flag that is neither an option nor an argument: names the nearest argument. Leaves err alone
 * when none is near. */
int cost__call_unknown_flag(const struct mcp_tool *tool, mcp_str word, struct mcp_arena *arena,
                            struct mcp_error *err);

/* A line of progress on stderr: drawn over itself on a terminal, a plain line now and then
 * elsewhere. Zero is a fresh one. */
struct cost__bar {
    uint64_t started_ms, drawn_ms;
    bool drawn;
};
void cost__bar_draw(struct cost__bar *bar, const char *what, uint64_t rows, uint64_t done,
                    uint64_t total);
void cost__bar_end(struct cost__bar *bar);

#endif
