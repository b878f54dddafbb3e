/* One row on its way into the dataset: ids instead of text. */
#ifndef COST_DATASET_FACT_H
#define COST_DATASET_FACT_H

#include <cost/row.h>

struct cost__fact {
    uint32_t ids[COST_N_COLS]; /* 0: missing */
    struct cost_money num[COST_N_ROW_NUMS]; /* 0 where null */
    uint8_t nulls; /* bit enum cost_num */
    uint8_t decimals[COST_N_ROW_NUMS]; /* behind the point, trailing zeros not counted */
    uint8_t charge; /* enum cost_charge */
    bool kubernetes; /* has a cluster or a namespace */
    int32_t day; /* of the charge's start */
    uint32_t second, length; /* of the day; of the charge period, both in seconds */
    uint32_t flags; /* enum cost_row_flags */
    int64_t charge_end;
};

/* class, spans and the other flags from the row's numbers and words. eligible_category: its service
 * category is one that commitments cover; standard: PricingCategory Standard; used, unused: its
 * CommitmentDiscountStatus. */
struct cost__fact_words {
    bool eligible_category, standard, used, unused;
};
uint32_t cost__fact_flags(const struct cost__fact *fact, const struct cost__fact_words *words);

#endif
