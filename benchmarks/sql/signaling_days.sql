-- Event files to groups of cells, day by day. Needs the tables files, network and days, and the macros of the
-- rule numbers.
--
-- An event is one BIGINT whose order is that of the model: user 24 bits, service day 5, second of the day 17, cell 16
-- (its code + 2: 0 abroad, 1 no cell), 1 where the cell is unknown or out of service. The events are sorted once; what
-- needs a neighbour asks `lag` and `lead` over (), which DuckDB answers as it streams the rows, without sorting again.
-- A last key greater than every event ends the last run. Where such rows are joined before, the optimizer must not turn
-- the join round, or they would come in another order.

create macro last_key() as 9223372036854775806;
create macro user_day(k) as k >> 34;
create macro second_of(k) as (k >> 17) & 131071;
create macro cell_of(k) as ((k >> 1) & 65535) - 2;
create macro seconds_between(k, l) as (l >> 17) - (k >> 17);
create macro parts(k, l) as user_day(k) <> user_day(l) or cell_of(k) <> cell_of(l)
    or (seconds_between(k, l) > stay_gap_s() and cell_of(l) <> -2);
create macro far(x1, y1, x2, y2) as sqrt((x1 - x2) * (x1 - x2) + (y1 - y2) * (y1 - y2));
create macro one_place(x1, y1, r1, x2, y2, r2) as coalesce(
    far(x1, y1, x2, y2) <= greatest(same_place_m(), least(touch_share() * (r1 + r2), touch_limit_m())), false);
create macro too_fast(x1, y1, r1, x2, y2, r2, seconds) as coalesce(
    far(x1, y1, x2, y2) - r1 - r2 > greatest(min_jump_m(), max_speed_m_s() * seconds), false);

create table sites as
select code::bigint as code, x, y, radius_m as r from network union all
values (-2, null, null, 0), (65533, null, null, 0) order by code;

-- The code of a cell id on the days `chosen` (one bit each): of its row in service, else of its last one.
create table codes as
with served as (
    select cell_id, code, d, valid_from <= date and (valid_to is null or valid_to >= date) as active, valid_from
    from network cross join days),
chosen as (select cell_id, d, max_by(code, (active, valid_from, code)) as code from served group by all)
select cell_id as cell, code, bit_or(1::bigint << d) as chosen,
    any_value(service.served) as active
from chosen join (
    select code, coalesce(bit_or(1::bigint << d) filter (active), 0) as served from served
    group by code) service using (code)
group by all;

create table people as
select user, row_number() over () - 1 as u, any_value(mcc) as mcc, any_value(home_province) as home_province
from read_parquet(getvariable('files')) where user is not null group by user;

create table events as
with placed as (
    select u, epoch_us(time) // 1000000 - start_s() as t, chosen,
        case when serving_mcc <> home_mcc() then -2 else coalesce(code, -1) end as c, active
    from read_parquet(getvariable('files'), filename = true) e
    join people using (user) join files using (filename)
    left join codes on codes.cell = e.cell and (chosen >> files.d) & 1 = 1
    where time >= files.low and time < files.high)
select (((((u * 32 + t // 86400) * 131072 + t % 86400) * 65536) + c + 2) * 2
    + (c = -1 or (c >= 0 and (active >> (t // 86400)) & 1 = 0))::bigint) as k
from placed union all select last_key() order by k;

-- Runs of one cell among the events that are kept: first and last event, and the number of the first. Repeats and
-- second cells of one second are behind the event that is kept. A silence too long for a group parts a run.
create table runs as
with usable as (select k, lag(k, 1, -1) over () as p from events where k & 1 = 0),
kept as (
    select k, lag(k, 1, -1) over () as p, row_number() over () as n from usable where k >> 17 <> p >> 17),
starts as (select k as s, p, n from kept where parts(p, k))
select s, coalesce(lead(p) over (), s) as e, n from starts;

-- Impossible speed. An event with a neighbour in the same cell is never too fast, so only runs of one event can be;
-- where several follow each other, each is held against the last one kept: one step after the other.
set disabled_optimizers = 'join_order,build_side_probe_side';
create table jumps as
with placed as (select row_number() over () as i, s, e, n, x, y, r from runs join sites on code = cell_of(s)),
beside as (
    select *, lead(n) over () - n = 1 as single, lag(e) over () as pe, lag(x) over () as px, lag(y) over () as py,
        lag(r) over () as pr, user_day(s) = user_day(lead(s) over ()) and too_fast(
            x, y, r, lead(x) over (), lead(y) over (), lead(r) over (), seconds_between(e, lead(s) over ())) as leaves
    from placed),
judged as (
    select *, lag(leaves, 1, false) over () as reached, lag(leaves and single, 1, false) over () as open from beside)
select i, s, n, x, y, r, pe, px, py, pr, reached, open from judged where leaves and single;
reset disabled_optimizers;

create table impossible as
with recursive walk as (
    select i, n, reached as hit, if(reached, pe, s) as bs, if(reached, px, x) as bx, if(reached, py, y) as bz,
        if(reached, pr, r) as br
    from jumps where not open
    union all
    select i, n, hit, if(hit, bs, s), if(hit, bx, x), if(hit, bz, y), if(hit, br, r)
    from (
        select j.i, j.n, too_fast(bx, bz, br, x, y, r, seconds_between(bs, s)) as hit, s, x, y, r, bs, bx, bz, br
        from walk join jumps j on j.i = walk.i + 1))
select i, n from walk where hit;

create table plausible as
with kept as (
    select s, e, n, lag(e, 1, -1) over () as p
    from (select row_number() over () as i, * from runs) where i not in (select i from impossible)),
starts as (select s, p, e, n from kept where parts(p, s))
select s, coalesce(lead(p) over (), e) as e, n from starts;

-- Ping-pong. A run bounces where it goes back to the cell before the last one, soon enough and for no real visit;
-- consecutive bounces swing between the same two cells, and the chain begins with one or both of the runs before them.
create table bounces as
with beside as (
    select row_number() over () as i, s, e, lag(s) over () as s1, lag(e) over () as e1, lag(s, 2) over () as s2,
        lag(e, 2) over () as e2
    from plausible),
bounced as (
    select i, cell_of(s) as a, cell_of(s1) as b, seconds_between(e2, s1) <= pingpong_gap_s() as near_before,
        lag(i, 1, -9) over () as last
    from beside
    where user_day(s) = user_day(s2) and cell_of(s) = cell_of(s2) and seconds_between(e1, s) <= pingpong_gap_s()
        and seconds_between(s, e) < visit_s() and seconds_between(s1, s) < visit_s())
select i as low, lead(last, 1, (select max(i) from bounced)) over () as high, a, b, near_before
from bounced where i - last <> 1;

-- A chain that takes the run before the last one of another chain's end may not begin there: a swing of one bounce
-- whose first run is taken is none, which gives that run free to the next one, and so on.
create table chains as
with beside as (
    select row_number() over (order by low) as swing, bounces.*,
        coalesce(far(p.x, p.y, q.x, q.y) <= p.r + q.r, false) as touching,
        lag(high, 1, -9) over (order by low) = low - 2 as follows
    from bounces join sites p on p.code = a join sites q on q.code = b),
fixed as (
    select *, not (touching and low = high and near_before and follows) as sure,
        touching and (low < high or near_before) as whole
    from beside),
anchored as (
    select *, max(if(sure, swing, null)) over w as at_swing, max_by(whole, if(sure, swing, null)) over w as at_whole
    from fixed window w as (order by swing rows unbounded preceding)),
valid as (
    select *, if((swing - at_swing) % 2 = 0, at_whole, not at_whole) as valid from anchored)
select swing, low, high,
    if(near_before and not (follows and lag(valid, 1, false) over (order by swing)), low - 2, low - 1) as first
from valid qualify valid;

-- The cell with less dwell loses its runs: of a chain's two cells the second one where they are equal. A first run that
-- a long silence parted from one of the same cell counts from there.
create table swung as
with timed as (
    select row_number() over () as i, s, e, n, lag(s) over () as s1, lead(s) over () as next_s,
        lead(n) over () as next_n
    from plausible),
members as (select swing, first, high, unnest(range(first, high + 1)) as i from chains),
dwell as materialized (
    select swing, i, n, next_n, (i - first) % 2 as second, if(i = high, seconds_between(s, e), seconds_between(
        if(user_day(s) = user_day(s1) and cell_of(s) = cell_of(s1), s1, s), next_s)) as seconds
    from timed join members using (i)),
losing as (select swing, (sum(if(second = 0, seconds, -seconds)) >= 0)::int as second from dwell group by swing)
select i, n, next_n from dwell join losing using (swing, second);

create table visits as
with kept as (
    select s, e, lag(e, 1, -1) over () as p from (select row_number() over () as i, s, e from plausible)
    where i not in (select i from swung)),
starts as (select s, p, e from kept where parts(p, s))
select s, coalesce(lead(p) over (), e) as e from starts;

-- Groups: runs whose cells are all one place to each other, greedily. A block ends where a group must end: another
-- user-day, a long silence, a cell that is not one place with the one before.
set disabled_optimizers = 'join_order,build_side_probe_side';
create table steps as
with placed as (select s, e, cell_of(s) as c, x, y, r from visits join sites on code = cell_of(s)),
cut as (
    select s, e, c, not (user_day(s) = lag(user_day(s), 1, -1) over ()
        and seconds_between(lag(e) over (), s) <= if(c = -2, abroad_gap_s(), stay_gap_s())
        and (c = lag(c) over () or one_place(
            x, y, r, lag(x) over (), lag(y) over (), lag(r) over ()))) as begins
    from placed),
numbered as (
    select row_number() over () as i, s, e, c, begins, count(*) filter (begins) over (rows unbounded preceding) as block
    from cut)
select *, block = lag(block, 2, -1) over () and c <> lag(c, 2) over () as third from numbered;
reset disabled_optimizers;

-- A block of one or two cells is one group. In the others two cells may be far from each other, or be too many: where a
-- group that begins after `above` and not after `upto` may not take run i.
create table crowded as
select distinct block, c from steps where block in (select block from steps where third);

create table apart as
select a.block, a.c, b.c as other
from crowded a join crowded b using (block) join sites p on p.code = a.c join sites q on q.code = b.c
where a.c <> b.c and not one_place(p.x, p.y, p.r, q.x, q.y, q.r);

create table refused as
select block, j.i, -1 as above, max(k.i) as upto
from steps j join apart using (block, c) join steps k on k.block = j.block and k.c = apart.other and k.i < j.i
group by block, j.i;

insert into refused
with many as (select block from crowded group by block having count(*) > most_cells()),
past as (
    select j.block, j.i, k.c = j.c as own, max(k.i) as last
    from steps j join steps k on k.block = j.block and k.i < j.i
    where j.block in (from many) group by j.block, j.i, k.c, j.c),
ranked as (
    select *, row_number() over (partition by i, own order by last desc) as rank,
        max(if(own, last, -1)) over (partition by i) as above
    from past)
select block, i, above, last from ranked where not own and rank = most_cells() and last > above;

create table starts as
with recursive walk as (
    select block, min(i) as i from steps where block in (select block from refused) group by block
    union all
    select block, min(r.i) from walk join refused r using (block)
    where r.i > walk.i and walk.i > above and walk.i <= upto group by block)
select i from walk;

-- The cell with the most dwell stands for a group: half the silence to its neighbours counts for either cell.
create table groups as
with parted as (
    select s, e, c, begins or i in (select i from starts) as begins, seconds_between(lag(e) over (), s) as before
    from steps),
sided as (
    select s, e, c, begins, 2 * seconds_between(s, e) + if(begins, 0, before)
        + coalesce(lead(if(begins, 0, before)) over (), 0) as dwell
    from parted),
numbered as (select s, e, c, dwell, count(*) filter (begins) over (rows unbounded preceding) as g from sided),
cells as (select g, c, min(s) as s, max(e) as e, sum(dwell) as dwell from numbered group by g, c)
select min(s) as s, max(e) as e, max_by(c, dwell * 65536 - c) as c from cells group by g order by s;
