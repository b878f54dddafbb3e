/* A server made of tools and options: it wires registry, sealer, access and routes to a transport. */
#include <mcp/app.h>

#include "mcp/net/serve.h"
#include "mcp/proto/registry.h"
#include "mcp/server/access.h"
#include "mcp/server/health.h"
#include "mcp/server/metrics.h"
#include "mcp/server/signals.h"
#include "mcp/server/state_key.h"
#include "mcp/upstream/late.h"

#include <mcp/clock.h>
#include <mcp/date.h>
#include <mcp/log.h>

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_PORT 8080
#define N_ROUTES 4
#define LAST_LOG_MS 200

struct mcp_app {
    struct mcp_app_spec spec;
    const struct mcp_app_config *config; /* borrowed */
    struct mcp_registry *registry; /* owned */
    struct mcp__state_key key;
    struct mcp_sealer sealer; /* on key */
    struct mcp__metrics metrics;
    struct mcp_serve serve;
};

static unsigned to_unsigned(int64_t value)
{
    return value < 0 ? 0 : value > UINT_MAX ? UINT_MAX : (unsigned)value;
}

static void set_limits(struct mcp_serve_config *out, const struct mcp_app_config *in)
{
    out->deadline_ms = to_unsigned(in->deadline_ms);
    out->max_body_bytes = (size_t)in->max_body_bytes;
    out->max_header_bytes = (size_t)in->max_header_bytes;
    out->max_connections = to_unsigned(in->max_connections);
    out->max_sessions = to_unsigned(in->max_sessions);
    out->max_queue = to_unsigned(in->max_queue);
    out->max_json_tokens = (size_t)in->max_json_tokens;
    out->max_replay_bytes = (size_t)in->max_replay_bytes;
    out->header_timeout_ms = to_unsigned(in->header_timeout_ms);
    out->idle_timeout_ms = to_unsigned(in->idle_timeout_ms);
    out->session_idle_ms = to_unsigned(in->session_idle_ms);
    out->workers = to_unsigned(in->workers);
    out->task_after_ms = to_unsigned(in->task_after_ms);
    out->task_deadline_ms = to_unsigned(in->task_deadline_ms);
    out->max_tasks = to_unsigned(in->max_tasks);
    out->max_task_bytes = (size_t)in->max_task_bytes;
    out->cpu_slots = to_unsigned(in->cpu_slots);
    out->text_json = in->text == 1;
    out->allowed_hosts = in->allowed_hosts.items;
    out->n_allowed_hosts = in->allowed_hosts.count;
    out->allowed_origins = in->allowed_origins.items;
    out->n_allowed_origins = in->allowed_origins.count;
    /* Its name would be looked up; both loopback addresses are what is meant. */
    if (!mcp_str_eq_nocase(in->http.host, MCP_STR("localhost")))
        out->host = in->http.host.len == 0 ? MCP_STR_NULL : in->http.host;
    out->port = in->http.port < 0 ? DEFAULT_PORT : in->http.port;
}

static int set_clock(mcp_str now, struct mcp_error *err)
{
    int64_t instant;

    if (now.len == 0)
        return 0;
    if (mcp_instant_parse(now, false, &instant) < 0)
        return mcp_error_set(err, MCP_EINVAL,
                             "now must be an RFC 3339 instant like 2026-03-01T12:00:00Z, not "
                             "\"%.*s\"",
                             MCP_STR_ARG(mcp_str_head(now, 40)));
    mcp_clock_set(instant);
    return 0;
}

/* The one line that says where, whatever the log level is: who starts us reads the port there. */
static void on_listening(void *ctx, const char *address, int port)
{
    const struct mcp_app *app = ctx;
    bool v6 = strchr(address, ':') != NULL;
    struct mcp_buf url;

    mcp_buf_init(&url, 512);
    mcp_buf_printf(&url, "http://%s%s%s:%d/mcp", v6 ? "[" : "", address, v6 ? "]" : "", port);
    mcp_log_write(MCP_LOG_INFO, "listening",
                  (const struct mcp_kv[]){
                      MCP_KV_STR("url", mcp_buf_view(&url)),
                      MCP_KV_Z("server", app->spec.name),
                      MCP_KV_Z("version", app->spec.version),
                      { .key = NULL, .type = MCP_KV_END },
                  });
    mcp_buf_release(&url);
}

static void on_tick(void *ctx)
{
    (void)ctx;
    mcp_log_flush(0);
}

static int authorize(void *ctx, const struct mcp_http_head *head, struct mcp_buf *principal,
                     struct mcp_http_reply *reply)
{
    return mcp__access_authorize(((const struct mcp_app *)ctx)->config, head, principal, reply);
}

static void live(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply)
{
    mcp__health_live(&((struct mcp_app *)ctx)->serve, head, reply);
}

static void ready(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply)
{
    mcp__health_ready(&((struct mcp_app *)ctx)->serve, head, reply);
}

static void metrics(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply)
{
    mcp__metrics_serve(&((struct mcp_app *)ctx)->metrics, head, reply);
}

static const struct mcp_route routes[N_ROUTES] = {
    { .path = "/health", .open = true, .serve = ready },
    { .path = "/health/live", .open = true, .serve = live },
    { .path = "/health/ready", .open = true, .serve = ready },
    { .path = "/metrics", .open = false, .serve = metrics },
};

int mcp_app_new(const struct mcp_app_spec *spec, const struct mcp_app_config *config,
                struct mcp_app **out, struct mcp_error *err)
{
    const struct mcp_registry_spec offer = {
        .name = spec->name,
        .title = spec->title,
        .version = spec->version,
        .description = spec->description,
        .instructions = spec->instructions,
        .tools = spec->tools,
        .n_tools = spec->n_tools,
        .resources = spec->resources,
        .n_resources = spec->n_resources,
        .prompts = spec->prompts,
        .n_prompts = spec->n_prompts,
        .logging = spec->logging,
        .changes = spec->changes,
    };
    const char *dir = spec->state_dir != NULL ? spec->state_dir : spec->name;
    struct mcp_app *app;
    int rc;

    if (spec->name == NULL || spec->version == NULL)
        return mcp_error_set(err, MCP_EINVAL, "a server needs a name and a version");
    app = calloc(1, sizeof(*app));
    if (app == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    app->spec = *spec;
    app->config = config;
    mcp_log_level = (enum mcp_log_level)config->log_level;
    rc = mcp__state_key_init(&app->key, config->state_key, dir, err);
    if (rc == 0)
        rc = set_clock(config->now, err);
    if (rc == 0)
        rc = mcp__registry_new(&offer, &app->registry, err);
    if (rc < 0) {
        mcp_app_free(app);
        return rc;
    }
    mcp__late_configure((size_t)config->max_upstream_bytes_total);
    app->sealer = mcp__state_key_sealer(&app->key);
    app->metrics = (struct mcp__metrics){ .serve = &app->serve,
                                          .name = spec->name,
                                          .version = spec->version,
                                          .start_ms = mcp_clock_mono_ms() };
    app->serve.registry = app->registry;
    app->serve.sealer = &app->sealer;
    app->serve.user = spec->user;
    app->serve.ctx = app;
    app->serve.authorize = config->auth == MCP_AUTH_NONE ? NULL : authorize;
    app->serve.routes = routes;
    app->serve.n_routes = N_ROUTES;
    app->serve.on_listening = on_listening;
    app->serve.on_tick = on_tick;
    set_limits(&app->serve.config, config);
    if (spec->self != NULL)
        *spec->self = app;
    *out = app;
    return 0;
}

void mcp_app_free(struct mcp_app *app)
{
    if (app == NULL)
        return;
    mcp__registry_free(app->registry);
    mcp__state_key_release(&app->key);
    free(app);
}

static void log_failure(const struct mcp_error *err)
{
    mcp_log_write(MCP_LOG_ERROR, err->message,
                  (const struct mcp_kv[]){
                      MCP_KV_Z("code", err->code == NULL ? mcp_err_name(err->err) : err->code),
                      MCP_KV_Z("next", err->next),
                      { .key = NULL, .type = MCP_KV_END },
                  });
}

/* Of glibc's heaps: each keeps what its busiest moment took, and by default there are eight for each
 * processor. Handlers compute on as many threads as there are processors; the others wait. */
#define HEAPS_MAX 4

int mcp_app_run(struct mcp_app *app)
{
    struct mcp_error err = { .err = MCP_OK };
    int status;

    if (app->config->http.set && mcp__access_check(app->config, &err) < 0) {
        status = 2;
    } else {
#ifdef M_ARENA_MAX
        mallopt(M_ARENA_MAX, HEAPS_MAX);
#endif
        /* HTTP serves many, perhaps on many instances: one user's file would be the wrong key. */
        if (app->config->http.set)
            app->key.dir = NULL;
        mcp__signals_begin(&app->serve);
        status = app->config->http.set ? mcp__serve_http(&app->serve, &err)
                                       : mcp__serve_stdio(&app->serve, &err);
        /* What still runs may use anything: nothing is taken from under it. */
        if (!app->serve.stuck)
            mcp__late_stop();
        mcp__signals_end();
    }
    if (err.err != MCP_OK)
        log_failure(&err);
    mcp_log_flush(LAST_LOG_MS);
    if (app->serve.stuck)
        _exit(status);
    return status;
}

void mcp_app_changed(struct mcp_app *app, enum mcp_change change, mcp_str uri)
{
    MCP_BUG_ON((app->spec.changes & (unsigned)change) == 0);
    mcp__serve_changed(&app->serve, change, uri);
}

static bool interrupted(void *ctx)
{
    (void)ctx;
    return mcp__signals_seen();
}

int mcp_app_call(struct mcp_app *app, mcp_str tool, mcp_str args_json, struct mcp_arena *arena,
                 void (*progress)(void *ctx, int64_t done, int64_t total, mcp_str message),
                 void *ctx, struct mcp_app_answer *answer, struct mcp_error *err)
{
    struct mcp_serve_hooks hooks = { .progress = progress, .interrupted = interrupted, .ctx = ctx };
    struct mcp_serve_answer got = { .is_error = false };
    int rc;

    /* Nobody else waits for it, and who does can interrupt it. */
    app->serve.config.deadline_ms = UINT_MAX;
    mcp__signals_begin(NULL);
    rc = mcp__serve_call(&app->serve, tool, args_json, arena, &hooks, &got, err);
    mcp__signals_end();
    mcp_log_flush(LAST_LOG_MS);
    if (rc < 0)
        return rc;
    *answer = (struct mcp_app_answer){ .is_error = got.is_error,
                                       .structured = got.structured,
                                       .text = got.text };
    return 0;
}
