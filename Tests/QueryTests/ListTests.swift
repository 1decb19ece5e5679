import Query
import Testing

/// Lists: slices, functions, and aggregates that make them.
@Suite struct ListTests {
  @Test(arguments: [
    ("[1, 2, 3, 4][2:3]", "[2, 3]"), ("[1, 2, 3][:-2]", "[1, 2]"), ("[1, 2, 3][2:]", "[2, 3]"), ("[1, 2][3:4]", "[]"),
    ("[1, 2, 3][:]", "[1, 2, 3]"), ("'abcdef'[2:4]", "bcd"), ("'häß'[-2:]", "äß"), ("array[1, 2][1]", "1"),
    ("list_contains([1, 2, null], 2)", "true"), ("list_contains(['a'], 'b')", "false"),
    ("list_position(['a', 'b'], 'b')", "2"), ("list_concat([1], [2, 3])", "[1, 2, 3]"),
    ("list_sum([1, 2, 3])", "6"), ("list_avg([1, 2])", "1.5"), ("list_min(['b', 'a'])", "a"),
    ("list_count([1, null])", "1"),
    ("list_sort([3, 1, 2])", "[1, 2, 3]"), ("list_reverse_sort([3, 1, 2])", "[3, 2, 1]"),
    ("list_reverse([1, 2])", "[2, 1]"), ("list_distinct([1, 2, 1])", "[1, 2]"), ("list_extract([5, 6], 2)", "6"),
    ("list_aggregate([1, 2], 'sum')", "3"), ("array_to_string(['a', null, 'b'], '-')", "a-b"),
    ("string_split('a,b', ',')", "[a, b]"), ("len(string_split('abc', ''))", "3"),
  ]) func functions(_ expression: String, _ expected: String) async throws {
    #expect(try await asked("select \(expression)") == expected)
  }

  @Test("aggregates that make lists")
  func aggregates() async throws {
    let rows = "(values (1, 'a', 3), (2, 'a', 1), (3, 'b', NULL), (4, 'a', 2)) t(k, g, v)"
    #expect(
      try await asked("select g, list(v order by v desc) from \(rows) group by g order by g") == "a|[3, 2, 1]\nb|[NULL]"
    )
    #expect(try await asked("select array_agg(k) filter (k > 2) from \(rows)") == "[3, 4]")
    #expect(try await asked("select list(k) from \(rows) where false") == "NULL")
    #expect(
      try await asked("select list(k) over (order by k rows 1 preceding) from \(rows)") == "[1]\n[1, 2]\n[2, 3]\n[3, 4]"
    )
  }

  @Test("fields of structures as columns")
  func structures() async throws {
    #expect(try await asked("select s.* from (select {'a': 1, 'b': 'x'} as s)") == "1|x")
    #expect(try await asked("describe select s.* from (select {'a': 1, 'b': 'x'} as s)") == "a|INTEGER\nb|VARCHAR")
  }
}
