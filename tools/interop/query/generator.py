"""Makes SQL at random over tables of known columns: always the same queries for the same seed."""

import random

TIMES = ["timestamptz '2026-01-03 10:00:00+00'", "timestamptz '2026-01-01 00:00:00+00'"]
PARTS = ["year", "month", "day", "hour", "minute", "second", "dow", "isodow", "doy", "week", "quarter"]
UNITS = ["minute", "hour", "day", "week", "month", "quarter", "year"]


class Generator:
    """A table is a FROM text, columns by kind (int, float, decimal, text, time, date, bool), and a key.

    A table without a key is asked for nothing that hangs on the order of its rows.
    """

    def __init__(self, seed, tables):
        self.random = random.Random(seed)
        self.tables = tables

    def pick(self, *options):
        return self.random.choice(options)

    def column(self, kind):
        names = self.table["columns"].get(kind)
        return self.random.choice(names) if names else None

    # Expressions by kind.

    def number(self, depth=2):
        kind = self.pick("int", "int", "float", "decimal")
        column = self.column(kind) or self.column("int")
        if depth == 0 or self.random.random() < 0.35:
            return column if column and self.random.random() < 0.8 else str(self.random.randint(-3, 200))
        a, b = self.number(depth - 1), self.number(depth - 1)
        return self.pick(
            f"({a} + {b})",
            f"({a} - {b})",
            f"({a} * {self.random.randint(-3, 9)})",
            f"abs({a})",
            f"({a} / {self.random.randint(1, 9)})",
            f"coalesce({a}, {b})",
            f"greatest({a}, {b})",
            f"least({a}, {b})",
            f"(case when {self.condition(depth - 1)} then {a} else {b} end)",
            f"cast({a} as double)",
            f"nullif({a}, {b})",
            f"(-{a})",
            f"round(cast({a} as double), {self.random.randint(0, 2)})",
            f"length({self.text(0)})",
            f"sign({a})",
            f"floor(cast({a} as double))",
            f"try_cast({self.text(0)} as int)",
            self.part(),
            f"({self.whole()} % {self.random.randint(1, 7)})",
            f"({self.whole()} // {self.random.randint(1, 7)})",
        )

    def whole(self):
        return self.column("int") or str(self.random.randint(0, 50))

    def part(self):
        time = self.time(0)
        return f"date_part('{self.random.choice(PARTS)}', {time})" if time else str(self.random.randint(0, 9))

    def text(self, depth=1):
        column = self.column("text") or "'abc'"
        if depth == 0 or self.random.random() < 0.4:
            return column if self.random.random() < 0.9 else self.pick("'P00001'", "''", "'ä'", "'x'")
        a = self.text(depth - 1)
        return self.pick(
            f"upper({a})",
            f"lower({a})",
            f"substring({a}, {self.random.randint(-3, 4)}, {self.random.randint(0, 4)})",
            f"({a} || '-' || {self.text(0)})",
            f"left({a}, {self.random.randint(-2, 4)})",
            f"reverse({a})",
            f"right({a}, {self.random.randint(-2, 4)})",
            f"replace({a}, '0', 'z')",
            f"concat({a}, {self.number(0)})",
            f"coalesce({a}, 'none')",
            f"cast({self.whole()} as varchar)",
            f"lpad({a}, 8, '*')",
            f"trim({a})",
            f"(case when {self.condition(0)} then {a} end)",
            f"split_part({a}, '0', 2)",
            f"regexp_replace({a}, '{self.expression()}', '<\\0>', '{self.pick('g', 'gi', 'c')}')",
            f"regexp_extract({a}, '{self.expression()}')",
            f"regexp_extract({a}, '({self.expression()})({self.expression()})', {self.random.randint(0, 2)})",
            f"substring({a} from {self.random.randint(-2, 4)} for {self.random.randint(0, 4)})",
            f"trim({self.pick('both', 'leading', 'trailing')} '{self.pick('P0', '1', 'a')}' from {a})",
            f"{a}[{self.random.randint(-4, 4)}:{self.random.randint(-4, 6)}]",
            self.formatted(),
        )

    def formatted(self):
        """A time as text."""
        time = self.time(0)
        form = self.pick("%Y-%m-%d", "%H:%M:%S.%f", "%a %d %b %y", "%A, %-d %B %Y, %j", "%I %p %g", "%U %W %V %G %u %w")
        return f"strftime({time}, '{form}')" if time else self.text(0)

    def expression(self):
        """A regular expression."""
        part = self.pick("0", "[0-9]", "[A-Za-z]", "\\d", "\\w", "P", ".", "[^0]", "(0|1)", "[[:digit:]]", "(?i:p)")
        repeat = self.pick("", "", "+", "*", "?", "{1,2}", "+?", "*?", "\\b")
        rest = self.pick("", "", "$", "1", "[2-5]", "|4")
        return f"{self.pick('', '', '^')}{part}{repeat}{rest}"

    def time(self, depth=1):
        column = self.column("time") or self.column("date")
        if column is None or depth == 0 or self.random.random() < 0.4:
            return column
        return self.pick(
            f"date_trunc('{self.random.choice(UNITS)}', {column})",
            f"({column} + interval '{self.random.randint(1, 90)} minutes')",
            f"({column} - interval '{self.random.randint(1, 40)} days')",
            f"time_bucket(interval '{self.pick('5 minutes', '1 hour', '1 day', '1 month')}', {column})",
            f"({column} + interval '{self.random.randint(1, 14)} months')",
        )

    def value(self, depth=1):
        return self.pick(self.number, self.number, self.text)(depth)

    def condition(self, depth=2):
        if depth > 0 and self.random.random() < 0.35:
            a, b = self.condition(depth - 1), self.condition(depth - 1)
            return self.pick(f"({a} and {b})", f"({a} or {b})", f"(not {a})")
        number, text, time = self.number(0), self.text(0), self.column("time")
        options = [
            f"{number} {self.pick('<', '<=', '>', '>=', '=', '<>')} {self.number(0)}",
            f"{number} between {self.random.randint(0, 80)} and {self.random.randint(60, 200)}",
            f"{self.whole()} in ({self.random.randint(0, 99)}, {self.random.randint(0, 99)}, "
            f"{self.pick('null', '97', '100')})",
            f"{text} {self.pick('like', 'not like', 'ilike')} '{self.pick('%1%', 'p%', 'P0000_', '%', '_', '%2')}'",
            f"{text} {self.pick('=', '<', '>=', '<>')} '{self.pick('P00001', 'P00042', 'a', '')}'",
            f"{self.pick(number, text)} is {self.pick('', 'not ')}null",
            f"{number} is {self.pick('', 'not ')}distinct from {self.number(0)}",
            f"{text} in ('P00001', 'P00002', 'x')",
            f"regexp_matches({text}, '{self.expression()}')",
            f"{text} {self.pick('~', '!~')} '{self.expression()}'",
            f"position('{self.pick('0', 'P', '')}' in {text}) > {self.random.randint(0, 3)}",
        ]
        if time:
            options.append(f"{time} {self.pick('<', '>=', '=')} {self.random.choice(self.table.get('times', TIMES))}")
        if self.column("bool"):
            options.append(self.column("bool"))
        return self.random.choice(options)

    # Queries.

    def aggregate(self):
        number, text = self.number(1), self.text(0)
        whole = self.whole()
        call = self.pick(
            "count(*)",
            f"count({number})",
            f"count(distinct {self.pick(whole, text)})",
            f"sum({whole})",
            f"avg({number})",
            f"min({self.pick(number, text)})",
            f"max({self.pick(number, text)})",
            f"median({whole})",
            f"quantile_cont({whole}, 0.25)",
            f"quantile_disc({whole}, 0.75)",
            f"stddev(cast({whole} as double))",
            f"var_pop(cast({whole} as double))",
            f"bool_and({self.condition(0)})",
            f"bool_or({self.condition(0)})",
            f"count_if({self.condition(0)})",
            f"sum({number})",
            f"sum(distinct {whole})",
            f"max({self.time(0) or whole})",
            f"min({self.time(0) or whole})",
            f"corr(cast({whole} as double), cast({self.whole()} as double))",
        )
        if self.random.random() < 0.15 and "bool_" not in call:
            call += f" filter (where {self.condition(0)})"
        return call

    def window(self):
        partition = self.pick("", f"partition by {self.text(0)} ", f"partition by {self.whole()} ")
        order = f"order by {self.table['key']}"
        frame = self.pick("", f" {self.frame()}", f" {self.frame()}")
        nulls = self.pick("", "", " ignore nulls")
        function = self.pick(
            "row_number()",
            "rank()",
            "dense_rank()",
            "percent_rank()",
            f"lag({self.whole()}{nulls})",
            f"lead({self.text(0)}, {self.random.randint(0, 3)}{nulls})",
            f"ntile({self.random.randint(1, 5)})",
            f"first_value({self.whole()}{nulls})",
            f"last_value({self.whole()}{nulls})",
            f"nth_value({self.text(0)}, {self.random.randint(1, 3)}{nulls})",
            f"sum({self.whole()}) filter (where {self.condition(0)})",
            f"count(distinct {self.whole()})",
            f"median({self.whole()})",
            f"stddev(cast({self.whole()} as double))",
            f"string_agg({self.text(0)}, ',')",
            f"bool_or({self.condition(0)})",
            f"sum({self.whole()})",
            f"count({self.whole()})",
            f"min({self.whole()})",
            f"avg({self.whole()})",
            f"max({self.whole()})",
            "cume_dist()",
        )
        named = ("sum", "count", "min", "max", "avg", "median", "stddev", "string_agg", "bool_or")
        named += ("first_value", "last_value", "nth_value")
        if function.split("(")[0] in named:
            order += frame
        return f"{function} over ({partition}{order})"

    def frame(self):
        """Bounds of which the first does not lie behind the last."""

        def bounds(unit):
            first, last = sorted(self.random.choices(range(-4, 5), k=2))
            texts = [
                "current row" if n == 0 else f"{unit(abs(n))} {'preceding' if n < 0 else 'following'}"
                for n in (first, last)
            ]
            if self.random.random() < 0.2:
                texts[0] = "unbounded preceding"
            if self.random.random() < 0.2:
                texts[1] = "unbounded following"
            return f"between {texts[0]} and {texts[1]}"

        exclude = self.pick(" exclude current row", " exclude ties", " exclude group", " exclude no others")
        exclude = exclude if self.random.random() < 0.1 else ""
        mode = self.pick("rows", "rows", "groups", "range")
        return f"{mode} {bounds(lambda n: str(n * 3) if mode == 'range' else str(n))}{exclude}"

    def framed(self):
        """Windows whose order has peers, gaps, nulls and times, and windows with names."""
        source = self.source(keyed=True)
        key, whole = self.table["key"], self.whole()
        down = self.pick("", " desc", " nulls first", " desc nulls first")
        call = self.pick(f"count({whole})", f"sum({self.whole()})", "count(*)", f"max({self.whole()})", f"min({key})")
        if self.column("time") and self.random.random() < 0.3:
            unit, first, last = self.pick("minutes", "hours", "days"), self.pick(0, 1, 7), self.pick(0, 1, 7)
            frame = f"range between interval '{first} {unit}' preceding and interval '{last} {unit}' following"
            return f"select {key}, {call} over (order by {self.column('time')}{down} {frame}) {source}"
        return self.pick(
            f"select {key}, {call} over (order by {whole}{down} {self.frame().replace('rows', 'groups')}) {source}",
            f"select {key}, {call} over w, rank() over w {source} window w as (partition by {self.whole()} "
            f"order by {key})",
            f"select {key}, {call} over (w order by {key} {self.frame()}) {source} window w as (partition by "
            f"{self.whole()})",
        )

    def source(self, keyed=False):
        others = [] if keyed or self.random.random() < 0.7 else [table for table in self.tables if not table["key"]]
        self.table = self.random.choice(others or [table for table in self.tables if table["key"]])
        where = f" where {self.condition()}" if self.random.random() < 0.6 else ""
        return f"from {self.table['from']}{where}"

    def sets(self):
        """Rows of two queries put together."""
        source = self.source()
        items = f"{self.text(0)}, {self.whole()}, {self.number(1)} > 50"
        other = f"select {items} from {self.table['from']} where {self.condition(1)}"
        operation = self.pick("union", "union all", "intersect", "except", "intersect all", "except all")
        return f"select {items} {source} {operation} {other}"

    def joined(self):
        """Joins that keep the rows of both sides, or of the right one."""
        source = self.source(keyed=True)
        key, whole = self.table["key"], self.whole()
        right = f"(select * from {self.table['from']} where {self.condition(1)}) b"
        kind = self.pick("right", "full", "full", "left", "inner")
        if self.random.random() < 0.3:
            items = f"{key}, a.{whole}, b.{key} as other"
            return f"select {items} from (select * {source}) a {kind} join {right} using ({key})"
        more = self.pick("", f" and a.{whole} > {self.random.randint(0, 90)}", f" and b.{whole} < 90")
        return (
            f"select a.{key}, b.{key} as other, coalesce(a.{whole}, b.{whole}) from (select * {source}) a {kind} join "
            f"{right} on a.{key} = b.{key} + {self.random.randint(0, 9)}{more}"
        )

    def dependent(self):
        """A value or a condition that depends on the row around."""
        source = self.source(keyed=True)
        key, whole, text = self.table["key"], self.whole(), self.column("text") or self.table["key"]
        call = self.pick(f"max({whole})", "count(*)", f"sum({whole})", f"min({text})", f"coalesce(avg({whole}), -1)")
        table, condition = self.table["from"], self.condition(1)
        shift = self.random.randint(0, 5)
        return self.pick(
            f"select {key}, (select {call} from {table} b where b.{text} = a.{text} and {condition}) from "
            f"(select * {source}) a",
            f"select {key} from (select * {source}) a where {self.pick('', 'not ')}exists "
            f"(select 1 from {table} b where b.{key} = a.{key} + {shift} and b.{whole} > a.{whole})",
            f"select count(*) from (select * {source}) a where {self.pick('', 'not ')}exists "
            f"(select 1 from {table} b where b.{text} = a.{text} and {condition})",
            f"select {key}, (select b.{whole} from {table} b where b.{text} = a.{text} order by b.{key} desc limit 1) "
            f"from (select * {source}) a",
            f"select {key} from (select * {source}) a where {whole} >= "
            f"(select {self.pick('max', 'min')}(b.{whole}) from {table} b where b.{text} = a.{text})",
        )

    def member(self):
        """IN with a query that depends on the row around."""
        source = self.source(keyed=True)
        key, whole = self.table["key"], self.whole()
        return (
            f"select {key}, {whole} {self.pick('in', 'not in')} (select b.{self.whole()} from {self.table['from']} b "
            f"where b.{key} = a.{key} + {self.random.randint(0, 3)} and b.{key} {self.pick('<', '>')} 100) "
            f"from (select * {source}) a"
        )

    def firsts(self):
        """The first row of each group."""
        source = self.source(keyed=True)
        by, whole, key = self.pick(self.column("text"), None) or self.whole(), self.whole(), self.table["key"]
        return (
            f"select distinct on ({by}) {by}, {whole}, {key} {source} "
            f"order by {by}, {whole} {self.pick('', 'desc ')}{self.pick('nulls first', 'nulls last')}, {key}"
        )

    def items(self):
        """Lists taken apart."""
        source = self.source(keyed=True)
        key = self.table["key"]
        items = f"[{self.whole()}, {self.whole()}, {self.random.randint(0, 9)}]"
        return self.pick(
            f"select {key}, unnest({items}) as item {source}",
            f"select {key}, item from (select * {source}) a, unnest({items}) u(item) where item > 3",
            f"select {key}, {items}[{self.random.randint(-4, 4)}], len({items}) {source}",
            f"select item, count(*) from (select * {source}) a, unnest({items}) u(item) group by item",
            f"select {key}, {{'a': {self.whole()}, 'b': {self.text(1)}}}.b {source}",
            f"select {key}, {items}[{self.pick('', '1', '-2', '2')}:{self.pick('', '2', '-1')}] {source}",
            f"select {key}, list_contains({items}, {self.random.randint(0, 9)}), "
            f"list_{self.pick('sum', 'avg', 'min', 'max', 'count', 'median')}({items}) {source}",
            f"select {key}, list_sort({items}), list_reverse({items}), list_concat({items}, [1]) {source}",
            f"select {self.text(0)}, list({key} order by {key} {self.pick('', 'desc')}) {source} group by 1",
            f"select s.* from (select {{'a': {self.whole()}, 'b': {self.text(1)}}} as s {source})",
            f"select {key}, string_split({self.text(1)}, '0'), array_to_string(string_split({self.text(0)}, '0'), '+') "
            f"{source}",
        )

    def query(self):
        kind = self.random.random()
        if self.random.random() < 0.25:
            kinds = [self.sets, self.joined, self.dependent, self.member, self.firsts, self.items, self.framed]
            return self.random.choice(kinds)()
        source = self.source(keyed=kind >= 0.75)
        if kind < 0.4:
            items = ", ".join(
                self.pick(self.value, self.time, self.condition)(1) or "1" for _ in range(self.random.randint(1, 4))
            )
            text = f"select {self.pick('', '', 'distinct ')}{items} {source}"
            return text + self.pick(
                "", f" order by all limit {self.random.randint(0, 30)}", " order by all desc nulls first limit 7"
            )
        if kind < 0.75:
            keys = [self.pick(self.text, self.time, self.number)(1) or "1" for _ in range(self.random.randint(0, 3))]
            keys = [key for key in keys if not key.lstrip("-").isdigit()]
            calls = [self.aggregate() for _ in range(self.random.randint(1, 3))]
            text = f"select {', '.join(keys + calls)} {source}"
            if keys:
                text += " group by " + self.pick("all", ", ".join(str(n + 1) for n in range(len(keys))))
            if self.random.random() < 0.2:
                text += f" having count(*) > {self.random.randint(0, 20)}"
            return text
        if kind < 0.85:
            return f"select {self.table['key']}, {self.window()} {source}"
        if kind < 0.92:
            inner = f"(select {self.text(0)} as k, count(*) as n {source} group by 1) s"
            return f"select max(n), min(k), count(*) from {inner} where n > {self.random.randint(0, 5)}"
        if kind < 0.96:
            text = self.column("text") or self.table["key"]
            return (
                f"select a.{self.table['key']}, b.n from (select * {source}) a {self.pick('', 'left ')}join "
                f"(select {text} as k, count(*) as n from {self.table['from']} where {self.condition(1)} group by 1) b "
                f"on a.{text} = b.k"
            )
        return (
            f"select count(*), sum({self.whole()}) {source}{' and' if ' where ' in source else ' where'} "
            f"{self.whole()} {self.pick('>', '<=', 'in', 'not in')} (select {self.pick('max', 'min')}({self.whole()}) "
            f"from {self.table['from']} where {self.condition(0)})"
        )
