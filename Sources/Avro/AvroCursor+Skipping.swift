extension AvroCursor {
  /// Passes over one value of a type of a schema, without checking what is in texts.
  ///
  /// The time is bounded by the bytes that are there, whatever the counts in them say.
  public mutating func skip(
    _ place: Int, of schema: AvroSchema, depth: Int = AvroSchema.maximumDepth
  ) throws(AvroFault) {
    guard depth > 0 else { throw .tooDeep }
    let type = schema.types[place]
    if type.takesNoBytes { return }
    switch type.shape {
    case .null: return
    case .boolean: _ = try boolean()
    case .int, .enumeration: _ = try int()
    case .long: _ = try long()
    case .float: _ = try pass(4)
    case .double: _ = try pass(8)
    case .bytes, .string: _ = try bytes()
    case .fixed(let size): _ = try pass(size)
    case .array(let items): try skipBlocks(of: items, hasKeys: false, schema, depth)
    case .map(let values): try skipBlocks(of: values, hasKeys: true, schema, depth)
    case .union(let branches): try skip(branches[try branch(of: branches.count)], of: schema, depth: depth - 1)
    case .record: for part in type.parts { try skip(part, of: schema, depth: depth - 1) }
    }
  }

  /// Takes the number of a union's branch, checked to be one of so many.
  @inline(__always)
  public mutating func branch(of branches: Int) throws(AvroFault) -> Int {
    let start = offset
    guard let branch = Int(exactly: try long()), branch >= 0, branch < branches else { throw .malformed(offset: start) }
    return branch
  }

  private mutating func skipBlocks(
    of items: Int, hasKeys: Bool, _ schema: AvroSchema, _ depth: Int
  ) throws(AvroFault) {
    let takesNoBytes = schema.types[items].takesNoBytes && !hasKeys
    while true {
      let start = offset
      let count = try long()
      if count == 0 { return }
      if count < 0 {
        guard let size = Int(exactly: try long()), size >= 0 else { throw .malformed(offset: start) }
        _ = try pass(size)
        continue
      }
      if takesNoBytes { continue }
      // Each item takes a byte or more.
      guard count <= Int64(remaining) else { throw .malformed(offset: start) }
      for _ in 0..<count {
        if hasKeys { _ = try bytes() }
        try skip(items, of: schema, depth: depth - 1)
      }
    }
  }
}
