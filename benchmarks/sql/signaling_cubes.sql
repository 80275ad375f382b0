-- Sums over users: presence by place, hour and type of day, people, visits, journeys, and what the events were.

create table persons as
select labels.* replace (stayed.resident_class as resident_class), 1.0::double as weight,
    case when mcc <> home_mcc() then 'international' when home_province <> city_province() then 'inter_provincial'
        else 'intra_city' end as origin
from labels join people using (u) join stayed using (u);

-- A resident's days are averaged over the time that is known of them, a visitor's over all days of the type.
create table user_hours as
select u, place, hour, workday, sum(seconds) as seconds from hours join days using (d) group by u, place, hour, workday;

create table presence as
with known as (
    select u, hour, workday, sum(seconds) filter (place <> -3) as known, sum(seconds) as observed
    from user_hours group by all),
lengths as (select workday, 3600.0 * count(*) as length from days group by workday)
select place, hour, workday, sum(weight * seconds / case when resident_class <> 'resident' then length
        when known > 0 then known else observed end) as persons, count(*) as devices
from user_hours join known using (u, hour, workday) join persons using (u) join lengths using (workday)
where resident_class <> 'undetermined' and not (resident_class = 'resident' and place = -3 and coalesce(known, 0) > 0)
group by place, hour, workday;

create table sums as
select home_cell, work_cell, resident_class, origin, sum(weight) as persons, sum(weight ** 2) as squares,
    count(*) as devices
from persons group by all;

create table guests as
with own as (
    select u, zone, origin, sum(weight * seconds) as seconds
    from user_hours join network on code = place join persons using (u)
    where resident_class in ('passing', 'short') and zone >= 0 group by all)
select zone, origin, sum(seconds / whole) as persons, sum((seconds / whole) ** 2) as squares, count(*) as devices
from own cross join (select 86400.0 * count(*) as whole from days) group by all;

-- Journeys between two stays of a day, by zones, hour of start, purpose, distance band and type of day.
create table journeys as
with moved as (
    select u, d, c, lag(c) over () as from_c, lag(e) over () as begin,
        lag(u) over () = u and lag(d) over () = d as same_day
    from stretches where stay and c >= 0),
placed as (
    select u, d, b.zone as to_zone, a.zone as from_zone, begin, b.x, b.y, b.radius_m as r,
        far(a.x, a.y, b.x, b.y) as reach
    from moved join network a on a.code = from_c join network b on b.code = c where same_day and reach >= trip_m()),
named as (
    select m.*, workday, case
            when one_place(m.x, m.y, m.r, h.x, h.y, h.r) then 'return'
            when one_place(m.x, m.y, m.r, w.x, w.y, w.r) then 'commute' else 'other' end as purpose, weight
    from placed m join days using (d) join persons p using (u)
    left join sites h on h.code = home_cell left join sites w on w.code = work_cell
    where resident_class <> 'undetermined'),
own as (
    select from_zone, to_zone, (begin // 3600 + 4) % 24 as hour, purpose,
        case when reach < 2000 then 500 when reach < 10000 then 2000 when reach < 50000 then 10000 else 50000 end
            as band_m, workday, u, sum(weight) as persons
    from named group by all)
select from_zone, to_zone, hour, purpose, band_m, workday, sum(persons) / any_value(days) as persons,
    count(*) as devices
from own join (select workday, count(*) as days from days group by workday) using (workday)
group by from_zone, to_zone, hour, purpose, band_m, workday;

-- Events by what became of them.
create table quality as
with beside as (select k, lag(k, 1, -1) over () as p from events where k < last_key()),
counted as (
    select count(*) as rows, count(*) filter (k = p) as repeated,
        count(*) filter (k <> p and cell_of(k) = -1) as unknown_cell,
        count(*) filter (k <> p and k & 1 = 1 and cell_of(k) >= 0) as inactive_cell from beside),
kept as (select max(n) - 1 as kept from runs),
jumped as (select count(*) as impossible_speed from impossible),
jumped_inside as (
    select count(*) as inside from impossible asof join swung on impossible.n >= swung.n where impossible.n < next_n),
swinging as (select coalesce(sum(next_n - n), 0) as swinging from swung)
select rows, repeated, unknown_cell, inactive_cell, rows - repeated - unknown_cell - inactive_cell - kept as same_time,
    impossible_speed, swinging - inside as ping_pong, kept - impossible_speed - ping_pong as ok
from counted, kept, jumped, jumped_inside, swinging;
