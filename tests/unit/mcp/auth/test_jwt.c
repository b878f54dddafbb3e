/* Tokens that we sign: their three parts, their signature by the public key, keys that are refused. */
#include "mcp/auth/jwt.h"

#include <mcp/base64.h>
#include <mcp/buf.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define CLAIMS MCP_STR("{\"iss\":\"reader@example.com\",\"exp\":1700000000}")

static EVP_PKEY *key;

static char *pem_of(EVP_PKEY *pkey, bool traditional, size_t *len)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL, *out;
    long n;

    assert_int_equal(
        traditional ? PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL, NULL, 0, NULL, NULL)
                    : PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL),
        1);
    n = BIO_get_mem_data(bio, &bytes);
    out = malloc((size_t)n + 1);
    assert_non_null(out);
    memcpy(out, bytes, (size_t)n);
    out[n] = '\0';
    *len = (size_t)n;
    BIO_free(bio);
    return out;
}

static bool verifies(mcp_str jwt)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct mcp_buf signature;
    size_t dot = jwt.len;
    bool good;

    while (jwt.ptr[dot - 1] != '.')
        dot--;
    mcp_buf_init(&signature, 4096);
    assert_int_equal(
        mcp_base64_decode(&signature, MCP_BASE64_URL, mcp_str_n(jwt.ptr + dot, jwt.len - dot)), 0);
    good = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
           EVP_DigestVerify(ctx, (unsigned char *)signature.ptr, signature.len,
                            (const unsigned char *)jwt.ptr, dot - 1) == 1;
    mcp_buf_release(&signature);
    EVP_MD_CTX_free(ctx);
    return good;
}

static void part(mcp_str *jwt, struct mcp_buf *out)
{
    mcp_str head;

    mcp_str_cut(jwt, '.', &head);
    mcp_buf_clear(out);
    assert_int_equal(mcp_base64_decode(out, MCP_BASE64_URL, head), 0);
}

static void token_has_header_claims_and_a_signature_that_verifies(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_buf text;
    mcp_str jwt, rest;

    (void)state;
    for (int traditional = 0; traditional < 2; traditional++) {
        size_t len;
        char *pem = pem_of(key, traditional, &len);

        assert_int_equal(
            mcp__jwt_sign(arena, mcp_str_n(pem, len), MCP_STR("key-1"), CLAIMS, &jwt, NULL), 0);
        assert_true(verifies(jwt));
        free(pem);
    }
    mcp_buf_init(&text, 4096);
    rest = jwt;
    part(&rest, &text);
    assert_true(mcp_str_eq(mcp_buf_view(&text),
                           MCP_STR("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"key-1\"}")));
    part(&rest, &text);
    assert_true(mcp_str_eq(mcp_buf_view(&text), CLAIMS));
    mcp_buf_release(&text);
    mcp_arena_free(arena);
}

static void key_that_cannot_be_used_is_refused_and_never_shown(void **state)
{
    EVP_PKEY *small = EVP_RSA_gen(1024), *curve = EVP_EC_gen("P-256");
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    size_t n_small, n_curve;
    char *pem_small = pem_of(small, false, &n_small), *pem_curve = pem_of(curve, false, &n_curve);
    const struct {
        mcp_str pem;
        const char *says;
    } bad[] = {
        { MCP_STR_NULL, "no PEM key" },
        { MCP_STR("secret words that are no key"), "no PEM key" },
        { MCP_STR("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "no PEM key" },
        { mcp_str_n(pem_small, n_small), "no RSA key of 2048 bits" },
        { mcp_str_n(pem_curve, n_curve), "no RSA key of 2048 bits" },
    };
    mcp_str jwt = MCP_STR("untouched");

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        mcp_error_clear(&err);
        assert_int_equal(mcp__jwt_sign(arena, bad[i].pem, MCP_STR_NULL, CLAIMS, &jwt, &err),
                         MCP_ECONFIG);
        assert_non_null(strstr(err.message, bad[i].says));
        assert_null(strstr(err.message, "secret words"));
        assert_string_equal(jwt.ptr, "untouched");
    }
    EVP_PKEY_free(small);
    EVP_PKEY_free(curve);
    free(pem_small);
    free(pem_curve);
    mcp_arena_free(arena);
}

static void claims_beyond_their_limit_are_refused(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    char *large = calloc(1, MCP__JWT_CLAIMS_MAX + 1);
    mcp_str jwt;

    (void)state;
    assert_int_equal(mcp__jwt_sign(arena, MCP_STR("x"), MCP_STR_NULL,
                                   mcp_str_n(large, MCP__JWT_CLAIMS_MAX + 1), &jwt, NULL),
                     MCP_ETOOBIG);
    free(large);
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_has_header_claims_and_a_signature_that_verifies),
        cmocka_unit_test(key_that_cannot_be_used_is_refused_and_never_shown),
        cmocka_unit_test(claims_beyond_their_limit_are_refused),
    };
    int failed;

    key = EVP_RSA_gen(2048);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(key);
    return failed;
}
