/* A line of progress on stderr: drawn over itself on a terminal, a plain line now and then elsewhere. */
#ifndef COST_CLI_BAR_H
#define COST_CLI_BAR_H

#include <stdbool.h>
#include <stdint.h>

/* Zero is a fresh one. */
struct cost__bar {
    uint64_t started_ms, drawn_ms;
    bool drawn;
};
/* rows: done and total are bytes; 0: they are of any kind. total 0: unknown. */
void cost__bar_draw(struct cost__bar *bar, const char *what, uint64_t rows, uint64_t done,
                    uint64_t total);
void cost__bar_end(struct cost__bar *bar);

#endif
