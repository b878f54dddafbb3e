/* The metadata server: known by its header, asked for token and names, never mistaken. */
#include "mcp-gcp/metadata.h"

#include "gcp_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define FLAVOR "Metadata-Flavor: Google\r\n"
#define TOKEN_PATH "/computeMetadata/v1/instance/service-accounts/default/token"

static struct gcp_config config;
static struct mcp_call *call;

static struct gcp_server *begin(struct gcp_script *rows)
{
    struct gcp_server *s = gcp_server_new(rows);

    unsetenv("GCE_METADATA_IP");
    unsetenv("METADATA_SERVER_DETECTION");
    config = (struct gcp_config){ .metadata_host = mcp_str_z(gcp_server_url(s) + 7) };
    call = gcp_call();
    return s;
}

static void end(struct gcp_server *s)
{
    gcp_call_end(call);
    gcp_server_free(s);
}

static void it_is_known_by_its_header(void **state)
{
    struct gcp_script with[] = { { "/", 200, FLAVOR, "ok", 0 }, { NULL } };
    struct gcp_script without[] = { { "/", 200, NULL, "ok", 0 }, { NULL } };
    struct gcp_server *s = begin(with);
    bool present = false;

    (void)state;
    assert_int_equal(gcp_metadata_present(&config, call, &present, NULL), 0);
    assert_true(present);
    assert_non_null(strstr(gcp_server_last(s), "Metadata-Flavor: Google"));
    setenv("METADATA_SERVER_DETECTION", "none", 1);
    assert_int_equal(gcp_metadata_present(&config, call, &present, NULL), 0);
    assert_false(present);
    setenv("METADATA_SERVER_DETECTION", "assume-present", 1);
    assert_int_equal(gcp_metadata_present(&config, call, &present, NULL), 0);
    assert_true(present);
    end(s);
    s = begin(without);
    assert_int_equal(gcp_metadata_present(&config, call, &present, NULL), 0);
    assert_false(present);
    end(s);
}

static void token_and_names_are_read(void **state)
{
    struct gcp_script rows[] = { { TOKEN_PATH "?scopes=a%20b", 200, FLAVOR,
                                   "{\"access_token\":\"t\",\"expires_in\":120}", 0 },
                                 { "/computeMetadata/v1/project/project-id", 200, FLAVOR,
                                   "my-project\t", 0 },
                                 { "/computeMetadata/v1/universe", 404, FLAVOR, "", 0 },
                                 { NULL } };
    struct gcp_server *s = begin(rows);
    struct gcp_token token;
    mcp_str text;

    (void)state;
    assert_int_equal(gcp_metadata_token(&config, call, MCP_STR("a b"), &token, NULL), 0);
    assert_true(mcp_str_eq(token.value, MCP_STR("t")));
    assert_int_equal(token.lifetime_s, 120);
    assert_int_equal(gcp_metadata_text(&config, call, "project/project-id", &text, NULL), 0);
    assert_true(mcp_str_eq(text, MCP_STR("my-project")));
    assert_int_equal(gcp_metadata_text(&config, call, "universe/universe-domain", &text, NULL), 0);
    assert_true(mcp_str_is_null(text));
    end(s);
}

static void what_it_cannot_give_is_told(void **state)
{
    struct gcp_script rows[] = { { TOKEN_PATH "?scopes=none", 404, FLAVOR, "", 0 },
                                 { TOKEN_PATH "?scopes=odd", 400, FLAVOR, "", 0 },
                                 { TOKEN_PATH "?scopes=text", 200, FLAVOR, "hello", 0 },
                                 { TOKEN_PATH "?scopes=empty", 200, FLAVOR, "{}", 0 },
                                 { TOKEN_PATH "?scopes=portal", 200, NULL, "{}", 0 },
                                 { NULL } };
    static const struct {
        const char *scope, *says;
        int rc;
    } cases[] = {
        { "none", "has no service account", MCP_ECONFIG },
        { "odd", "HTTP status 400", MCP_EUPSTREAM },
        { "text", "no JSON", MCP_EUPSTREAM },
        { "empty", "no access_token", MCP_EUPSTREAM },
        { "portal", "but is not it", MCP_EAUTH },
    };
    struct gcp_server *s = begin(rows);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_error err = { 0 };
        struct gcp_token token;

        assert_int_equal(gcp_metadata_token(&config, call, mcp_str_z(cases[i].scope), &token, &err),
                         cases[i].rc);
        if (strstr(err.message, cases[i].says) == NULL)
            fail_msg("%s: %s", cases[i].scope, err.message);
    }
    end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_known_by_its_header),
        cmocka_unit_test(token_and_names_are_read),
        cmocka_unit_test(what_it_cannot_give_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
