/* What the files of options share: values from text, names, and where a value came from. */
#ifndef MCP_SERVER_OPTIONS_INTERNAL_H
#define MCP_SERVER_OPTIONS_INTERNAL_H

#include <mcp/options.h>

#define MCP__OPT_FILE_MAX (1U << 20) /* bytes of a configuration file */
#define MCP__OPT_NAME_MAX 128

/* Why a value was refused, in words that follow the name of the option. */
struct mcp__opt_why {
    char text[256];
};

/* One value of the row's type from text into its field; of a LIST: appends. Values live in arena.
 * expand: ${VAR} in a PATH still has to be replaced (flags and environment; the file is replaced
 * as a whole). 0, or -1 with why. */
int mcp__opt_parse(const struct mcp_opt *opt, void *target, mcp_str text, bool expand,
                   struct mcp_arena *arena, struct mcp__opt_why *why);
/* A comma separated list, appended item by item; empty items are dropped. */
int mcp__opt_parse_list(const struct mcp_opt *opt, void *target, mcp_str text,
                        struct mcp_arena *arena, struct mcp__opt_why *why);
void mcp__opt_clear(const struct mcp_opt *opt, void *target);
/* The value as mcp__opt_parse reads it, a LIST as a YAML flow sequence; strings quoted. */
void mcp__opt_format(const struct mcp_opt *opt, const void *target, struct mcp_buf *out);

/* text with each ${VAR} replaced by the environment ("$${" stands for "${"): 0, or -1 with why
 * naming the variable that is not set. */
int mcp__opt_expand(mcp_str text, struct mcp_arena *arena, mcp_str *out, struct mcp__opt_why *why);

/* Names compare with '_' and '-' (and in flags '.') as one character. */
bool mcp__opt_is_key(const struct mcp_opt *opt, mcp_str key);
bool mcp__opt_is_flag(const struct mcp_opt *opt, mcp_str flag);
/* The flag's name without the dashes, as the help shows it. */
void mcp__opt_flag_name(const struct mcp_opt *opt, char out[MCP__OPT_NAME_MAX]);
bool mcp__opt_has_flag(const struct mcp_opt *opt);
bool mcp__opt_has_key(const struct mcp_opt *opt);

/* Row by running index over all tables; *target gets its table's struct. NULL behind the last. */
const struct mcp_opt *mcp__opt_at(const struct mcp_opt_table *tables, size_t n_tables, size_t index,
                                  void **target);

/* Reads one YAML file into the tables; sources get MCP_OPT_FILE. */
int mcp__options_read_file(const struct mcp_options *o, mcp_str file, struct mcp_arena *arena,
                           struct mcp_error *err);
/* The same from text; file is only named in errors. */
int mcp__options_read_yaml(const struct mcp_options *o, mcp_str file, mcp_str text,
                           struct mcp_arena *arena, struct mcp_error *err);

#endif
