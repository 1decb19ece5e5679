import Query
import Testing

/// Regular expressions, in the syntax of RE2, and forms of times.
@Suite struct PatternTests {
  @Test(arguments: [
    ("regexp_matches('Ward B2', 'B[0-9]')", "true"), ("regexp_matches('ab', '^b')", "false"),
    ("regexp_full_match('ab', 'a')", "false"), ("'ab' ~ 'a.'", "true"), ("'ab' !~ 'a.'", "false"),
    ("'ab' ~ 'b'", "true"),
    ("'abc' similar to 'a(b|x)c'", "true"), ("'abc' not similar to 'b'", "true"),
    ("regexp_extract('P00042-x', '([A-Z])0*([1-9][0-9]*)', 2)", "42"), ("regexp_extract('none', '[0-9]+')", ""),
    ("regexp_replace('a-b-c', '-', '+')", "a+b-c"), ("regexp_replace('a-b-c', '-', '+', 'g')", "a+b+c"),
    ("regexp_replace('abc', 'x*', '-', 'g')", "-a-b-c-"), ("regexp_replace('hello', '(l+)', '<\\1>')", "he<ll>o"),
    ("regexp_matches('ABC', 'abc', 'i')", "true"), ("regexp_matches('ABC', '(?i)abc')", "true"),
    ("regexp_extract('aaa', 'a{2}')", "aa"), ("regexp_extract('aaa', 'a+?')", "a"),
    ("regexp_extract('xaby', '(a|ab)(y|by)')", "aby"), ("regexp_extract('ab\ncd', 'b.c')", ""),
    ("regexp_matches('ab\ncd', 'b.c', 's')", "true"), ("regexp_extract('äöü', '[^ä]+')", "öü"),
    ("regexp_extract('a_1 b', '\\w+')", "a_1"), ("regexp_matches('foo bar', '\\bbar\\b')", "true"),
    ("regexp_extract('x[y]', '\\[[[:alpha:]]\\]')", "[y]"), ("regexp_matches(null, 'a')", "NULL"),
    ("regexp_extract('k=v', '(?P<key>.)=', 1)", "k"), ("regexp_matches('', '^$')", "true"),
  ]) func regularExpressions(_ expression: String, _ expected: String) async throws {
    #expect(try await asked("select \(expression)") == expected)
  }

  /// Engines that try one way after the other take 2^30 steps here.
  @Test("no expression takes more than text times expression")
  func bounded() async throws {
    let text = String(repeating: "a", count: 3_000)
    #expect(try await asked("select regexp_matches('\(text)', '^(a+)+$b')") == "false")
    #expect(try await asked("select regexp_matches('\(text)!', '^(a|aa|a*)*$')") == "false")
    #expect(await failure("select regexp_matches('a', '((a{100}){100}){100}')").contains("more than 20000 steps"))
  }

  @Test(arguments: [
    ("'a('", "parenthesis without end"), ("'a)'", "parenthesis that closes nothing"), ("'[a'", "bracket without end"),
    ("'*a'", "repetition of nothing"), ("'a{2,1}'", "less than its least"), ("'\\'", "backslash at the end"),
    ("'(?=a)'", "not supported: looking around"), ("'(a)\\1'", "not supported: references"),
    ("'[z-a]'", "range whose end lies before"), ("repeat('(', 200)", "100 levels deep"),
    ("'a**'", "repetition of a repetition"), ("'a' || repeat('{1}', 100000)", "repetition of a repetition"),
    ("'(?:(?:(?:(?:a{0}){1000}){1000}){1000}){1000}'", "repeats too much"),
  ]) func noExpressions(_ pattern: String, _ message: String) async {
    #expect(await failure("select regexp_matches('a', \(pattern))").contains(message))
  }

  @Test(arguments: [
    ("strftime(timestamp '2026-03-04 15:06:07.089', '%Y-%m-%d %H:%M:%S.%g')", "2026-03-04 15:06:07.089"),
    ("strftime(date '2026-03-04', '%a %-d %b %y, %j %%')", "Wed 4 Mar 26, 063 %"),
    ("strftime(timestamp '2026-03-04 00:30:00', '%I:%M %p')", "12:30 AM"),
    ("strptime('04.03.2026 3:05 PM', '%d.%m.%Y %I:%M %p') = timestamp '2026-03-04 15:05:00'", "true"),
    ("try_strptime('no time', '%Y')", "NULL"),
    ("strptime('Mar 4, 26', '%b %d, %y')::date = date '2026-03-04'", "true"),
    ("timestamptz '2026-01-01 10:00:00+00' at time zone 'UTC' = timestamp '2026-01-01 10:00:00'", "true"),
    ("timestamp '2026-01-01 10:00:00' at time zone 'Etc/GMT-2' = timestamptz '2026-01-01 08:00:00+00'", "true"),
    ("make_timestamp(2026, 1, 2, 3, 4, 5.5) = timestamp '2026-01-02 03:04:05.5'", "true"),
  ]) func times(_ expression: String, _ expected: String) async throws {
    #expect(try await asked("select \(expression)") == expected)
  }
}
