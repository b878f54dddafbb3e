/* What the synthetic bills are made of: accounts, projects, regions, meters, commitments, fees. */
#ifndef COST_DEMO_CATALOG_H
#define COST_DEMO_CATALOG_H

#include <mcp/str.h>

enum demo_account_id { DEMO_AWS, DEMO_AZURE, DEMO_GCP, DEMO_GCP_EU, DEMO_ORACLE, DEMO_N_ACCOUNTS };

/* A billing account: what its invoice says. */
struct demo_account {
    const char *family, *provider, *publisher, *issuer;
    const char *id, *name, *currency;
    const char *sub_account_type;
    int tax_pm; /* tax on the month's billed sum, per mille; 0: none on this invoice */
};

struct demo_project {
    enum demo_account_id account;
    const char *id, *name, *env;
};

struct demo_region {
    enum demo_account_id account;
    const char *id, *name; /* id NULL: the provider gives a name only */
};

enum demo_rhythm {
    DEMO_FLAT, /* runs always */
    DEMO_OFFICE, /* less on weekends */
    DEMO_BATCH /* closes the books: more on the month's last three days */
};

enum demo_meter_flags {
    DEMO_KEEP = 1 << 0, /* never thinned out, whatever the size asked */
    DEMO_CAPPED = 1 << 1, /* never above its daily base (hours of a machine) */
    DEMO_WHOLE = 1 << 2, /* whole units */
    DEMO_IDLE = 1 << 3, /* the provider calls this meter idle */
    DEMO_SPOT = 1 << 4, /* PricingCategory Dynamic */
    DEMO_UNTAGGED = 1 << 5,
    DEMO_NULL_CONTRACTED = 1 << 6,
    DEMO_ANOMALY = 1 << 7, /* its first resource has the cost spike */
    DEMO_LATE = 1 << 8, /* the month's last day is on the next month's bill */
    DEMO_HOURLY = 1 << 9, /* by the hour in the last week */
    DEMO_GLOBAL = 1 << 10, /* no region */
    DEMO_DAILY_FEE = 1 << 11, /* a recurring purchase, every day */
    DEMO_NAMESPACES = 1 << 12, /* one row per Kubernetes namespace, the last one idle */
    DEMO_CLUSTER = 1 << 13, /* carries the cluster's name only */
};

/* One price of one service. Amounts: price in 1e-9 of the currency, quantity in 1e-6 of the unit. */
struct demo_meter {
    enum demo_account_id account;
    const char *service, *category, *subcategory;
    const char *sku, *words, *unit;
    const char *resource_type;
    const char *path_a, *path_b; /* pieces of the resource's id; NULL: the charge has no resource */
    const char *seller; /* marketplace: the publisher and provider, or NULL */
    int64_t price_nano, daily_micro;
    int discount_pm; /* negotiated: list to contracted */
    int other_pm; /* other discounts: contracted to billed */
    int growth_pm; /* per 30 days */
    enum demo_rhythm rhythm;
    unsigned flags;
    unsigned resources; /* how many, spread over projects and regions */
};

/* A commitment and the resources it covers. What it costs a day is shares * share_nano * 24. */
struct demo_commitment {
    enum demo_account_id account;
    const char *id, *name, *type, *category;
    const char *sku; /* of the meter it covers */
    unsigned project; /* index within the account: who bought it */
    int64_t share_nano; /* per covered resource and hour */
    unsigned shares;
    bool upfront; /* one purchase for the term; else one each month */
    int term_months; /* from the first month; 0: all the time */
    bool fading; /* the last resource is gone in the last 45 days: unused */
};

/* A charge of a bill that is not metered usage, at most one a month. */
struct demo_fee {
    enum demo_account_id account;
    const char *charge, *charge_class, *frequency;
    const char *service, *category, *subcategory, *words;
    const char *sku; /* Usage rows: the meter it belongs to, or NULL */
    const char *seller;
    int project; /* index within the account, or -1: none */
    int64_t amount_micro;
    int vary_pm; /* at most, by month */
    int day; /* of the month; 0: the last day */
    int every, phase; /* months: index % every == phase */
    bool whole_month; /* charge period: the month, else a day */
    bool last_month; /* only in the newest month */
    bool previous; /* its charge period lies a month before its bill */
};

extern const struct demo_account cost__demo_accounts[DEMO_N_ACCOUNTS];
extern const struct demo_project cost__demo_projects[];
extern const size_t cost__demo_n_projects;
extern const struct demo_region cost__demo_regions[];
extern const size_t cost__demo_n_regions;
extern const struct demo_meter cost__demo_meters[]; /* by account */
extern const size_t cost__demo_n_meters;
extern const struct demo_commitment cost__demo_commitments[];
extern const size_t cost__demo_n_commitments;
extern const struct demo_fee cost__demo_fees[];
extern const size_t cost__demo_n_fees;
extern const char *const cost__demo_namespaces[]; /* NULL-terminated */

/* The meter of a SkuId, or NULL. */
const struct demo_meter *cost__demo_meter_find(mcp_str sku);
/* The index-th project or region of an account, counted around. */
const struct demo_project *cost__demo_project_of(enum demo_account_id account, unsigned index);
const struct demo_region *cost__demo_region_of(enum demo_account_id account, unsigned index);

#endif
