/* The transfer thread: the one owner of libcurl's multi. It never calls into the loop. */
#include "mcp/upstream/transfer.h"

#include "mcp/auth/crypto.h"
#include "mcp/proto/call_internal.h"
#include "mcp/upstream/easy.h"
#include "mcp/upstream/room.h"

#include <mcp/clock.h>

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define START_ROOM ((size_t)16 << 10) /* a request begins when that much is free */
#define WEDGED_MS 500 /* all wait for room: how long until one gives up */
#define POLL_MS 250 /* between looks at what waits for room */
#define STOP_MS 1500 /* for requests marked after_cancel, at the end */
#define STACK_BYTES ((size_t)1 << 20)

/* A list that keeps the order of arrival. */
struct list {
    struct mcp__transfer *head;
    struct mcp__transfer **tail;
};

/* What the threads share is under lock; the rest belongs to the transfer thread. */
static struct {
    pthread_mutex_t lock;
    pthread_t thread;
    bool started;
    bool stopping;
    struct mcp__transfer *incoming; /* newest first */
    CURLM *multi; /* made before the thread, freed after it; curl_multi_wakeup by anybody */
} up = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* One run of the thread. */
struct run {
    struct list waiting; /* for room, not begun */
    struct list active;
    uint64_t wedged_since; /* 0: not */
};

static void list_init(struct list *l)
{
    l->head = NULL;
    l->tail = &l->head;
}

static void list_add(struct list *l, struct mcp__transfer *t)
{
    t->next = NULL;
    *l->tail = t;
    l->tail = &t->next;
}

static void list_remove(struct list *l, struct mcp__transfer *t)
{
    for (struct mcp__transfer **at = &l->head; *at != NULL; at = &(*at)->next) {
        if (*at != t)
            continue;
        *at = t->next;
        if (l->tail == &t->next)
            l->tail = at;
        return;
    }
}

static void wake_thread(void)
{
    pthread_mutex_lock(&up.lock);
    if (up.multi != NULL)
        curl_multi_wakeup(up.multi);
    pthread_mutex_unlock(&up.lock);
}

struct mcp__group *mcp__group_new(struct mcp_call *call)
{
    struct mcp__group *group = calloc(1, sizeof(*group));

    if (group == NULL)
        return NULL;
    atomic_init(&group->refs, 1);
    mcp__call_ref(call);
    group->call = call;
    return group;
}

void mcp__group_unref(struct mcp__group *group)
{
    if (group == NULL || atomic_fetch_sub(&group->refs, 1) > 1)
        return;
    mcp__call_unref(group->call);
    free(group);
}

struct mcp__transfer *mcp__transfer_new(struct mcp__group *group)
{
    struct mcp__transfer *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return NULL;
    atomic_init(&t->refs, 1);
    atomic_fetch_add(&group->refs, 1);
    t->group = group;
    return t;
}

void mcp__transfer_unref(struct mcp__transfer *t)
{
    if (t == NULL || atomic_fetch_sub(&t->refs, 1) > 1)
        return;
    MCP_BUG_ON(t->easy != NULL);
    mcp__room_give(t->taken);
    curl_slist_free_all(t->headers);
    free(t->answer);
    free(t->head);
    free(t->url);
    free(t->host);
    free(t->body);
    free(t->stream_type);
    mcp__group_unref(t->group);
    free(t);
}

/* The end of t on this thread. The outcome stands; whoever still waits is woken. */
static void post(struct mcp__transfer *t)
{
    struct mcp__group *group = t->group;
    struct mcp_call *call = group->call;

    curl_easy_cleanup(t->easy);
    t->easy = NULL;
    pthread_mutex_lock(&call->lock);
    if (!atomic_load(&t->abandoned)) {
        t->next = group->finished;
        group->finished = t;
        group->ready = true;
        pthread_cond_broadcast(&call->wake);
    }
    pthread_mutex_unlock(&call->lock);
    mcp__transfer_unref(t);
}

static void end_active(struct run *r, struct mcp__transfer *t, enum mcp__outcome outcome)
{
    t->outcome = outcome;
    curl_multi_remove_handle(up.multi, t->easy);
    list_remove(&r->active, t);
    post(t);
}

/* After every curl_multi_perform, however many are said to run. */
static void drain(struct run *r)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(up.multi, &left)) != NULL) {
        CURLcode rc = msg->data.result; /* msg dies in remove_handle */
        struct mcp__transfer *t = NULL;

        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        end_active(r, t, mcp__easy_outcome(t, rc));
    }
}

static bool is_over(const struct mcp__transfer *t, uint64_t now)
{
    if (!atomic_load(&t->abandoned))
        return false;
    return !t->after_cancel || now >= atomic_load(&t->survive_ms);
}

/* Begins what waits, in order, while there is room and nobody who has begun needs it more. */
static void begin_waiting(struct run *r, uint64_t now)
{
    struct mcp__transfer *t, *next;
    bool room = true;

    for (t = r->active.head; t != NULL; t = t->next)
        room = room && !atomic_load(&t->paused);
    for (t = r->waiting.head; t != NULL; t = next) {
        size_t need = t->max_body_bytes < START_ROOM ? t->max_body_bytes : START_ROOM;

        next = t->next;
        if (is_over(t, now) || now >= t->until_ms) {
            t->outcome = MCP__OUT_TIMEOUT;
            list_remove(&r->waiting, t);
            post(t);
            continue;
        }
        room = room && mcp__room_take(need);
        if (!room)
            continue;
        t->taken = need;
        list_remove(&r->waiting, t);
        t->easy = mcp__easy_new(t, now);
        if (t->easy == NULL || curl_multi_add_handle(up.multi, t->easy) != CURLM_OK) {
            t->outcome = MCP__OUT_NOMEM;
            post(t);
            continue;
        }
        list_add(&r->active, t);
    }
}

/* Drops what nobody waits for, and lets those go on that wait for room, oldest first. */
static void sweep(struct run *r, uint64_t now)
{
    struct mcp__transfer *t, *next, *youngest = NULL;
    unsigned paused = 0, running = 0;

    for (t = r->active.head; t != NULL; t = next) {
        next = t->next;
        if (is_over(t, now)) {
            end_active(r, t, MCP__OUT_STOPPED);
            continue;
        }
        if (atomic_load(&t->paused)) {
            atomic_store(&t->paused, false);
            curl_easy_pause(t->easy, CURLPAUSE_CONT); /* may set paused again */
        }
        if (atomic_load(&t->paused)) {
            paused++;
            youngest = t;
        } else {
            running++;
        }
    }
    /* Half answers that wait for each other would wait until their deadlines. */
    if (paused < 2 || running > 0) {
        r->wedged_since = 0;
    } else if (r->wedged_since == 0) {
        r->wedged_since = now;
    } else if (now - r->wedged_since >= WEDGED_MS) {
        r->wedged_since = 0;
        end_active(r, youngest, MCP__OUT_BUSY);
    }
}

/* False when it is time to end. */
static bool take_incoming(struct run *r, uint64_t now, uint64_t *stop_ms)
{
    struct mcp__transfer *incoming, *t, *in_order = NULL;
    bool stopping, pending = false;

    pthread_mutex_lock(&up.lock);
    incoming = up.incoming;
    up.incoming = NULL;
    stopping = up.stopping;
    pthread_mutex_unlock(&up.lock);
    while ((t = incoming) != NULL) {
        incoming = t->next;
        t->next = in_order;
        in_order = t;
    }
    while ((t = in_order) != NULL) {
        in_order = t->next;
        list_add(&r->waiting, t);
    }
    if (!stopping)
        return true;
    if (*stop_ms == 0)
        *stop_ms = now + STOP_MS;
    for (t = r->active.head; t != NULL; t = t->next)
        pending = pending || t->after_cancel;
    for (t = r->waiting.head; t != NULL; t = t->next)
        pending = pending || t->after_cancel;
    return pending && now < *stop_ms;
}

static int poll_ms(const struct run *r, bool stopping)
{
    bool held = stopping || r->waiting.head != NULL;

    for (const struct mcp__transfer *t = r->active.head; t != NULL; t = t->next)
        held = held || atomic_load(&t->paused) || atomic_load(&t->abandoned);
    if (held)
        return POLL_MS;
    return r->active.head != NULL ? 1000 : 60000;
}

static void *run_thread(void *arg)
{
    struct run r = { .wedged_since = 0 };
    uint64_t stop_ms = 0;
    struct mcp__transfer *t;

    (void)arg;
    list_init(&r.waiting);
    list_init(&r.active);
    while (take_incoming(&r, mcp_clock_mono_ms(), &stop_ms)) {
        int running;

        begin_waiting(&r, mcp_clock_mono_ms());
        curl_multi_perform(up.multi, &running);
        drain(&r);
        sweep(&r, mcp_clock_mono_ms());
        drain(&r);
        curl_multi_poll(up.multi, NULL, 0, poll_ms(&r, stop_ms != 0), NULL);
    }
    while ((t = r.active.head) != NULL)
        end_active(&r, t, MCP__OUT_STOPPED);
    while ((t = r.waiting.head) != NULL) {
        t->outcome = MCP__OUT_STOPPED;
        list_remove(&r.waiting, t);
        post(t);
    }
    return NULL;
}

static void init_curl(void)
{
    MCP_BUG_ON(curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK);
    mcp__room_on_free(wake_thread);
}

/* Under up.lock. Signals stay with the threads that expect them. */
static int start_thread(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_attr_t attr;
    sigset_t all, before;
    int rc;

    pthread_once(&once, init_curl);
    up.multi = curl_multi_init();
    mcp__crypto_thread_done(); /* libcurl began libcrypto on this worker, which owes it nothing now */
    if (up.multi == NULL)
        return MCP_ENOMEM;
    curl_multi_setopt(up.multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(up.multi, CURLMOPT_MAXCONNECTS, 64L);
    sigfillset(&all);
    if (pthread_attr_init(&attr) != 0) {
        rc = -1;
        goto out;
    }
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&up.thread, &attr, run_thread, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
out:
    if (rc != 0) {
        curl_multi_cleanup(up.multi);
        up.multi = NULL;
        return MCP_EINTERNAL;
    }
    up.started = true;
    up.stopping = false;
    return 0;
}

int mcp__transfer_submit(struct mcp__transfer *t, struct mcp_error *err)
{
    int rc = 0;

    t->submitted_ms = mcp_clock_mono_ms();
    atomic_store(&t->last_ms, t->submitted_ms);
    pthread_mutex_lock(&up.lock);
    if (!up.started)
        rc = start_thread();
    else if (up.stopping)
        rc = MCP_ECANCELLED;
    if (rc == 0) {
        atomic_fetch_add(&t->refs, 1);
        t->next = up.incoming;
        up.incoming = t;
        curl_multi_wakeup(up.multi);
    }
    pthread_mutex_unlock(&up.lock);
    if (rc == MCP_ECANCELLED)
        return mcp_error_set(err, MCP_ECANCELLED, "the server is ending");
    if (rc < 0)
        return mcp_error_set(err, (enum mcp_err)rc, "cannot start the transfer thread");
    return 0;
}

void mcp__transfer_abandon(struct mcp__transfer *t, uint64_t survive_ms)
{
    struct mcp__group *group = t->group;
    struct mcp_call *call = group->call;

    pthread_mutex_lock(&call->lock);
    for (struct mcp__transfer **at = &group->finished; *at != NULL; at = &(*at)->next) {
        if (*at != t)
            continue;
        *at = t->next;
        break;
    }
    atomic_store(&t->survive_ms, survive_ms);
    atomic_store(&t->abandoned, true);
    pthread_mutex_unlock(&call->lock);
    wake_thread();
    mcp__transfer_unref(t);
}

char *mcp__transfer_take_answer(struct mcp__transfer *t, size_t *len, size_t *taken)
{
    char *answer = t->answer;

    *len = t->answer_len;
    *taken = t->taken;
    t->answer = NULL;
    t->taken = 0;
    t->answer_len = t->answer_size = 0;
    return answer;
}

void mcp__transfer_stop(void)
{
    pthread_mutex_lock(&up.lock);
    if (!up.started || up.stopping) {
        pthread_mutex_unlock(&up.lock);
        return;
    }
    up.stopping = true;
    curl_multi_wakeup(up.multi);
    pthread_mutex_unlock(&up.lock);
    pthread_join(up.thread, NULL);
    pthread_mutex_lock(&up.lock);
    curl_multi_cleanup(up.multi);
    up.multi = NULL;
    up.started = false;
    up.stopping = false;
    pthread_mutex_unlock(&up.lock);
}
