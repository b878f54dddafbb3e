/* Changing a dataset file as a whole: lock, copy, sync, rename. */
#include "swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fs.h>
#endif

static int failed(struct mcp_error *err, const char *what, const char *path)
{
    int code = errno;

    if (code == ENOSPC || code == EDQUOT) {
        mcp_error_word(err, MCP_EIO, "disk_full", "cannot %s %s: the disk is full", what, path);
        return mcp_error_next(err,
                              "Free some space and run the import again: the dataset is as before");
    }
    mcp_error_word(err, MCP_EIO, "not_writable", "cannot %s %s: %s", what, path, strerror(code));
    if (code == EACCES || code == EPERM || code == EROFS)
        return mcp_error_next(err, "Choose a writable file with --dataset FILE");
    mcp_error_next(err, "Check the disk and its limits; the dataset is as before");
    return MCP_EIO;
}

static char *joined(mcp_str path, const char *suffix)
{
    size_t len = strlen(suffix);
    char *s = malloc(path.len + len + 1);

    if (s == NULL)
        return NULL;
    memcpy(s, path.ptr, path.len);
    memcpy(s + path.len, suffix, len + 1);
    return s;
}

/* mkdir -p of the folder the file is in. */
static int make_folders(struct cost__swap *s, struct mcp_error *err)
{
    for (char *p = s->folder + 1;; p++) {
        char c = *p;

        if (c != '/' && c != '\0')
            continue;
        *p = '\0';
        if (mkdir(s->folder, 0700) != 0 && errno != EEXIST) {
            int rc = failed(err, "make the folder", s->folder);

            *p = c;
            return rc;
        }
        *p = c;
        if (c == '\0')
            return 0;
    }
}

int cost__swap_begin(struct cost__swap *s, mcp_str path, struct mcp_error *err)
{
    const char *slash;
    int rc;

    *s = (struct cost__swap){ .lock_fd = -1 };
    if (path.len == 0 || memchr(path.ptr, '\0', path.len) != NULL)
        return mcp_error_set(err, MCP_EINVAL, "the dataset needs a file name");
    s->path = joined(path, "");
    s->lock_path = joined(path, ".lock");
    s->new_path = joined(path, ".new");
    slash = s->path == NULL ? NULL : strrchr(s->path, '/');
    s->folder =
        slash == NULL ? strdup(".") : joined(mcp_str_n(path.ptr, (size_t)(slash - s->path)), "");
    if (s->folder != NULL && s->folder[0] == '\0') {
        free(s->folder);
        s->folder = strdup("/");
    }
    if (s->path == NULL || s->lock_path == NULL || s->new_path == NULL || s->folder == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    rc = make_folders(s, err);
    if (rc != 0)
        return rc;
    s->lock_fd = open(s->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock_fd < 0)
        return failed(err, "open", s->lock_path);
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return failed(err, "lock", s->lock_path);
        mcp_error_word(err, MCP_EBUSY, "import_running", "another import is changing %s", s->path);
        return mcp_error_next(err, "Wait until it is done, then run the command again");
    }
    if (unlink(s->new_path) != 0 && errno != ENOENT)
        return failed(err, "remove", s->new_path);
    return 0;
}

static int copy_bytes(int from, int to)
{
    static const size_t step = (size_t)1 << 20;
    off_t at = 0;
    char *buf;
    ssize_t n = 0;

#ifdef FICLONE
    if (ioctl(to, FICLONE, from) == 0)
        return 0;
#endif
    do {
        n = copy_file_range(from, NULL, to, NULL, (size_t)1 << 30, 0);
        at += n > 0 ? n : 0;
    } while (n > 0);
    if (n == 0)
        return 0;
    if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
        return -1;
    buf = malloc(step);
    if (buf == NULL)
        return -1;
    while ((n = pread(from, buf, step, at)) > 0) {
        for (ssize_t done = 0; done < n;) {
            ssize_t w = pwrite(to, buf + done, (size_t)(n - done), at + done);

            if (w < 0 && errno == EINTR)
                continue;
            if (w < 0) {
                free(buf);
                return -1;
            }
            done += w;
        }
        at += n;
    }
    free(buf);
    return n < 0 ? -1 : 0;
}

int cost__swap_copy(struct cost__swap *s, struct mcp_error *err)
{
    int from, to, rc = 0;

    if (s->made && unlink(s->new_path) != 0 && errno != ENOENT)
        return failed(err, "remove", s->new_path);
    from = open(s->path, O_RDONLY | O_CLOEXEC);
    if (from < 0 && errno != ENOENT)
        return failed(err, "read", s->path);
    to = open(s->new_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0) {
        rc = failed(err, "make", s->new_path);
    } else {
        s->made = true;
        if (from >= 0 && copy_bytes(from, to) != 0)
            rc = failed(err, "write", s->new_path);
        close(to);
    }
    if (from >= 0)
        close(from);
    return rc;
}

static int sync_path(const char *path, int flags, struct mcp_error *err)
{
    int fd = open(path, flags | O_CLOEXEC), rc = 0;

    if (fd < 0)
        return failed(err, "open", path);
    if (fsync(fd) != 0 && errno != EINVAL)
        rc = failed(err, "sync", path);
    close(fd);
    return rc;
}

int cost__swap_commit(struct cost__swap *s, struct mcp_error *err)
{
    int rc = sync_path(s->new_path, O_RDWR, err);

    if (rc != 0)
        return rc;
    if (rename(s->new_path, s->path) != 0)
        return failed(err, "replace", s->path);
    s->made = false;
    return sync_path(s->folder, O_RDONLY | O_DIRECTORY, err);
}

void cost__swap_end(struct cost__swap *s)
{
    if (s->made)
        unlink(s->new_path);
    /* The lock's file stays: removing it would let two imports lock two files. */
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    free(s->path);
    free(s->lock_path);
    free(s->new_path);
    free(s->folder);
    *s = (struct cost__swap){ .lock_fd = -1 };
}
