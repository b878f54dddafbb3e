/* Random bytes differ from one call to the next and fill what was asked for. */
#include <mcp/random.h>

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void random_bytes_fill_the_whole_and_differ(void **state)
{
    unsigned char a[1000] = { 0 }, b[1000] = { 0 };
    int zeros = 0;

    (void)state;
    mcp_random_bytes(a, sizeof(a));
    mcp_random_bytes(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
    for (size_t i = 0; i < sizeof(a); i++)
        zeros += a[i] == 0;
    assert_true(zeros < 50); /* 4 are to be expected */
    memcpy(b, a, sizeof(a));
    mcp_random_bytes(a, 0);
    assert_memory_equal(a, b, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bytes_fill_the_whole_and_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
