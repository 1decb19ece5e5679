#include "kernels.h"

#include <string.h>

static inline uint64_t load64(const uint8_t *at) {
  uint64_t word;
  memcpy(&word, at, 8);
  return word;
}

// Eight values in each round, the width a constant.
static inline __attribute__((always_inline)) void unpack_width(const uint8_t *packed, int width, size_t count,
                                                               uint32_t *out) {
  const uint32_t mask = (uint32_t)((1ull << width) - 1);
  for (size_t group = 0; group < count / 8; group++, packed += width, out += 8)
    for (int index = 0; index < 8; index++) {
      int bit = index * width;
      out[index] = (uint32_t)(load64(packed + (bit >> 3)) >> (bit & 7)) & mask;
    }
  for (size_t index = 0; index < count % 8; index++) {
    size_t bit = index * (size_t)width;
    out[index] = (uint32_t)(load64(packed + (bit >> 3)) >> (bit & 7)) & mask;
  }
}

#define WIDTH(n) \
  case n: unpack_width(packed, n, count, out); break;

void c_unpack_bits(const uint8_t *packed, int width, size_t count, uint32_t *out) {
  switch (width) {
    WIDTH(1) WIDTH(2) WIDTH(3) WIDTH(4) WIDTH(5) WIDTH(6) WIDTH(7) WIDTH(8) WIDTH(9) WIDTH(10)
    WIDTH(11) WIDTH(12) WIDTH(13) WIDTH(14) WIDTH(15) WIDTH(16) WIDTH(17) WIDTH(18) WIDTH(19) WIDTH(20)
    default: unpack_width(packed, width, count, out);
  }
}

size_t c_decode_hybrid(const uint8_t *bytes, size_t size, int width, size_t count, uint32_t *out) {
  const uint8_t *at = bytes, *end = bytes + size;
  size_t done = 0;
  while (done < count && at < end) {
    uint64_t head = 0;
    for (int shift = 0; at < end && shift < 64; shift += 7) {
      head |= (uint64_t)(*at & 0x7f) << shift;
      if ((*at++ & 0x80) == 0) break;
    }
    size_t length = head >> 1, left = count - done;
    if (head & 1) {
      size_t values = length * 8 < left ? length * 8 : left;
      if ((size_t)(end - at) < length * (size_t)width) break;
      c_unpack_bits(at, width, values, out + done);
      at += length * (size_t)width;
      done += values;
    } else {
      uint32_t value = 0;
      if (end - at < (width + 7) / 8) break;
      memcpy(&value, at, (size_t)(width + 7) / 8);
      at += (width + 7) / 8;
      size_t values = length < left ? length : left;
      for (size_t index = 0; index < values; index++) out[done + index] = value;
      done += values;
    }
  }
  return done;
}

int64_t c_unpack_deltas(const uint8_t *packed, int width, size_t count, int64_t smallest, int64_t last, int64_t *out) {
  const uint64_t mask = (1ull << width) - 1;
  size_t bit = 0;
  for (size_t index = 0; index < count; index++, bit += (size_t)width) {
    last += smallest + (int64_t)((load64(packed + (bit >> 3)) >> (bit & 7)) & mask);
    out[index] = last;
  }
  return last;
}

int c_look_up_packed(const uint8_t *packed, int width, size_t count, const int32_t *dictionary, size_t entries,
                     int32_t *out) {
  uint32_t codes[1024];
  for (size_t done = 0; done < count; done += 1024) {
    size_t size = count - done < 1024 ? count - done : 1024;
    c_unpack_bits(packed + done / 8 * (size_t)width, width, size, codes);
    uint32_t largest = 0;
    for (size_t index = 0; index < size; index++) largest = codes[index] > largest ? codes[index] : largest;
    if (largest >= entries) return 0;
    for (size_t index = 0; index < size; index++) out[done + index] = dictionary[codes[index]];
  }
  return 1;
}

void c_join_streams(const uint8_t *streams, size_t count, double *out) {
  for (size_t index = 0; index < count; index++) {
    uint64_t word = 0;
    for (size_t stream = 0; stream < 8; stream++) word |= (uint64_t)streams[stream * count + index] << (stream * 8);
    memcpy(out + index, &word, 8);
  }
}

void c_split_streams(const double *values, size_t count, uint8_t *out) {
  const uint8_t *bytes = (const uint8_t *)values;
  for (size_t stream = 0; stream < 8; stream++)
    for (size_t index = 0; index < count; index++) out[stream * count + index] = bytes[index * 8 + stream];
}

void c_unpack_levels(const uint8_t *packed, int width, size_t count, uint8_t *out) {
  const uint8_t mask = (uint8_t)((1u << width) - 1);
  for (size_t group = 0; group < count / 8; group++, packed += width, out += 8) {
    uint64_t word = load64(packed);
    for (int index = 0; index < 8; index++) out[index] = (uint8_t)(word >> (index * width)) & mask;
  }
}

size_t c_level_validity(const uint8_t *levels, size_t count, uint8_t threshold, uint64_t *words) {
  size_t valid = 0;
  for (size_t start = 0; start < count; start += 64) {
    uint64_t word = 0;
    size_t size = count - start < 64 ? count - start : 64;
    for (size_t index = 0; index < size; index++) word |= (uint64_t)(levels[start + index] >= threshold) << index;
    words[start / 64] = word;
    valid += (size_t)__builtin_popcountll(word);
  }
  return valid;
}

size_t c_list_offsets(const uint8_t *definitions, const uint8_t *repetitions, size_t count, uint8_t slot, uint8_t item,
                      uint8_t repetition, int32_t *offsets) {
  size_t lists = 0;
  int32_t items = 0;
  for (size_t index = 0; index < count; index++) {
    offsets[lists] = items;
    lists += (definitions[index] >= slot) & (repetitions[index] < repetition);
    items += (definitions[index] >= item) & (repetitions[index] <= repetition);
  }
  offsets[lists] = items;
  return lists;
}
