/* How much a source may spend in a day: bytes that a warehouse bills, pages that an API does. */
#include <cost/spend_guard.h>

#include <pthread.h>
#include <stdlib.h>

struct cost_spend_guard {
    pthread_mutex_t lock; /* guards what follows */
    uint64_t limit;
    int32_t day; /* that the next two belong to */
    uint64_t spent, aside;
};

struct cost_spend_guard *cost_spend_guard_new(uint64_t limit)
{
    struct cost_spend_guard *guard = calloc(1, sizeof(*guard));

    if (guard == NULL)
        return NULL;
    pthread_mutex_init(&guard->lock, NULL);
    guard->limit = limit;
    return guard;
}

void cost_spend_guard_free(struct cost_spend_guard *guard)
{
    if (guard == NULL)
        return;
    pthread_mutex_destroy(&guard->lock);
    free(guard);
}

/* A new day begins with nothing spent; what was set aside yesterday is settled against nothing. */
static void turn(struct cost_spend_guard *guard, int32_t day)
{
    if (guard->day == day)
        return;
    guard->day = day;
    guard->spent = guard->aside = 0;
}

static uint64_t left(const struct cost_spend_guard *guard)
{
    uint64_t used = guard->spent + guard->aside;

    if (guard->limit == 0)
        return UINT64_MAX;
    return used < guard->spent || used >= guard->limit ? 0 : guard->limit - used;
}

bool cost_spend_guard_take(struct cost_spend_guard *guard, int32_t day, uint64_t expected)
{
    bool fits;

    pthread_mutex_lock(&guard->lock);
    turn(guard, day);
    fits = guard->limit == 0 || expected <= left(guard);
    if (fits && guard->limit > 0)
        guard->aside += expected;
    pthread_mutex_unlock(&guard->lock);
    return fits;
}

void cost_spend_guard_settle(struct cost_spend_guard *guard, int32_t day, uint64_t expected,
                             uint64_t spent)
{
    pthread_mutex_lock(&guard->lock);
    turn(guard, day);
    guard->aside -= expected < guard->aside ? expected : guard->aside;
    guard->spent = spent > UINT64_MAX - guard->spent ? UINT64_MAX : guard->spent + spent;
    pthread_mutex_unlock(&guard->lock);
}

uint64_t cost_spend_guard_left(struct cost_spend_guard *guard, int32_t day)
{
    uint64_t n;

    pthread_mutex_lock(&guard->lock);
    turn(guard, day);
    n = left(guard);
    pthread_mutex_unlock(&guard->lock);
    return n;
}
