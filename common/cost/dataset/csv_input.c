/* The bytes of one file, plain or gzip, with the digest of what is stored. */
#include "csv_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#ifdef MCP_FUZZ
#define STORED_BYTES ((size_t)1 << 10)
#else
#define STORED_BYTES ((size_t)128 << 10)
#endif

struct cost__csv_input {
    int fd; /* -1: memory */
    mcp_str memory; /* borrowed; what is left */
    char *name; /* owned */
    bool gzip, started, stored_end;
    bool inflating; /* z is set up */
    bool member_open; /* inside a gzip member */
    z_stream z;
    uint64_t stored, unpacked;
    XXH3_state_t *hash; /* owned, aligned */
    size_t held, held_at; /* of what lies in buf */
    unsigned char buf[STORED_BYTES];
};

static struct cost__csv_input *input_new(mcp_str name)
{
    struct cost__csv_input *in = malloc(sizeof(*in));

    if (in == NULL)
        return NULL;
    memset(in, 0, offsetof(struct cost__csv_input, buf));
    in->fd = -1;
    in->name = malloc(name.len + 1);
    in->hash = XXH3_createState();
    if (in->name == NULL || in->hash == NULL) {
        cost__csv_input_close(in);
        return NULL;
    }
    if (name.len > 0)
        memcpy(in->name, name.ptr, name.len);
    in->name[name.len] = '\0';
    XXH3_128bits_reset(in->hash);
    return in;
}

void cost__csv_input_close(struct cost__csv_input *in)
{
    if (in == NULL)
        return;
    if (in->inflating)
        inflateEnd(&in->z);
    if (in->fd >= 0)
        close(in->fd);
    XXH3_freeState(in->hash);
    free(in->name);
    free(in);
}

int cost__csv_input_open(const char *path, mcp_str name, struct cost__csv_input **out,
                         struct mcp_error *err)
{
    struct cost__csv_input *in = input_new(name);

    if (in == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    in->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0) {
        int code = errno;

        cost__csv_input_close(in);
        return mcp_error_set(err, code == ENOENT ? MCP_ENOTFOUND : MCP_EIO, "%.*s: %s",
                             MCP_STR_ARG(name), strerror(code));
    }
    (void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    *out = in;
    return 0;
}

int cost__csv_input_memory(mcp_str bytes, struct cost__csv_input **out, struct mcp_error *err)
{
    struct cost__csv_input *in = input_new(MCP_STR("memory"));

    if (in == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    in->memory = bytes;
    *out = in;
    return 0;
}

/* Stored bytes as they are, into out. */
static int64_t read_stored(struct cost__csv_input *in, void *out, size_t size,
                           struct mcp_error *err)
{
    ssize_t n;

    if (in->fd < 0) {
        n = (ssize_t)(in->memory.len < size ? in->memory.len : size);
        if (n > 0)
            memcpy(out, in->memory.ptr, (size_t)n);
        in->memory = mcp_str_n(in->memory.ptr + n, in->memory.len - (size_t)n);
    } else {
        do
            n = read(in->fd, out, size);
        while (n < 0 && errno == EINTR);
    }
    if (n < 0)
        return mcp_error_set(err, MCP_EIO, "%s: %s", in->name, strerror(errno));
    if (n > 0)
        XXH3_128bits_update(in->hash, out, (size_t)n);
    in->stored += (uint64_t)n;
    return n;
}

static int refill(struct cost__csv_input *in, struct mcp_error *err)
{
    int64_t n = read_stored(in, in->buf, sizeof(in->buf), err);

    if (n < 0)
        return (int)n;
    in->held = (size_t)n;
    in->held_at = 0;
    in->stored_end = n == 0;
    return 0;
}

static int start(struct cost__csv_input *in, struct mcp_error *err)
{
    int rc = refill(in, err);

    if (rc != 0)
        return rc;
    in->started = true;
    in->gzip = in->held >= 2 && in->buf[0] == 0x1f && in->buf[1] == 0x8b;
    if (!in->gzip)
        return 0;
    if (inflateInit2(&in->z, 15 + 16) != Z_OK)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    in->inflating = true;
    return 0;
}

static int64_t read_gzip(struct cost__csv_input *in, void *out, size_t size, struct mcp_error *err)
{
    in->z.next_out = out;
    in->z.avail_out = size > 1u << 30 ? 1u << 30 : (uInt)size;
    size = in->z.avail_out;
    while (in->z.avail_out > 0) {
        int code, rc;

        if (in->held_at == in->held && !in->stored_end && (rc = refill(in, err)) != 0)
            return rc;
        if (in->held_at == in->held) {
            if (in->member_open)
                return mcp_error_set(err, MCP_EDATA, "%s: the gzip file ends early", in->name);
            break;
        }
        in->z.next_in = in->buf + in->held_at;
        in->z.avail_in = (uInt)(in->held - in->held_at);
        in->member_open = true;
        code = inflate(&in->z, Z_NO_FLUSH);
        in->held_at = in->held - in->z.avail_in;
        if (code == Z_STREAM_END) {
            in->member_open = false;
            inflateReset(&in->z); /* another member may follow */
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return mcp_error_set(err, MCP_EDATA, "%s: damaged gzip data: %s", in->name,
                                 in->z.msg == NULL ? "no reason given" : in->z.msg);
        }
    }
    return (int64_t)(size - in->z.avail_out);
}

int64_t cost__csv_input_read(struct cost__csv_input *in, void *out, size_t size,
                             struct mcp_error *err)
{
    int64_t n;
    int rc;

    if (!in->started && (rc = start(in, err)) != 0)
        return rc;
    if (in->gzip) {
        n = read_gzip(in, out, size, err);
    } else if (in->held_at < in->held) {
        n = (int64_t)(in->held - in->held_at < size ? in->held - in->held_at : size);
        memcpy(out, in->buf + in->held_at, (size_t)n);
        in->held_at += (size_t)n;
    } else {
        n = read_stored(in, out, size, err);
    }
    if (n > 0)
        in->unpacked += (uint64_t)n;
    return n;
}

mcp_str cost__csv_input_name(const struct cost__csv_input *in)
{
    return mcp_str_z(in->name);
}

uint64_t cost__csv_input_stored(const struct cost__csv_input *in)
{
    return in->stored;
}

uint64_t cost__csv_input_unpacked(const struct cost__csv_input *in)
{
    return in->unpacked;
}

struct cost__file_hash cost__csv_input_hash(const struct cost__csv_input *in)
{
    struct cost__file_hash hash;
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(in->hash));
    memcpy(hash.bytes, canonical.digest, sizeof(hash.bytes));
    return hash;
}

int cost__file_hash(const char *path, mcp_str name, struct cost__file_hash *hash,
                    struct mcp_error *err)
{
    struct cost__csv_input *in;
    int64_t n;
    int rc = cost__csv_input_open(path, name, &in, err);

    if (rc != 0)
        return rc;
    do
        n = read_stored(in, in->buf, sizeof(in->buf), err);
    while (n > 0);
    if (n == 0)
        *hash = cost__csv_input_hash(in);
    cost__csv_input_close(in);
    return (int)n;
}
