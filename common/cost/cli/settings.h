/* What a server program was told: the options of libmcp, of libcost and of its sub-command. */
#ifndef COST_CLI_SETTINGS_H
#define COST_CLI_SETTINGS_H

#include <cost/dataset.h>
#include <cost/tools.h>
#include <mcp/options.h>

enum cost__command {
    COST__SERVE,
    COST__CALL,
    COST__DOCTOR,
    COST__CONFIG,
    COST__IMPORT,
    COST__HEALTH,
    COST__PRINT_CONFIG, /* --print-config */
    COST__HELP, /* --help */
    COST__VERSION, /* --version */
};

#define COST__MAX_TABLES 7

struct cost__settings {
    struct mcp_app_config app;
    /* Data */
    mcp_str dataset; /* missing: the default place */
    struct mcp_opt_list data;
    mcp_str config_file; /* that was named; missing: the usual place */
    bool demo;
    mcp_str budgets;
    int64_t cache_bytes;
    struct cost_grace grace;
    /* call */
    mcp_str args;
    bool json, csv, all;
    /* import */
    mcp_str source, provider;
    bool latest, replace, partial, append;
    /* config */
    bool all_servers;
    mcp_str url;
    /* The server's own section; in arena, NULL without one */
    void *live;
    bool live_chosen; /* its billing.source goes before an imported dataset */
    /* As read. */
    enum cost__command command;
    struct mcp_options options;
    struct mcp_opt_table tables[COST__MAX_TABLES]; /* what options.tables points to */
};

/* The sub-command of argv, *first the index behind its word; COST__SERVE when there is none. The
 * flags --help, --version and --print-config count wherever they stand. */
enum cost__command cost__command_of(int argc, char **argv, int *first);
/* Fills settings from the YAML file (--config, MCP_COST_CONFIG, else the default place), the
 * environment and argv[first..]. settings is zeroed by the caller and must not move afterwards. */
int cost__settings_load(struct cost__settings *settings, const struct cost_server_spec *spec,
                        enum cost__command command, int argc, char **argv, int first,
                        struct mcp_arena *arena, struct mcp_error *err);
/* Option part of --help for a command. */
void cost__settings_help(const struct cost_server_spec *spec, enum cost__command command,
                         struct mcp_buf *out);
/* The word ("--name" or "--name=value") is a flag of that command. */
bool cost__settings_knows(const struct cost_server_spec *spec, enum cost__command command,
                          mcp_str word);
/* The sub-command nearest to a word that is none, or NULL. */
const char *cost__command_nearest(mcp_str word);

#endif
