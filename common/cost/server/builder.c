/* Builds the dataset that --demo or --data needs, in one thread beside the calls that wait for it. */
#include "builder.h"

#include "content_key.h"
#include "paths.h"

#include <cost/dataset.h>
#include <cost/demo.h>
#include <mcp/clock.h>
#include <mcp/date.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 15 /* how often a waiting call looks; a build takes seconds */
/* Raised whenever the generator or the importer changes what they write. */
#define DEMO_EDITION 2

enum build_state { IDLE, RUNNING, READY, FAILED };

struct cost__builder {
    const mcp_str *paths; /* borrowed */
    size_t n_paths;
    pthread_mutex_t lock; /* guards all below */
    enum build_state state;
    bool joinable;
    pthread_t thread;
    mcp_str path; /* in arena */
    struct mcp_error failure;
    struct cost_import_progress progress;
    uint64_t started_ms;
    struct mcp_arena *arena; /* owned; the build thread's while RUNNING */
    atomic_bool stop;
};

struct cost__builder *cost__builder_new(const mcp_str *paths, size_t n_paths)
{
    struct cost__builder *b = calloc(1, sizeof(*b));

    if (b == NULL)
        return NULL;
    b->paths = paths;
    b->n_paths = n_paths;
    pthread_mutex_init(&b->lock, NULL);
    return b;
}

void cost__builder_free(struct cost__builder *b)
{
    if (b == NULL)
        return;
    atomic_store(&b->stop, true);
    if (b->joinable)
        pthread_join(b->thread, NULL);
    mcp_arena_free(b->arena);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

static int on_progress(void *ctx, const struct cost_import_progress *p)
{
    struct cost__builder *b = ctx;

    pthread_mutex_lock(&b->lock);
    b->progress = *p;
    b->progress.file = MCP_STR_NULL; /* not ours to keep */
    pthread_mutex_unlock(&b->lock);
    return atomic_load(&b->stop);
}

/* Another process may hold the lock of the file: it builds the same thing, so wait for that. */
static void pause_for_other(void)
{
    const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };

    nanosleep(&pause, NULL);
}

static int build_demo(struct cost__builder *b, mcp_str dir, mcp_str *path, struct mcp_error *err)
{
    struct cost_demo_options options = { .last_day = mcp_instant_date(mcp_clock_now()) - 1 };
    struct cost_import_options import = { .replace = true, .progress = on_progress, .ctx = b };
    struct cost_import_report report;
    struct cost_demo *demo;
    char day[MCP_DATE_LEN + 1];
    int rc;

    mcp_date_format(options.last_day, day);
    *path = mcp_arena_printf(b->arena, "%.*s/demo-%d-%s.db", MCP_STR_ARG(dir), DEMO_EDITION, day);
    for (;;) {
        if (access(path->ptr, R_OK) == 0)
            return 0;
        demo = cost_demo_new(&options);
        if (demo == NULL)
            return mcp_error_set(err, MCP_ENOMEM, "no memory for the demo data");
        rc = cost_import_rows(*path, MCP_STR("demo"), cost_demo_next, demo, &import, b->arena,
                              &report, err);
        cost_demo_free(demo);
        if (rc != MCP_EBUSY || atomic_load(&b->stop))
            return rc;
        mcp_error_clear(err);
        pause_for_other();
    }
}

static int build_data(struct cost__builder *b, mcp_str dir, mcp_str *path, struct mcp_error *err)
{
    struct cost_import_options import = {
        .paths = b->paths, .n_paths = b->n_paths, .progress = on_progress, .ctx = b
    };
    struct cost_import_report report;
    char key[COST__CONTENT_KEY + 1];
    int rc;

    rc = cost__content_key(dir, b->paths, b->n_paths, b->arena, key, err);
    if (rc < 0)
        return rc;
    *path = mcp_arena_printf(b->arena, "%.*s/data-%s.db", MCP_STR_ARG(dir), key);
    for (;;) {
        if (access(path->ptr, R_OK) == 0)
            return 0;
        rc = cost_import(*path, &import, b->arena, &report, err);
        if (rc != MCP_EBUSY || atomic_load(&b->stop))
            return rc;
        mcp_error_clear(err);
        pause_for_other();
    }
}

static void *build_thread(void *ctx)
{
    struct cost__builder *b = ctx;
    struct mcp_error err = { 0 };
    mcp_str dir, path = MCP_STR_NULL;
    int rc = cost__path_cache_dir(b->arena, &dir, &err);

    if (rc == 0)
        rc = b->n_paths > 0 ? build_data(b, dir, &path, &err) : build_demo(b, dir, &path, &err);
    pthread_mutex_lock(&b->lock);
    b->path = path;
    b->failure = err;
    b->state = rc == 0 ? READY : FAILED;
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* Under lock. */
static int start(struct cost__builder *b, struct mcp_error *err)
{
    if (b->joinable) {
        pthread_join(b->thread, NULL); /* it has failed and ends at once */
        b->joinable = false;
    }
    mcp_arena_free(b->arena);
    b->arena = mcp_arena_new(0, 0);
    if (b->arena == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory to build the dataset");
    b->progress = (struct cost_import_progress){ 0 };
    b->started_ms = mcp_clock_mono_ms();
    if (pthread_create(&b->thread, NULL, build_thread, b) != 0)
        return mcp_error_set(err, MCP_ENOMEM, "cannot start a thread to build the dataset");
    b->joinable = true;
    b->state = RUNNING;
    return 0;
}

/* Under lock. */
static int still_building(const struct cost__builder *b, struct mcp_error *err)
{
    const struct cost_import_progress *p = &b->progress;
    uint64_t spent = mcp_clock_mono_ms() - b->started_ms;
    uint64_t left_s = 0;

    if (p->bytes > 0 && p->bytes_total > p->bytes)
        left_s = spent * (p->bytes_total - p->bytes) / p->bytes / 1000 + 1;
    mcp_error_set(err, MCP_EBUILDING, "the dataset is still being built: %llu rows read so far",
                  (unsigned long long)p->rows);
    if (err != NULL)
        err->retry_after_ms = left_s > 0 ? (int)(left_s > 600 ? 600 : left_s) * 1000 : 5000;
    if (left_s > 0)
        return mcp_error_next(err, "Ask again in about %llu s; the build goes on meanwhile.",
                              (unsigned long long)left_s);
    return mcp_error_next(err, "Ask again in a few seconds; the build goes on meanwhile.");
}

int cost__builder_path(struct cost__builder *b, struct mcp_call *call, mcp_str *path,
                       struct mcp_error *err)
{
    struct mcp_error ignored = { 0 };
    bool started = false;
    int rc;

    for (;;) {
        pthread_mutex_lock(&b->lock);
        if (b->state == READY) {
            *path = b->path;
            pthread_mutex_unlock(&b->lock);
            return 0;
        }
        if (b->state == FAILED && started) {
            rc = mcp_error_word(err, (enum mcp_err)b->failure.err, b->failure.code, "%s",
                                b->failure.message);
            if (b->failure.next[0] != '\0')
                mcp_error_next(err, "%s", b->failure.next);
            pthread_mutex_unlock(&b->lock);
            return rc;
        }
        rc = b->state == RUNNING ? 0 : start(b, err);
        started = true;
        mcp_progress(call, (int64_t)b->progress.bytes, (int64_t)b->progress.bytes_total,
                     MCP_STR("building the dataset"));
        if (rc == 0 && mcp_call_remaining_ms(call) <= POLL_MS * 4)
            rc = still_building(b, err);
        pthread_mutex_unlock(&b->lock);
        if (rc < 0)
            return rc;
        rc = mcp_sleep(call, POLL_MS, &ignored);
        if (rc == MCP_ECANCELLED)
            return mcp_error_set(err, MCP_ECANCELLED, "cancelled");
    }
}

bool cost__builder_ready(struct cost__builder *b, mcp_str *path)
{
    bool ready;

    pthread_mutex_lock(&b->lock);
    ready = b->state == READY;
    if (ready)
        *path = b->path;
    pthread_mutex_unlock(&b->lock);
    return ready;
}
