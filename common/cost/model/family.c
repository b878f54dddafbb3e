/* Provider families: the names that issuers and providers use in bills, and the slug of any other. */
#include <cost/dims.h>

#include <stdio.h>

/* A name belongs to the family when it begins with these words (and a word ends there): "Amazon Web
 * Services EMEA SARL", "Google Cloud EMEA Limited", "Microsoft Ireland Operations Limited". */
static const struct alias {
    const char *words;
    const char *family;
} aliases[] = {
    { "AWS", "aws" },
    { "Amazon Web Services", "aws" },
    { "Amazon AWS", "aws" },
    { "Amazon Internet Services", "aws" }, /* the seller of record in India until 2022 */
    { "Amazon", "aws" },
    { "Microsoft", "azure" },
    { "Azure", "azure" },
    { "Google", "gcp" },
    { "GCP", "gcp" },
    { "Oracle", "oracle" },
    { "OCI", "oracle" },
    { "Alibaba Cloud", "alibaba-cloud" },
    { "Alibaba", "alibaba-cloud" },
    { "Alicloud", "alibaba-cloud" },
    { "Tencent", "tencent-cloud" },
    { "Huawei", "huawei-cloud" },
    { "IBM", "ibm-cloud" },
    { "International Business Machines", "ibm-cloud" },
    { "DigitalOcean", "digitalocean" },
    { "Databricks", "databricks" },
    { "Snowflake", "snowflake" },
};

static const struct {
    const char *family;
    const char *title;
} titles[] = {
    { "aws", "AWS" },
    { "azure", "Azure" },
    { "gcp", "Google Cloud" },
    { "oracle", "Oracle Cloud" },
    { "opencost", "OpenCost" },
    { "alibaba-cloud", "Alibaba Cloud" },
    { "tencent-cloud", "Tencent Cloud" },
    { "huawei-cloud", "Huawei Cloud" },
    { "ibm-cloud", "IBM Cloud" },
    { "digitalocean", "DigitalOcean" },
    { "databricks", "Databricks" },
    { "snowflake", "Snowflake" },
    { "multiple", "Several providers" },
};

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

const char *cost_provider_family(mcp_str name)
{
    name = mcp_str_trim(name);
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        mcp_str rest = name;

        if (mcp_str_cut_prefix_nocase(&rest, mcp_str_z(aliases[i].words)) &&
            (rest.len == 0 || (!is_alnum(rest.ptr[0]) && (unsigned char)rest.ptr[0] < 0x80)))
            return aliases[i].family;
    }
    return NULL;
}

size_t cost_provider_slug(mcp_str name, char out[64])
{
    size_t n = 0;

    for (size_t i = 0; i < name.len && n < 63; i++) {
        char c = name.ptr[i];

        if (is_alnum(c))
            out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        else if (n > 0 && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    if (n == 0)
        n = (size_t)snprintf(out, 64, "provider-%08x", (unsigned)(mcp_str_hash(name) >> 32));
    out[n] = '\0';
    return n;
}

const char *cost_provider_title(mcp_str family)
{
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        if (mcp_str_eq(mcp_str_z(titles[i].family), family))
            return titles[i].title;
    }
    return NULL;
}
