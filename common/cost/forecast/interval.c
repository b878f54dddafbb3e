/* Prediction intervals from the errors of backtests. */
#include "interval.h"

#include <math.h>
#include <stdlib.h>

#define FEW_FOLDS 40
#define POOL 3 /* steps to each side that lend their errors when folds are few */
#define MIN_JUDGES 8

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Inverse of the normal distribution for p in (0.5, 1), Abramowitz and Stegun 26.2.23: |error| below
 * 4.5e-4. */
static double normal_quantile(double p)
{
    double t = sqrt(-2 * log(1 - p));
    return t - (2.515517 + 0.802853 * t + 0.010328 * t * t) /
                   (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
}

/* The conformal quantile of sorted values: rank p * (n + 1), between neighbours, at most the last. */
static double rank_value(const double *sorted, size_t n, double p)
{
    double at = p * (double)(n + 1) - 1;
    if (at <= 0)
        return sorted[0];
    size_t low = (size_t)at;
    if (low + 1 >= n)
        return sorted[n - 1];
    return sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low]);
}

struct cost__interval cost__interval_of(double *values, size_t n, double confidence)
{
    double tail = (1 + confidence) / 2, squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += values[i] * values[i];
    qsort(values, n, sizeof(values[0]), by_value);
    /* Around 0, not around their mean: a method that is always too low is also uncertain by that.
     * A few errors more than were seen: (n + 3) / n is about what Student's distribution adds. */
    double normal = normal_quantile(tail) * sqrt(squares / (double)n * (double)(n + 3) / (double)n);
    double above = (rank_value(values, n, tail) + normal) / 2;
    double below = (normal - rank_value(values, n, 1 - tail)) / 2;
    return (struct cost__interval){ .below = below > 0 ? below : 0,
                                    .above = above > 0 ? above : 0 };
}

/* Errors of step h (from 0) of the first `folds` folds, with those of the steps beside it when there
 * are few folds. */
static size_t collect(const struct cost__backtest *b, size_t folds, size_t h, bool of_sum,
                      double *out)
{
    const double *errors = of_sum ? b->sum_error : b->error;
    size_t from = h, to = h, n = 0;
    if (!of_sum && folds < FEW_FOLDS) {
        from = h > POOL ? h - POOL : 0;
        to = h + POOL < b->steps ? h + POOL : b->steps - 1;
    }
    for (size_t i = 0; i < folds; i++)
        for (size_t k = from; k <= to; k++)
            out[n++] = errors[i * b->steps + k];
    return n;
}

struct cost__interval cost__interval_step(const struct cost__backtest *b, size_t h, bool of_sum,
                                          double confidence, double *scratch)
{
    size_t tested = h < b->steps ? h : b->steps;
    size_t n = collect(b, b->folds, tested - 1, of_sum, scratch);
    struct cost__interval out = cost__interval_of(scratch, n, confidence);
    if (h > tested) {
        double ratio = (double)h / (double)tested;
        double wider = sqrt(ratio) * (of_sum ? ratio : 1);
        out.below *= wider;
        out.above *= wider;
    }
    return out;
}

double cost__interval_coverage(const struct cost__backtest *b, double confidence, double *scratch)
{
    size_t inside = 0, judged = 0;
    size_t steps[] = { 0, b->steps / 2, b->steps - 1 };
    for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
        size_t h = steps[k];
        if (k > 0 && h == steps[k - 1])
            continue;
        for (size_t i = MIN_JUDGES + h; i < b->folds; i++) {
            size_t n = collect(b, i - h, h, false, scratch);
            struct cost__interval r = cost__interval_of(scratch, n, confidence);
            double e = b->error[i * b->steps + h];
            inside += e >= -r.below && e <= r.above;
            judged++;
        }
    }
    return judged < MIN_JUDGES ? -1 : (double)inside / (double)judged;
}
