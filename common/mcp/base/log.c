/* One JSON object per line on stderr, through a bounded ring that never makes a caller wait. */
#include <mcp/clock.h>
#include <mcp/date.h>
#include <mcp/log.h>

#include "escape.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

/* A line fits one write that poll has promised: a pipe reports writable when PIPE_BUF bytes fit, so
 * stderr, which may be shared with other programs, never has to be made non-blocking. */
#define LINE_MAX_BYTES PIPE_BUF
#define VALUE_MAX_BYTES 512
#define RING_BYTES 65536

enum mcp_log_level mcp_log_level = MCP_LOG_WARN;

static struct {
    pthread_mutex_t lock; /* guards all below */
    char ring[RING_BYTES];
    size_t head; /* the oldest byte */
    size_t len;
    uint64_t dropped; /* lines */
} log_state = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const struct {
    const char *word;
    const char *severity; /* as cloud log collectors know it */
} levels[] = {
    [MCP_LOG_DEBUG] = { "debug", "DEBUG" }, [MCP_LOG_INFO] = { "info", "INFO" },
    [MCP_LOG_WARN] = { "warn", "WARNING" }, [MCP_LOG_ERROR] = { "error", "ERROR" },
    [MCP_LOG_OFF] = { "off", "CRITICAL" },
};

int mcp_log_level_parse(mcp_str word, enum mcp_log_level *out)
{
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (mcp_str_eq(word, mcp_str_z(levels[i].word))) {
            *out = (enum mcp_log_level)i;
            return 0;
        }
    }
    return -1;
}

static void put_string(struct mcp_buf *line, mcp_str s)
{
    mcp_buf_char(line, '"');
    mcp__json_escape(line, mcp_str_head(s, VALUE_MAX_BYTES));
    mcp_buf_char(line, '"');
}

static void put_pair(struct mcp_buf *line, const struct mcp_kv *kv)
{
    mcp_buf_char(line, ',');
    put_string(line, mcp_str_z(kv->key));
    mcp_buf_char(line, ':');
    if (kv->type == MCP_KV_T_INT)
        mcp_buf_int(line, kv->value.integer);
    else if (kv->type == MCP_KV_T_BOOL)
        mcp_buf_z(line, kv->value.boolean ? "true" : "false");
    else if (mcp_str_is_null(kv->value.str))
        mcp_buf_z(line, "null");
    else
        put_string(line, kv->value.str);
}

/* A pair that does not fit is left out and said so, the line stays whole JSON. */
static void build(struct mcp_buf *line, enum mcp_log_level level, const char *msg,
                  const struct mcp_kv *kvs)
{
    const mcp_str cut = MCP_STR(",\"cut\":true");
    char time[MCP_INSTANT_LEN + 1];
    int64_t now_ms = mcp_clock_now_ms();

    mcp_instant_format(now_ms / 1000, time);
    mcp_buf_printf(line, "{\"severity\":\"%s\",\"time\":\"%.19s.%03dZ\",\"message\":",
                   levels[level].severity, time, (int)(now_ms % 1000));
    put_string(line, mcp_str_z(msg));
    for (; kvs->type != MCP_KV_END; kvs++) {
        size_t before = line->len;

        put_pair(line, kvs);
        if (line->failed || line->len + cut.len + 2 > LINE_MAX_BYTES) {
            line->failed = false;
            line->len = before;
            mcp_buf_str(line, cut);
            break;
        }
    }
    mcp_buf_put(line, "}\n", 2);
}

/* How many of the bytes stderr took without waiting. A stderr that is gone takes everything:
 * nobody is there to read it. */
static size_t write_now(const char *bytes, size_t n)
{
    struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };
    ssize_t done;

    if (n > LINE_MAX_BYTES)
        n = LINE_MAX_BYTES;
    if (poll(&fd, 1, 0) <= 0)
        return 0;
    if ((fd.revents & (POLLNVAL | POLLERR)) != 0)
        return n;
    done = write(STDERR_FILENO, bytes, n);
    if (done < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : n;
    return (size_t)done;
}

/* Writes the ring until it is empty or stderr takes no more. */
static void drain(void)
{
    while (log_state.len > 0) {
        size_t straight = RING_BYTES - log_state.head;
        size_t n = log_state.len < straight ? log_state.len : straight;

        n = write_now(log_state.ring + log_state.head, n);
        if (n == 0)
            return;
        log_state.head = (log_state.head + n) % RING_BYTES;
        log_state.len -= n;
    }
}

static void keep(const char *bytes, size_t n)
{
    size_t at = (log_state.head + log_state.len) % RING_BYTES;
    size_t straight = RING_BYTES - at;

    if (n > RING_BYTES - log_state.len) {
        log_state.dropped++;
        return;
    }
    if (straight > n)
        straight = n;
    memcpy(log_state.ring + at, bytes, straight);
    memcpy(log_state.ring, bytes + straight, n - straight);
    log_state.len += n;
}

void mcp_log_write(enum mcp_log_level level, const char *msg, const struct mcp_kv *kvs)
{
    struct mcp_buf line;
    size_t done = 0;

    mcp_buf_init(&line, LINE_MAX_BYTES);
    build(&line, level, msg, kvs);

    pthread_mutex_lock(&log_state.lock);
    if (mcp_buf_error(&line) != 0) {
        log_state.dropped++;
    } else {
        drain();
        if (log_state.len == 0)
            done = write_now(line.ptr, line.len);
        /* The rest of a line that was begun goes first once stderr takes bytes again. */
        if (done < line.len)
            keep(line.ptr + done, line.len - done);
    }
    pthread_mutex_unlock(&log_state.lock);
    mcp_buf_release(&line);
}

void mcp_log_flush(unsigned limit_ms)
{
    uint64_t end = mcp_clock_mono_ms() + limit_ms;

    for (;;) {
        struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };
        uint64_t now = mcp_clock_mono_ms();
        bool empty;

        pthread_mutex_lock(&log_state.lock);
        drain();
        empty = log_state.len == 0;
        pthread_mutex_unlock(&log_state.lock);
        if (empty || now >= end)
            return;
        /* Waits without the lock: other threads go on logging. */
        poll(&fd, 1, (int)(end - now > INT_MAX ? INT_MAX : end - now));
    }
}

uint64_t mcp_log_dropped(void)
{
    uint64_t dropped;

    pthread_mutex_lock(&log_state.lock);
    dropped = log_state.dropped;
    pthread_mutex_unlock(&log_state.lock);
    return dropped;
}
