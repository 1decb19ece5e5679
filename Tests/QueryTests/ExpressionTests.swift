import Testing

/// Expressions without tables: what each gives.
@Suite struct ExpressionTests {
  @Test(arguments: [
    ("1 + 1", "2"), ("7 // 2", "3"), ("-7 // 2", "-3"), ("7 % 3", "1"), ("-7 % 3", "-1"), ("7 / 2", "3.5"),
    ("1.5 + 1", "2.5"), ("1.5 * 2.25", "3.375"), ("2 ^ 3", "8.0"), ("-2 ^ 2", "4.0"), ("2 ^ 3 ^ 2", "64.0"),
    ("0.1 + 0.2", "0.3"), ("1 / 0", "inf"), ("5 & 3", "1"), ("5 | 3", "7"), ("1 << 4", "16"), ("1_000", "1000"),
    ("9223372036854775807 + 0", "9223372036854775807"),
    ("170141183460469231731687303715884105727", "170141183460469231731687303715884105727"),
    ("abs(-3)", "3"), ("round(2.567, 1)", "2.6"), ("round(-1.5)", "-2"), ("floor(-1.5)", "-2"), ("ceil(1.2)", "2"),
    ("sqrt(16)", "4.0"), ("greatest(1, 3, 2)", "3"), ("least(2, NULL, 1)", "1"), ("nullif(1, 1)", "NULL"),
  ]) func numbers(_ expression: String, _ expected: String) async throws {
    #expect(try await asked("select \(expression)") == expected)
  }

  /// A comparison with NULL is neither true nor false.
  @Test(arguments: [
    ("NULL = NULL", "NULL"), ("1 in (2, NULL)", "NULL"), ("2 in (2, NULL)", "true"), ("1 not in (2, 3)", "true"),
    ("NULL and false", "false"), ("NULL and true", "NULL"), ("NULL or true", "true"), ("not NULL", "NULL"),
    ("NULL is NULL", "true"), ("1 is distinct from NULL", "true"), ("NULL is not distinct from NULL", "true"),
    ("5 between 1 and NULL", "NULL"), ("5 not between 6 and NULL", "true"), ("true is not false", "true"),
    ("'nan'::double = 'nan'::double", "true"), ("'nan'::double > 'inf'::double", "true"), ("'a' < 'B'", "false"),
    ("coalesce(NULL, 2, 1)", "2"), ("case when NULL then 1 else 2 end", "2"), ("case 3 when 3 then 'x' end", "x"),
    ("'abc' like 'a%'", "true"), ("'abc' like 'A%'", "false"), ("'abc' ilike 'A_C'", "true"),
    ("'a%c' like 'a!%c' escape '!'", "true"), ("'äb' like '_b'", "true"), ("'abc' not like '%b%'", "false"),
  ]) func logic(_ expression: String, _ expected: String) async throws {
    #expect(try await asked("select \(expression)") == expected)
  }

  @Test(arguments: [
    ("cast(2.5 as int)", "3"), ("cast(2.5::double as int)", "2"), ("try_cast('x' as int)", "NULL"),
    ("' 12 '::int", "12"), ("'1.55'::decimal(4,1)", "1.6"), ("1.5::varchar", "1.5"), ("1e16::varchar", "1e+16"),
    ("date '2020-01-02'::varchar", "2020-01-02"), ("true::int", "1"), ("'t'::boolean", "true"),
    ("timestamp '2020-01-02 03:04:05.5'::varchar", "2020-01-02 03:04:05.5"),
    ("timestamptz '2020-01-02 03:04:05+02'::varchar", "2020-01-02 01:04:05+00"),
    ("typeof(1)", "INTEGER"), ("typeof(3000000000)", "BIGINT"), ("typeof(1.5 + 1)", "DECIMAL(12,1)"),
    ("typeof(1::tinyint + 1)", "TINYINT"), ("typeof(1::uinteger + 1)", "UINTEGER"), ("typeof(1 / 2)", "DOUBLE"),
    ("typeof(1.5 * 2.25)", "DECIMAL(5,3)"), ("typeof(1 + 1.5::float)", "FLOAT"),
  ]) func casts(_ expression: String, _ expected: String) async throws {
    #expect(try await asked("select \(expression)") == expected)
  }

  @Test(arguments: [
    ("substring('hello', 2, 3)", "ell"), ("substring('hello', -3, 2)", "ll"), ("substring('hello', 0, 2)", "h"),
    ("left('hello', -1)", "hell"), ("right('abc', -1)", "bc"), ("strpos('hello', 'l')", "3"), ("upper('äb')", "ÄB"),
    ("reverse('äb')", "bä"), ("lpad('a', 3, 'xy')", "xya"), ("replace('aaa', 'a', 'b')", "bbb"),
    ("split_part('a-b-c', '-', 2)", "b"), ("trim('  a ')", "a"), ("concat('a', NULL, 1)", "a1"),
    ("'a' || NULL", "NULL"),
    ("'a' || 1", "a1"), ("concat_ws('-', 'a', NULL, 'b')", "a-b"), ("repeat('ab', 2)", "abab"), ("length('äb')", "2"),
    ("md5('')", "d41d8cd98f00b204e9800998ecf8427e"), ("md5('hello')", "5d41402abc4b2a76b9719d911017c592"),
    ("md5(repeat('1234567890', 8))", "57edf4a22be3c955ac49da2e2107b67a"), ("hash('a') = hash('a')", "true"),
    ("hash('a') = hash('b') or hash(NULL, 1) = hash(1, NULL)", "false"), ("strlen('äb')", "3"), ("'abc'[1]", "a"),
    ("trim('xax', 'x')", "a"),
  ]) func texts(_ expression: String, _ expected: String) async throws {
    #expect(try await asked("select \(expression)") == expected)
  }

  @Test(arguments: [
    ("date '2020-01-31' + interval 1 month", "2020-02-29 00:00:00"), ("date '2020-01-01' + 1", "2020-01-02"),
    ("date '2020-01-03' - date '2020-01-01'", "2"), ("date_trunc('week', date '2024-01-03')", "2024-01-01 00:00:00"),
    ("date_part('isodow', date '2024-01-07')", "7"), ("extract(hour from timestamp '2020-01-01 05:06:07')", "5"),
    ("to_hours(3) + to_minutes(5)", "03:05:00"), ("make_interval(1, 2, 1, 3, 4)", "1 year 2 months 10 days 04:00:00"),
    ("date_part('week', date '2021-01-03')", "53"), ("date_diff('month', date '2024-01-31', date '2024-02-01')", "1"),
    ("time_bucket(interval '5 minutes', timestamp '2020-01-01 00:07:00')", "2020-01-01 00:05:00"),
    ("interval '1 day 2 hours' + interval '1' hour", "1 day 03:00:00"), ("last_day(date '2024-02-01')", "2024-02-29"),
    ("timestamp '2020-01-03 04:00:00' - timestamp '2019-01-01'", "367 days 04:00:00"),
  ]) func times(_ expression: String, _ expected: String) async throws {
    #expect(try await asked("select (\(expression))::varchar") == expected)
  }

  @Test(arguments: [
    "2147483647::int + 1::int", "9223372036854775807 + 1::bigint", "-128::tinyint - 1::tinyint", "1 // 0", "1 % 0",
    "'x'::int", "300::tinyint", "99999.9::decimal(3,1)", "date '2020-01-01' + 2147483647",
  ]) func errors(_ expression: String) async throws {
    // Over a row, so that nothing is computed beforehand.
    #expect(await failure("select \(expression) from (values (1)) t(x)").contains("^"))
  }
}
