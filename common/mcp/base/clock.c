/* The one wall clock that --now can set, and the monotonic one that it cannot. */
#include <mcp/clock.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

static atomic_bool frozen;
static _Atomic int64_t frozen_at;

int64_t mcp_clock_now_ms(void)
{
    struct timespec ts = { 0 };

    if (atomic_load_explicit(&frozen, memory_order_acquire))
        return atomic_load_explicit(&frozen_at, memory_order_relaxed) * 1000;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t mcp_clock_now(void)
{
    struct timespec ts = { 0 };

    if (atomic_load_explicit(&frozen, memory_order_acquire))
        return atomic_load_explicit(&frozen_at, memory_order_relaxed);
    clock_gettime(CLOCK_REALTIME_COARSE,
                  &ts); /* asked for every call; some ms late is the same second */
    return (int64_t)ts.tv_sec;
}

void mcp_clock_set(int64_t instant)
{
    atomic_store_explicit(&frozen_at, instant, memory_order_relaxed);
    atomic_store_explicit(&frozen, true, memory_order_release);
}

uint64_t mcp_clock_mono_ns(void)
{
    struct timespec ts = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

uint64_t mcp_clock_mono_ms(void)
{
    return mcp_clock_mono_ns() / 1000000U;
}
