/* SIGINT, SIGTERM and SIGHUP: the first asks for an orderly end, the second one ends. */
#include "mcp/server/signals.h"

#include "mcp/net/serve.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>

static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };
#define N_SIGNALS (sizeof(numbers) / sizeof(numbers[0]))

/* Written before the handlers are there, read by them. */
static _Atomic(struct mcp_serve *) serving;
static atomic_bool seen;
static struct sigaction before[N_SIGNALS];

/* Who asks twice does not want to wait for the orderly end. */
static void on_signal(int number)
{
    struct mcp_serve *serve = atomic_load(&serving);

    if (atomic_exchange(&seen, true)) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    if (serve != NULL)
        mcp__serve_stop(serve);
}

void mcp__signals_begin(struct mcp_serve *serve)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    atomic_store(&serving, serve);
    atomic_store(&seen, false);
    for (size_t i = 0; i < N_SIGNALS; i++) {
        sigaction(numbers[i], NULL, &before[i]);
        /* What our parent ignores for us (nohup) stays ignored. */
        if (before[i].sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

void mcp__signals_end(void)
{
    for (size_t i = 0; i < N_SIGNALS; i++)
        sigaction(numbers[i], &before[i], NULL);
    atomic_store(&serving, NULL);
}

bool mcp__signals_seen(void)
{
    return atomic_load(&seen);
}
