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
    struct cost__files *files; /* NULL with live */
    const struct cost_live_spec *live; /* the tools' source is the cloud; else NULL */
    struct mcp_app *app; /* NULL for config and health */
    const struct mcp_tool *tool; /* of `call`; NULL: none was named */
    const mcp_str *client_args; /* of `config`: what a client's server is started with; in arena */
    size_t n_client_args;
    const mcp_str *own_args; /* of `config`: for this server alone */
    size_t n_own_args;
    struct mcp_arena *arena;
    int argc;
    char **argv;
};

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

#endif
