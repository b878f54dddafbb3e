/* The files of a delivery: folders walked, manifests read, older runs left out. */
#include "filelist.h"
#include "manifest.h"

#include <mcp/map.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 32
#define MAX_MANIFESTS 10000
#define MANIFEST_BYTES ((size_t)4 << 20)

struct walk {
    struct mcp_arena *arena;
    struct cost__file_list *list;
    struct cost__manifest *manifests; /* in arena */
    size_t n_manifests, manifests_size;
    struct mcp_error *err;
};

static bool data_named(mcp_str name)
{
    static const char *const ends[] = { ".csv", ".csv.gz" };

    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        size_t len = strlen(ends[i]);

        if (name.len > len && name.ptr[0] != '.' &&
            mcp_str_eq_nocase(mcp_str_n(name.ptr + name.len - len, len), mcp_str_z(ends[i])))
            return true;
    }
    return false;
}

static int io_error(struct walk *w, mcp_str path)
{
    mcp_error_set(w->err, errno == ENOENT ? MCP_ENOTFOUND : MCP_EIO, "%.*s: %s", MCP_STR_ARG(path),
                  strerror(errno));
    return mcp_error_next(w->err, "Check the path and its permissions");
}

/* Doubles an array in the arena. */
static void *grown(struct walk *w, const void *items, size_t n, size_t size, size_t item)
{
    void *more = mcp_arena_try_array(w->arena, size, item);

    if (more != NULL && n > 0)
        memcpy(more, items, n * item);
    return more;
}

static int add_file(struct walk *w, mcp_str path, const struct stat *st)
{
    struct cost__file_list *l = w->list;

    if (l->n == COST__MAX_FILES)
        return mcp_error_set(w->err, MCP_ETOOBIG, "more than %d files", COST__MAX_FILES);
    if (l->n == l->size) {
        size_t size = l->size == 0 ? 64 : l->size * 2;
        struct cost__file *items = grown(w, l->items, l->n, size, sizeof(*items));

        if (items == NULL)
            return mcp_error_set(w->err, MCP_ENOMEM, "out of memory");
        l->items = items;
        l->size = size;
    }
    l->items[l->n++] = (struct cost__file){
        .path = path, .source = MCP_STR_NULL, .size = (uint64_t)st->st_size, .mtime = st->st_mtime
    };
    return 0;
}

static int read_whole(struct walk *w, mcp_str path, mcp_str *text)
{
    int fd = open(path.ptr, O_RDONLY | O_CLOEXEC);
    struct stat st;
    char *p = NULL;
    size_t len = 0;
    ssize_t n = 0;
    int rc = 0;

    if (fd < 0)
        return io_error(w, path);
    if (fstat(fd, &st) != 0) {
        rc = io_error(w, path);
    } else if ((size_t)st.st_size > MANIFEST_BYTES) {
        rc = mcp_error_set(w->err, MCP_ETOOBIG, "%.*s: a manifest over %zu bytes",
                           MCP_STR_ARG(path), MANIFEST_BYTES);
    } else {
        p = mcp_arena_try(w->arena, (size_t)st.st_size + 1);
        if (p == NULL)
            rc = mcp_error_set(w->err, MCP_ENOMEM, "out of memory");
    }
    while (rc == 0 && len < (size_t)st.st_size &&
           (n = read(fd, p + len, (size_t)st.st_size - len)) > 0)
        len += (size_t)n;
    if (rc == 0 && n < 0)
        rc = io_error(w, path);
    close(fd);
    *text = mcp_str_n(p, len);
    return rc;
}

static int add_manifest(struct walk *w, mcp_str path, const struct stat *st)
{
    mcp_str text;
    int rc;

    if (w->n_manifests == MAX_MANIFESTS)
        return mcp_error_set(w->err, MCP_ETOOBIG, "more than %d manifests", MAX_MANIFESTS);
    if (w->n_manifests == w->manifests_size) {
        size_t size = w->manifests_size == 0 ? 16 : w->manifests_size * 2;
        struct cost__manifest *more = grown(w, w->manifests, w->n_manifests, size, sizeof(*more));

        if (more == NULL)
            return mcp_error_set(w->err, MCP_ENOMEM, "out of memory");
        w->manifests = more;
        w->manifests_size = size;
    }
    rc = read_whole(w, path, &text);
    if (rc == 0)
        rc = cost__manifest_parse(text, path, st->st_mtime, w->arena, &w->manifests[w->n_manifests],
                                  w->err);
    if (rc == 0)
        w->n_manifests++;
    return rc;
}

static int compare_strings(const void *a, const void *b)
{
    const mcp_str *x = a, *y = b;

    return mcp_str_cmp(*x, *y);
}

/* The names in a folder, in byte order, in the arena. */
static int names_in(struct walk *w, mcp_str folder, mcp_str **names, size_t *n)
{
    DIR *dir = opendir(folder.ptr);
    const struct dirent *e;
    size_t size = 0;
    int rc = 0;

    *names = NULL;
    *n = 0;
    if (dir == NULL)
        return io_error(w, folder);
    while (rc == 0 && (e = readdir(dir)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        if (*n == size) {
            mcp_str *more = grown(w, *names, *n, size == 0 ? 64 : size * 2, sizeof(*more));

            size = size == 0 ? 64 : size * 2;
            if (more == NULL || size > COST__MAX_FILES * 2) {
                rc =
                    mcp_error_set(w->err, MCP_ETOOBIG, "%.*s: too many files", MCP_STR_ARG(folder));
                break;
            }
            *names = more;
        }
        (*names)[(*n)++] = mcp_arena_str(w->arena, mcp_str_z(e->d_name));
    }
    closedir(dir);
    if (rc == 0 && *n > 0)
        qsort(*names, *n, sizeof(**names), compare_strings);
    return rc;
}

static int walk_folder(struct walk *w, mcp_str folder, unsigned depth)
{
    mcp_str *names;
    size_t n;
    int rc;

    if (depth == MAX_DEPTH)
        return mcp_error_set(w->err, MCP_ETOOBIG, "%.*s: folders nested too deep",
                             MCP_STR_ARG(folder));
    rc = names_in(w, folder, &names, &n);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        bool slash = folder.len > 0 && folder.ptr[folder.len - 1] == '/';
        mcp_str path = mcp_arena_printf(w->arena, "%.*s%s%.*s", MCP_STR_ARG(folder),
                                        slash ? "" : "/", MCP_STR_ARG(names[i]));
        struct stat st;

        /* A link may lead out of what was given: it is not followed. */
        if (lstat(path.ptr, &st) != 0)
            return io_error(w, path);
        if (S_ISDIR(st.st_mode))
            rc = walk_folder(w, path, depth + 1);
        else if (S_ISREG(st.st_mode) && data_named(names[i]))
            rc = add_file(w, path, &st);
        else if (S_ISREG(st.st_mode) && cost__manifest_named(names[i]))
            rc = add_manifest(w, path, &st);
    }
    return rc;
}

static int add_path(struct walk *w, mcp_str given)
{
    mcp_str path = mcp_arena_str(w->arena, given), rest = path, base = path;
    struct stat st;

    if (given.len == 0 || memchr(given.ptr, '\0', given.len) != NULL)
        return mcp_error_set(w->err, MCP_EINVAL, "a path is empty");
    while (mcp_str_cut(&rest, '/', &base))
        ;
    if (stat(path.ptr, &st) != 0)
        return io_error(w, path);
    if (S_ISDIR(st.st_mode))
        return walk_folder(w, path, 0);
    if (cost__manifest_named(base))
        return add_manifest(w, path, &st);
    if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
        return mcp_error_set(w->err, MCP_EINVAL, "%.*s is no file and no folder",
                             MCP_STR_ARG(path));
    return add_file(w, path, &st);
}

/* The same file named twice is read once. */
static int drop_repeated(struct cost__file_list *l)
{
    struct mcp_map seen = { 0 };
    size_t kept = 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < l->n; i++) {
        bool made = false;

        if (mcp_map_put(&seen, l->items[i].path, &made) == NULL)
            rc = MCP_ENOMEM;
        else if (made)
            l->items[kept++] = l->items[i];
    }
    mcp_map_release(&seen);
    if (rc == 0)
        l->n = kept;
    return rc;
}

int cost__filelist_read(const mcp_str *paths, size_t n, struct mcp_arena *arena,
                        struct cost__file_list *out, struct mcp_error *err)
{
    struct cost__file_list list = { 0 };
    struct walk w = { .arena = arena, .list = &list, .err = err };
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = add_path(&w, paths[i]);
    if (rc != 0)
        return rc;
    if (drop_repeated(&list) != 0)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    if (w.n_manifests > 0) {
        rc = cost__manifest_apply(w.manifests, w.n_manifests, arena, &list, err);
        if (rc != 0)
            return rc;
    }
    if (list.n == 0) {
        mcp_error_set(err, MCP_EINVAL,
                      "there is nothing to import in %.*s: no *.csv or *.csv.gz file",
                      MCP_STR_ARG(n > 0 ? paths[0] : MCP_STR("what was given")));
        return mcp_error_next(err, "Name FOCUS files, or a folder that holds them");
    }
    *out = list;
    return 0;
}
