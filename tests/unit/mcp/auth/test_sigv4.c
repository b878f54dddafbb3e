/* AWS signatures against the vectors that AWS publishes, and what is refused. */
#include "mcp/auth/sigv4.h"

#include "mcp/auth/crypto.h"

#include "../proto/data_files.h"

#include <mcp/date.h>
#include <mcp/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MAX_HEADERS 16

static mcp_str read_part(struct mcp_arena *arena, const char *folder, const char *name,
                         const char *file)
{
    char path[1024];
    size_t len;
    char *bytes;
    mcp_str text;

    assert_true(snprintf(path, sizeof(path), "%s/%s/%s", folder, name, file) < (int)sizeof(path));
    bytes = data_read(path, &len);
    text = mcp_arena_str(arena, mcp_str_n(bytes, len));
    free(bytes);
    return text;
}

static mcp_str hex_of(struct mcp_arena *arena, mcp_str data)
{
    unsigned char digest[MCP__SHA256_LEN];
    char *hex = mcp_arena_alloc(arena, 2 * sizeof(digest) + 1);

    assert_int_equal(mcp__sha256(data, digest), 0);
    for (size_t i = 0; i < sizeof(digest); i++)
        assert_int_equal(snprintf(hex + 2 * i, 3, "%02x", digest[i]), 2);
    return mcp_str_n(hex, 2 * sizeof(digest));
}

/* The vector's request file into the struct: first line, headers (folded ones go on), body. */
static void take_request(mcp_str text, struct mcp_sigv4 *r, struct mcp_sigv4_header *headers)
{
    mcp_str line, target;
    size_t end;
    bool more = mcp_str_cut(&text, '\n', &line);

    mcp_str_cut(&line, ' ', &r->method);
    end = line.len;
    while (line.ptr[end - 1] != ' ')
        end--;
    target = mcp_str_n(line.ptr, end - 1);
    mcp_str_cut(&target, '?', &r->path);
    r->query = target;
    while (more && text.len > 0 && text.ptr[0] != '\n') {
        more = mcp_str_cut(&text, '\n', &line);
        while (more && text.len > 0 && text.ptr[0] == ' ') {
            mcp_str folded;

            more = mcp_str_cut(&text, '\n', &folded);
            line.len = (size_t)(folded.ptr + folded.len - line.ptr);
        }
        assert_true(r->n_headers < MAX_HEADERS);
        mcp_str_cut(&line, ':', &headers[r->n_headers].name);
        headers[r->n_headers].value = line;
        if (mcp_str_eq_nocase(headers[r->n_headers].name, MCP_STR("host")))
            r->host = line;
        else
            r->n_headers++;
    }
    if (more && text.len > 1)
        r->body = mcp_str_n(text.ptr + 1, text.len - 1);
}

static void check_vector(struct mcp_arena *arena, const char *folder, const char *name)
{
    struct mcp_sigv4_header headers[MAX_HEADERS + 1];
    struct mcp_sigv4 r = { .service = MCP_STR("service"), .headers = headers };
    struct mcp_sigv4_signed out;
    struct mcp_json context;
    mcp_str want;

    assert_int_equal(
        mcp_json_parse(arena, read_part(arena, folder, name, "context.json"), NULL, &context, NULL),
        0);
    take_request(read_part(arena, folder, name, "request.txt"), &r, headers);
    r.region = mcp_json_get_str(context, MCP_STR("region"), arena);
    r.access_key = mcp_json_get_str(mcp_json_get(context, MCP_STR("credentials")),
                                    MCP_STR("access_key_id"), arena);
    r.secret_key = mcp_json_get_str(mcp_json_get(context, MCP_STR("credentials")),
                                    MCP_STR("secret_access_key"), arena);
    if (!mcp_json_get_bool(context, MCP_STR("omit_session_token"), false))
        r.session_token = mcp_json_get_str(mcp_json_get(context, MCP_STR("credentials")),
                                           MCP_STR("token"), arena);
    r.keep_path = !mcp_json_get_bool(context, MCP_STR("normalize"), true);
    if (mcp_json_get_bool(context, MCP_STR("sign_body"), false))
        headers[r.n_headers++] =
            (struct mcp_sigv4_header){ MCP_STR("x-amz-content-sha256"), hex_of(arena, r.body) };
    assert_int_equal(
        mcp_instant_parse(mcp_json_get_str(context, MCP_STR("timestamp"), arena), false, &r.at), 0);
    assert_int_equal(mcp__sigv4_sign(&r, arena, &out, NULL), 0);
    want = read_part(arena, folder, name, "header-canonical-request.txt");
    if (!mcp_str_eq(out.canonical_request, want))
        fail_msg("%s: canonical request\n%s\nshould be\n%s", name, out.canonical_request.ptr,
                 want.ptr);
    want = read_part(arena, folder, name, "header-string-to-sign.txt");
    assert_string_equal(out.string_to_sign.ptr, want.ptr);
    want = read_part(arena, folder, name, "header-signature.txt");
    assert_true(mcp_str_ends(out.authorization, want));
}

static void all_vectors_of_aws_give_the_same_signature(void **state)
{
    const char *folder = data_folder("sigv4");
    char **names;
    size_t n;

    (void)state;
    if (folder == NULL)
        skip();
    n = data_names(folder, &names);
    assert_true(n >= 38);
    for (size_t i = 0; i < n; i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);

        check_vector(arena, folder, names[i]);
        mcp_arena_free(arena);
    }
    data_names_free(names, n);
}

/* The one request that is signed here from the start, for a machine without the vectors: AWS's
 * get-vanilla. */
static const struct mcp_sigv4 vanilla = {
    .method = { "GET", 3 },
    .host = { "example.amazonaws.com", 21 },
    .path = { "/", 1 },
    .region = { "us-east-1", 9 },
    .service = { "service", 7 },
    .access_key = { "AKIDEXAMPLE", 11 },
    .secret_key = { "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40 },
    .at = 1440938160,
};

static void vanilla_request_has_the_published_signature(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_sigv4_signed out;

    (void)state;
    assert_int_equal(mcp__sigv4_sign(&vanilla, arena, &out, NULL), 0);
    assert_string_equal(out.date.ptr, "20150830T123600Z");
    assert_string_equal(
        out.authorization.ptr,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    mcp_arena_free(arena);
}

static void request_of_too_many_parts_is_refused(void **state)
{
    struct mcp_sigv4_header headers[100];
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_sigv4 r = vanilla;
    struct mcp_sigv4_signed out;
    struct mcp_error err = { 0 };
    char query[2001];

    (void)state;
    for (size_t i = 0; i < 100; i++)
        headers[i] = (struct mcp_sigv4_header){ MCP_STR("x-many"), MCP_STR("1") };
    r.headers = headers;
    r.n_headers = 100;
    assert_int_equal(mcp__sigv4_sign(&r, arena, &out, &err), MCP_ETOOBIG);
    assert_non_null(strstr(err.message, "too many parts"));
    r = vanilla;
    memset(query, '&', sizeof(query) - 1);
    r.query = mcp_str_n(query, sizeof(query) - 1);
    assert_int_equal(mcp__sigv4_sign(&r, arena, &out, NULL), MCP_ETOOBIG);
    r = vanilla;
    headers[0].name = MCP_STR("");
    r.headers = headers;
    r.n_headers = 1;
    assert_int_equal(mcp__sigv4_sign(&r, arena, &out, NULL), MCP_EINVAL);
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_vectors_of_aws_give_the_same_signature),
        cmocka_unit_test(vanilla_request_has_the_published_signature),
        cmocka_unit_test(request_of_too_many_parts_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
