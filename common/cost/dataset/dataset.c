/* A dataset file that is watched: the current state by its inode, old states until their last user. */
#include "snapshot_internal.h"
#include "snapshot_open.h"

#include <mcp/clock.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS 1000

struct cost_dataset {
    char *path; /* owned */
    char *backend; /* owned */
    struct cost_grace grace;
    pthread_mutex_t lock; /* of what follows */
    struct cost_snapshot *current; /* one use is the dataset's own; NULL: none open */
    uint64_t looked_ms; /* when the path was looked at last */
};

struct cost_dataset *cost_dataset_new(mcp_str path, const char *backend)
{
    struct cost_dataset *ds = calloc(1, sizeof(*ds));

    if (ds == NULL)
        return NULL;
    ds->path = strndup(path.ptr == NULL ? "" : path.ptr, path.len);
    ds->backend = strdup(backend);
    if (ds->path == NULL || ds->backend == NULL) {
        free(ds->path);
        free(ds->backend);
        free(ds);
        return NULL;
    }
    ds->grace = (struct cost_grace){ COST_GRACE_AWS_DAYS, COST_GRACE_OTHER_DAYS };
    pthread_mutex_init(&ds->lock, NULL);
    return ds;
}

void cost_dataset_free(struct cost_dataset *ds)
{
    if (ds == NULL)
        return;
    cost_snapshot_release(ds->current);
    pthread_mutex_destroy(&ds->lock);
    free(ds->path);
    free(ds->backend);
    free(ds);
}

void cost_dataset_set_grace(struct cost_dataset *ds, const struct cost_grace *grace)
{
    ds->grace = *grace;
}

const char *cost_dataset_backend(const struct cost_dataset *ds)
{
    return ds->backend;
}

void cost_snapshot_release(struct cost_snapshot *snap)
{
    if (snap != NULL && atomic_fetch_sub_explicit(&snap->refs, 1, memory_order_acq_rel) == 1)
        cost__snapshot_free(snap);
}

static struct cost_snapshot *use(struct cost_snapshot *snap)
{
    atomic_fetch_add_explicit(&snap->refs, 1, memory_order_relaxed);
    return snap;
}

static int not_there(const struct cost_dataset *ds, int code, struct mcp_error *err)
{
    if (code != ENOENT && code != ENOTDIR) {
        mcp_error_set(err, MCP_EIO, "%s: %s", ds->path, strerror(code));
        return mcp_error_next(err, "Check the path and its permissions");
    }
    mcp_error_word(err, MCP_ENOTFOUND, "no_dataset", "there is no dataset at %s", ds->path);
    return mcp_error_next(err, "Import FOCUS files first (import FILE...), or use --demo");
}

/* Says which file it was, and what is often meant. */
static int not_opened(const struct cost_dataset *ds, const struct mcp_error *why,
                      struct mcp_error *err)
{
    bool named = strstr(why->message, ds->path) != NULL;

    mcp_error_word(err, why->err, why->code, "%s%s%s", named ? "" : ds->path, named ? "" : ": ",
                   why->message);
    if (why->next[0] != '\0')
        return mcp_error_next(err, "%s", why->next);
    if (why->err == MCP_EDATA)
        mcp_error_next(err, "Give --dataset a file that import made; FOCUS files themselves are "
                            "served with --data");
    return (int)why->err;
}

/* Opens what stands at the path now, in the place of current. Under lock. */
static int open_current(struct cost_dataset *ds, struct cost_snapshot **old, struct mcp_error *err)
{
    struct cost_snapshot *snap = NULL;
    struct mcp_error why = { 0 };
    struct stat st;
    int fd = open(ds->path, O_RDONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return not_there(ds, errno, err);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        mcp_error_word(&why, MCP_EDATA, "bad_dataset", "%s is no file", ds->path);
        return not_opened(ds, &why, err);
    }
    rc = cost__snapshot_open(fd, mcp_str_z(ds->path), &ds->grace, &snap, &why);
    if (rc != 0)
        return not_opened(ds, &why, err);
    snap->dev = st.st_dev;
    snap->ino = st.st_ino;
    snap->file_bytes = (uint64_t)st.st_size;
    *old = ds->current;
    ds->current = snap;
    return 0;
}

int cost_dataset_acquire(struct cost_dataset *ds, struct cost_snapshot **snap,
                         struct mcp_error *err)
{
    struct cost_snapshot *old = NULL;
    uint64_t now = mcp_clock_mono_ms();
    struct stat st;
    int rc = 0;

    pthread_mutex_lock(&ds->lock);
    if (ds->current == NULL || now - ds->looked_ms >= LOOK_MS) {
        /* The inode of the open state cannot be given to another file: a descriptor holds it. */
        if (ds->current == NULL)
            rc = open_current(ds, &old, err);
        else if (stat(ds->path, &st) != 0)
            rc = not_there(ds, errno, err);
        else if (st.st_dev != ds->current->dev || st.st_ino != ds->current->ino)
            rc = open_current(ds, &old, err);
        if (rc == 0)
            ds->looked_ms = now;
    }
    if (rc == 0)
        *snap = use(ds->current);
    pthread_mutex_unlock(&ds->lock);
    cost_snapshot_release(old);
    return rc;
}

struct cost_snapshot *cost_dataset_peek(struct cost_dataset *ds)
{
    struct cost_snapshot *snap = NULL;

    /* The loop thread asks: another thread that is opening the file is not waited for. */
    if (pthread_mutex_trylock(&ds->lock) != 0)
        return NULL;
    if (ds->current != NULL && mcp_clock_mono_ms() - ds->looked_ms < LOOK_MS)
        snap = use(ds->current);
    pthread_mutex_unlock(&ds->lock);
    return snap;
}
