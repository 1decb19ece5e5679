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
