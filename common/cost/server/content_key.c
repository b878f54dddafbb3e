/* Names the content of files, remembering what was read before by path, size, time and inode. */
#include "content_key.h"

#include <mcp/buf.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_FILES 10000
#define MAX_DEPTH 32 /* as the import */
#define READ_BYTES (256 * 1024)
/* Kernels before 6.13 tell times in ticks of up to 10 ms: a file that changed that recently may
 * change again without a trace. */
#define SETTLED_NS ((int64_t)50 * 1000000)
#define SECOND_NS ((int64_t)1000000000)
/* Beyond it, and before 1970, a file system's time is a slip, and its nanoseconds might not fit. */
#define LATEST_S ((int64_t)9000000000)

struct found {
    const char **files; /* in arena */
    size_t count;
    int64_t newest_ns; /* when the last of them changed since 1970, by stat_key */
    struct mcp_arena *arena;
};

static bool ends_nocase(mcp_str name, mcp_str end)
{
    return name.len >= end.len &&
           mcp_str_eq_nocase(mcp_str_n(name.ptr + name.len - end.len, end.len), end);
}

/* At least what an import reads: a file that it reads and this does not would never be seen to
 * change. */
static bool is_data_file(mcp_str name)
{
    return ends_nocase(name, MCP_STR(".csv")) || ends_nocase(name, MCP_STR(".csv.gz")) ||
           ends_nocase(name, MCP_STR(".json"));
}

static int add_file(struct found *f, const char *path, struct mcp_error *err)
{
    if (f->count == MAX_FILES) {
        mcp_error_set(err, MCP_ETOOBIG, "more than %d files in --data", MAX_FILES);
        return mcp_error_next(err, "Import them in parts: mcp-forecast import FOLDER");
    }
    f->files[f->count++] = mcp_arena_str(f->arena, mcp_str_z(path)).ptr;
    return 0;
}

/* given: the user named it, so any name is taken; links inside folders are not followed. */
static int add_path(struct found *f, const char *path, bool given, unsigned depth,
                    struct mcp_error *err)
{
    struct dirent *entry;
    struct stat st;
    int rc = 0;
    DIR *dir;

    if ((given ? stat(path, &st) : lstat(path, &st)) < 0) {
        mcp_error_set(err, MCP_ENOTFOUND, "cannot read %s: %s", path, strerror(errno));
        return mcp_error_next(err, "Check the path given to --data.");
    }
    if (S_ISREG(st.st_mode))
        return given || is_data_file(mcp_str_z(path)) ? add_file(f, path, err) : 0;
    if (given && !S_ISDIR(st.st_mode)) {
        mcp_error_set(err, MCP_EINVAL, "%s is no file and no folder", path);
        return mcp_error_next(err, "Import it: mcp-forecast import %s", path);
    }
    if (!S_ISDIR(st.st_mode) || depth == MAX_DEPTH)
        return 0;
    dir = opendir(path);
    if (dir == NULL)
        return mcp_error_set(err, MCP_EIO, "cannot read the folder %s: %s", path, strerror(errno));
    while (rc == 0 && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.')
            rc = add_path(f, mcp_arena_printf(f->arena, "%s/%s", path, entry->d_name).ptr, false,
                          depth + 1, err);
    }
    closedir(dir);
    return rc;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void hex_of(XXH3_state_t *state, char out[COST__CONTENT_KEY + 1])
{
    XXH128_hash_t h = XXH3_128bits_digest(state);

    snprintf(out, COST__CONTENT_KEY + 1, "%016llx%016llx", (unsigned long long)h.high64,
             (unsigned long long)h.low64);
}

/* False while a file may still change within the tick of its time. One from the future is of another
 * clock, which says nothing of ours. */
static bool settled(const struct found *f, const struct timespec *now)
{
    int64_t age = (int64_t)now->tv_sec * SECOND_NS + now->tv_nsec - f->newest_ns;

    return age >= SETTLED_NS || age < -SECOND_NS;
}

static int stat_key(struct found *f, XXH3_state_t *state, char out[COST__CONTENT_KEY + 1],
                    struct mcp_error *err)
{
    XXH3_128bits_reset(state);
    for (size_t i = 0; i < f->count; i++) {
        char *real = realpath(f->files[i], NULL);
        struct stat st;
        int64_t facts[4], changed_ns;

        if (real == NULL || stat(real, &st) < 0) {
            free(real);
            return mcp_error_set(err, MCP_EIO, "cannot read %s: %s", f->files[i], strerror(errno));
        }
        facts[0] = (int64_t)st.st_size;
        facts[1] = (int64_t)st.st_mtim.tv_sec;
        facts[2] = (int64_t)st.st_mtim.tv_nsec;
        facts[3] = (int64_t)st.st_ino;
        changed_ns = facts[1] < 0 || facts[1] > LATEST_S ? 0 : facts[1] * SECOND_NS + facts[2];
        if (changed_ns > f->newest_ns)
            f->newest_ns = changed_ns;
        XXH3_128bits_update(state, real, strlen(real) + 1);
        XXH3_128bits_update(state, facts, sizeof(facts));
        free(real);
    }
    hex_of(state, out);
    return 0;
}

static int content_key(const struct found *f, XXH3_state_t *state, char out[COST__CONTENT_KEY + 1],
                       struct mcp_error *err)
{
    char *bytes = mcp_arena_alloc(f->arena, READ_BYTES);

    XXH3_128bits_reset(state);
    for (size_t i = 0; i < f->count; i++) {
        int fd = open(f->files[i], O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : 0;
        uint64_t size = 0;

        while (fd >= 0 && (n = read(fd, bytes, READ_BYTES)) > 0) {
            XXH3_128bits_update(state, bytes, (size_t)n);
            size += (uint64_t)n;
        }
        if (n < 0)
            mcp_error_set(err, MCP_EIO, "cannot read %s: %s", f->files[i], strerror(errno));
        if (fd >= 0)
            close(fd);
        if (n < 0)
            return MCP_EIO;
        XXH3_128bits_update(state, &size, sizeof(size));
    }
    hex_of(state, out);
    return 0;
}

int cost__content_key(mcp_str dir, const mcp_str *paths, size_t n_paths, struct mcp_arena *arena,
                      char key[COST__CONTENT_KEY + 1], struct mcp_error *err)
{
    struct found f = { .arena = arena };
    struct timespec now;
    XXH3_state_t *state = XXH3_createState();
    char seen[COST__CONTENT_KEY + 1];
    const char *note;
    ssize_t n;
    int rc = 0;

    if (state == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory to read the files");
    f.files = mcp_arena_alloc(arena, MAX_FILES * sizeof(*f.files));
    for (size_t i = 0; rc == 0 && i < n_paths; i++)
        rc = add_path(&f, mcp_arena_str(arena, paths[i]).ptr, true, 0, err);
    if (rc < 0)
        goto out;
    qsort(f.files, f.count, sizeof(*f.files), by_name);
    clock_gettime(CLOCK_REALTIME, &now);
    rc = stat_key(&f, state, seen, err);
    if (rc < 0)
        goto out;
    /* A symbolic link holds 32 digits without a file to be half-written. */
    note = mcp_arena_printf(arena, "%.*s/seen-%s", MCP_STR_ARG(dir), seen).ptr;
    n = readlink(note, key, COST__CONTENT_KEY + 1);
    if (n == COST__CONTENT_KEY) {
        key[n] = '\0';
        goto out;
    }
    rc = content_key(&f, state, key, err);
    if (rc == 0 && settled(&f, &now) && symlink(key, note) < 0 && errno != EEXIST)
        rc = mcp_error_set(err, MCP_EIO, "cannot write %s: %s", note, strerror(errno));
out:
    XXH3_freeState(state);
    return rc;
}
