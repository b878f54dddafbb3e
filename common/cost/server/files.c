/* The file source: answers from the embedded dataset of imported FOCUS files, or of the demo. */
#include "files.h"

#include "builder.h"

#include "../dataset/snapshot.h"

#include <mcp/clock.h>
#include <mcp/date.h>

#include <pthread.h>
#include <stdlib.h>

struct cost__files {
    struct cost__files_options options; /* borrowed contents */
    struct cost__builder *builder; /* owned; NULL with a path */
    pthread_mutex_t lock; /* guards dataset while it is NULL */
    struct cost_dataset *dataset; /* owned; made once, then constant */
};

struct cost__files *cost__files_new(const struct cost__files_options *options)
{
    struct cost__files *files = calloc(1, sizeof(*files));

    if (files == NULL)
        return NULL;
    files->options = *options;
    pthread_mutex_init(&files->lock, NULL);
    if (options->demo || options->n_data > 0) {
        files->builder = cost__builder_new(options->data, options->n_data);
        if (files->builder == NULL) {
            free(files);
            return NULL;
        }
    }
    return files;
}

void cost__files_free(struct cost__files *files)
{
    if (files == NULL)
        return;
    cost__builder_free(files->builder);
    cost_dataset_free(files->dataset);
    pthread_mutex_destroy(&files->lock);
    free(files);
}

static int not_configured(const struct cost__files *files, struct mcp_error *err)
{
    const char *name = files->options.spec->name;

    mcp_error_word(err, MCP_ECONFIG, "not_configured",
                   "there is no billing data yet: nothing was imported and no --data, --dataset or "
                   "--demo was given");
    return mcp_error_next(err,
                          "Import a FOCUS export: %s import FILE.csv (folders and .csv.gz too), or "
                          "start the server with --data FILE or, to try it, with --demo.",
                          name);
}

static struct cost_dataset *dataset_at(struct cost__files *files, mcp_str path)
{
    struct cost_dataset *ds;

    pthread_mutex_lock(&files->lock);
    if (files->dataset == NULL) {
        files->dataset = cost_dataset_new(path, files->options.demo ? "demo" : "focus-files");
        if (files->dataset != NULL && files->options.grace != NULL)
            cost_dataset_set_grace(files->dataset, files->options.grace);
    }
    ds = files->dataset;
    pthread_mutex_unlock(&files->lock);
    return ds;
}

int cost__files_snapshot(struct cost__files *files, struct mcp_call *call,
                         struct cost_snapshot **snap, struct mcp_error *err)
{
    mcp_str path = files->options.path;
    struct cost_dataset *ds;
    int rc;

    if (files->builder != NULL) {
        rc = cost__builder_path(files->builder, call, &path, err);
        if (rc < 0)
            return rc;
    } else if (mcp_str_is_null(path)) {
        return not_configured(files, err);
    }
    ds = dataset_at(files, path);
    if (ds == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory to open the dataset");
    rc = cost_dataset_acquire(ds, snap, err);
    if (rc == MCP_ENOTFOUND && err != NULL) {
        err->next[0] = '\0'; /* the words to type are known here only */
        mcp_error_next(err, "Make it: %s import FILE.csv --dataset %.*s", files->options.spec->name,
                       MCP_STR_ARG(path));
    }
    return rc;
}

#define QUIET_MS 500 /* of a query, before it tells how far it is */

static bool call_cancelled(void *ctx)
{
    return mcp_call_cancelled(ctx);
}

/* A query on its way: asked once a block, it counts them for who waits long. */
struct reading {
    struct mcp_call *call; /* borrowed */
    uint64_t since_ms;
    int64_t blocks;
};

static bool reading_cancelled(void *ctx)
{
    struct reading *r = ctx;

    r->blocks++;
    if (mcp_clock_mono_ms() - r->since_ms >= QUIET_MS)
        mcp_progress(r->call, r->blocks, 0, MCP_STR("reading the dataset"));
    return mcp_call_cancelled(r->call);
}

static void scope_init(const struct cost__files *files, struct mcp_call *call,
                       struct cost_scope *scope)
{
    const struct cost_server_spec *spec = files->options.spec;

    *scope =
        (struct cost_scope){ .family = mcp_str_z(spec->family), .kubernetes = spec->kubernetes };
    if (call != NULL) {
        struct reading *r = MCP_ARENA_NEW(mcp_call_arena(call), struct reading);

        *r = (struct reading){ .call = call, .since_ms = mcp_clock_mono_ms() };
        scope->cancelled = reading_cancelled;
        scope->ctx = r;
    }
}

static void release_snapshot(void *snap)
{
    cost_snapshot_release(snap);
}

static size_t count_words(const char *const *words)
{
    size_t n = 0;

    while (words != NULL && words[n] != NULL)
        n++;
    return n;
}

static const mcp_str *words_of(struct mcp_arena *arena, const char *const *words, size_t n)
{
    mcp_str *out = mcp_arena_alloc(arena, (n + 1) * sizeof(*out));

    for (size_t i = 0; i < n; i++)
        out[i] = mcp_str_z(words[i]);
    return out;
}

/* What every answer says of where it comes from and what it must not be added to. */
static void describe(const struct cost__files *files, struct cost_result *r)
{
    const struct cost_server_spec *spec = files->options.spec;

    r->backend = files->options.demo ? MCP_STR("demo") : MCP_STR("focus-files");
    if (spec->kubernetes)
        r->provider = MCP_STR("opencost");
    r->n_contains = count_words(spec->contains);
    r->contains = words_of(r->arena, spec->contains, r->n_contains);
    r->n_overlaps = count_words(spec->overlaps_with);
    r->overlaps_with = words_of(r->arena, spec->overlaps_with, r->n_overlaps);
    if (files->options.demo)
        cost_result_warn(r, "demo_data", MCP_STR("Import a FOCUS export for real figures."),
                         "These are synthetic figures of the built-in demo, not a bill.");
}

/* What the four functions share: the snapshot, its dates, the resolved query, a slot to compute. */
struct asked {
    struct cost_snapshot *snap; /* released by the arena */
    struct cost_scope scope;
    struct cost_query query;
    struct mcp_arena *arena;
};

static int ask(struct cost__files *files, struct mcp_call *call, const struct cost_query *query,
               bool resolve, struct asked *a, struct mcp_error *err)
{
    struct cost_extent extent;
    int rc;

    a->arena = mcp_call_arena(call);
    a->query = *query;
    scope_init(files, call, &a->scope);
    rc = cost__files_snapshot(files, call, &a->snap, err);
    if (rc < 0)
        return rc;
    mcp_arena_defer(a->arena, release_snapshot, a->snap);
    if (resolve) {
        rc = cost_snapshot_extent(a->snap, &a->scope, &extent, err);
        if (rc < 0)
            return rc;
        extent.today = mcp_instant_date(mcp_clock_now());
        rc = cost_query_resolve(&a->query, &extent, err);
        if (rc < 0)
            return rc;
    }
    rc = mcp_cpu_enter(call, err);
    if (rc == 0)
        cost__snapshot_watch(call_cancelled, call);
    return rc;
}

/* The end of what ask began. */
static void leave(struct mcp_call *call)
{
    cost__snapshot_watch(NULL, NULL);
    mcp_cpu_leave(call);
}

static int files_costs(void *ctx, struct mcp_call *call, const struct cost_query *query,
                       struct cost_result *out, struct mcp_error *err)
{
    struct asked a;
    int rc = ask(ctx, call, query, true, &a, err);

    if (rc < 0)
        return rc;
    rc = cost_dataset_costs(a.snap, &a.scope, &a.query, a.arena, out, err);
    leave(call);
    if (rc == 0)
        describe(ctx, out);
    return rc;
}

static int files_forecast(void *ctx, struct mcp_call *call, const struct cost_query *query,
                          struct cost_forecast_result *out, struct mcp_error *err)
{
    struct asked a;
    int rc = ask(ctx, call, query, false, &a, err);

    if (rc < 0)
        return rc;
    rc = cost__files_forecast(a.snap, &a.scope, &a.query, a.arena, out, err);
    leave(call);
    if (rc == 0)
        describe(ctx, &out->base);
    return rc;
}

static int files_recommendations(void *ctx, struct mcp_call *call, const struct cost_query *query,
                                 struct cost_recommendations *out, struct mcp_error *err)
{
    struct asked a;
    int rc = ask(ctx, call, query, true, &a, err);

    if (rc < 0)
        return rc;
    rc = cost_dataset_recommendations(a.snap, &a.scope, &a.query, a.arena, out, err);
    leave(call);
    if (rc == 0)
        describe(ctx, &out->base);
    return rc;
}

static int files_resources(void *ctx, struct mcp_call *call, const struct cost_query *query,
                           struct cost_resources *out, struct mcp_error *err)
{
    struct asked a;
    int rc = ask(ctx, call, query, true, &a, err);

    if (rc < 0)
        return rc;
    rc = cost_dataset_resources(a.snap, &a.scope, &a.query, a.arena, out, err);
    leave(call);
    if (rc == 0)
        describe(ctx, &out->base);
    return rc;
}

static int files_values(void *ctx, struct mcp_call *call, enum cost_dim dim, const mcp_str **values,
                        size_t *n, struct mcp_error *err)
{
    const struct cost_query none = { .tool = COST_GET_COSTS };
    struct asked a;
    int rc = ask(ctx, call, &none, false, &a, err);

    if (rc < 0)
        return rc;
    rc = cost_dataset_values(a.snap, &a.scope, dim, a.arena, values, n, err);
    leave(call);
    return rc;
}

static int files_peek(void *ctx, struct cost_query *query, mcp_str *generation,
                      struct mcp_arena *arena)
{
    struct cost__files *files = ctx;
    struct cost_snapshot *snap;
    struct cost_extent extent;
    struct cost_scope scope;
    struct cost_dataset *ds;
    int rc;

    pthread_mutex_lock(&files->lock);
    ds = files->dataset;
    pthread_mutex_unlock(&files->lock);
    snap = ds == NULL ? NULL : cost_dataset_peek(ds);
    if (snap == NULL)
        return MCP_MISS;
    mcp_arena_defer(arena, release_snapshot, snap);
    scope_init(files, NULL, &scope);
    rc = cost_snapshot_extent(snap, &scope, &extent, NULL);
    extent.today = mcp_instant_date(mcp_clock_now());
    if (rc == 0)
        rc = cost_query_resolve(query, &extent, NULL); /* a worker says what is wrong */
    *generation = cost_snapshot_generation(snap);
    return rc < 0 ? MCP_MISS : 0;
}

void cost__files_source(struct cost__files *files, struct cost_source *out)
{
    *out = (struct cost_source){ .costs = files_costs,
                                 .forecast = files_forecast,
                                 .recommendations = files_recommendations,
                                 .resources = files_resources,
                                 .values = files_values,
                                 .peek = files_peek,
                                 .ctx = files };
}
