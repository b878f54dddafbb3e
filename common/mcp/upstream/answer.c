/* What a worker gets of a transfer that ended: the answer in its arena, or the error in words. */
#include "mcp/upstream/answer.h"

#include "mcp/upstream/room.h"

#include <mcp/clock.h>

#include <stdlib.h>

#define HEADERS_MAX 256

/* A body in an arena: freed with it, and its room given back. */
struct held {
    char *bytes; /* owned */
    size_t taken;
};

static void held_free(void *ptr)
{
    struct held *held = ptr;

    mcp__room_give(held->taken);
    free(held->bytes);
    free(held);
}

void mcp__answer_clamp(struct mcp__transfer *t)
{
    size_t limit = mcp__room_limit();

    if (t->max_body_bytes > limit)
        t->max_body_bytes = limit;
}

static int take_body(struct mcp__transfer *t, struct mcp_arena *arena, mcp_str *body)
{
    struct held *held = calloc(1, sizeof(*held));
    char *trimmed;
    size_t len;

    if (held == NULL)
        return MCP_ENOMEM;
    held->bytes = mcp__transfer_take_answer(t, &len, &held->taken);
    if (held->taken > len) {
        mcp__room_give(held->taken - len);
        held->taken = len;
    }
    /* It grew by doubling; what stays should be what was counted. */
    trimmed = len == 0 ? NULL : realloc(held->bytes, len);
    if (trimmed != NULL)
        held->bytes = trimmed;
    *body = mcp_str_n(held->bytes == NULL ? "" : held->bytes, len);
    mcp_arena_defer(arena, held_free, held);
    return 0;
}

static size_t count_lines(mcp_str head)
{
    size_t n = 0;

    for (size_t i = 0; i < head.len; i++)
        n += head.ptr[i] == '\n';
    return n < HEADERS_MAX ? n : HEADERS_MAX;
}

static int take_headers(const struct mcp__transfer *t, struct mcp_arena *arena,
                        struct mcp_http_res *res)
{
    mcp_str rest = mcp_str_n(t->head, t->head_len), line;
    size_t n = 0, max = count_lines(rest);
    struct mcp_http_header *headers;
    char *copy;

    if (max == 0)
        return 0;
    headers = mcp_arena_try_array(arena, max, sizeof(*headers));
    copy = mcp_arena_try(arena, rest.len);
    if (headers == NULL || copy == NULL)
        return MCP_ENOMEM;
    memcpy(copy, rest.ptr, rest.len);
    rest.ptr = copy;
    for (bool more = true; more && n < max;) {
        mcp_str name;

        more = mcp_str_cut(&rest, '\n', &line);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (!mcp_str_cut(&line, ':', &name) || name.len == 0)
            continue; /* the status line and the end */
        headers[n].name = name;
        headers[n].value = mcp_str_trim(line);
        n++;
    }
    res->headers = headers;
    res->n_headers = n;
    return 0;
}

static double seconds(uint64_t ms)
{
    return (double)ms / 1000.0;
}

int mcp__answer_timeout(const struct mcp__transfer *t, const char *whose, struct mcp_error *err)
{
    uint64_t now = mcp_clock_mono_ms(), last = atomic_load(&t->last_ms);
    double silent = seconds(now > last ? now - last : 0), total = seconds(now - t->submitted_ms);
    size_t received = atomic_load(&t->received);
    int phase = atomic_load(&t->phase);

    if (phase == MCP__PHASE_ROOM || atomic_load(&t->paused))
        return mcp_error_set(err, MCP_EDEADLINE,
                             "%s was over: the answer of %s waited %.1f s for room, the answers "
                             "being held fill max_upstream_bytes_total (%zu MiB)",
                             whose, t->host, phase == MCP__PHASE_ROOM ? total : silent,
                             mcp__room_limit() >> 20);
    if (phase == MCP__PHASE_CONNECT)
        return mcp_error_set(err, MCP_EDEADLINE,
                             "%s was over: no connection to %s came about in %.1f s", whose,
                             t->host, total);
    if (phase == MCP__PHASE_SENT)
        return mcp_error_set(err, MCP_EDEADLINE, "%s was over: %s was silent for %.1f s", whose,
                             t->host, silent);
    if (silent >= 1.0)
        return mcp_error_set(err, MCP_EDEADLINE,
                             "%s was over: %s was silent for %.1f s in the middle of its answer, "
                             "after %zu bytes",
                             whose, t->host, silent, received);
    return mcp_error_set(err, MCP_EDEADLINE,
                         "%s was over: %s was still sending after %.1f s and %zu bytes", whose,
                         t->host, total, received);
}

static int explain(const struct mcp__transfer *t, struct mcp_error *err)
{
    switch (t->outcome) {
    case MCP__OUT_TIMEOUT:
        return mcp__answer_timeout(t, "the time of a request", err);
    case MCP__OUT_NO_CONNECTION:
        return mcp_error_set(err, MCP_EUNAVAILABLE, "no connection to %s: %s", t->host, t->reason);
    case MCP__OUT_BROKEN:
        return mcp_error_set(err, MCP_EUNAVAILABLE,
                             "%s ended the connection before its answer was whole (%zu bytes): %s",
                             t->host, atomic_load(&t->received), t->reason);
    case MCP__OUT_TLS:
        mcp_error_set(err, MCP_EUNAVAILABLE, "the identity of %s could not be verified: %s",
                      t->host, t->reason);
        mcp_error_next(err, "Check the clock and the CA certificates of this machine "
                            "(package ca-certificates, or SSL_CERT_FILE)");
        return MCP_EUNAVAILABLE;
    case MCP__OUT_TOOBIG:
        return mcp_error_set(err, MCP_ETOOBIG, "the answer of %s is over %zu KiB", t->host,
                             t->max_body_bytes >> 10);
    case MCP__OUT_BUSY:
        return mcp_error_word(err, MCP_EUNAVAILABLE, "busy",
                              "the answer of %s was given up for lack of room: too many large "
                              "answers at one time",
                              t->host);
    case MCP__OUT_STOPPED:
        return mcp_error_set(err, MCP_ECANCELLED, "the server is ending");
    case MCP__OUT_NOMEM:
    case MCP__OUT_OK:
        break;
    }
    return mcp_error_set(err, MCP_ENOMEM, "out of memory for the answer of %s", t->host);
}

int mcp__answer_head(struct mcp__transfer *t, struct mcp_arena *arena, struct mcp_http_res *res,
                     struct mcp_error *err)
{
    struct mcp_http_res got = { .status = 200, .body = MCP_STR("") }; /* no other is streamed */

    if (take_headers(t, arena, &got) < 0)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory for the answer of %s", t->host);
    *res = got;
    return 0;
}

int mcp__answer_take(struct mcp__transfer *t, struct mcp_arena *arena, struct mcp_http_res *res,
                     struct mcp_error *err)
{
    struct mcp_http_res got = { .status = t->status };

    if (t->outcome != MCP__OUT_OK)
        return explain(t, err);
    if (take_headers(t, arena, &got) < 0 || take_body(t, arena, &got.body) < 0)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory for the answer of %s", t->host);
    *res = got;
    return 0;
}
