// Thrift's compact protocol, in which Parquet writes its footer and page headers.
//
//   struct  := field* 0x00
//   field   := (delta << 4 | type) value            field id = last id + delta, 1 <= delta <= 15
//            | (0 << 4 | type) zigzag-varint(id) value
//   list    := (count << 4 | type) value*           count < 15
//            | (15 << 4 | type) varint(count) value*
//   i16, i32, i64 := zigzag-varint;  binary := varint(length) byte*;  double := 8 bytes little-endian
//   a boolean field has no value: its type is 1 (true) or 2 (false); in a list it is one byte
//
// Worked example, the struct { 1: i32 = 5, 2: binary = "ab", 20: bool = true }:
//
//   15          field id 0 + 1, type 5 (i32)
//   0a          zigzag(5)
//   18          field id 1 + 1, type 8 (binary)
//   02 61 62    two bytes, "ab"
//   01 28       long form, type 1 (true); zigzag(20)
//   00          end
//
// Specification: apache/thrift, doc/specs/thrift-compact-protocol.md.

/// The type tag of a field or list element.
enum ThriftType: UInt8 {
  case stop = 0
  case boolTrue = 1
  case boolFalse = 2
  case byte = 3
  case i16 = 4
  case i32 = 5
  case i64 = 6
  case double = 7
  case binary = 8
  case list = 9
  case set = 10
  case map = 11
  case structure = 12
  case uuid = 13
}

/// The head of a field: its number and the type of its value.
struct ThriftField {
  var id: Int16
  var type: ThriftType
}
