/* Any bytes as a column block: refused, or read within their bounds. */
#include "cost/dataset/block.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_ids(struct cost_block *b, const struct cost_ids *ids, int rc)
{
    volatile uint32_t sink = 0;

    for (uint32_t i = 0; rc == 0 && ids->present && !ids->constant && i < cost__block_rows(b); i++)
        sink ^= ids->ids[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cost_block *b;
    struct cost_ids ids;
    struct cost_nums nums;

    if (cost__block_open(data, size, &b, NULL) != 0)
        return 0;
    for (int c = 0; c < COST_N_COLS; c++)
        use_ids(b, &ids, cost__block_ids(b, (enum cost_col)c, &ids));
    for (int m = 0; m < COST_N_NUMS; m++)
        (void)cost__block_nums(b, (enum cost_num)m, &nums);
    use_ids(b, &ids, cost__block_days(b, &ids));
    use_ids(b, &ids, cost__block_flags(b, &ids));
    use_ids(b, &ids, cost__block_seconds(b, &ids));
    use_ids(b, &ids, cost__block_lengths(b, &ids));
    cost__block_free(b);
    return 0;
}
