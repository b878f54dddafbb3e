/* Which era a message belongs to, and what a revision is called. */
#include "mcp/proto/era.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void a_legacy_revision_is_echoed_and_others_get_the_latest(void **state)
{
    (void)state;
    assert_int_equal(mcp__revision_negotiate(MCP_STR("2025-03-26")), MCP_REV_2025_03_26);
    assert_int_equal(mcp__revision_negotiate(MCP_STR("2026-07-28")), MCP_REV_2025_11_25);
    assert_int_equal(mcp__revision_negotiate(MCP_STR("")), MCP_REV_2025_11_25);
}

static void http_evidence_decides_as_the_table_says(void **state)
{
    static const struct {
        bool request, initialize, claimed;
        const char *claim, *header;
        int rc;
        enum mcp_era era;
    } rows[] = {
        { true, true, false, NULL, NULL, 0, MCP_LEGACY },
        { true, true, false, NULL, "2025-11-25", 0, MCP_LEGACY },
        { true, true, true, "2025-11-25", NULL, 0, MCP_LEGACY },
        { true, true, true, "2026-07-28", "2026-07-28", 0, MCP_MODERN },
        { true, true, false, NULL, "2026-07-28", MCP_EHEADER, 0 },
        { true, false, true, "2025-11-25", NULL, 0, MCP_MODERN },
        { true, false, true, NULL, NULL, 0, MCP_MODERN },
        { true, false, false, NULL, "2026-07-28", MCP_EINVAL, 0 },
        { true, false, false, NULL, "2099-01-01", MCP_EINVAL, 0 },
        { true, false, false, NULL, "1999-01-01", 0, MCP_LEGACY },
        { true, false, false, NULL, NULL, 0, MCP_LEGACY },
        { false, false, true, "2026-07-28", NULL, 0, MCP_MODERN },
        { false, false, false, NULL, "2026-07-28", 0, MCP_MODERN },
        { false, false, false, NULL, NULL, 0, MCP_LEGACY },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct mcp_era_evidence e = { .request = rows[i].request,
                                            .initialize = rows[i].initialize,
                                            .claimed = rows[i].claimed,
                                            .claim = mcp_str_z(rows[i].claim),
                                            .header = mcp_str_z(rows[i].header) };
        enum mcp_era era = MCP_LEGACY;

        if (mcp__era_of_http(&e, &era, NULL) != rows[i].rc)
            fail_msg("row %zu", i);
        if (rows[i].rc == 0)
            assert_int_equal(era, rows[i].era);
    }
}

static void a_probe_does_not_pin_stdio(void **state)
{
    const struct mcp_era_evidence probe = { .request = true,
                                            .claimed = true,
                                            .claim = MCP_STR("2026-07-28") };
    const struct mcp_era_evidence initialize = { .request = true, .initialize = true };
    struct mcp_era_pin pin = { 0 };
    enum mcp_era era;

    (void)state;
    assert_int_equal(mcp__era_of_stdio(&pin, &probe, true, &era, NULL), 0);
    assert_int_equal(era, MCP_MODERN);
    assert_false(pin.pinned);
    assert_int_equal(mcp__era_of_stdio(&pin, &initialize, false, &era, NULL), 0);
    assert_int_equal(era, MCP_LEGACY);
    assert_true(pin.pinned);
    pin = (struct mcp_era_pin){ 0 };
    assert_int_equal(mcp__era_of_stdio(&pin, &probe, false, &era, NULL), 0);
    assert_true(pin.pinned);
    assert_int_equal(mcp__era_of_stdio(&pin, &initialize, false, &era, NULL), MCP_EVERSION);
}

static void each_revision_knows_what_the_one_before_knew(void **state)
{
    (void)state;
    for (int i = 1; i < MCP_N_REVISIONS; i++) {
        unsigned before = mcp__revisions[i - 1].features & ~(unsigned)MCP_HAS_BATCH;

        assert_int_equal(mcp__revisions[i].features & before, before);
    }
    assert_false(mcp__revision_has(MCP_REV_2025_06_18, MCP_HAS_BATCH));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_legacy_revision_is_echoed_and_others_get_the_latest),
        cmocka_unit_test(http_evidence_decides_as_the_table_says),
        cmocka_unit_test(a_probe_does_not_pin_stdio),
        cmocka_unit_test(each_revision_knows_what_the_one_before_knew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
