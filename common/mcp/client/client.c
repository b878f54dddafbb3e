/* The public face of the client: connect, any request, close. */
#include "mcp/client/handshake.h"
#include "mcp/client/message.h"
#include "mcp/client/perform.h"

#include <mcp/version.h>

#include <stdlib.h>
#include <unistd.h>

#define TIMEOUT_MS 60000
#define PROBE_MS 3000
#define PROBE_HTTP_MS 10000
#define ANSWER_BYTES ((size_t)16 << 20)
#define TOOLS_MAX 1000
#define CLOSE_MS 2000

/* ---- connect and close ----------------------------------------------------------------------------- */

static const char *const *copy_list(struct mcp_arena *arena, const char *const *list, size_t n,
                                    size_t room)
{
    const char **copy = mcp_arena_alloc(arena, (n + room + 1) * sizeof(*copy));

    for (size_t i = 0; i < n; i++)
        copy[i] = mcp_arena_str(arena, mcp_str_z(list[i])).ptr;
    return copy;
}

static size_t count(const char *const *list)
{
    size_t n = 0;

    while (list != NULL && list[n] != NULL)
        n++;
    return n;
}

/* The child's environment: what the caller gives, then what of ours it cannot do without. */
static const char *const *make_env(struct mcp_arena *arena, const struct mcp_client_options *o)
{
    static const char *const kept[] = { "HOME",  "LANG", "LC_ALL", "LOGNAME", "PATH",
                                        "SHELL", "TERM", "TMPDIR", "TZ",      "USER" };
    size_t n = count(o->env), all = o->whole_env ? count((const char *const *)environ) : 0;
    size_t n_kept = sizeof(kept) / sizeof(kept[0]);
    const char *const *given = copy_list(arena, o->env, n, all + n_kept);
    const char **env = mcp_arena_alloc(arena, (n + all + n_kept + 1) * sizeof(*env));

    memcpy(env, given, n * sizeof(*env));
    for (size_t i = 0; i < all; i++)
        env[n++] = mcp_arena_str(arena, mcp_str_z(environ[i])).ptr;
    for (size_t i = 0; i < n_kept && !o->whole_env; i++) {
        const char *value = getenv(kept[i]);

        if (value != NULL)
            env[n++] = mcp_arena_printf(arena, "%s=%s", kept[i], value).ptr;
    }
    env[n] = NULL;
    return env;
}

static int check_options(const struct mcp_client_options *o, struct mcp_error *err)
{
    bool program = o->argv != NULL && o->argv[0] != NULL;

    if (program == (o->url != NULL))
        return mcp_error_set(err, MCP_EINVAL, "give either a program or a URL to connect to");
    if (program && o->token != NULL)
        return mcp_error_set(err, MCP_EINVAL,
                             "a child program gets its secrets by its "
                             "environment, not as a token");
    return 0;
}

static struct mcp_client *client_new(const struct mcp_client_options *o)
{
    struct mcp_client *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    c->arena = mcp_arena_new(0, 0);
    if (c->arena == NULL) {
        free(c);
        return NULL;
    }
    c->max_answer_bytes = o->max_answer_bytes == 0 ? ANSWER_BYTES : o->max_answer_bytes;
    c->name = mcp_arena_str(c->arena, mcp_str_z(o->name == NULL ? "libmcp" : o->name));
    c->version =
        mcp_arena_str(c->arena, mcp_str_z(o->version == NULL ? MCP_VERSION_STR : o->version));
    c->era = o->era;
    c->timeout_ms = o->timeout_ms == 0 ? TIMEOUT_MS : o->timeout_ms;
    c->probe_ms = o->probe_ms == 0 ? (o->url != NULL ? PROBE_HTTP_MS : PROBE_MS) : o->probe_ms;
    c->max_tools = o->max_tools == 0 ? TOOLS_MAX : o->max_tools;
    c->rev = MCP_REV_LATEST_LEGACY;
    atomic_init(&c->next_id, 1);
    pthread_mutex_init(&c->lock, NULL);
    mcp__mirrors_init(&c->mirrors);
    return c;
}

static int open_transport(struct mcp_client *c, const struct mcp_client_options *o,
                          struct mcp_error *err)
{
    int rc;

    if (o->url != NULL) {
        rc =
            mcp__remote_init(&c->remote, mcp_arena_str(c->arena, mcp_str_z(o->url)), o->token, err);
        c->remote.allow_http = o->allow_http;
        c->remote.max_answer_bytes = c->max_answer_bytes;
        return rc;
    }
    c->spec = (struct mcp__child_spec){
        .argv = copy_list(c->arena, o->argv, count(o->argv), 0),
        .env = make_env(c->arena, o),
        .quiet = o->quiet,
        .max_message_bytes = c->max_answer_bytes,
    };
    if (o->cwd != NULL)
        c->spec.cwd = mcp_arena_str(c->arena, mcp_str_z(o->cwd)).ptr;
    return mcp__child_start(&c->spec, &c->child, err);
}

static void client_free(struct mcp_client *c)
{
    mcp__child_stop(c->child);
    mcp__remote_release(&c->remote);
    mcp__mirrors_release(&c->mirrors);
    pthread_mutex_destroy(&c->lock);
    mcp_arena_free(c->arena);
    free(c);
}

int mcp_client_connect(struct mcp_call *call, const struct mcp_client_options *options,
                       struct mcp_client **out, struct mcp_error *err)
{
    struct mcp_client *c;
    int rc = check_options(options, err);

    if (rc < 0)
        return rc;
    c = client_new(options);
    if (c == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    rc = open_transport(c, options, err);
    if (rc == 0)
        rc = mcp__handshake(call, c, err);
    if (rc < 0) {
        client_free(c);
        return rc;
    }
    *out = c;
    return 0;
}

void mcp_client_close(struct mcp_client *client)
{
    struct mcp__remote_head head = { .revision = MCP_STR_NULL };
    struct mcp_call *scope;
    unsigned generation;

    if (client == NULL)
        return;
    if (client->child == NULL && client->session_len > 0) {
        scope = mcp_client_scope_new(CLOSE_MS);
        if (scope != NULL) {
            mcp__connection_head(client, mcp_call_arena(scope), &head, &generation);
            mcp__remote_end_session(scope, &client->remote, &head);
        }
        mcp_client_scope_free(scope);
    }
    client_free(client);
}

const struct mcp_client_server *mcp_client_server(const struct mcp_client *client)
{
    return &client->server;
}

/* ---- any request ------------------------------------------------------------------------------- */

/* The member of params that HTTP repeats as Mcp-Name. */
static mcp_str named_by(mcp_str method)
{
    if (mcp_str_eq(method, MCP_STR("tools/call")) || mcp_str_eq(method, MCP_STR("prompts/get")))
        return MCP_STR("name");
    if (mcp_str_eq(method, MCP_STR("resources/read")))
        return MCP_STR("uri");
    if (mcp_str_starts(method, MCP_STR("tasks/")))
        return MCP_STR("taskId");
    return MCP_STR_NULL;
}

int mcp_client_request(struct mcp_call *call, struct mcp_client *client, mcp_str method,
                       mcp_str params, const struct mcp_client_ask *ask, struct mcp_json *result,
                       struct mcp_error *err)
{
    struct mcp__exchange x = { .method = method, .params = params };
    mcp_str member = named_by(method);
    struct mcp_json root;

    if (client->modern && client->child == NULL && !mcp_str_is_null(member) &&
        !mcp_str_is_null(params) &&
        mcp_json_parse(mcp_call_arena(call), params, NULL, &root, NULL) == 0) {
        mcp_str name = mcp_json_get_str(root, member, mcp_call_arena(call));

        if (!mcp_str_is_null(name))
            x.name = mcp__message_header_value(mcp_call_arena(call), name);
    }
    mcp__prepare(client, ask, &x);
    return mcp__perform(call, client, &x, ask, result, err);
}
