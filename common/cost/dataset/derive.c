/* What a row does not say itself: its provider family, cluster, namespace, resource group, flags. */
#include "derive.h"
#include "kube.h"
#include "words.h"

#include <mcp/date.h>

#define NO_FAMILY UINT32_C(0x7ffffffe)

bool cost__importer_id(struct cost__importer *imp, enum cost_col col, mcp_str raw, uint32_t *id)
{
    struct cost__dict *d = &imp->dicts[col];
    mcp_str canonical;
    char upper[3];

    if (cost__word_missing(raw)) {
        *id = 0;
        return true;
    }
    *id = cost__dict_lookup(d, raw);
    if (*id != 0)
        return true;
    canonical = cost__word_canonical(col, raw);
    if (col == COST_COL_CURRENCY && raw.len == 3) {
        for (size_t i = 0; i < 3; i++)
            upper[i] =
                (char)(raw.ptr[i] >= 'a' && raw.ptr[i] <= 'z' ? raw.ptr[i] - 32 : raw.ptr[i]);
        canonical = mcp_str_n(upper, 3);
    }
    *id = cost__dict_id(d, canonical);
    return *id != 0 && (mcp_str_eq(canonical, raw) || cost__dict_alias(d, raw, *id) == 0);
}

/* ---- provider family ---- */

/* The family of a name by the shipped table: its provider id, NO_FAMILY, or 0 when memory is out. */
static uint32_t family_of(struct cost__importer *imp, struct cost__idmap *map, enum cost_col col,
                          uint32_t name)
{
    const char *family;
    uint32_t value;

    if (name == 0)
        return NO_FAMILY;
    if (cost__idmap_get(map, name, &value))
        return value;
    family = cost_provider_family(cost__importer_text(imp, col, name));
    value = family == NULL ? NO_FAMILY
                           : cost__dict_id(&imp->dicts[COST_COL_PROVIDER], mcp_str_z(family));
    if (value == 0 || cost__idmap_set(map, name, value) != 0)
        return 0;
    return value;
}

static int derive_provider(struct cost__importer *imp, struct cost__fact *f)
{
    uint32_t issuer = f->ids[COST_COL_INVOICE_ISSUER];
    uint32_t seller = f->ids[COST_COL_SERVICE_PROVIDER], family;
    mcp_str name;
    char slug[64];
    size_t len;

    if (f->ids[COST_COL_PROVIDER] != 0)
        return 0;
    if (!mcp_str_is_null(imp->options->provider) && imp->options->provider.len > 0) {
        family = cost__dict_id(&imp->dicts[COST_COL_PROVIDER], imp->options->provider);
    } else {
        family = family_of(imp, &imp->family_of_issuer, COST_COL_INVOICE_ISSUER, issuer);
        if (family == NO_FAMILY)
            family = family_of(imp, &imp->family_of_seller, COST_COL_SERVICE_PROVIDER, seller);
    }
    if (family == NO_FAMILY) {
        name = issuer != 0 ? cost__importer_text(imp, COST_COL_INVOICE_ISSUER, issuer)
                           : cost__importer_text(imp, COST_COL_SERVICE_PROVIDER, seller);
        len = cost_provider_slug(name, slug);
        if (len == 0) {
            memcpy(slug, "unknown", 8);
            len = 7;
        }
        family = cost__dict_id(&imp->dicts[COST_COL_PROVIDER], mcp_str_n(slug, len));
        if (cost__dict_id(&imp->unmapped, mcp_str_n(slug, len)) == 0)
            return MCP_ENOMEM;
        /* Only a name alone decides from now on: of an issuer without seller, and the reverse. */
        if (issuer != 0 && seller == 0 && family != 0 &&
            cost__idmap_set(&imp->family_of_issuer, issuer, family) != 0)
            return MCP_ENOMEM;
    }
    f->ids[COST_COL_PROVIDER] = family;
    return family == 0 ? MCP_ENOMEM : 0;
}

/* ---- Kubernetes ---- */

static int put_pair(struct cost__importer *imp, mcp_str cluster, mcp_str namespace,
                    uint32_t *cluster_id, uint32_t *namespace_id)
{
    if (!cost__importer_id(imp, COST_COL_CLUSTER, cluster, cluster_id) ||
        !cost__importer_id(imp, COST_COL_NAMESPACE, namespace, namespace_id))
        return MCP_ENOMEM;
    return 0;
}

static int from_set(struct cost__importer *imp, uint32_t set, uint32_t *cluster,
                    uint32_t *namespace)
{
    mcp_str c, n;

    *cluster = *namespace = 0;
    if (set == 0)
        return 0;
    if (cost__idmap_get(&imp->set_cluster, set, cluster) &&
        cost__idmap_get(&imp->set_namespace, set, namespace))
        return 0;
    cost__tagsets_kube(&imp->tags, set, &c, &n);
    if (put_pair(imp, c, n, cluster, namespace) != 0 ||
        cost__idmap_set(&imp->set_cluster, set, *cluster) != 0)
        return MCP_ENOMEM;
    return cost__idmap_set(&imp->set_namespace, set, *namespace);
}

/* Ids of allocated resources are few; they are looked at again each time. */
static int from_allocated(struct cost__importer *imp, uint32_t id, uint32_t *cluster,
                          uint32_t *namespace)
{
    mcp_str c, n;

    *cluster = *namespace = 0;
    if (id == 0)
        return 0;
    cost__kube_from_resource(cost__importer_text(imp, COST_COL_ALLOCATED_RESOURCE, id), &c, &n);
    return put_pair(imp, c, n, cluster, namespace);
}

/* Everything that follows from a ResourceId, computed once for each. */
static int from_resource(struct cost__importer *imp, uint32_t id, uint32_t *cluster,
                         uint32_t *namespace, uint32_t *group)
{
    mcp_str text, c, n;

    *cluster = *namespace = *group = 0;
    if (id == 0)
        return 0;
    if (cost__idmap_get(&imp->resource_cluster, id, cluster) &&
        cost__idmap_get(&imp->resource_namespace, id, namespace) &&
        cost__idmap_get(&imp->resource_group, id, group))
        return 0;
    text = cost__importer_text(imp, COST_COL_RESOURCE, id);
    cost__kube_from_resource(text, &c, &n);
    if (put_pair(imp, c, n, cluster, namespace) != 0 ||
        !cost__importer_id(imp, COST_COL_RESOURCE_GROUP, cost__resource_group(text), group) ||
        cost__idmap_set(&imp->resource_cluster, id, *cluster) != 0 ||
        cost__idmap_set(&imp->resource_namespace, id, *namespace) != 0)
        return MCP_ENOMEM;
    return cost__idmap_set(&imp->resource_group, id, *group);
}

static int derive_kubernetes(struct cost__importer *imp, struct cost__fact *f)
{
    uint32_t cluster, namespace, group;
    uint32_t *own_cluster = &f->ids[COST_COL_CLUSTER], *own_namespace = &f->ids[COST_COL_NAMESPACE];

    if (from_set(imp, f->ids[COST_COL_TAGS], &cluster, &namespace) != 0)
        return MCP_ENOMEM;
    *own_cluster = *own_cluster != 0 ? *own_cluster : cluster;
    *own_namespace = *own_namespace != 0 ? *own_namespace : namespace;
    if (from_allocated(imp, f->ids[COST_COL_ALLOCATED_RESOURCE], &cluster, &namespace) != 0)
        return MCP_ENOMEM;
    *own_cluster = *own_cluster != 0 ? *own_cluster : cluster;
    *own_namespace = *own_namespace != 0 ? *own_namespace : namespace;
    if (from_resource(imp, f->ids[COST_COL_RESOURCE], &cluster, &namespace, &group) != 0)
        return MCP_ENOMEM;
    *own_cluster = *own_cluster != 0 ? *own_cluster : cluster;
    *own_namespace = *own_namespace != 0 ? *own_namespace : namespace;
    if (f->ids[COST_COL_RESOURCE_GROUP] == 0)
        f->ids[COST_COL_RESOURCE_GROUP] = group;
    f->kubernetes = *own_cluster != 0 || *own_namespace != 0;
    return 0;
}

/* ---- the rest ---- */

uint32_t cost__derive_charge(struct cost__importer *imp, uint32_t id)
{
    uint32_t charge;

    if (id == 0)
        return COST_N_CHARGES;
    if (cost__idmap_get(&imp->charge, id, &charge))
        return charge;
    charge = cost__word_charge(cost__importer_text(imp, COST_COL_CHARGE_CATEGORY, id));
    /* Without memory it is looked at again next time. */
    (void)cost__idmap_set(&imp->charge, id, charge);
    return charge;
}

static bool is_word(const struct cost__importer *imp, const struct cost__fact *f, enum cost_col col,
                    mcp_str word)
{
    return f->ids[col] != 0 && mcp_str_eq(cost__importer_text(imp, col, f->ids[col]), word);
}

/* The category's eligibility by id; the other words are compared, their lists are short. */
static int words_of(struct cost__importer *imp, const struct cost__fact *f,
                    struct cost__fact_words *w)
{
    uint32_t category = f->ids[COST_COL_SERVICE_CATEGORY], eligible = 0;

    if (category != 0 && !cost__idmap_get(&imp->words, category, &eligible)) {
        eligible =
            cost__word_eligible(cost__importer_text(imp, COST_COL_SERVICE_CATEGORY, category));
        if (cost__idmap_set(&imp->words, category, eligible) != 0)
            return MCP_ENOMEM;
    }
    *w = (struct cost__fact_words){
        .eligible_category = eligible != 0,
        .standard = is_word(imp, f, COST_COL_PRICING_CATEGORY, MCP_STR("Standard")),
        .used = is_word(imp, f, COST_COL_COMMITMENT_STATUS, MCP_STR("Used")),
        .unused = is_word(imp, f, COST_COL_COMMITMENT_STATUS, MCP_STR("Unused")),
    };
    return 0;
}

int cost__derive(struct cost__importer *imp, struct cost__fact *f, const char **why)
{
    struct cost__fact_words words;
    uint32_t charge = cost__derive_charge(imp, f->ids[COST_COL_CHARGE_CATEGORY]);

    if (charge == COST_N_CHARGES) {
        *why = "ChargeCategory is none of Usage, Purchase, Tax, Credit, Adjustment";
        return MCP_EDATA;
    }
    f->charge = (uint8_t)charge;
    if (derive_provider(imp, f) != 0 || derive_kubernetes(imp, f) != 0 ||
        words_of(imp, f, &words) != 0)
        return MCP_ENOMEM;
    /* An unused commitment is no idle meter, whatever its description says. */
    if (f->charge != COST_CHARGE_USAGE || f->ids[COST_COL_COMMITMENT] != 0)
        f->ids[COST_COL_IDLE_METER] = 0;
    f->flags = cost__fact_flags(f, &words);
    return 0;
}

static int fold_account(struct cost__importer *imp, uint32_t account, uint32_t *fold)
{
    mcp_str text = cost__importer_text(imp, COST_COL_BILLING_ACCOUNT, account);

    if (cost__idmap_get(&imp->account_fold, account, fold))
        return 0;
    mcp_buf_clear(&imp->fold);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        mcp_buf_char(&imp->fold, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
    }
    if (mcp_buf_error(&imp->fold) != 0)
        return MCP_ENOMEM;
    *fold = cost__dict_id(&imp->accounts, mcp_buf_view(&imp->fold));
    if (*fold == 0)
        return MCP_ENOMEM;
    return cost__idmap_set(&imp->account_fold, account, *fold);
}

int cost__derive_slice(struct cost__importer *imp, const struct cost__fact *f,
                       mcp_str manifest_source, uint32_t *source, uint32_t *account_fold)
{
    mcp_str name = imp->options->source;

    if (name.len == 0)
        name = manifest_source;
    if (name.len == 0)
        name = cost__importer_text(imp, COST_COL_PROVIDER, f->ids[COST_COL_PROVIDER]);
    *source = cost__dict_id(&imp->sources, name);
    if (*source == 0)
        return MCP_ENOMEM;
    return fold_account(imp, f->ids[COST_COL_BILLING_ACCOUNT], account_fold);
}

/* ---- rows with text ---- */

static uint8_t decimals_of(struct cost_money m)
{
    uint8_t decimals = COST_MONEY_SCALE;

    if (m.units == 0)
        return 0;
    while (decimals > 0 && m.units % 10 == 0) {
        m.units /= 10;
        decimals--;
    }
    return decimals;
}

static int add_names(struct cost__importer *imp, const struct cost_row *row,
                     const struct cost__fact *f)
{
    const struct {
        enum cost_col col;
        mcp_str name;
    } names[] = {
        { COST_COL_BILLING_ACCOUNT, row->billing_account_name },
        { COST_COL_PROJECT, row->project_name },
        { COST_COL_REGION, row->region_name },
        { COST_COL_RESOURCE, row->resource_name },
        { COST_COL_COMMITMENT, row->commitment_name },
    };
    int32_t period = mcp_instant_date(row->billing_start);
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof(names) / sizeof(*names); i++) {
        if (!cost__word_missing(names[i].name))
            rc = cost__dict_name(&imp->dicts[names[i].col], f->ids[names[i].col], names[i].name,
                                 period);
    }
    return rc;
}

int cost__importer_row(struct cost__importer *imp, const struct cost_row *row, mcp_str source,
                       const char **why, struct mcp_error *err)
{
    struct cost__fact f = { .nulls = 0 };
    struct cost__row_place place = { source, row->billing_start, row->billing_end,
                                     row->charge_start, row->charge_end };
    mcp_str tags = row->text[COST_COL_TAGS], allocated = row->allocated_tags;
    int rc;

    for (int c = 0; c < COST_N_COLS; c++) {
        if (c != COST_COL_TAGS &&
            !cost__importer_id(imp, (enum cost_col)c, row->text[c], &f.ids[c]))
            return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    }
    if (f.ids[COST_COL_REGION] == 0 &&
        !cost__importer_id(imp, COST_COL_REGION, row->region_name, &f.ids[COST_COL_REGION]))
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    rc = cost__tagsets_id(&imp->tags, cost__word_missing(tags) ? MCP_STR_NULL : tags,
                          cost__word_missing(allocated) ? MCP_STR_NULL : allocated,
                          &f.ids[COST_COL_TAGS], why);
    if (rc != 0)
        return rc == MCP_ENOMEM ? mcp_error_set(err, MCP_ENOMEM, "out of memory") : rc;
    for (size_t m = 0; m < COST_N_ROW_NUMS; m++) {
        if (row->null_num[m]) {
            f.nulls |= (uint8_t)(1u << m);
            continue;
        }
        f.num[m] = row->num[m];
        f.decimals[m] = decimals_of(row->num[m]);
    }
    if (add_names(imp, row, &f) != 0)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    return cost__importer_add(imp, &f, &place, why, err);
}
