/* Each allocation of reading, writing and checking fails once: a clean refusal, never a crash. */
#include <mcp/json.h>
#include <mcp/json_writer.h>
#include <mcp/map.h>
#include <mcp/schema.h>
#include <mcp/secret.h>

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* How many allocations still succeed; negative: all of them. The sanitizers bring their own malloc,
 * which cannot be replaced: there the scenario runs once, with memory. */
static long left = -1;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)
#define CAN_FAIL true
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *ptr, size_t n);

static bool spend(void)
{
    if (left == 0)
        return false;
    left -= left > 0;
    return true;
}

void *malloc(size_t n)
{
    return spend() ? __libc_malloc(n) : NULL;
}

void *calloc(size_t n, size_t size)
{
    return spend() ? __libc_calloc(n, size) : NULL;
}

void *realloc(void *ptr, size_t n)
{
    return spend() ? __libc_realloc(ptr, n) : NULL;
}
#else
#define CAN_FAIL false
#endif

static const char text[] =
    "{\"rows\":[{\"a\":\"b\\n\"},{\"a\":[1,2,3]}],\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,"
    "\"7\":1,\"8\":1,\"9\":1,\"10\":1,\"11\":1,\"12\":1,\"13\":1,\"14\":1,\"15\":1,\"16\":1,\"17\":"
    "1,"
    "\"18\":1,\"19\":1,\"20\":1,\"21\":1,\"22\":1,\"23\":1,\"24\":1,\"25\":1,\"26\":1}";

static int visit(void *ctx, struct mcp_json element, struct mcp_error *err)
{
    (void)err;
    *(size_t *)ctx += mcp_json_count(element);
    return 0;
}

/* Everything whose size may come from outside. True when all of it succeeded. */
static bool scenario(const struct mcp_schema *schema)
{
    struct mcp_arena *arena = mcp_arena_new(256, 0);
    struct mcp_secret secret = { 0 };
    struct mcp_map map = { 0 };
    struct mcp_error err = { 0 };
    struct mcp_json root;
    struct mcp_buf buf;
    size_t n = 0;
    bool made, ok;

    mcp_buf_init(&buf, 100000);
    ok = arena != NULL && mcp_json_parse(arena, mcp_str_z(text), NULL, &root, &err) == 0;
    ok = ok && !mcp_json_exists(mcp_json_duplicate(root));
    ok = ok && mcp_schema_check(schema, root, arena, &err) == 0;
    ok = ok && mcp_json_each(mcp_str_z(text), "rows", visit, &n, &err) == 0 && n == 2;
    ok = ok && mcp_map_put(&map, MCP_STR("k"), &made) != NULL;
    ok = ok && mcp_secret_set(&secret, MCP_STR("s")) == 0;
    for (int i = 0; ok && i < 100; i++)
        mcp_json_quote(&buf, mcp_str_z(text));
    ok = ok && mcp_buf_error(&buf) == 0;
    mcp_buf_release(&buf);
    mcp_secret_release(&secret);
    mcp_map_release(&map);
    mcp_arena_free(arena);
    return ok;
}

static void each_allocation_may_fail(void **state)
{
    struct mcp_schema *schema = mcp_schema_compile(
        MCP_STR("{\"propertyNames\":{\"pattern\":\"^[a-z0-9]+$\"},\"type\":\"object\"}"), NULL);
    long n = 0;

    (void)state;
    assert_non_null(schema);
    for (bool ok = false; CAN_FAIL && !ok; n++) {
        left = n;
        ok = scenario(schema);
        left = -1;
        assert_true(n < 100);
    }
    assert_true(!CAN_FAIL || n > 8);
    assert_true(scenario(schema));
    mcp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
