/* Column blocks: what goes in comes out, damaged bytes are refused. */
#include "cost/dataset/block_encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t seed = 1;

static uint64_t rnd(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

/* Ids whose spread and number of distinct values choose each encoding and width. */
static const struct {
    uint32_t base, range, step;
} shapes[] = { { 7, 1, 1 },         { 0, 2, 1 },         { 5, 4, 1 },          { 5, 16, 1 },
               { 1, 256, 1 },       { 1, 65536, 1 },     { 1, 3, 100000 },     { 9, 200, 77777 },
               { 3, 60000, 70000 }, { 0, 17, 1u << 27 }, { 4294967290u, 5, 1 } };

static void ids_come_out_as_they_went_in(void **state)
{
    static uint32_t ids[COST_BLOCK_ROWS];
    static const uint32_t sizes[] = { 1, 2, 7, 100, COST_BLOCK_ROWS };
    struct cost_block_encoder *enc = cost__block_encoder_new();

    (void)state;
    for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); s++) {
        for (size_t z = 0; z < sizeof(sizes) / sizeof(*sizes); z++) {
            struct cost_block *b;
            struct cost_ids got;
            mcp_str blob;

            for (uint32_t i = 0; i < sizes[z]; i++)
                ids[i] = shapes[s].base + (uint32_t)(rnd() % shapes[s].range) * shapes[s].step;
            cost__block_begin(enc, COST_FACTS, sizes[z]);
            cost__block_put_ids(enc, COST_COL_SERVICE, ids);
            assert_int_equal(cost__block_end(enc, &blob), 0);
            assert_int_equal(cost__block_open(blob.ptr, blob.len, &b, NULL), 0);
            assert_int_equal(cost__block_rows(b), sizes[z]);
            assert_int_equal(cost__block_ids(b, COST_COL_SKU, &got), 0);
            assert_false(got.present);
            assert_int_equal(cost__block_ids(b, COST_COL_SERVICE, &got), 0);
            assert_true(got.present);
            for (uint32_t i = 0; i < sizes[z]; i++)
                assert_int_equal(got.constant ? got.value : got.ids[i], ids[i]);
            cost__block_free(b);
        }
    }
    cost__block_encoder_free(enc);
}

static __int128 power(int n)
{
    __int128 p = 1;

    while (n-- > 0)
        p *= 10;
    return p;
}

static void amounts_are_exact_at_every_width(void **state)
{
    enum { N = 300 };
    static struct cost_money values[N];
    /* decimals used, and how large the mantissa gets */
    static const struct {
        int decimals;
        uint64_t range;
        int extra; /* further factor of ten: beyond 64 bits */
    } kinds[] = { { 0, 1, 0 },  { 2, 100, 0 },       { 5, 60000, 0 },     { 11, 4000000000u, 0 },
                  { 18, 0, 0 }, { 3, 1u << 30, 14 }, { 18, 1u << 30, 18 } };
    struct cost_block_encoder *enc = cost__block_encoder_new();

    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        uint8_t nulls[(N + 7) / 8] = { 0 };
        struct cost_block *b;
        struct cost_nums got;
        mcp_str blob;

        for (int i = 0; i < N; i++) {
            __int128 m = (__int128)(kinds[k].range == 0 ? rnd() >> 1 : rnd() % kinds[k].range) *
                         power(kinds[k].extra) * power(18 - kinds[k].decimals);

            values[i].units = rnd() % 2 ? m : -m;
            if (k % 2 == 1 && rnd() % 5 == 0) {
                values[i].units = 0;
                nulls[i / 8] |= (uint8_t)(1u << (i % 8));
            }
        }
        cost__block_begin(enc, COST_FACTS, N);
        cost__block_put_nums(enc, COST_NUM_BILLED, values, kinds[k].decimals,
                             k % 2 == 1 ? nulls : NULL);
        assert_int_equal(cost__block_end(enc, &blob), 0);
        assert_int_equal(cost__block_open(blob.ptr, blob.len, &b, NULL), 0);
        assert_int_equal(cost__block_nums(b, COST_NUM_BILLED, &got), 0);
        assert_int_equal(got.nulls != NULL, k % 2 == 1);
        for (int i = 0; i < N; i++) {
            __int128 v = got.constant ? got.value : got.v64 != NULL ? got.v64[i] : got.v128[i];

            assert_true(v * power(got.shift) == values[i].units);
            if (got.nulls != NULL)
                assert_int_equal(got.nulls[i / 8] >> (i % 8) & 1, nulls[i / 8] >> (i % 8) & 1);
        }
        cost__block_free(b);
    }
    cost__block_encoder_free(enc);
}

/* Reads everything of a block that opened. */
static void read_all(struct cost_block *b)
{
    struct cost_ids ids;
    struct cost_nums nums;

    for (int c = 0; c < COST_N_COLS; c++)
        (void)cost__block_ids(b, (enum cost_col)c, &ids);
    for (int m = 0; m < COST_N_NUMS; m++)
        (void)cost__block_nums(b, (enum cost_num)m, &nums);
    (void)cost__block_days(b, &ids);
    (void)cost__block_flags(b, &ids);
}

static void damaged_blocks_are_refused_or_read_within_bounds(void **state)
{
    uint32_t ids[50];
    struct cost_money values[50];
    struct cost_block_encoder *enc = cost__block_encoder_new();
    mcp_str blob;

    (void)state;
    for (uint32_t i = 0; i < 50; i++) {
        ids[i] = i % 3 * 100000;
        values[i].units = (__int128)i * i;
    }
    cost__block_begin(enc, COST_FACTS, 50);
    cost__block_put_ids(enc, COST_COL_SERVICE, ids);
    cost__block_put_nums(enc, COST_NUM_BILLED, values, 18, NULL);
    cost__block_put_flags(enc, ids);
    assert_int_equal(cost__block_end(enc, &blob), 0);
    for (size_t len = 0; len <= blob.len; len++) {
        for (unsigned flip = 0; flip < 3; flip++) {
            char *copy = malloc(blob.len == 0 ? 1 : blob.len);
            struct cost_block *b;

            memcpy(copy, blob.ptr, blob.len);
            if (flip > 0 && len < blob.len)
                copy[len] = (char)(copy[len] ^ (flip == 1 ? 1 : 0xff));
            if (cost__block_open(copy, flip == 0 ? len : blob.len, &b, NULL) == 0) {
                read_all(b);
                cost__block_free(b);
            }
            free(copy);
        }
    }
    cost__block_encoder_free(enc);
}

static void ids_beyond_the_dictionary_are_refused(void **state)
{
    uint32_t ids[3] = { 1, 5, 2 };
    struct cost_block_encoder *enc = cost__block_encoder_new();
    struct cost_block *b;
    struct cost_ids got;
    mcp_str blob;

    (void)state;
    cost__block_begin(enc, COST_FACTS, 3);
    cost__block_put_ids(enc, COST_COL_SERVICE, ids);
    assert_int_equal(cost__block_end(enc, &blob), 0);
    assert_int_equal(cost__block_open(blob.ptr, blob.len, &b, NULL), 0);
    cost__block_limit(b, COST_COL_SERVICE, 4);
    assert_int_equal(cost__block_ids(b, COST_COL_SERVICE, &got), MCP_EDATA);
    cost__block_limit(b, COST_COL_SERVICE, 5);
    assert_int_equal(cost__block_ids(b, COST_COL_SERVICE, &got), 0);
    cost__block_free(b);
    cost__block_encoder_free(enc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_come_out_as_they_went_in),
        cmocka_unit_test(amounts_are_exact_at_every_width),
        cmocka_unit_test(damaged_blocks_are_refused_or_read_within_bounds),
        cmocka_unit_test(ids_beyond_the_dictionary_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
