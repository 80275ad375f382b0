-- Homes and workplaces of a period by the profile cq-service-pop, from the spans of every user-day.

-- Seconds of the night and of the working hours from the start to a second: both windows lie at fixed seconds of a
-- service day, the night at its beginning and at its end.
create macro night_until(t) as t // 86400 * (night_end() + 86400 - night_start())
    + least(t % 86400, night_end()) + greatest(t % 86400 - night_start(), 0);
create macro work_until(t) as t // 86400 * (work_end() - work_start())
    + least(greatest(t % 86400 - work_start(), 0), work_end() - work_start());

create table stays as
with daily as (
    select u, place, d, greatest(t0, d * 86400) as t0, least(t1, (d + 1) * 86400) as t1
    from (select *, unnest(range(t0 // 86400, (t1 - 1) // 86400 + 1)) as d from spans where place <> -3))
select u, d, place, sum(t1 - t0) as seconds, sum(night_until(t1) - night_until(t0)) as night,
    sum(work_until(t1) - work_until(t0)) as work, min(t0 % 86400) // 3600 as first_hour,
    max((t1 - 1) % 86400) // 3600 as last_hour
from daily group by u, d, place;

-- Cells of a user, longest first. A cell that is one place with a longer one that stands for itself stands for none:
-- one cell after the other, for whether the longer one stands for itself depends on those before it.
create table cells as
select u, c, rank, x, y, r
from (select u, place as c, row_number() over (partition by u order by sum(seconds) desc, place) as rank
      from stays where place >= 0 group by u, place) join sites on code = c;

create table places as
with recursive near as (
    select a.u, a.rank, list(b.rank order by b.rank) as before
    from cells a join cells b on b.u = a.u and b.rank < a.rank and one_place(a.x, a.y, a.r, b.x, b.y, b.r)
    group by all),
walk as (
    select u, 1::bigint as rank, [1::bigint] as leaders, 1::bigint as place from cells where rank = 1
    union all
    select u, rank, if(place is null, list_append(leaders, rank), leaders), coalesce(place, rank)
    from (
        select w.u, c.rank, leaders, list_filter(before, lambda k: list_contains(leaders, k))[1] as place
        from walk w join cells c on c.u = w.u and c.rank = w.rank + 1
        left join near n on n.u = c.u and n.rank = c.rank))
select u, place, c from walk join cells using (u, rank);

-- Seconds of a user-day by place, and where its night and its working hours were spent.
create table dwell as
select s.u, d, p.place, sum(night) as night, sum(work) as work
from stays s join places p on p.u = s.u and p.c = s.place group by all;

create table best as
select u, d, workday, max_by(place, (night, -place)) as night_place, max(night) >= night_min_s() as slept,
    max_by(place, (work, -place)) as work_place, workday and max(work) >= work_min_s() as worked
from dwell join days using (d) group by u, d, workday;

create table tally as
with summed as (
    select u, place, sum(night) as night_s, coalesce(sum(work) filter (workday), 0) as work_s
    from dwell join days using (d) group by all),
nights as (
    select u, night_place as place, count(*) as nights, count(*) filter (not workday) as free_nights
    from best where slept group by all),
works as (select u, work_place as place, count(*) as workdays from best where worked group by all)
select u, place, c, x, y, night_s, work_s, coalesce(nights, 0) as nights, coalesce(free_nights, 0) as free_nights,
    coalesce(workdays, 0) as workdays
from summed join (select u, rank as place, c, x, y from cells) using (u, place)
left join nights using (u, place) left join works using (u, place);

-- User-days by the local hours they have an event in; where few have one in the small hours, nobody has a home.
create table heard as
with hourly as (select user_day(k) as user_day, second_of(k) // 3600 as piece from events where k < last_key()),
beside as (
    select user_day, piece, lag(user_day, 1, -1) over () as last_day, lag(piece, 1, -1) over () as last_piece
    from hourly)
select (piece + 4) % 24 as hour, user_day from beside where user_day <> last_day or piece <> last_piece;

create table coverage as
select count(distinct user_day) as user_days,
    count(distinct user_day) filter (hour >= from_hour() and hour < to_hour()) as by_night,
    coalesce(by_night >= min_share() * user_days, true) as sufficient
from heard;

-- What is seen of a user, and the nights without a place between an evening and a morning in the city.
create table seen as
with named as (
    select stays.*, place >= 0 and technology <> 'roaming' as inside, place = -2 or technology = 'roaming' as away
    from stays left join network on code = place),
daily as (
    select u, d, workday, sum(night) >= night_min_s() as night_seen, workday and sum(work) >= work_min_s() as day_seen,
        sum(seconds) as known_s, min(first_hour) filter (inside) as first_in,
        min(first_hour) filter (away) as first_away, max(last_hour) filter (inside) as last_in,
        max(last_hour) filter (away) as last_away
    from named join days using (d) group by u, d, workday),
judged as (
    select daily.*, first_in < morning_to_hour() - 4 and first_in <= coalesce(first_away, 99) as morning,
        last_in >= evening_from_hour() - 4 and last_in >= coalesce(last_away, -1) and not coalesce(slept, false)
            as evening
    from daily left join best using (u, d)),
followed as (
    select *, morning and lag(evening) over w and lag(d) over w = d - 1 as between_days
    from judged window w as (partition by u order by d))
select u, count(*) filter (night_seen) as observed_nights, count(*) filter (day_seen) as observed_workdays,
    sum(known_s) as known_s, count(*) filter (between_days) as nights_between
from followed group by u;

create table labels as
with nights as (
    select u, sum(nights) as slept, arg_max(tally, (nights, night_s, -place)) filter (nights > 0) as n,
        arg_max(tally, (workdays, work_s, -place)) filter (workdays > 0) as q
    from tally group by u),
judged as (
    select u, coalesce(slept, 0) + nights_between as nights, observed_nights, observed_workdays, known_s,
        if(sufficient and observed_nights >= min_observed_nights(), n, null) as n, q, sufficient
    from seen left join nights using (u) cross join coverage),
decided as (
    select *, case when not sufficient or nights < short_nights() then 'passing'
            when nights < resident_nights() then 'short' else 'resident' end as resident_class,
        coalesce(q.place <> n.place and q.free_nights > n.free_nights and q.workdays >= work_min_days()
            and far(q.x, q.y, n.x, n.y) > work_min_distance_m(), false) as by_day
    from judged),
work as (
    select u, arg_max(t.c, (workdays, work_s, -place)) as c
    from decided join tally t using (u)
    where workdays >= work_min_days() and observed_workdays >= work_min_days()
        and far(t.x, t.y, n.x, n.y) > work_min_distance_m()
    group by u)
select u, if(by_day, q.c, n.c) as home_cell, if(by_day, n.c, work.c) as work_cell,
    case when n is null then 'unknown' when by_day then 'night_worker'
        when resident_class <> 'resident' then 'short_stay'
        when n.nights >= home_min_nights() and n.nights >= home_min_share() * observed_nights then 'home'
        else 'ambiguous' end as home_class,
    case when n is null then 'unknown' when by_day or work.c is not null then 'work'
        when observed_workdays < work_min_days() then 'unknown' else 'none' end as work_class,
    coalesce(resident_class, 'passing') as resident_class, coalesce(nights, 0) as nights,
    coalesce(observed_nights, 0) as observed_nights, coalesce(if(by_day, q.nights, n.nights), 0) as home_nights,
    coalesce(known_s, 0) as known_s
from (select distinct k >> 39 as u from events where k < last_key())
left join decided using (u) left join work using (u);

-- Days on which a user was heard here, and at the place elsewhere with the most such days, abroad before low codes.
create table elsewhere as
with named as (
    select u, d, place, night, coalesce(technology = 'roaming', true) as away
    from stays left join network on code = place where place <> -1),
days_away as (select u, place, count(*) as days from named where away group by u, place),
longest as (
    select u, max(days) as days_elsewhere, arg_max(place, (days, -place)) as elsewhere from days_away group by u),
here as (
    select u, count(distinct d) filter (not away) as days_here,
        count(distinct d) filter (not away and night > 0) as nights_heard,
        coalesce(max(nth) filter (not away) - min(nth) filter (not away), 0) as span_nights
    from named join (select d, row_number() over (order by d) as nth from days) using (d) group by u)
select u, days_here, nights_heard, span_nights, coalesce(days_elsewhere, 0) as days_elsewhere, elsewhere
from here left join longest using (u);

-- Who may have spent the nights of a resident here, of which too little was heard, is neither resident nor visitor.
create table stayed as
select u, case when resident_class <> 'resident'
        and least(span_nights, nights + greatest(span_nights - observed_nights, 0)) >= resident_nights()
        and (known_s < known_hours() * 3600 * days_here or days_here >= resident_nights())
        and nights_heard >= night_share() * days_here and days_elsewhere < days_here then 'undetermined' else resident_class end as resident_class
from labels left join elsewhere using (u);
