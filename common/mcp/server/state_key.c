/* The key that seals cursors: from the options, from this user's file, or of this process. */
#include "mcp/server/state_key.h"

#include "mcp/upstream/late.h"

#include <mcp/log.h>
#include <mcp/random.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES 32
#define KEY_TEXT (2 * KEY_BYTES) /* hex */

int mcp__state_key_init(struct mcp__state_key *k, mcp_str option, const char *dir,
                        struct mcp_error *err)
{
    *k = (struct mcp__state_key){ .dir = dir };
    pthread_mutex_init(&k->lock, NULL);
    if (option.len == 0)
        return 0;
    if (option.len < KEY_BYTES) {
        mcp_error_set(err, MCP_ECONFIG, "state_key needs %d bytes or more", KEY_BYTES);
        mcp_error_next(err, "Set MCP_STATE_KEY, for instance to the output of: openssl "
                            "rand -hex 32");
        return MCP_ECONFIG;
    }
    if (mcp_secret_set(&k->key, option) < 0)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    return 0;
}

void mcp__state_key_release(struct mcp__state_key *k)
{
    mcp_secret_release(&k->key);
    pthread_mutex_destroy(&k->lock);
}

static void random_hex(char out[KEY_TEXT + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[KEY_BYTES];

    mcp_random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < KEY_BYTES; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[KEY_TEXT] = '\0';
    mcp_secret_wipe(bytes, sizeof(bytes));
}

/* The folder's path, made with its parents where they are missing. */
static int make_folder(const char *dir, char path[PATH_MAX])
{
    const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n = -1;

    if (base != NULL && base[0] == '/')
        n = snprintf(path, PATH_MAX, "%s/%s", base, dir);
    else if (home != NULL && home[0] == '/')
        n = snprintf(path, PATH_MAX, "%s/.local/state/%s", home, dir);
    if (n < 0 || n >= PATH_MAX - 32)
        return -1;
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL)
            *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return -1;
        if (slash == NULL)
            return 0;
        *slash = '/';
    }
}

/* 0, 1 when there is no such file, or MCP_ECONFIG for one that others could have read or written. */
static int read_key(const char *file, struct mcp_secret *key, struct mcp_error *err)
{
    char text[KEY_TEXT + 2];
    struct stat st;
    ssize_t n = -1;
    int fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), rc;

    if (fd < 0 && errno == ENOENT)
        return 1;
    if (fd < 0)
        return mcp_error_set(err, MCP_ECONFIG, "cannot open %s: %s", file, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
        (st.st_mode & 077) != 0) {
        mcp_error_set(err, MCP_ECONFIG, "%s is not a file of this user alone", file);
        mcp_error_next(err, "Remove it, or: chmod 600 %s", file);
        rc = MCP_ECONFIG;
        goto out;
    }
    n = read(fd, text, sizeof(text));
    if (n < KEY_TEXT) {
        mcp_error_set(err, MCP_ECONFIG, "%s holds no whole key", file);
        mcp_error_next(err, "Remove it; the next call makes another one");
        rc = MCP_ECONFIG;
        goto out;
    }
    rc = mcp_secret_set(key, mcp_str_n(text, KEY_TEXT));
out:
    mcp_secret_wipe(text, sizeof(text));
    close(fd);
    return rc;
}

/* Writes a new key beside file and links it into place: of several processes one wins, and a
 * reader sees a whole key or none. */
static int make_key(const char *file, struct mcp_error *err)
{
    char temporary[PATH_MAX + 32], text[KEY_TEXT + 1];
    uint32_t salt;
    int fd, rc = 0;

    mcp_random_bytes(&salt, sizeof(salt));
    snprintf(temporary, sizeof(temporary), "%s.%08x", file, salt);
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return mcp_error_set(err, MCP_EIO, "cannot make %s: %s", temporary, strerror(errno));
    random_hex(text);
    if (write(fd, text, KEY_TEXT) != KEY_TEXT || fsync(fd) != 0 ||
        (link(temporary, file) != 0 && errno != EEXIST))
        rc = mcp_error_set(err, MCP_EIO, "cannot write %s: %s", file, strerror(errno));
    mcp_secret_wipe(text, sizeof(text));
    close(fd);
    unlink(temporary);
    return rc;
}

static int own_key(struct mcp_secret *key)
{
    char text[KEY_TEXT + 1];
    int rc;

    random_hex(text);
    rc = mcp_secret_set(key, mcp_str_n(text, KEY_TEXT));
    mcp_secret_wipe(text, sizeof(text));
    return rc;
}

static int load(struct mcp__state_key *k, struct mcp_error *err)
{
    char path[PATH_MAX], file[PATH_MAX + 16];
    struct mcp_error why = { .err = MCP_OK };
    int rc;

    if (k->dir == NULL)
        return own_key(&k->key);
    if (make_folder(k->dir, path) < 0) {
        mcp_warn("cursors end with this process: no folder for its key",
                 MCP_KV_Z("reason", strerror(errno)), );
        return own_key(&k->key);
    }
    snprintf(file, sizeof(file), "%s/state.key", path);
    rc = read_key(file, &k->key, err);
    if (rc <= 0)
        return rc;
    if (make_key(file, &why) < 0) {
        /* A read-only home is no reason to answer without pages. */
        mcp_warn("cursors end with this process", MCP_KV_Z("reason", why.message), );
        return own_key(&k->key);
    }
    rc = read_key(file, &k->key, err);
    return rc > 0 ? mcp_error_set(err, MCP_ECONFIG, "%s disappeared", file) : rc;
}

int mcp__state_key_get(struct mcp__state_key *k, mcp_str *key, struct mcp_error *err)
{
    int rc = 0;

    pthread_mutex_lock(&k->lock);
    if (mcp_str_is_null(mcp_secret_view(&k->key)))
        rc = load(k, err);
    if (rc == 0)
        *key = mcp_secret_view(&k->key);
    pthread_mutex_unlock(&k->lock);
    return rc;
}

static int seal(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str plain, mcp_str *sealed,
                struct mcp_error *err)
{
    const struct mcp_late_api *api = mcp__late(err);
    mcp_str key;
    int rc;

    if (api == NULL)
        return MCP_ECONFIG;
    rc = mcp__state_key_get(ctx, &key, err);
    return rc < 0 ? rc : api->seal(key, arena, bound, plain, sealed, err);
}

static int unseal(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str sealed, mcp_str *plain,
                  struct mcp_error *err)
{
    const struct mcp_late_api *api = mcp__late(err);
    mcp_str key;
    int rc;

    if (api == NULL)
        return MCP_ECONFIG;
    rc = mcp__state_key_get(ctx, &key, err);
    return rc < 0 ? rc : api->unseal(key, arena, bound, sealed, plain, err);
}

struct mcp_sealer mcp__state_key_sealer(struct mcp__state_key *k)
{
    return (struct mcp_sealer){ .seal = seal, .open = unseal, .ctx = k };
}
