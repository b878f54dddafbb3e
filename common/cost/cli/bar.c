/* A line of progress on stderr: rows and speed, or the time spent; the time left. */
#include "bar.h"

#include <mcp/clock.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH 24
#define TERMINAL_MS 100
#define PLAIN_MS 5000

static void print_line(const struct cost__bar *bar, const char *what, uint64_t rows, uint64_t done,
                       uint64_t total, bool terminal)
{
    uint64_t spent = mcp_clock_mono_ms() - bar->started_ms + 1;
    unsigned filled =
        total > 0 ? (unsigned)(done >= total ? BAR_WIDTH : done * BAR_WIDTH / total) : 0;
    char cells[BAR_WIDTH + 1];
    char eta[32] = "";

    memset(cells, '.', BAR_WIDTH);
    memset(cells, '#', filled);
    cells[BAR_WIDTH] = '\0';
    if (total > done && done > 0)
        snprintf(eta, sizeof(eta), ", %llu s left",
                 (unsigned long long)(spent * (total - done) / done / 1000 + 1));
    if (terminal)
        fprintf(stderr, "\r%s [%s] ", what, cells);
    else
        fprintf(stderr, "%s: ", what);
    if (rows > 0)
        fprintf(stderr, "%llu rows, %.0f MB/s", (unsigned long long)rows,
                (double)done / 1e3 / (double)spent);
    else
        fprintf(stderr, "%llu s", (unsigned long long)(spent / 1000));
    fprintf(stderr, "%s%s", eta, terminal ? "\x1b[K" : "\n");
    fflush(stderr);
}

void cost__bar_draw(struct cost__bar *bar, const char *what, uint64_t rows, uint64_t done,
                    uint64_t total)
{
    bool terminal = isatty(STDERR_FILENO);
    uint64_t now = mcp_clock_mono_ms();

    if (bar->started_ms == 0)
        bar->started_ms = bar->drawn_ms = now;
    if (now - bar->drawn_ms < (terminal ? TERMINAL_MS : PLAIN_MS))
        return;
    bar->drawn_ms = now;
    bar->drawn = terminal;
    print_line(bar, what, rows, done, total, terminal);
}

void cost__bar_end(struct cost__bar *bar)
{
    if (bar->drawn)
        fputs("\r\x1b[K", stderr);
    *bar = (struct cost__bar){ 0 };
}
