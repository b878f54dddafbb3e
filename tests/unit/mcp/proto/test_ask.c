/* Asking back: what is asked of whom, what a state is good for, and what tampering gives. */
#include "mcp/proto/call_internal.h"
#include "mcp/proto/envelope.h"
#include "mcp/proto/sealer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A sealer that everybody can read: HASH OF BOUND|PLAIN. */
static int seal(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str plain, mcp_str *sealed,
                struct mcp_error *err)
{
    (void)ctx;
    (void)err;
    *sealed = mcp_arena_printf(arena, "%016llx|%.*s", (unsigned long long)mcp_str_hash(bound),
                               MCP_STR_ARG(plain));
    return 0;
}

static int unseal(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str sealed, mcp_str *plain,
                  struct mcp_error *err)
{
    mcp_str want = mcp_arena_printf(arena, "%016llx|", (unsigned long long)mcp_str_hash(bound));

    (void)ctx;
    if (!mcp_str_cut_prefix(&sealed, want))
        return mcp_error_set(err, MCP_EINVAL, "not ours");
    *plain = sealed;
    return 0;
}

static const struct mcp_sealer sealer = { seal, unseal, NULL };

static int run_two_rounds(struct mcp_call *call, struct mcp_error *err)
{
    if (!mcp_json_exists(mcp_input(call, "a"))) {
        mcp_state_set(call, "n", MCP_STR("[1,2]"));
        return mcp_need(call, "a", MCP_ASK_FORM, MCP_STR("{\n\"message\":\"A?\"}"), err) == 0
                   ? MCP_EINPUT
                   : MCP_ECAPABILITY;
    }
    if (!mcp_json_exists(mcp_input(call, "b"))) {
        assert_int_equal(mcp_json_count(mcp_state_get(call, "n")), 2);
        return mcp_need(call, "b", MCP_ASK_ROOTS, MCP_STR_NULL, err) == 0 ? MCP_EINPUT
                                                                          : MCP_ECAPABILITY;
    }
    mcp_result_text(call, MCP_STR("both"));
    return 0;
}

static const struct mcp_tool tool = { .name = "two", .run = run_two_rounds };

struct round {
    const char *args, *principal;
    mcp_str state;
    const char *responses; /* NULL: none */
    unsigned caps;
    int64_t wall_s;
    enum mcp_revision rev;
};

/* One run as a request would have it; the caller drops the call. */
static struct mcp_call *run_round(const struct round *round)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    struct mcp_error err = { 0 };

    call->tool = &tool;
    call->name = tool.name;
    call->sealer = &sealer;
    call->id = MCP_STR("1");
    call->rev = round->rev;
    call->client_caps = round->caps;
    call->wall_s = round->wall_s;
    call->principal = mcp_str_z(round->principal);
    call->given_state = mcp_arena_str(call->arena, round->state);
    assert_int_equal(mcp_json_parse(call->arena, mcp_str_z(round->args), NULL, &call->args, &err),
                     0);
    if (round->responses != NULL)
        assert_int_equal(mcp_json_parse(call->arena, mcp_str_z(round->responses), NULL,
                                        &call->given_inputs, &err),
                         0);
    mcp__envelope_finish(call, mcp__call_run(call, &err), &err);
    return call;
}

static bool says(const struct mcp_call *call, const char *part)
{
    mcp_str text = mcp_buf_view(&call->content);

    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* The requestState of a result. */
static mcp_str state_of(struct mcp_call *call, struct mcp_arena *arena)
{
    mcp_str text = mcp_arena_printf(arena, "%.*s}", MCP_STR_ARG(mcp_buf_view(&call->content)));
    struct mcp_json doc;

    assert_int_equal(mcp_json_parse(arena, text, NULL, &doc, NULL), 0);
    return mcp_json_get_str(doc, MCP_STR("requestState"), arena);
}

#define BOTH (MCP_CLIENT_FORM | MCP_CLIENT_ROOTS)
#define MODERN MCP_REV_2026_07_28

static void rounds_carry_answers_and_state_to_the_end(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct round round = { .args = "{\"x\":1,\"y\":[true,\"a\"]}",
                           .principal = "ann",
                           .caps = BOTH,
                           .wall_s = 1000,
                           .rev = MODERN };
    struct mcp_call *call = run_round(&round);

    (void)state;
    assert_true(call->input_required);
    assert_true(says(call,
                     "{\"resultType\":\"input_required\",\"inputRequests\":{\"a\":{\"method\":"
                     "\"elicitation/create\",\"params\":{ \"message\":\"A?\"}}},"
                     "\"requestState\":\""));
    round.state = state_of(call, arena);
    mcp__call_unref(call);

    /* The same arguments, printed anew; an answer nobody asked for; one that is no answer. */
    round.args = "{ \"y\" : [true, \"\\u0061\"], \"x\":1 }";
    round.responses = "{\"a\":{\"action\":\"accept\"},\"z\":{}}";
    round.wall_s = 1500;
    call = run_round(&round);
    assert_true(says(call, "\"inputRequests\":{\"b\":{\"method\":\"roots/list\"}}"));
    round.state = state_of(call, arena);
    mcp__call_unref(call);

    round.responses = "{\"b\":5}";
    call = run_round(&round);
    assert_true(says(call, "\"inputRequests\":{\"b\":"));
    mcp__call_unref(call);

    round.responses = "{\"b\":{\"roots\":[]}}";
    call = run_round(&round);
    assert_false(call->input_required);
    assert_true(says(call, "\"both\""));
    mcp__call_unref(call);
    mcp_arena_free(arena);
}

static void a_state_is_worth_nothing_elsewhere(void **state)
{
    static const struct {
        const char *args, *principal;
        int64_t wall_s;
        bool whole;
    } rows[] = {
        { "{\"x\":1}", "ann", 1600, true },      { "{\"x\":1}", "bob", 1000, false },
        { "{\"x\":2}", "ann", 1000, false },     { "{\"x\":1,\"y\":1}", "ann", 1000, false },
        { "{\"x\":\"1\"}", "ann", 1000, false }, { "{\"x\":1}", "ann", 1601, false },
    };
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct round round = {
        .args = "{\"x\":1}", .principal = "ann", .caps = BOTH, .wall_s = 1000, .rev = MODERN
    };
    struct mcp_call *call = run_round(&round);

    (void)state;
    round.state = state_of(call, arena);
    mcp__call_unref(call);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        round.args = rows[i].args;
        round.principal = rows[i].principal;
        round.wall_s = rows[i].wall_s;
        call = run_round(&round);
        assert_int_equal(call->rpc_error, !rows[i].whole);
        if (!rows[i].whole)
            assert_true(says(call, "{\"code\":-32602,"));
        mcp__call_unref(call);
    }
    round.state = mcp_arena_printf(arena, "%.*s-TAMPERED", MCP_STR_ARG(round.state));
    call = run_round(&round);
    assert_true(call->rpc_error);
    mcp__call_unref(call);
    mcp_arena_free(arena);
}

static void what_a_client_cannot_do_is_named(void **state)
{
    struct round round = { .args = "{}", .principal = "", .wall_s = 1, .rev = MODERN };
    struct mcp_call *call = run_round(&round);

    (void)state;
    assert_true(call->rpc_error);
    assert_int_equal(call->http_status, 400);
    assert_true(says(call, "{\"code\":-32021,\"message\":\"this needs a client with elicitation\","
                           "\"data\":{\"requiredCapabilities\":{\"elicitation\":{}}}}"));
    mcp__call_unref(call);
    round.rev = MCP_REV_2025_11_25;
    call = run_round(&round);
    assert_false(call->rpc_error);
    assert_true(call->is_error);
    mcp__call_unref(call);
}

static void a_legacy_call_leaves_its_questions_to_the_transport(void **state)
{
    struct round round = { .args = "{}", .principal = "", .caps = BOTH, .rev = MCP_REV_2025_06_18 };
    struct mcp_call *call = run_round(&round);
    struct mcp_json answer;
    struct mcp_buf text;

    (void)state;
    assert_true(call->input_required);
    mcp_buf_init(&text, 4096);
    call->questions->id = 7;
    mcp__ask_request(&text, call->questions);
    assert_true(
        mcp_str_eq(mcp_buf_view(&text),
                   MCP_STR("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"elicitation/create\","
                           "\"params\":{ \"message\":\"A?\"}}")));
    mcp_buf_release(&text);
    assert_int_equal(mcp_json_parse(call->arena,
                                    MCP_STR("{\"action\":\"accept\",\"content\":{\"k\":1}}"), NULL,
                                    &answer, NULL),
                     0);
    assert_true(mcp__ask_answer(call, call->questions, answer));
    assert_true(mcp_json_exists(mcp_input_content(call, "a", NULL)));
    assert_false(mcp_json_exists(mcp_input_content(call, "b", NULL)));
    mcp__call_unref(call);
}

static void capabilities_are_read_by_mode(void **state)
{
    static const struct {
        const char *text;
        unsigned caps;
    } rows[] = {
        { "{}", 0 },
        { "{\"elicitation\":{}}", MCP_CLIENT_FORM },
        { "{\"elicitation\":{\"form\":{}}}", MCP_CLIENT_FORM },
        { "{\"elicitation\":{\"url\":{}}}", MCP_CLIENT_URL },
        { "{\"elicitation\":{\"url\":{},\"form\":{}}}", MCP_CLIENT_URL | MCP_CLIENT_FORM },
        { "{\"elicitation\":5,\"sampling\":{},\"roots\":{\"listChanged\":true}}",
          MCP_CLIENT_SAMPLING | MCP_CLIENT_ROOTS },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct mcp_json doc;

        assert_int_equal(mcp_json_parse(arena, mcp_str_z(rows[i].text), NULL, &doc, NULL), 0);
        assert_int_equal(mcp__client_caps(doc), rows[i].caps);
        mcp_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_carry_answers_and_state_to_the_end),
        cmocka_unit_test(a_state_is_worth_nothing_elsewhere),
        cmocka_unit_test(what_a_client_cannot_do_is_named),
        cmocka_unit_test(a_legacy_call_leaves_its_questions_to_the_transport),
        cmocka_unit_test(capabilities_are_read_by_mode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
