/* `health`: ready or not, and how a server that misbehaves is told. */
#include "cli_help.h"

#include "../../../support/http_double.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct http_double *web;

static int setup(void **state)
{
    (void)state;
    web = http_double_new();
    unsetenv("PORT");
    return web == NULL;
}

static int teardown(void **state)
{
    (void)state;
    unsetenv("PORT");
    http_double_free(web);
    return 0;
}

static int health(const char *url)
{
    char words[300];

    snprintf(words, sizeof(words), "health %s", url);
    return cli_main(&server_spec, words);
}

static void the_status_decides(void **state)
{
    static const struct {
        const char *path;
        int status;
        const char *says;
    } cases[] = {
        { "/ok", COST__EXIT_OK, "healthy" },
        { "/status?200", COST__EXIT_OK, "healthy" },
        { "/status?503", COST__EXIT_ERROR, "answers 503" },
        { "/status?404", COST__EXIT_ERROR, "answers 404" },
        { "/scheme", COST__EXIT_ERROR, "answers 302" },
        { "/reset", COST__EXIT_ERROR, "does not answer" },
        { "/garbage", COST__EXIT_ERROR, "does not answer" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (health(http_double_url(web, cases[i].path)) != cases[i].status)
            fail_msg("%s: %s%s", cases[i].path, cli_out(), cli_err());
        cli_says(cases[i].status == COST__EXIT_OK ? cli_out() : cli_err(), cases[i].says);
    }
}

static void a_wrong_url_is_refused_with_a_good_one(void **state)
{
    static const char *const urls[] = { "https://127.0.0.1:1/x", "127.0.0.1:8080", "ftp://x",
                                        "http://127.0.0.1:1/ http://127.0.0.1:2/" };

    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        assert_int_equal(health(urls[i]), COST__EXIT_USAGE);
        cli_says(cli_err(), "http://127.0.0.1:8080/health/ready");
    }
}

static void nobody_there_is_told_with_the_url(void **state)
{
    static const char *const urls[] = {
        "http://127.0.0.1:1/x", "http://127.0.0.1:/",       "http:///x",
        "http://[::1",          "http://127.0.0.1:99999/x", "http://:::::/"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        assert_int_equal(health(urls[i]), COST__EXIT_ERROR);
        cli_says(cli_err(), urls[i]);
        cli_says(cli_err(), "does not answer");
    }
}

static void an_overlong_path_is_not_sent_in_part(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    char *path = mcp_arena_alloc(arena, 2001);
    mcp_str words;

    (void)state;
    memset(path, 'x', 2000);
    words = mcp_arena_printf(arena, "health %s%s", http_double_url(web, "/"), path);
    assert_int_equal(cli_main(&server_spec, words.ptr), COST__EXIT_ERROR);
    assert_int_equal(http_double_requests(web), 0);
    mcp_arena_free(arena);
}

static void the_port_of_the_environment_is_the_default(void **state)
{
    char port[8];

    (void)state;
    snprintf(port, sizeof(port), "%d", http_double_port(web));
    setenv("PORT", port, 1);
    assert_int_equal(cli_main(&server_spec, "health"), COST__EXIT_OK);
    assert_int_equal(http_double_requests(web), 1);
    setenv("PORT", "", 1);
    cli_main(&server_spec, "health");
    if (cli_err()[0] != '\0') /* else there is a server on 8080 */
        cli_says(cli_err(), "http://127.0.0.1:8080/health/ready");
}

static void an_address_of_version_6_is_taken_apart(void **state)
{
    struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
    socklen_t len = sizeof(addr);
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char url[64];
    pid_t child;
    int status;

    (void)state;
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 1) < 0) {
        fprintf(stderr, "SKIPPED: there is no ::1 here\n");
        if (fd >= 0)
            close(fd);
        skip();
    }
    assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
    snprintf(url, sizeof(url), "http://[::1]:%d/", ntohs(addr.sin6_port));
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int peer = accept(fd, NULL, NULL);
        char request[512];
        /* In two pieces: the status line need not come at once. */
        _exit(recv(peer, request, sizeof(request), 0) > 0 && send(peer, "HTTP/1", 6, 0) == 6 &&
                      send(peer, ".1 200 OK\r\n\r\n", 13, 0) == 13
                  ? 0
                  : 1);
    }
    close(fd);
    assert_int_equal(health(url), COST__EXIT_OK);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_status_decides, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_url_is_refused_with_a_good_one, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_there_is_told_with_the_url, setup, teardown),
        cmocka_unit_test_setup_teardown(an_overlong_path_is_not_sent_in_part, setup, teardown),
        cmocka_unit_test_setup_teardown(the_port_of_the_environment_is_the_default, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_address_of_version_6_is_taken_apart, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
