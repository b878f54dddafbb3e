/* Provider families and slugs. */
#include <cost/dims.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void issuers_belong_to_their_cloud(void **state)
{
    static const struct {
        const char *name, *family;
    } rows[] = {
        { "AWS", "aws" },
        { "Amazon Web Services, Inc.", "aws" },
        { "Amazon Web Services Canada, Inc.", "aws" },
        { "Amazon Web Services EMEA SARL", "aws" },
        { " amazon web services ", "aws" },
        { "AWS Marketplace", "aws" },
        { "Microsoft", "azure" },
        { "Microsoft Corporation", "azure" },
        { "Microsoft Ireland Operations Limited", "azure" },
        { "Azure", "azure" },
        { "Google", "gcp" },
        { "Google Cloud", "gcp" },
        { "Google LLC", "gcp" },
        { "GCP", "gcp" },
        { "Oracle", "oracle" },
        { "Oracle America, Inc.", "oracle" },
        { "Tencent Cloud", "tencent-cloud" },
        { "Googleplex Ltd", NULL },
        { "Awsome Hosting", NULL },
        { "Red Hat Inc.", NULL },
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *family = cost_provider_family(mcp_str_z(rows[i].name));

        if (rows[i].family == NULL) {
            assert_null(family);
        } else {
            assert_non_null(family);
            assert_string_equal(family, rows[i].family);
            assert_non_null(cost_provider_title(mcp_str_z(family)));
            /* A family is its own family. */
            if (cost_provider_family(mcp_str_z(family)) != NULL)
                assert_string_equal(cost_provider_family(mcp_str_z(family)), family);
        }
    }
    assert_null(cost_provider_title(MCP_STR("acme-cloud")));
}

static void other_names_become_slugs(void **state)
{
    static const struct {
        const char *name, *slug;
    } rows[] = {
        { "Acme Cloud", "acme-cloud" },
        { "  Red Hat, Inc. ", "red-hat-inc" },
        { "A--B__C", "a-b-c" },
        { "0123456789012345678901234567890123456789012345678901234567890123456789",
          "012345678901234567890123456789012345678901234567890123456789012" },
    };
    char slug[64];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(cost_provider_slug(mcp_str_z(rows[i].name), slug), strlen(rows[i].slug));
        assert_string_equal(slug, rows[i].slug);
    }
    assert_int_equal(cost_provider_slug(MCP_STR("\xe4\xba\x91"), slug), 17);
    assert_memory_equal(slug, "provider-", 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issuers_belong_to_their_cloud),
        cmocka_unit_test(other_names_become_slugs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
