-- Queries that have been hard for someone. FOLDER stands for the folder of the files.
select f64, count(*) from 'FOLDER/types.parquet' group by f64 order by f64 desc limit 3
select max(f64), min(f64) from 'FOLDER/types.parquet'
select count(*) from 'FOLDER/types.parquet' where f64 > 5
select count(*) from 'FOLDER/types.parquet' where f64 <> 5
select sum(price * price), avg(price), sum(wide) from 'FOLDER/types.parquet'
select id, lag(name, 2, 'none') over (partition by u8 % 5 order by id) from 'FOLDER/types.parquet'
select count(*), count(flag), count_if(flag), bool_and(flag) from 'FOLDER/types.parquet'
select moment, date_trunc('month', moment), date_part('week', moment) from 'FOLDER/types.parquet' where moment < timestamp '1970-01-02'
select day + interval 1 month, day - date '2020-01-01' from 'FOLDER/types.parquet' order by 1 limit 20
select event_time, patient_id from 'FOLDER/vitals.parquet' where event_time >= timestamptz '2026-01-01 05:00:00.0005+00' and event_time < timestamptz '2026-01-01 06:00:00+00'
select patient_id, event_time, heart_rate from 'FOLDER/vitals.parquet' order by heart_rate desc nulls last, event_time limit 10
select ward, heart_rate, count(*) from 'FOLDER/vitals.parquet' group by all having count(*) > 20
select a.id, b.heart_rate from 'FOLDER/types.parquet' a asof join 'FOLDER/vitals.parquet' b on a.id >= b.id where a.id < 50
select patient_id from 'FOLDER/vitals.parquet' where patient_id not in (select patient_id from 'FOLDER/vitals.parquet' where spo2 = 85)
select max(heart_rate) from 'FOLDER/vitals.parquet' where heart_rate not in (1, null)
select 9223372036854775807 + i8 from 'FOLDER/types.parquet'
select sum(i64), sum(i64) * 1000000 from 'FOLDER/types.parquet'
select coalesce(ward, 'none'), arg_max(patient_id, heart_rate) from 'FOLDER/vitals.parquet' where id < 70 group by 1
select distinct ward from 'FOLDER/vitals.parquet' union all select name from 'FOLDER/types.parquet'
with x as (select patient_id, avg(heart_rate) m from 'FOLDER/vitals.parquet' group by 1) select count(*), max(m) from x where m > 90
select id, sum(heart_rate) over (partition by ward order by id rows between 3 preceding and 1 preceding) from 'FOLDER/vitals.parquet' where id < 500
select a.id, b.id from 'FOLDER/types.parquet' a full join 'FOLDER/vitals.parquet' b on a.id = b.id * 7 where a.id < 40 or b.id < 40
select ward, name, count(*) from (select distinct ward from 'FOLDER/vitals.parquet') v full join (select name from 'FOLDER/types.parquet') t on v.ward = t.name group by all
select ward from 'FOLDER/vitals.parquet' intersect all select name from 'FOLDER/types.parquet'
select ward, spo2 from 'FOLDER/vitals.parquet' except all select ward, spo2 from 'FOLDER/vitals.parquet' where id < 10000
select f64 from 'FOLDER/types.parquet' intersect select -f64 from 'FOLDER/types.parquet'
select p, (select count(*) from 'FOLDER/vitals.parquet' v where v.patient_id = p and v.spo2 < 90) from (select distinct patient_id as p from 'FOLDER/vitals.parquet') d
select patient_id, event_time, heart_rate from 'FOLDER/vitals.parquet' v where event_time = (select max(event_time) from 'FOLDER/vitals.parquet' w where w.patient_id = v.patient_id)
select id from 'FOLDER/types.parquet' t where u8 not in (select spo2 from 'FOLDER/vitals.parquet' v where v.id = t.id)
select a.id, b.id from 'FOLDER/types.parquet' a, 'FOLDER/types.parquet' b where a.id = b.u8 and b.i8 > 100 and a.flag
select distinct on (patient_id) patient_id, event_time, heart_rate from 'FOLDER/vitals.parquet' order by patient_id, event_time desc
select id, unnest([i8, u8, id]) from 'FOLDER/types.parquet' where id < 30
-- Each feature of the language once.
select id as a, id + 1 as b, a * 2 as c from 'FOLDER/types.parquet' where a < 10
select * exclude id from 'FOLDER/types.parquet' where id < 5
select * replace (id * 2 as id) from 'FOLDER/types.parquet' where id < 5
select t.* from 'FOLDER/types.parquet' t where t.id < 5
select t.id, v.* exclude (event_time) from 'FOLDER/types.parquet' t join 'FOLDER/vitals.parquet' v on t.id = v.id where t.id < 30
select ward, count(*) from 'FOLDER/vitals.parquet' group by ward order by 1 nulls first
select ward, count(*) from 'FOLDER/vitals.parquet' group by ward order by ward desc nulls last limit 3 offset 1
select ward, id % 3 as m, count(*) from 'FOLDER/vitals.parquet' group by all order by all
select ward, count(*) as n from 'FOLDER/vitals.parquet' group by ward having n > 10 order by n, ward
select distinct ward, is_alarm from 'FOLDER/vitals.parquet' order by 1, 2
select id from 'FOLDER/types.parquet' where id < 5 union select id from 'FOLDER/types.parquet' where id < 7
select id from 'FOLDER/types.parquet' where id < 5 union all select i64 from 'FOLDER/types.parquet' where id < 7
with a as (select id, ward from 'FOLDER/vitals.parquet' where id < 100), b as (select ward, count(*) n from a group by 1) select * from a join b using (ward)
with a as materialized (select 1 as x) select * from a
select (select max(id) from 'FOLDER/types.parquet') as m, count(*) from 'FOLDER/vitals.parquet'
select id from 'FOLDER/types.parquet' where id in (select id from 'FOLDER/vitals.parquet' where id % 100 = 0)
select id from 'FOLDER/types.parquet' t where exists (select 1 from 'FOLDER/vitals.parquet' v where v.id = t.id and v.heart_rate > 100)
select id from 'FOLDER/types.parquet' t where not exists (select 1 from 'FOLDER/vitals.parquet' v where v.id = t.id and v.heart_rate > 100)
select t.id, v.id from 'FOLDER/types.parquet' t left join 'FOLDER/vitals.parquet' v on t.id = v.id + 590
select t.id, v.id from 'FOLDER/types.parquet' t right join 'FOLDER/vitals.parquet' v on t.id = v.id + 590 where v.id < 20
select count(*) from 'FOLDER/types.parquet' a cross join 'FOLDER/types.parquet' b
select count(*) from 'FOLDER/types.parquet' a join 'FOLDER/types.parquet' b on a.id < b.id
select count(*) from 'FOLDER/types.parquet' a left join 'FOLDER/types.parquet' b on a.id < b.id and b.id < 10
select t.id, v.event_time from 'FOLDER/types.parquet' t asof left join 'FOLDER/vitals.parquet' v on t.id % 7 = v.spo2 and t.moment >= v.event_time where t.id < 9
select t.moment, v.id from (select timestamptz '2026-01-01 01:00:00+00' + interval 1 hour * i as moment from range(5) r(i)) t asof join 'FOLDER/vitals.parquet' v on t.moment >= v.event_time
select t.id from 'FOLDER/types.parquet' t semi join 'FOLDER/vitals.parquet' v on t.id = v.id * 2
select t.id from 'FOLDER/types.parquet' t anti join 'FOLDER/vitals.parquet' v on t.id = v.id * 2
select case when id < 2 then 'a' when id < 4 then 'b' end, case id when 1 then 'one' else 'other' end from 'FOLDER/types.parquet' where id < 6
select cast(id as varchar), id::double, try_cast(name as int), try_cast('12' as int), cast('2026-01-01' as date), cast(3.7 as int) from 'FOLDER/types.parquet' where id < 8
select id between 3 and 5, id not between 3 and 5, id in (1, 2, null), id not in (1, 2) from 'FOLDER/types.parquet' where id < 8
select name, name like 'P%', name ilike 'p0%', name not like '%a', name like '_' from 'FOLDER/types.parquet' where id < 20
select name like '10\%' escape '\', 'a_b' like 'a\_b' escape '\' from 'FOLDER/types.parquet' where id < 2
select name, name is distinct from 'a', name is not distinct from null from 'FOLDER/types.parquet' where id < 20
select flag is true, flag is not true, flag is false, flag is null, not flag from 'FOLDER/types.parquet' where id < 20
select id, row_number() over (order by id desc), rank() over (order by u8 % 3), dense_rank() over (order by u8 % 3), percent_rank() over (order by u8 % 3), cume_dist() over (order by u8 % 3), ntile(4) over (order by id) from 'FOLDER/types.parquet'
select id, lag(id) over (order by id), lead(id, 2, -1) over (order by id), first_value(id) over (partition by u8 % 3 order by id), last_value(id) over (partition by u8 % 3 order by id), nth_value(id, 2) over (partition by u8 % 3 order by id) from 'FOLDER/types.parquet'
select id, row_number() over (partition by ward order by id) as r from 'FOLDER/vitals.parquet' qualify r <= 2
select count(*), count(name), count(distinct name), sum(id), avg(id), min(name), max(name), median(f32), quantile_cont(f32, 0.3), quantile_disc(id, 0.3), stddev(id), stddev_pop(id), var_samp(id), variance(id), var_pop(id), corr(id, i8), covar_pop(id, i8), covar_samp(id, i8) from 'FOLDER/types.parquet'
select arg_min(id, i8), arg_max(name, id), min_by(id, i8), max_by(name, id), any_value(id > -1), product(1), bit_xor(id), bool_or(flag) from 'FOLDER/types.parquet'
select string_agg(distinct name, ',' order by name), group_concat(name, '-') from 'FOLDER/types.parquet' where id < 6
select approx_count_distinct(u8) between 230 and 270 from 'FOLDER/types.parquet'
select count(*) filter (where flag), sum(id) filter (id > 5), avg(id) filter (where false) from 'FOLDER/types.parquet'
select date_trunc('hour', event_time), date_trunc('week', event_time), date_trunc('quarter', moment) from 'FOLDER/vitals.parquet' v join 'FOLDER/types.parquet' t using (id) where id < 9
select date_part('hour', moment), date_part('dow', moment), date_part('doy', moment), date_part('epoch', moment), extract(year from moment), extract('minute' from moment), extract(isodow from day), extract(quarter from day), extract(millisecond from moment) from 'FOLDER/types.parquet'
select year(day), month(day), day(day), hour(moment), minute(moment), second(moment), dayofweek(day), dayofyear(day), week(day), quarter(day), epoch(moment), epoch_ms(moment) from 'FOLDER/types.parquet'
select time_bucket(interval '1 hour', moment), time_bucket(interval 2 days, day), time_bucket(interval 1 month, day) from 'FOLDER/types.parquet'
select abs(i8), sign(i8), round(f32), round(f32, 1), floor(f32), ceil(f32), trunc(f32), sqrt(abs(i8)), exp(1), ln(id + 1), log(id + 1), log10(id + 1), log2(id + 1), power(2, 3), id % 7, mod(id, 7), pi(), greatest(id, i8), least(id, i8, 3), i8 // 3, i8 / 3 from 'FOLDER/types.parquet'
select id, unnest(marks) as m from 'FOLDER/nested.parquet' where id < 50
select id, m from 'FOLDER/nested.parquet', unnest(marks) as u(m) where id < 50
select id, m from 'FOLDER/nested.parquet' cross join unnest(marks) u(m) where id < 50
select list_transform(marks, x -> x + 1), list_filter(marks, x -> x > 3) from 'FOLDER/nested.parquet' where id < 50
select count(*), min(filename) = max(filename) from read_parquet('FOLDER/vitals.parquet')
select count(*) from parquet_scan('FOLDER/vitals.parquet')
from 'FOLDER/types.parquet' where id < 3
from 'FOLDER/types.parquet' select id, name where id < 3 order by id
select file_row_number, id from read_parquet('FOLDER/vitals.parquet', file_row_number = true) where id between 4090 and 4100
select count(distinct filename) from read_parquet('FOLDER/v*.parquet', filename = true)
select generate_series from generate_series(1, 5)
select range from range(2, 10, 3)
select * from (values (1, 'a'), (2, 'b')) v(x, y)
values (1, 'a'), (2, 'b')
select 1 where false
select ward, avg(spo2) from 'FOLDER/vitals.parquet' where ward is not null group by ward order by avg(spo2) desc
select id::decimal(6, 2) / 3, price + 1, price * wide, price % 0.3, round(price, 1), cast(price as int), price::varchar from 'FOLDER/types.parquet' where id < 60
select typeof(id), typeof(price), typeof(name), typeof(moment), typeof(1.5), typeof(null) from 'FOLDER/types.parquet' where id < 2
select count(*) from 'FOLDER/vitals.parquet' where event_time > '2026-01-01 10:00:00+00'
select count(*) from 'FOLDER/types.parquet' where day = '2020-01-11' or day in ('2020-01-16', '2020-01-21')
select count(*) from 'FOLDER/types.parquet' where moment between timestamp '1970-01-02' and timestamp '1970-01-05'
select id, i8 from 'FOLDER/types.parquet' order by 2 desc, 1 limit 7
select max(id) - min(id) + count(*) * 2 from 'FOLDER/types.parquet' having count(*) > 0
select sum(count(*)) over (), ward from 'FOLDER/vitals.parquet' group by ward
select id, count(*) over (partition by ward), sum(count(*)) over (order by id) from 'FOLDER/vitals.parquet' where id < 20 group by id, ward
select a.id from 'FOLDER/types.parquet' a join 'FOLDER/types.parquet' b on a.id = b.id and a.i8 > b.u8 join 'FOLDER/vitals.parquet' v on v.id = b.id where v.ward = 'W1'
select count(*) from (select id from 'FOLDER/types.parquet' limit 10 offset 595)
select name, count(*) from 'FOLDER/types.parquet' group by name order by count(*) desc, name limit 3
select count(*) from 'FOLDER/types.parquet' where name > 'Z' and name < 'ä'
select trunc(2.7), sign(-3), round(2.5), round(-2.5), 7 // 2, -7 // 2, -7 % 3, 7 / 2, 5 % 0, 5 / 0, 5 // 0
select day::timestamp, moment::date, moment::varchar, day::varchar, event_time::varchar from 'FOLDER/types.parquet' t join 'FOLDER/vitals.parquet' v using (id) where id < 9
describe 'FOLDER/types.parquet'
describe select id, name from 'FOLDER/types.parquet'
select id, sum(i8) over w, count(*) over (w rows 2 preceding) from 'FOLDER/types.parquet' window w as (partition by u8 % 3 order by id)
select id, sum(id) over (order by day range between interval 10 days preceding and interval 5 days following) from 'FOLDER/types.parquet'
select id, count(*) over (order by f32 desc nulls first range between 1.5 preceding and 0.5 following) from 'FOLDER/types.parquet'
select id, max(id) over (order by u8 % 7 groups between 1 preceding and 1 following exclude ties) from 'FOLDER/types.parquet'
select id, lag(name ignore nulls) over (order by id), last_value(name ignore nulls) over (order by id), nth_value(name, 2 ignore nulls) over (order by id) from 'FOLDER/types.parquet'
select id, median(i8) over (order by id rows 4 preceding), count(distinct u8 % 3) over (order by id rows 4 preceding), sum(id) filter (where flag) over (order by id) from 'FOLDER/types.parquet'
select regexp_matches(name, '^[PZ]'), regexp_extract(name, '([A-Z])(\d+)', 2), regexp_replace(name, '[0-9]', '#', 'g'), regexp_full_match(name, '.') from 'FOLDER/types.parquet' where id < 40
select regexp_replace('aaa', 'a|', 'x', 'g'), regexp_replace('abc', '', '-', 'g'), regexp_extract('foobar', 'o*?b'), regexp_extract('x' || chr(10) || 'y', 'x.y'), 'ab' similar to 'a', regexp_matches('K', 'k', 'i')
select strftime(moment, '%Y-%m-%dT%H:%M:%S.%f %a %A %b %B %d %-d %j %U %W %u %w %y %I %p %g %%') from 'FOLDER/types.parquet' where id < 90
select strptime('2026-03-04 05:06:07', '%Y-%m-%d %H:%M:%S'), try_strptime('x', '%Y'), make_timestamp(2026, 1, 2, 3, 4, 5.25)
select event_time at time zone 'UTC', timestamp '2026-01-01 10:00:00' at time zone 'Etc/GMT+5' from 'FOLDER/vitals.parquet' where id < 4
select position('0' in name), substring(name from 2 for 3), substring(name from 2), trim(both 'P' from name), trim(leading '0' from name), trim(trailing from name) from 'FOLDER/types.parquet' where id < 40
select marks[2:3], marks[:-2], marks[2:], name[2:4] from 'FOLDER/nested.parquet' n join 'FOLDER/types.parquet' t using (id) where id < 60
select len(marks), list_contains(marks, 3), list_sum(marks), list_min(marks), list_avg(marks), list_sort(marks), list_reverse(marks), list_position(marks, 4) from 'FOLDER/nested.parquet' where id < 60
select ward, list(id order by id desc), array_agg(spo2 order by id) from 'FOLDER/vitals.parquet' where id < 60 group by ward
select s.* from (select {'a': id, 'b': name} as s from 'FOLDER/types.parquet' where id < 9)
select string_split('a,b,,c', ','), array_to_string(['a', 'b'], '-'), list_concat([1, 2], [3])
select count(*) from read_parquet(['FOLDER/vitals.parquet', 'FOLDER/vitals.parquet'])
select id, name, ward from read_parquet(['FOLDER/types.parquet', 'FOLDER/vitals.parquet'], union_by_name = true) where id < 5
