/* One table of options per server: file < environment < flag, --help and --print-config. */
#ifndef MCP_OPTIONS_H
#define MCP_OPTIONS_H

#include <mcp/arena.h>
#include <mcp/buf.h>
#include <mcp/error.h>
#include <mcp/str.h>

enum mcp_opt_type {
    MCP_OPT_BOOL, /* bool */
    MCP_OPT_INT, /* int64_t with min and max */
    MCP_OPT_BYTES, /* int64_t; 64MiB, 4k */
    MCP_OPT_MS, /* int64_t milliseconds; 20s, 500ms, 5m */
    MCP_OPT_STR, /* mcp_str */
    MCP_OPT_PATH, /* mcp_str; ~ and ${VAR} expanded */
    MCP_OPT_ENUM, /* int; words in `words` separated by | */
    MCP_OPT_LIST, /* struct mcp_opt_list of mcp_str; flag may be repeated or take several values */
    MCP_OPT_HTTP, /* struct mcp_opt_bind: [HOST:]PORT, value optional */
    MCP_OPT_SKIP, /* nothing: a section of the file that is another program's */
};

enum mcp_opt_flags {
    MCP_OPT_SECRET = 1 << 0, /* masked in --print-config and never logged; not settable by flag */
    MCP_OPT_HIDDEN = 1 << 1, /* not in --help (tests) */
    MCP_OPT_MANY =
        1 << 2, /* MCP_OPT_LIST: the flag takes all following words up to the next flag */
    MCP_OPT_FLAG_ONLY =
        1 << 3, /* no key of the file and not printed: --config, --help, --version */
    MCP_OPT_EMPTY = 1 << 4, /* MCP_OPT_LIST: an empty variable is an empty list, not unset */
};

struct mcp_opt_list {
    const mcp_str *items;
    size_t count;
};

struct mcp_opt_bind {
    bool set;
    mcp_str host; /* missing: loopback */
    int port; /* -1: none given, 0: any free one */
};

/* One row. name is the flag (--name) and the key in the YAML file; dots nest in the file
 * ("gcp.billing.source" is the flag --gcp-billing-source). '_' and '-' are one in both. A BOOL
 * has --no-name too and takes a value only as --name=value. Lists are comma separated in the
 * environment and, without MANY, in flags. */
struct mcp_opt {
    const char *name;
    enum mcp_opt_type type;
    size_t offset; /* of the field in the struct that mcp_options_load fills */
    const char *fallback; /* default as text, NULL: zero */
    int64_t min, max; /* INT, BYTES, MS; both 0: unlimited */
    const char *words; /* ENUM */
    const char *env; /* environment variable, NULL: none */
    const char *arg; /* placeholder in the help: FILE */
    const char *help; /* one line */
    const char *group; /* heading in the help */
    unsigned flags;
};

#define MCP_OPT(opt_type, opt_name, type_struct, field, ...)                                       \
    {                                                                                              \
        .name = (opt_name), .type = (opt_type), .offset = offsetof(type_struct, field),            \
        __VA_ARGS__                                                                                \
    }

enum mcp_opt_source { MCP_OPT_DEFAULT, MCP_OPT_FILE, MCP_OPT_ENV, MCP_OPT_FLAG };

/* The tables to read, several because libmcp, libcost and a server each have theirs. */
struct mcp_opt_table {
    const struct mcp_opt *opts;
    size_t count;
    void *target; /* the struct the offsets count in; zeroed by the caller */
};

/* What was read; values live in arena. */
struct mcp_options {
    const struct mcp_opt_table *tables; /* borrowed */
    size_t n_tables;
    enum mcp_opt_source *sources; /* by running index over all rows; in arena */
    const mcp_str *rest; /* words that are no flag, in order */
    size_t n_rest;
};

/* Defaults, then the YAML file (config_file missing: none is read; mcp_options_default_file finds
 * the usual one), then the environment, then the argc words of argv (without the program's name:
 * pass argc - 1, argv + 1). A later source replaces the earlier one's value, lists as a whole; an
 * empty variable counts as unset, but for EMPTY. Unknown keys and flags, wrong values: MCP_EINVAL, with file and
 * line or the flag, and the nearest name; a file that cannot be read: MCP_ECONFIG. A word "--"
 * ends the flags. Values borrow nothing from argv or environ after return. */
int mcp_options_load(struct mcp_options *out, const struct mcp_opt_table *tables, size_t n_tables,
                     mcp_str config_file, int argc, char **argv, struct mcp_arena *arena,
                     struct mcp_error *err);
/* MCP_OPT_DEFAULT for a name that is in no table, too. */
enum mcp_opt_source mcp_options_source(const struct mcp_options *o, const char *name);
/* $XDG_CONFIG_HOME/product/config.yaml, else ~/.config/product/config.yaml; missing when there is
 * no such file. */
mcp_str mcp_options_default_file(const char *product, struct mcp_arena *arena);
/* The value of --config in these words (--config FILE, --config=FILE, the last one before "--"), or
 * missing. The flag itself needs a row too. */
mcp_str mcp_options_config_arg(int argc, char **argv);
/* The row of which word is the flag ("--name", "--name=value", "--no-name"), or NULL. */
const struct mcp_opt *mcp_options_find_flag(const struct mcp_opt_table *tables, size_t n_tables,
                                            mcp_str word);

/* Text of --help's option part (fits 80 columns), and of --print-config (YAML, secrets masked, each
 * with its source as a comment). */
void mcp_options_help(const struct mcp_opt_table *tables, size_t n_tables, struct mcp_buf *out);
void mcp_options_print(const struct mcp_options *o, struct mcp_buf *out);
/* "--name=value" that gives another program the value which this option has; missing for secrets, for
 * what has no flag and for a name in no table. */
mcp_str mcp_options_word(const struct mcp_options *o, const char *name, struct mcp_arena *arena);

/* Settings of libmcp itself: transport, limits, deadlines, logging. */
enum mcp_auth_mode { MCP_AUTH_NONE, MCP_AUTH_TOKEN, MCP_AUTH_PLATFORM };
struct mcp_app_config {
    struct mcp_opt_bind http;
    int auth; /* enum mcp_auth_mode */
    mcp_str http_token; /* secret */
    struct mcp_opt_list allowed_hosts;
    struct mcp_opt_list allowed_origins;
    int log_level;
    int64_t deadline_ms;
    int64_t max_body_bytes;
    int64_t max_header_bytes;
    int64_t max_connections;
    int64_t max_sessions;
    int64_t max_replay_bytes;
    int64_t max_queue;
    int64_t max_upstream_bytes_total;
    int64_t max_json_tokens;
    int64_t header_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t session_idle_ms;
    int64_t workers;
    int64_t task_after_ms;
    int64_t task_deadline_ms;
    int64_t max_tasks;
    int64_t max_task_bytes;
    int64_t cpu_slots; /* 0: cores */
    mcp_str state_key; /* secret */
    mcp_str now; /* RFC 3339, sets the clock */
    int text; /* 0 table, 1 json */
};
extern const struct mcp_opt mcp_app_opts[];
extern const size_t mcp_n_app_opts;

#endif
