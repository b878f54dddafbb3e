/* The sessions of legacy clients over HTTP: a table with a cap, idle expiry and bound principals. */
#include "mcp/proto/session.h"

#include <stdlib.h>

#define BUCKETS 1024 /* the ids are random: their first digits spread evenly */
#define EVICT_AFTER_MS 60000

struct mcp_sessions {
    size_t max, count;
    uint64_t idle_ms;
    void (*on_close)(struct mcp_session *session);
    struct mcp_session *buckets[BUCKETS]; /* owned */
};

struct mcp_sessions *mcp__sessions_new(size_t max, uint64_t idle_ms,
                                       void (*on_close)(struct mcp_session *session))
{
    struct mcp_sessions *sessions = calloc(1, sizeof(*sessions));

    if (sessions == NULL)
        return NULL;
    sessions->max = max;
    sessions->idle_ms = idle_ms;
    sessions->on_close = on_close;
    return sessions;
}

static void destroy(const struct mcp_sessions *sessions, struct mcp_session *session)
{
    if (sessions->on_close != NULL)
        sessions->on_close(session);
    mcp__watch_release(&session->watch);
    free(session->principal);
    free(session);
}

void mcp__sessions_free(struct mcp_sessions *sessions)
{
    if (sessions == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (sessions->buckets[i] != NULL) {
            struct mcp_session *s = sessions->buckets[i];

            sessions->buckets[i] = s->next;
            destroy(sessions, s);
        }
    }
    free(sessions);
}

size_t mcp__sessions_count(const struct mcp_sessions *sessions)
{
    return sessions->count;
}

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* The bucket of an id that is known to be well-formed. */
static struct mcp_session **bucket_of(struct mcp_sessions *sessions, const char *id)
{
    unsigned h = digit(id[0]) << 8 | digit(id[1]) << 4 | digit(id[2]);

    return &sessions->buckets[h % BUCKETS];
}

static bool expired(const struct mcp_sessions *sessions, const struct mcp_session *s,
                    uint64_t now_ms)
{
    return s->running == 0 && now_ms - s->used_ms >= sessions->idle_ms;
}

void mcp__session_close(struct mcp_sessions *sessions, struct mcp_session *session)
{
    struct mcp_session **at = bucket_of(sessions, session->id);

    while (*at != session)
        at = &(*at)->next;
    *at = session->next;
    sessions->count--;
    destroy(sessions, session);
}

void mcp__sessions_sweep(struct mcp_sessions *sessions, uint64_t now_ms)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        struct mcp_session **at = &sessions->buckets[i];

        while (*at != NULL) {
            struct mcp_session *s = *at;

            if (!expired(sessions, s, now_ms)) {
                at = &s->next;
                continue;
            }
            *at = s->next;
            sessions->count--;
            destroy(sessions, s);
        }
    }
}

/* Closes the session that was idle longest; false when none may go. */
static bool evict(struct mcp_sessions *sessions, uint64_t now_ms)
{
    struct mcp_session *oldest = NULL;

    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct mcp_session *s = sessions->buckets[i]; s != NULL; s = s->next) {
            if (s->running == 0 && now_ms - s->used_ms >= EVICT_AFTER_MS &&
                (oldest == NULL || s->used_ms < oldest->used_ms))
                oldest = s;
        }
    }
    if (oldest == NULL)
        return false;
    mcp__session_close(sessions, oldest);
    return true;
}

int mcp__session_open(struct mcp_sessions *sessions, const unsigned char random[16],
                      enum mcp_revision rev, mcp_str principal, uint64_t now_ms,
                      struct mcp_session **out)
{
    static const char hex[] = "0123456789abcdef";
    struct mcp_session **bucket;
    struct mcp_session *s;

    if (sessions->count >= sessions->max)
        mcp__sessions_sweep(sessions, now_ms);
    if (sessions->count >= sessions->max && !evict(sessions, now_ms))
        return MCP_EBUSY;
    s = calloc(1, sizeof(*s));
    if (s == NULL)
        return MCP_ENOMEM;
    s->principal = malloc(principal.len + 1);
    if (s->principal == NULL) {
        free(s);
        return MCP_ENOMEM;
    }
    if (principal.len > 0)
        memcpy(s->principal, principal.ptr, principal.len);
    s->principal[principal.len] = '\0';
    s->principal_len = principal.len;
    for (size_t i = 0; i < 16; i++) {
        s->id[2 * i] = hex[random[i] >> 4];
        s->id[2 * i + 1] = hex[random[i] & 15];
    }
    s->rev = rev;
    s->log_level = MCP_LOG_SEV_INFO;
    s->used_ms = now_ms;
    bucket = bucket_of(sessions, s->id);
    s->next = *bucket;
    *bucket = s;
    sessions->count++;
    *out = s;
    return 0;
}

struct mcp_session *mcp__session_find(struct mcp_sessions *sessions, mcp_str id, mcp_str principal,
                                      uint64_t now_ms)
{
    if (id.len != MCP_SESSION_ID_LEN)
        return NULL;
    for (size_t i = 0; i < id.len; i++) {
        if ((id.ptr[i] < '0' || id.ptr[i] > '9') && (id.ptr[i] < 'a' || id.ptr[i] > 'f'))
            return NULL;
    }
    for (struct mcp_session *s = *bucket_of(sessions, id.ptr); s != NULL; s = s->next) {
        if (memcmp(s->id, id.ptr, MCP_SESSION_ID_LEN) != 0)
            continue;
        if (!mcp_str_eq(mcp_str_n(s->principal, s->principal_len), principal))
            return NULL;
        if (expired(sessions, s, now_ms)) {
            mcp__session_close(sessions, s);
            return NULL;
        }
        s->used_ms = now_ms;
        return s;
    }
    return NULL;
}
