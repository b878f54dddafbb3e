/* Legacy sessions: bound, capped, expiring. */
#include "mcp/proto/session.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_session *open_one(struct mcp_sessions *t, unsigned char id, const char *who,
                                    uint64_t now)
{
    unsigned char random[16] = { id, 1, 2, 3 };
    struct mcp_session *s = NULL;

    return mcp__session_open(t, random, MCP_REV_2025_11_25, mcp_str_z(who), now, &s) == 0 ? s
                                                                                          : NULL;
}

static void an_id_works_for_its_principal_only(void **state)
{
    struct mcp_sessions *t = mcp__sessions_new(4, 1000, NULL);
    struct mcp_session *s = open_one(t, 0xab, "alice", 0);
    mcp_str id = mcp_str_n(s->id, MCP_SESSION_ID_LEN);

    (void)state;
    assert_true(mcp_str_starts(id, MCP_STR("ab010203")));
    assert_ptr_equal(mcp__session_find(t, id, MCP_STR("alice"), 1), s);
    assert_null(mcp__session_find(t, id, MCP_STR("bob"), 1));
    assert_null(mcp__session_find(t, id, MCP_STR(""), 1));
    assert_null(mcp__session_find(t, MCP_STR("ab"), MCP_STR("alice"), 1));
    assert_null(
        mcp__session_find(t, MCP_STR("zz010203000000000000000000000000"), MCP_STR("alice"), 1));
    mcp__session_close(t, s);
    assert_int_equal(mcp__sessions_count(t), 0);
    mcp__sessions_free(t);
}

static void an_idle_session_expires_and_a_running_one_does_not(void **state)
{
    struct mcp_sessions *t = mcp__sessions_new(4, 1000, NULL);
    struct mcp_session *idle = open_one(t, 1, "", 0), *busy = open_one(t, 2, "", 0);
    char id[MCP_SESSION_ID_LEN];

    (void)state;
    memcpy(id, idle->id, sizeof(id));
    busy->running = 1;
    assert_non_null(mcp__session_find(t, mcp_str_n(id, sizeof(id)), MCP_STR(""), 900));
    mcp__sessions_sweep(t, 1500);
    assert_int_equal(mcp__sessions_count(t), 2); /* touched at 900 */
    assert_null(mcp__session_find(t, mcp_str_n(id, sizeof(id)), MCP_STR(""), 1900));
    mcp__sessions_sweep(t, 9000);
    assert_int_equal(mcp__sessions_count(t), 1);
    mcp__sessions_free(t);
}

static void a_full_table_lets_go_what_was_idle_longest(void **state)
{
    struct mcp_sessions *t = mcp__sessions_new(2, 10000000, NULL);
    struct mcp_session *first = open_one(t, 1, "", 0);

    (void)state;
    first->running = 1;
    assert_non_null(open_one(t, 2, "", 10));
    assert_null(open_one(t, 3, "", 20)); /* nothing was idle for a minute */
    assert_non_null(open_one(t, 3, "", 61000));
    assert_int_equal(mcp__sessions_count(t), 2);
    assert_non_null(
        mcp__session_find(t, mcp_str_n(first->id, MCP_SESSION_ID_LEN), MCP_STR(""), 61000));
    mcp__sessions_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_works_for_its_principal_only),
        cmocka_unit_test(an_idle_session_expires_and_a_running_one_does_not),
        cmocka_unit_test(a_full_table_lets_go_what_was_idle_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
