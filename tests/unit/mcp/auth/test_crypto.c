/* The primitives of libcrypto against published vectors. */
#include "mcp/auth/crypto.h"

#include <mcp/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static size_t from_hex(const char *hex, unsigned char *out)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++) {
        unsigned byte;

        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (unsigned char)byte;
    }
    return n;
}

static void assert_hex(const unsigned char *got, const char *hex)
{
    unsigned char want[256];
    size_t n = from_hex(hex, want);

    assert_memory_equal(got, want, n);
}

static void sha256_matches_fips_180(void **state)
{
    unsigned char out[MCP__SHA256_LEN];

    (void)state;
    assert_int_equal(mcp__sha256(MCP_STR("abc"), out), 0);
    assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(mcp__sha256(MCP_STR_NULL, out), 0);
    assert_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void hmac_matches_rfc_4231(void **state)
{
    unsigned char out[MCP__SHA256_LEN];

    (void)state;
    assert_int_equal(
        mcp__hmac_sha256(MCP_STR("Jefe"), MCP_STR("what do ya want for nothing?"), out), 0);
    assert_hex(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_int_equal(mcp__hmac_sha256(MCP_STR_NULL, MCP_STR_NULL, out), 0);
    assert_hex(out, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void hkdf_matches_rfc_5869(void **state)
{
    unsigned char ikm[64], salt[64], info[64], out[64];
    size_t n_ikm = from_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", ikm);
    size_t n_salt = from_hex("000102030405060708090a0b0c", salt);
    size_t n_info = from_hex("f0f1f2f3f4f5f6f7f8f9", info);

    (void)state;
    assert_int_equal(mcp__hkdf_sha256(mcp_str_n((char *)ikm, n_ikm),
                                      mcp_str_n((char *)salt, n_salt),
                                      mcp_str_n((char *)info, n_info), out, 42),
                     0);
    assert_hex(out, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                    "34007208d5b887185865");
    assert_int_equal(
        mcp__hkdf_sha256(mcp_str_n((char *)ikm, n_ikm), MCP_STR(""), MCP_STR(""), out, 42), 0);
    assert_hex(out, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                    "9d201395faa4b61a96c8");
}

/* McGrew and Viega, test case 16. */
static void gcm_matches_its_vectors_and_refuses_any_change(void **state)
{
    unsigned char key[32], nonce[12], plain[64], bound[64], sealed[96], again[64];
    size_t n_plain, n_bound;

    (void)state;
    from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", key);
    from_hex("cafebabefacedbaddecaf888", nonce);
    n_plain = from_hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                       "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
                       plain);
    n_bound = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2", bound);
    assert_int_equal(mcp__gcm_seal(key, nonce, mcp_str_n((char *)bound, n_bound),
                                   mcp_str_n((char *)plain, n_plain), sealed),
                     0);
    assert_hex(sealed, "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                       "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                       "76fc6ece0f4e1768cddf8853bb2d551b");
    assert_int_equal(mcp__gcm_open(key, nonce, mcp_str_n((char *)bound, n_bound),
                                   mcp_str_n((char *)sealed, n_plain + 16), again),
                     0);
    assert_memory_equal(again, plain, n_plain);
    for (size_t i = 0; i < n_plain + 16; i++) {
        sealed[i] ^= 1;
        assert_int_equal(mcp__gcm_open(key, nonce, mcp_str_n((char *)bound, n_bound),
                                       mcp_str_n((char *)sealed, n_plain + 16), again),
                         MCP_EINVAL);
        sealed[i] ^= 1;
    }
    assert_int_equal(mcp__gcm_open(key, nonce, mcp_str_n((char *)bound, n_bound - 1),
                                   mcp_str_n((char *)sealed, n_plain + 16), again),
                     MCP_EINVAL);
    assert_int_equal(mcp__gcm_open(key, nonce, MCP_STR(""), mcp_str_n((char *)sealed, 15), again),
                     MCP_EINVAL);
}

static void mac_comparison_looks_at_every_byte(void **state)
{
    (void)state;
    assert_true(mcp__mac_eq(MCP_STR("same"), MCP_STR("same")));
    assert_false(mcp__mac_eq(MCP_STR("same"), MCP_STR("samf")));
    assert_false(mcp__mac_eq(MCP_STR("same"), MCP_STR("sam")));
    assert_true(mcp__mac_eq(MCP_STR_NULL, MCP_STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_matches_fips_180),
        cmocka_unit_test(hmac_matches_rfc_4231),
        cmocka_unit_test(hkdf_matches_rfc_5869),
        cmocka_unit_test(gcm_matches_its_vectors_and_refuses_any_change),
        cmocka_unit_test(mac_comparison_looks_at_every_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
