/* Rolling-origin backtests. */
#include "backtest.h"

#include <cost/forecast.h>
#include <mcp/error.h>

#include <math.h>

#define MIN_TRAIN COST__SEASON

void cost__backtest_size(size_t n, size_t horizon, size_t *folds, size_t *steps)
{
    /* Half of what is left behind the first week at most: the other half is for repeating the
     * test, without which there is no interval. */
    size_t most = (n - MIN_TRAIN) / 2;
    *steps = horizon < most ? horizon : most;
    *folds = n - MIN_TRAIN - *steps + 1;
    /* Short tests on long histories need not begin with the first weeks. */
    size_t late = n >= 6 * COST__SEASON + *steps ? n - 4 * COST__SEASON - *steps + 1 : *folds;
    if (*folds > late)
        *folds = late;
    if (*folds > COST__MAX_FOLDS)
        *folds = COST__MAX_FOLDS;
}

int cost__backtest_init(struct cost__backtest *b, size_t n, size_t horizon, struct mcp_arena *arena)
{
    *b = (struct cost__backtest){ 0 };
    cost__backtest_size(n, horizon, &b->folds, &b->steps);
    b->error = mcp_arena_try_array(arena, b->folds * b->steps, sizeof(double));
    b->sum_error = mcp_arena_try_array(arena, b->folds * b->steps, sizeof(double));
    return b->error == NULL || b->sum_error == NULL ? MCP_ENOMEM : 0;
}

void cost__backtest_run(struct cost__backtest *b, const struct cost__series *s,
                        const struct cost__method *method, double *scratch)
{
    double absolute = 0, relative = 0;
    for (size_t i = 0; i < b->folds; i++) {
        size_t origin = s->n - b->steps - (b->folds - 1 - i);
        double sum = 0;
        method->run(s->y, origin, b->steps, scratch);
        for (size_t h = 0; h < b->steps; h++) {
            double actual = s->y[origin + h], e = actual - scratch[h];
            double size = fabs(actual) + fabs(scratch[h]);
            sum += e;
            b->error[i * b->steps + h] = e;
            b->sum_error[i * b->steps + h] = sum;
            absolute += fabs(e);
            if (size > 0)
                relative += 200 * fabs(e) / size;
        }
    }
    double points = (double)(b->folds * b->steps);
    b->mase = absolute / points / s->scale;
    b->smape = relative / points;
}
