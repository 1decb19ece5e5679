// The algorithms of the Swift kernels as loops in C, to be measured against.
#ifndef PARQUET_KERNELS_C_H
#define PARQUET_KERNELS_C_H

#include <stddef.h>
#include <stdint.h>

// Bit-packed values of 1 to 20 bits; eight bytes behind the last group may be read.
void c_unpack_bits(const uint8_t *packed, int width, size_t count, uint32_t *out);

// Runs and bit-packed groups; returns the number of values, at most `count`.
size_t c_decode_hybrid(const uint8_t *bytes, size_t size, int width, size_t count, uint32_t *out);

// Values out of packed differences; returns the last one. Eight bytes behind the last may be read.
int64_t c_unpack_deltas(const uint8_t *packed, int width, size_t count, int64_t smallest, int64_t last, int64_t *out);

// Packed codes to the elements they stand for, a block at a time; 0 where a code has none.
int c_look_up_packed(const uint8_t *packed, int width, size_t count, const int32_t *dictionary, size_t entries,
                     int32_t *out);

// Eight streams of bytes to values and back.
void c_join_streams(const uint8_t *streams, size_t count, double *out);
void c_split_streams(const double *values, size_t count, uint8_t *out);

// Levels of one, two or three bits to bytes; eight bytes behind the last group may be read.
void c_unpack_levels(const uint8_t *packed, int width, size_t count, uint8_t *out);

// A bit a level: whether it is at least `threshold`; returns how many are.
size_t c_level_validity(const uint8_t *levels, size_t count, uint8_t threshold, uint64_t *words);

// Where lists begin among their items; returns how many lists there are.
size_t c_list_offsets(const uint8_t *definitions, const uint8_t *repetitions, size_t count, uint8_t slot, uint8_t item,
                      uint8_t repetition, int32_t *offsets);

#endif
