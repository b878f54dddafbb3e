/* For tests of the tools: a temporary home, a call without a transport, a source made by hand. */
#ifndef TEST_SERVER_HELP_H
#define TEST_SERVER_HELP_H

#include <cost/tools.h>

/* A temporary folder; HOME, TMPDIR and the XDG variables point into it or are unset. */
struct server_home {
    char dir[64];
};
void server_home_begin(struct server_home *home);
void server_home_end(struct server_home *home);
/* Writes DIR/name, folders made; its path in static storage, a few at a time. */
const char *server_file(const struct server_home *home, const char *name, const char *text);
/* DIR/name, without making it; static storage too. */
const char *server_path(const struct server_home *home, const char *name);

/* A call of one of the tools with args (JSON with ' for "), its cursors sealed by a seal that knows
 * what was tampered with. Ends with server_call_end. */
struct mcp_call *server_call(const struct cost_tools *tools, const char *args);
void server_call_end(struct mcp_call *call);
/* The call's handler: as on a worker. Fails the test when it is refused. */
void server_run(struct mcp_call *call, const char *tool);
/* The refusal; static storage. Fails the test when it is answered. */
const struct mcp_error *server_refused(struct mcp_call *call, const char *tool);
/* What was answered, NUL-terminated in the call's arena. */
const char *server_json(struct mcp_call *call);
const char *server_text(struct mcp_call *call);
struct mcp_json server_root(struct mcp_call *call);

/* Answers get_costs with n groups "group-01..", the i-th costs i + 0.01, by pages of the limit. */
struct server_source {
    const char *generation;
    unsigned n_groups;
    unsigned name_len; /* groups' names are padded to it */
    const char *today, *first, *data_through;
    bool blind; /* peek has to wait */
    int rc; /* < 0: every question fails */
    unsigned asked;
};
void server_source_init(struct server_source *s, struct cost_source *out);
extern const struct cost_server_spec server_spec, server_spec_policy;

#endif
