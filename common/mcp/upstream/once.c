/* Of several calls that need the same thing one gets it, the others wait under their deadlines. */
#include "mcp/upstream/once.h"

#include "mcp/proto/call_internal.h"

#include <mcp/secret.h>

#include <stdlib.h>

/* One call that waits; on its own stack, linked while it waits. */
struct waiter {
    struct waiter *next;
    struct mcp_call *call; /* borrowed: it is the one that waits */
    bool woken; /* under call->lock */
    bool leads; /* under table lock, written before woken */
};

/* One thing being fetched. In the table while it runs; then only its waiters hold it. */
struct entry {
    struct entry *next;
    char *key; /* owned */
    size_t key_len;
    unsigned refs; /* leader and waiters */
    const struct mcp_call *leader; /* borrowed; for telling recursion */
    struct waiter *waiters; /* borrowed, first come first */
    /* The outcome. */
    int rc;
    char *value; /* owned, wiped: it is a token more often than not */
    size_t value_len;
    bool value_missing;
    struct mcp_error err;
};

/* Guards the list, all entries and the links of waiters. Taken before a call's lock, never inside
 * one. */
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *table;

static void entry_unref(struct entry *e)
{
    if (--e->refs > 0)
        return;
    if (e->value != NULL)
        mcp_secret_wipe(e->value, e->value_len);
    free(e->value);
    free(e->key);
    free(e);
}

static struct entry *find(mcp_str key)
{
    for (struct entry *e = table; e != NULL; e = e->next) {
        if (mcp_str_eq(mcp_str_n(e->key, e->key_len), key))
            return e;
    }
    return NULL;
}

static struct entry *make(mcp_str key)
{
    struct entry *e = calloc(1, sizeof(*e));

    if (e == NULL)
        return NULL;
    e->key = malloc(key.len + 1);
    if (e->key == NULL) {
        free(e);
        return NULL;
    }
    if (key.len > 0)
        memcpy(e->key, key.ptr, key.len);
    e->key_len = key.len;
    e->next = table;
    table = e;
    return e;
}

static void unlink_entry(struct entry *e)
{
    for (struct entry **at = &table; *at != NULL; at = &(*at)->next) {
        if (*at == e) {
            *at = e->next;
            return;
        }
    }
}

static void wake(struct waiter *w)
{
    struct mcp_call *call = w->call;

    /* w may be gone as soon as its call's lock is free; the call is kept by the one who waits, who
     * needs table_lock, which we hold, before it can leave. */
    pthread_mutex_lock(&call->lock);
    w->woken = true;
    pthread_cond_broadcast(&call->wake);
    pthread_mutex_unlock(&call->lock);
}

/* The leader could not end it: the next one leads, or nobody needs it any more. */
static void pass_on(struct entry *e)
{
    struct waiter *next = e->waiters;

    e->leader = NULL;
    if (next == NULL) {
        unlink_entry(e);
        return;
    }
    e->waiters = next->next;
    e->leader = next->call;
    next->leads = true;
    wake(next);
}

static void publish(struct entry *e, int rc, mcp_str value, const struct mcp_error *err)
{
    unlink_entry(e);
    e->rc = rc;
    if (rc < 0) {
        e->err = *err;
    } else {
        e->value_missing = mcp_str_is_null(value);
        e->value = malloc(value.len + 1);
        if (e->value == NULL) {
            e->rc = mcp_error_set(&e->err, MCP_ENOMEM, "out of memory");
        } else {
            if (value.len > 0)
                memcpy(e->value, value.ptr, value.len);
            e->value_len = value.len;
        }
    }
    while (e->waiters != NULL) {
        struct waiter *w = e->waiters;

        e->waiters = w->next;
        wake(w);
    }
}

/* Runs fn as the leader of e, without the lock; takes it again for the outcome. */
static int lead(struct entry *e, struct mcp_call *call,
                int (*fn)(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err),
                void *ctx, mcp_str *value, struct mcp_error *err)
{
    struct mcp_error own = { .err = MCP_OK };
    mcp_str got = MCP_STR_NULL;
    int rc = fn(call, ctx, &got, &own);

    if (rc < 0 && own.err == MCP_OK)
        mcp_error_set(&own, (enum mcp_err)rc, "failed");
    pthread_mutex_lock(&table_lock);
    /* Its own end says nothing about the thing; any other failure is everybody's. */
    if (rc < 0 && mcp_call_cancelled(call))
        pass_on(e);
    else
        publish(e, rc, got, &own);
    entry_unref(e);
    pthread_mutex_unlock(&table_lock);
    if (rc < 0) {
        if (err != NULL)
            *err = own;
        return rc;
    }
    *value = mcp_arena_str(mcp_call_arena(call), got);
    return 0;
}

static void leave(struct entry *e, struct waiter *w)
{
    for (struct waiter **at = &e->waiters; *at != NULL; at = &(*at)->next) {
        if (*at == w) {
            *at = w->next;
            return;
        }
    }
}

static int take(const struct entry *e, struct mcp_call *call, mcp_str *value, struct mcp_error *err)
{
    char *copy;

    if (e->rc < 0) {
        if (err != NULL)
            *err = e->err;
        return e->rc;
    }
    if (e->value_missing) {
        *value = MCP_STR_NULL;
        return 0;
    }
    copy = mcp_arena_try(mcp_call_arena(call), e->value_len + 1);
    if (copy == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    memcpy(copy, e->value, e->value_len);
    *value = mcp_str_n(copy, e->value_len);
    return 0;
}

int mcp__once(struct mcp_call *call, mcp_str key,
              int (*fn)(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err),
              void *ctx, mcp_str *value, struct mcp_error *err)
{
    struct waiter self = { .call = call };
    struct waiter **tail;
    struct entry *e;
    int rc;

    pthread_mutex_lock(&table_lock);
    e = find(key);
    if (e != NULL && e->leader == call) {
        pthread_mutex_unlock(&table_lock);
        return mcp_error_set(err, MCP_EINTERNAL, "mcp_once inside itself for the same key");
    }
    if (e == NULL) {
        e = make(key);
        if (e == NULL) {
            pthread_mutex_unlock(&table_lock);
            return mcp_error_set(err, MCP_ENOMEM, "out of memory");
        }
        e->refs = 1;
        e->leader = call;
        pthread_mutex_unlock(&table_lock);
        return lead(e, call, fn, ctx, value, err);
    }
    e->refs++;
    for (tail = &e->waiters; *tail != NULL; tail = &(*tail)->next)
        ;
    *tail = &self;
    pthread_mutex_unlock(&table_lock);

    pthread_mutex_lock(&call->lock);
    rc = mcp__call_wait(call, &self.woken);
    pthread_mutex_unlock(&call->lock);

    pthread_mutex_lock(&table_lock);
    /* It may have been woken between the end of its wait and this lock. */
    if (self.leads) {
        pthread_mutex_unlock(&table_lock);
        return lead(e, call, fn, ctx, value, err);
    }
    if (rc < 0) {
        leave(e, &self);
        mcp_error_set(err, (enum mcp_err)rc, "%s while another call fetched what this one needs",
                      rc == MCP_EDEADLINE ? "the time was over" : "cancelled");
    } else {
        rc = take(e, call, value, err);
    }
    entry_unref(e);
    pthread_mutex_unlock(&table_lock);
    return rc;
}
