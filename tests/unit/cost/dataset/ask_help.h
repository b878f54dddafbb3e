/* For tests of answers: rows in, a dataset in a temporary folder, questions as JSON. */
#ifndef TEST_ASK_HELP_H
#define TEST_ASK_HELP_H

#include <cost/dataset.h>

/* One row; what is NULL has the default named here. */
struct test_row {
    const char *day; /* YYYY-MM-DD of the start */
    const char *billed; /* "1" */
    const char *effective, *list, *contracted; /* billed; "" is null */
    const char *charge; /* Usage */
    const char *service; /* Compute Engine A */
    const char *category; /* Compute */
    const char *issuer; /* Amazon Web Services, Inc. */
    const char *account; /* 111 */
    const char *project; /* none */
    const char *region; /* none */
    const char *region_name; /* none */
    const char *resource; /* none */
    const char *resource_type; /* none */
    const char *allocated; /* AllocatedResourceId, none */
    const char *sku; /* none */
    const char *tags; /* none; written with ' for " */
    const char *commitment, *status; /* none */
    const char *frequency; /* Usage-Based */
    const char *pricing; /* Standard */
    const char *quantity, *unit; /* none */
    const char *currency; /* USD */
    const char *period; /* first day of the billing month: the day's own month */
    const char *description; /* none */
    int hours; /* 24: length of the charge period */
};

struct test_data {
    char dir[64], path[96];
    struct cost_dataset *ds;
    struct cost_snapshot *snap;
    struct mcp_arena *arena; /* of the answers; 512 MiB at most */
    struct cost_scope scope; /* zero: everything */
    int32_t today;
};

/* Makes the dataset of the rows; fails the test when the import does. today: 2026-12-01. */
void test_data_open(struct test_data *d, const struct test_row *rows, size_t n);
/* The same of a file. */
void test_data_open_file(struct test_data *d, const char *csv);
/* Two months of 3000 rows each in 3 services, so that every rollup is worth keeping: the i-th row
 * bills i + 0.25 and uses 1.5 hours. The months sum to 3000 * 2999 / 2 + 750 = 4499250 and
 * 3000 * 8999 / 2 + 750 = 13499250, together 17998500. */
#define TEST_MANY_ROWS 6000
void test_data_open_many(struct test_data *d);
void test_data_close(struct test_data *d);
/* The public sample, or NULL, which the test must say aloud. Static storage. */
const char *test_sample(void);

/* args: JSON with ' for ". Fails the test when the answer is an error. */
const struct cost_result *test_costs(struct test_data *d, const char *args);
/* The error of a question that must be refused. Static storage. */
const struct mcp_error *test_costs_refused(struct test_data *d, const char *args);
const struct cost_resources *test_resources(struct test_data *d, const char *args);
const struct cost_recommendations *test_recommendations(struct test_data *d, const char *args);
const struct cost_history *test_history(struct test_data *d, const char *args);

/* As text; static storage, a few at a time. */
const char *test_money(struct cost_money m);
/* "EC2=10 S3=2.5": value of the first key and cost of each group on the page, "-" for missing. */
const char *test_groups(const struct cost_block_result *b);
bool test_warned(const struct cost_result *r, const char *code);
/* before + page + other = parts = total, classes add up: what every answer must hold. */
void test_holds(const struct cost_result *r);

#endif
