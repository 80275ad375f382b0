-- Groups of cells to the seconds of every user-day, and to homes and workplaces. Times are seconds since 04:00 of the
-- first day; places are cell codes, -1 on the way, -2 abroad, -3 unknown.

create macro since_start(k) as ((k >> 34) & 31) * 86400 + ((k >> 17) & 131071);

-- A group with the parts of the silences around it that are its own, and what the rest of the next silence is. Between
-- two days the rules are those of a day, but for one place at both ends.
set disabled_optimizers = 'join_order,build_side_probe_side';
create table stretches as
with placed as (
    select s >> 39 as u, (s >> 34) & 31 as d, since_start(s) as s, since_start(e) as e, c, x, y, r,
        seconds_between(s, e) >= stay_s() as stay
    from groups join sites on code = c where s < last_key()),
beside as (
    select *, lead(d) over () - d as days, lead(s) over () - e as gap, lead(stay) over () as next_stay,
        lead(c) over () as next_c, lead(x) over () as next_x, lead(y) over () as next_y, lead(r) over () as next_r,
        lead(u) over () as next_u, lag(u, 1, -1) over () as last_u, lag(d, 1, -1) over () as last_d
    from placed),
ruled as (
    select u, d, s, e, c, stay, last_u <> u or last_d < d - 1 as opens,
        coalesce(next_u = u and days <= 1, false) as goes_on, gap, next_stay,
        days = 1 and gap <= if(c = -2, abroad_gap_s(), stay_gap_s())
            and (c = next_c or one_place(x, y, r, next_x, next_y, next_r)) as joined,
        if(c = next_c, 0, least(gap, coalesce(floor(far(x, y, next_x, next_y) / travel_m_s()), 1e12)))::bigint as travel
    from beside),
shared as (
    select *, case when not goes_on or joined then 0 when gap > move_gap_s() then least(pad_s(), gap // 2)
        when stay and next_stay then (gap - travel) // 2 else gap - travel end as own,
        case when joined then c when gap > move_gap_s() then -3 else -1 end as rest
    from ruled),
given as (
    select *, if(stay, own, 0) as after, case when not coalesce(next_stay, false) then 0
        when stay and not joined and goes_on and gap <= move_gap_s() then gap - travel - own else own end as next_before
    from shared)
select u, d, stay, c, opens, s - if(opens, 0, lag(next_before, 1, 0) over ()) as s, e + after as e, goes_on,
    if(goes_on, e + gap - next_before, (d + 1) * 86400) as until, if(goes_on, rest, -3) as rest
from given;
reset disabled_optimizers;

create view spans as
select u, s as t0, e as t1, if(stay or c = -2, c, -1) as place from stretches where e > s union all
select u, e, until, rest from stretches where until > e union all
select u, d * 86400, s, -3 from stretches where opens and s > d * 86400;

-- Seconds of user x day x place x local hour, the rows of the model where they are summed by all four.
create view hours as
with parted as (select *, unnest(range(t0 // 3600, (t1 - 1) // 3600 + 1)) as piece from spans)
select u, piece // 24 as d, place, (piece + 4) % 24 as hour,
    least(t1, (piece + 1) * 3600) - greatest(t0, piece * 3600) as seconds
from parted;
