/* A read-only SQLite file system over one open descriptor, so that a dataset that was replaced under
 * its path can still be read by new connections. */
#include "store.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VFS_NAME "cost-fd"

struct fd_file {
    sqlite3_file base;
    int fd; /* borrowed from the snapshot */
};

static int fd_close(sqlite3_file *f)
{
    (void)f;
    return SQLITE_OK;
}

static int fd_read(sqlite3_file *f, void *out, int amount, sqlite3_int64 offset)
{
    struct fd_file *file = (struct fd_file *)f;
    char *p = out;
    size_t left = (size_t)amount;

    while (left > 0) {
        ssize_t n = pread(file->fd, p, left, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return SQLITE_IOERR_READ;
        if (n == 0) {
            memset(p, 0, left);
            return SQLITE_IOERR_SHORT_READ;
        }
        p += n;
        left -= (size_t)n;
        offset += n;
    }
    return SQLITE_OK;
}

static int fd_write(sqlite3_file *f, const void *data, int amount, sqlite3_int64 offset)
{
    (void)f, (void)data, (void)amount, (void)offset;
    return SQLITE_READONLY;
}

static int fd_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    (void)f, (void)size;
    return SQLITE_READONLY;
}

static int fd_sync(sqlite3_file *f, int flags)
{
    (void)f, (void)flags;
    return SQLITE_OK;
}

static int fd_size(sqlite3_file *f, sqlite3_int64 *size)
{
    struct stat st;

    if (fstat(((struct fd_file *)f)->fd, &st) != 0)
        return SQLITE_IOERR_FSTAT;
    *size = st.st_size;
    return SQLITE_OK;
}

static int fd_lock(sqlite3_file *f, int level)
{
    (void)f, (void)level;
    return SQLITE_OK;
}

static int fd_reserved(sqlite3_file *f, int *out)
{
    (void)f;
    *out = 0;
    return SQLITE_OK;
}

static int fd_control(sqlite3_file *f, int op, void *arg)
{
    (void)f, (void)op, (void)arg;
    return SQLITE_NOTFOUND;
}

static int fd_sector(sqlite3_file *f)
{
    (void)f;
    return 4096;
}

static int fd_characteristics(sqlite3_file *f)
{
    (void)f;
    return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = fd_close,
    .xRead = fd_read,
    .xWrite = fd_write,
    .xTruncate = fd_truncate,
    .xSync = fd_sync,
    .xFileSize = fd_size,
    .xLock = fd_lock,
    .xUnlock = fd_lock,
    .xCheckReservedLock = fd_reserved,
    .xFileControl = fd_control,
    .xSectorSize = fd_sector,
    .xDeviceCharacteristics = fd_characteristics,
};

/* name is the descriptor's number; nothing but the main file is ever opened here (temporary tables
 * live in memory). */
static int fd_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
    struct fd_file *file = (struct fd_file *)f;
    int64_t fd = -1;

    (void)vfs;
    file->base.pMethods = NULL;
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0 || name == NULL ||
        mcp_str_int64(mcp_str_z(name), &fd) != 0)
        return SQLITE_CANTOPEN;
    file->fd = (int)fd;
    file->base.pMethods = &methods;
    if (out_flags != NULL)
        *out_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
    return SQLITE_OK;
}

static int fd_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    (void)vfs, (void)name, (void)sync_dir;
    return SQLITE_READONLY;
}

static int fd_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs, (void)name, (void)flags;
    *out = 0;
    return SQLITE_OK;
}

static int fd_pathname(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

/* The rest (random bytes, sleeping, the time) is the default file system's. */
static sqlite3_vfs vfs;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int registered;

static void do_register(void)
{
    const sqlite3_vfs *base;

    registered = sqlite3_initialize();
    base = sqlite3_vfs_find(NULL);
    if (registered != SQLITE_OK || base == NULL)
        return;
    vfs = *base;
    vfs.pNext = NULL;
    vfs.zName = VFS_NAME;
    vfs.szOsFile = sizeof(struct fd_file);
    vfs.xOpen = fd_open;
    vfs.xDelete = fd_delete;
    vfs.xAccess = fd_access;
    vfs.xFullPathname = fd_pathname;
    registered = sqlite3_vfs_register(&vfs, 0);
}

int cost__store_open_fd(int fd, sqlite3 **out, struct mcp_error *err)
{
    sqlite3 *db = NULL;
    char name[16];
    int rc;

    pthread_once(&once, do_register);
    sqlite3_snprintf(sizeof(name), name, "%d", fd);
    if (registered != SQLITE_OK ||
        sqlite3_open_v2(name, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, VFS_NAME) !=
            SQLITE_OK) {
        rc = cost__store_failed(db, "open the dataset", err);
        sqlite3_close(db);
        return rc;
    }
    rc = cost__store_exec(
        db, "PRAGMA cache_size=-256; PRAGMA temp_store=MEMORY; PRAGMA query_only=1", err);
    if (rc != 0) {
        sqlite3_close(db);
        return rc;
    }
    *out = db;
    return 0;
}
