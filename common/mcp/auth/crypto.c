/* The few primitives of libcrypto that libmcp uses, with our lengths and our errors. */
#include "mcp/auth/crypto.h"

#include <mcp/secret.h>

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#define RSA_BITS_MIN 2048

/* libcrypto takes no NULL for "no bytes" everywhere. */
static const unsigned char *bytes(mcp_str s)
{
    return (const unsigned char *)(s.len == 0 ? "" : s.ptr);
}

int mcp__sha256(mcp_str data, unsigned char out[MCP__SHA256_LEN])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    if (EVP_Digest(bytes(data), data.len, digest, NULL, EVP_sha256(), NULL) != 1)
        return MCP_EINTERNAL;
    memcpy(out, digest, MCP__SHA256_LEN);
    return 0;
}

int mcp__hmac_sha256(mcp_str key, mcp_str data, unsigned char out[MCP__SHA256_LEN])
{
    unsigned char mac[EVP_MAX_MD_SIZE];

    if (key.len > INT_MAX ||
        HMAC(EVP_sha256(), bytes(key), (int)key.len, bytes(data), data.len, mac, NULL) == NULL)
        return MCP_EINTERNAL;
    memcpy(out, mac, MCP__SHA256_LEN);
    return 0;
}

/* An OSSL_PARAM takes its input as void *, though it only reads it. */
static OSSL_PARAM octets(const char *name, mcp_str s)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes(s), s.len);
}

int mcp__hkdf_sha256(mcp_str secret, mcp_str salt, mcp_str info, unsigned char *out, size_t len)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        octets(OSSL_KDF_PARAM_KEY, secret),
        octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
    EVP_KDF_CTX *ctx = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    int rc = MCP_EINTERNAL;

    if (ctx != NULL && EVP_KDF_derive(ctx, out, len, params) == 1)
        rc = 0;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return rc;
}

bool mcp__mac_eq(mcp_str a, mcp_str b)
{
    return a.len == b.len && CRYPTO_memcmp(bytes(a), bytes(b), a.len) == 0;
}

int mcp__gcm_seal(const unsigned char key[MCP__GCM_KEY_LEN],
                  const unsigned char nonce[MCP__GCM_NONCE_LEN], mcp_str bound, mcp_str plain,
                  unsigned char *sealed)
{
    EVP_CIPHER_CTX *ctx = NULL;
    int rc = MCP_EINTERNAL, n = 0, tail = 0;

    if (bound.len > INT_MAX || plain.len > INT_MAX - MCP__GCM_TAG_LEN)
        goto out;
    ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL || EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
        EVP_EncryptUpdate(ctx, NULL, &n, bytes(bound), (int)bound.len) != 1 ||
        EVP_EncryptUpdate(ctx, sealed, &n, bytes(plain), (int)plain.len) != 1 ||
        EVP_EncryptFinal_ex(ctx, sealed + n, &tail) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, MCP__GCM_TAG_LEN, sealed + n + tail) != 1)
        goto out;
    rc = 0;
out:
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

int mcp__gcm_open(const unsigned char key[MCP__GCM_KEY_LEN],
                  const unsigned char nonce[MCP__GCM_NONCE_LEN], mcp_str bound, mcp_str sealed,
                  unsigned char *plain)
{
    unsigned char tag[MCP__GCM_TAG_LEN];
    EVP_CIPHER_CTX *ctx = NULL;
    int rc = MCP_EINVAL, n = 0, tail = 0;
    size_t len;

    if (bound.len > INT_MAX || sealed.len > INT_MAX || sealed.len < MCP__GCM_TAG_LEN)
        return MCP_EINVAL;
    len = sealed.len - MCP__GCM_TAG_LEN;
    memcpy(tag, sealed.ptr + len, sizeof(tag));
    ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL || EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
        EVP_DecryptUpdate(ctx, NULL, &n, bytes(bound), (int)bound.len) != 1 ||
        EVP_DecryptUpdate(ctx, plain, &n, bytes(sealed), (int)len) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, sizeof(tag), tag) != 1) {
        rc = MCP_EINTERNAL;
        goto out;
    }
    if (EVP_DecryptFinal_ex(ctx, plain + n, &tail) == 1)
        rc = 0;
out:
    if (rc < 0)
        mcp_secret_wipe(plain, len);
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

/* Without a callback libcrypto would ask for the passphrase on the terminal. */
static int no_passphrase(char *buf, int size, int writing, void *ctx)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)ctx;
    return -1;
}

static EVP_PKEY *read_key(mcp_str pem)
{
    BIO *bio = pem.len == 0 || pem.len > INT_MAX ? NULL : BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);

    BIO_free(bio);
    return key;
}

int mcp__rsa_sign_sha256(mcp_str key_pem, mcp_str data, unsigned char *out, size_t *len,
                         struct mcp_error *err)
{
    EVP_PKEY *key = read_key(key_pem);
    EVP_MD_CTX *ctx = NULL;
    int rc;

    if (key == NULL) {
        rc = mcp_error_set(err, MCP_ECONFIG,
                           "the private key is no PEM key that libcrypto can read");
        goto out;
    }
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < RSA_BITS_MIN) {
        rc = mcp_error_set(err, MCP_ECONFIG, "the private key is no RSA key of %d bits or more",
                           RSA_BITS_MIN);
        goto out;
    }
    ctx = EVP_MD_CTX_new();
    if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(ctx, out, len, bytes(data), data.len) != 1)
        rc = mcp_error_set(err, MCP_EINTERNAL, "libcrypto cannot sign");
    else
        rc = 0;
out:
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return rc;
}

void mcp__crypto_thread_done(void)
{
    OPENSSL_thread_stop();
}
