/* The store of tasks: who finds what for how long, its limits, and what is printed of a task. */
#include "tools.h"

#include "mcp/proto/ask.h"
#include "mcp/proto/task.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HOUR_MS 3600000

static struct mcp_registry *registry;
static struct mcp_tasks *tasks;
static struct mcp_buf text;

static int setup(void **state)
{
    (void)state;
    tasks = mcp__tasks_new(2, 64);
    mcp_buf_init(&text, 1 << 16);
    return tasks == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    mcp__tasks_free(tasks);
    mcp_buf_release(&text);
    return 0;
}

static struct mcp_task *add(unsigned char digit, const char *principal, uint64_t now)
{
    unsigned char random[16] = { digit };
    struct mcp_task *task = NULL;

    return mcp__task_add(tasks, random, mcp_str_z(principal), 0, now, &task) == 0 ? task : NULL;
}

static bool says(const char *part)
{
    mcp_buf_char(&text, '\0');
    text.len--;
    return strstr(text.ptr, part) != NULL;
}

static void a_task_is_its_principals(void **state)
{
    struct mcp_task *task = add(1, "ann", 0);

    (void)state;
    assert_string_equal(task->id, "01000000000000000000000000000000");
    assert_ptr_equal(mcp__task_find(tasks, mcp_str_z(task->id), MCP_STR("ann"), 0), task);
    assert_null(mcp__task_find(tasks, mcp_str_z(task->id), MCP_STR("bob"), 0));
    assert_null(mcp__task_find(tasks, mcp_str_z(task->id), MCP_STR(""), 0));
    assert_null(mcp__task_find(tasks, MCP_STR("01"), MCP_STR("ann"), 0));
}

static void a_task_goes_when_its_time_is_over_and_it_is_through(void **state)
{
    struct mcp_task *task = add(1, "", 0);
    mcp_str id = MCP_STR("01000000000000000000000000000000");

    (void)state;
    task->live = task;
    assert_non_null(mcp__task_find(tasks, id, MCP_STR(""), HOUR_MS + 1));
    mcp__task_end(tasks, task, MCP_TASK_COMPLETED, MCP_STR("\"result\":{}"), 5);
    assert_non_null(mcp__task_find(tasks, id, MCP_STR(""), HOUR_MS - 1));
    assert_null(mcp__task_find(tasks, id, MCP_STR(""), HOUR_MS));
}

static void their_number_is_limited_until_one_is_too_old(void **state)
{
    (void)state;
    assert_non_null(add(1, "", 0));
    assert_non_null(add(2, "", 10));
    assert_null(add(3, "", 20));
    assert_non_null(add(3, "", HOUR_MS));
}

static void what_finds_no_room_is_a_failure(void **state)
{
    struct mcp_task *first = add(1, "", 0), *second = add(2, "", 0);

    (void)state;
    mcp__task_end(tasks, first, MCP_TASK_COMPLETED,
                  MCP_STR("\"result\":{\"content\":[],\"a\":\"0123456789012345678901\"}"), 0);
    mcp__task_end(tasks, second, MCP_TASK_COMPLETED, MCP_STR("\"result\":{\"content\":[]}"), 0);
    assert_int_equal(first->status, MCP_TASK_COMPLETED);
    assert_int_equal(second->status, MCP_TASK_FAILED);
    mcp__task_got(&text, registry, MCP_STR("1"), second, NULL);
    assert_true(says("\"status\":\"failed\""));
    assert_true(says("\"error\":{\"code\":-32603,"));
    assert_false(says("\"result\":{\"content\""));
}

static void a_new_task_is_flat_and_has_no_result(void **state)
{
    struct mcp_task *task = add(1, "", 0);

    (void)state;
    mcp__task_created(&text, registry, MCP_STR("\"x\""), task);
    assert_true(says("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"resultType\":\"task\","
                     "\"taskId\":\"01000000000000000000000000000000\",\"status\":\"working\","
                     "\"createdAt\":\"1970-01-01T00:00:00Z\",\"lastUpdatedAt\":"
                     "\"1970-01-01T00:00:00Z\",\"ttlMs\":3600000,\"pollIntervalMs\":1000,"
                     "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{"));
}

static void only_open_questions_are_told_under_keys_of_their_own(void **state)
{
    struct mcp_task *task = add(1, "", 0);
    struct mcp_question second = { .key = MCP_STR("b"), .kind = MCP_ASK_ROOTS, .id = 8 };
    struct mcp_question first = { .key = MCP_STR("a"), .id = 7, .answered = true, .next = &second };
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_json answers;

    (void)state;
    task->status = MCP_TASK_INPUT;
    mcp__task_got(&text, registry, MCP_STR("1"), task, &first);
    assert_true(says("\"inputRequests\":{\"b-8\":{\"method\":\"roots/list\"}}"));
    assert_int_equal(mcp_json_parse(arena, MCP_STR("{\"b\":1,\"b-8\":2}"), NULL, &answers, NULL),
                     0);
    assert_int_equal(mcp_json_raw(mcp__ask_pick(answers, &second)).ptr[0], '2');
    assert_false(mcp_json_exists(mcp__ask_pick(answers, &first)));
    mcp_arena_free(arena);
}

static void what_was_cancelled_has_no_outcome(void **state)
{
    struct mcp_task *task = add(1, "", 0);

    (void)state;
    mcp__task_end(tasks, task, MCP_TASK_CANCELLED, MCP_STR_NULL, 60);
    mcp__task_got(&text, registry, MCP_STR("1"), task, NULL);
    assert_true(says("\"status\":\"cancelled\""));
    assert_true(says("\"lastUpdatedAt\":\"1970-01-01T00:01:00Z\""));
    assert_false(says("\"error\""));
}

static int load(void **state)
{
    (void)state;
    registry = test_registry_of(test_pure_tools, n_test_pure_tools);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    mcp__registry_free(registry);
    return 0;
}

static void a_note_holds_the_whole_task_and_the_tag_of_who_listens(void **state)
{
    char id[] = "\"x\"";
    struct mcp_watch watch = { .id = id };
    struct mcp_task *task = add(1, "ann", 0);

    (void)state;
    mcp__task_note(&text, task, NULL, &watch);
    assert_true(says("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tasks\",\"params\":{"
                     "\"taskId\":\"01000000000000000000000000000000\",\"status\":\"working\""));
    assert_true(says(",\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":\"x\"}}}"));
    mcp_buf_clear(&text);
    mcp__task_end(tasks, task, MCP_TASK_COMPLETED, MCP_STR("\"result\":{\"a\":1}"), 7);
    mcp__task_note(&text, task, NULL, &watch);
    assert_true(says("\"status\":\"completed\""));
    assert_true(says(",\"result\":{\"a\":1},\"_meta\":{"));
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(a_task_is_its_principals),
        ROW(a_note_holds_the_whole_task_and_the_tag_of_who_listens),
        ROW(a_task_goes_when_its_time_is_over_and_it_is_through),
        ROW(their_number_is_limited_until_one_is_too_old),
        ROW(what_finds_no_room_is_a_failure),
        ROW(a_new_task_is_flat_and_has_no_result),
        ROW(only_open_questions_are_told_under_keys_of_their_own),
        ROW(what_was_cancelled_has_no_outcome),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
