/* The closed word lists of FOCUS, compared without case, and the words that mean missing. */
#include "words.h"

static const char *const charge_categories[] = { "Usage",  "Purchase",   "Tax",
                                                 "Credit", "Adjustment", NULL };
static const char *const charge_classes[] = { "Correction", NULL };
static const char *const charge_frequencies[] = { "One-Time", "Recurring", "Usage-Based", NULL };
static const char *const pricing_categories[] = { "Standard", "Dynamic", "Committed", "Other",
                                                  NULL };
static const char *const commitment_statuses[] = { "Used", "Unused", NULL };
static const char *const service_categories[] = {
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Multicloud",
    "Networking",
    "Other",
    "Security",
    "Storage",
    "Web",
    NULL,
};

static const char *const *const lists[COST_N_COLS] = {
    [COST_COL_CHARGE_CATEGORY] = charge_categories,
    [COST_COL_CHARGE_CLASS] = charge_classes,
    [COST_COL_CHARGE_FREQUENCY] = charge_frequencies,
    [COST_COL_PRICING_CATEGORY] = pricing_categories,
    [COST_COL_COMMITMENT_STATUS] = commitment_statuses,
    [COST_COL_SERVICE_CATEGORY] = service_categories,
};

mcp_str cost__word_canonical(enum cost_col col, mcp_str raw)
{
    const char *const *list = lists[col];

    for (; list != NULL && *list != NULL; list++) {
        if (mcp_str_eq_nocase(raw, mcp_str_z(*list)))
            return mcp_str_z(*list);
    }
    return raw;
}

enum cost_charge cost__word_charge(mcp_str canonical)
{
    _Static_assert(COST_CHARGE_USAGE == 0 && COST_CHARGE_ADJUSTMENT == 4, "the list's order");
    for (int i = 0; charge_categories[i] != NULL; i++) {
        if (mcp_str_eq(canonical, mcp_str_z(charge_categories[i])))
            return (enum cost_charge)i;
    }
    return COST_N_CHARGES;
}

bool cost__word_eligible(mcp_str category)
{
    static const char *const eligible[] = { "Compute", "Databases", "AI and Machine Learning",
                                            "Analytics" };

    for (size_t i = 0; i < sizeof(eligible) / sizeof(*eligible); i++) {
        if (mcp_str_eq(category, mcp_str_z(eligible[i])))
            return true;
    }
    return false;
}

static bool has_word(mcp_str text, mcp_str word)
{
    for (size_t i = 0; i + word.len <= text.len; i++) {
        /* Both cases of the first letter, then the whole. */
        if ((text.ptr[i] | 0x20) == word.ptr[0] &&
            mcp_str_eq_nocase(mcp_str_n(text.ptr + i, word.len), word))
            return true;
    }
    return false;
}

bool cost__word_idle(mcp_str text)
{
    static const char *const words[] = { "idle",         "unattached",     "not attached",
                                         "unassociated", "not associated", "unused" };

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (has_word(text, mcp_str_z(words[i])))
            return true;
    }
    return false;
}
