/* Where the suite keeps its files, by the XDG base directories. */
#include "paths.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static mcp_str under_home(struct mcp_arena *arena, const char *variable, const char *fallback,
                          const char *name)
{
    const char *base = getenv(variable);
    const char *home = getenv("HOME");

    /* The base directory specification: a relative path in the variable is to be ignored. */
    if (base != NULL && base[0] == '/')
        return mcp_arena_printf(arena, "%s/mcp-cost%s%s", base, name[0] ? "/" : "", name);
    if (home != NULL && home[0] == '/')
        return mcp_arena_printf(arena, "%s/%s/mcp-cost%s%s", home, fallback, name[0] ? "/" : "",
                                name);
    return MCP_STR_NULL;
}

mcp_str cost__path_data(struct mcp_arena *arena, const char *name)
{
    return under_home(arena, "XDG_DATA_HOME", ".local/share", name);
}

mcp_str cost__path_config(struct mcp_arena *arena, const char *name)
{
    return under_home(arena, "XDG_CONFIG_HOME", ".config", name);
}

/* 0, or -1 with errno. */
static int make_dir(const char *path)
{
    struct stat st;

    if (mkdir(path, 0700) == 0)
        return 0;
    if (errno != EEXIST || stat(path, &st) < 0)
        return -1;
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode) ? 0 : -1;
}

/* path: NUL-terminated and writable; every parent that is missing is made. */
static int make_dirs(char *path, struct mcp_error *err)
{
    for (char *p = path + 1;; p++) {
        char was = *p;

        if (was != '/' && was != '\0')
            continue;
        *p = '\0';
        if (make_dir(path) < 0) {
            int rc =
                mcp_error_set(err, MCP_EIO, "cannot make the folder %s: %s", path, strerror(errno));

            *p = was;
            return rc;
        }
        *p = was;
        if (was == '\0')
            return 0;
    }
}

/* A folder in TMPDIR may have been planted by somebody else: it must be ours alone. */
static int own_temp_dir(struct mcp_arena *arena, mcp_str *dir, struct mcp_error *err)
{
    const char *tmp = getenv("TMPDIR");
    struct stat st;

    *dir = mcp_arena_printf(arena, "%s/mcp-cost-%u", tmp != NULL && tmp[0] == '/' ? tmp : "/tmp",
                            (unsigned)getuid());
    if (mkdir(dir->ptr, 0700) < 0 && errno != EEXIST)
        return mcp_error_set(err, MCP_EIO, "cannot make the folder %s: %s", dir->ptr,
                             strerror(errno));
    if (lstat(dir->ptr, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != getuid() ||
        (st.st_mode & 077) != 0) {
        mcp_error_set(err, MCP_EIO, "the folder %s is not this user's alone", dir->ptr);
        return mcp_error_next(err, "Set XDG_CACHE_HOME to a folder of your own.");
    }
    return 0;
}

int cost__path_cache_dir(struct mcp_arena *arena, mcp_str *dir, struct mcp_error *err)
{
    mcp_str path = under_home(arena, "XDG_CACHE_HOME", ".cache", "");
    struct mcp_error ignored = { 0 };

    if (!mcp_str_is_null(path)) {
        char *z = mcp_arena_alloc(arena, path.len + 1);

        memcpy(z, path.ptr, path.len);
        /* A home that cannot be written (a container's) is no reason to fail. */
        if (make_dirs(z, &ignored) == 0 && access(z, W_OK) == 0) {
            *dir = path;
            return 0;
        }
    }
    return own_temp_dir(arena, dir, err);
}

int cost__path_make_parent(struct mcp_arena *arena, mcp_str file, struct mcp_error *err)
{
    size_t cut = file.len;
    char *z;

    while (cut > 0 && file.ptr[cut - 1] != '/')
        cut--;
    if (cut <= 1)
        return 0;
    z = mcp_arena_alloc(arena, cut);
    memcpy(z, file.ptr, cut - 1);
    return make_dirs(z, err);
}
