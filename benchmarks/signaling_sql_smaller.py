"""A smaller signaling model in DuckDB SQL, in few plain statements: one cell a stay, no footprints.

One event per user and second; ping-pong A-B-A within 60 s dropped; runs of the same cell, broken by a silence above
4 h, that last until the next run; homes by dwell from 21 to 07, workplaces by dwell from 9 to 17 on Monday to Friday,
both over runs of 10 minutes and more; seconds by cell and hour; users by pair of home and workplace. Left out of it:
dated networks, unknown and retired cells, impossible speed, touching footprints, stays of several cells, travel and
unknown time, nights and working days counted as days, kinds of residents, weights, journeys, visits, and that each day
sums to its length.
"""

from __future__ import annotations

from typing import Any

UTC8 = 28_800

EVENTS = """create table ev as
select hash(user) u, epoch(time)::bigint t, hash(cell) c from read_parquet('{files}')
where user is not null and time is not null and cell is not null and serving_mcc = 460"""

RUNS = """create table runs as with
d as (select u, t, min(c) c from ev group by all),
p as (select *, lag(c) over w pc, lead(c) over w nc, lag(t) over w pt, lead(t) over w nt
      from d window w as (partition by u order by t)),
k as (select u, t, c from p where not coalesce(pc = nc and c <> pc and nt - pt <= 60, false)),
g as (select u, t, c, lag(c) over w pc, lag(t) over w pt, lead(t) over w nt
      from k window w as (partition by u order by t)),
b as (select u, t, c, pt, nt, (pc is null or pc <> c or t - pt > 14400) begins from g),
s as (select u, c, begins, t t0, lead(t) over w next_t, lead(pt) over w next_pt
      from b where begins or nt is null window w as (partition by u order by t))
select u, c, t0, coalesce(case when next_t - next_pt > 14400 then next_pt else next_t end, t0) t1 from s where begins"""

NIGHT = "(({t}+28800)//86400*36000 + least(({t}+28800)%86400, 25200) + greatest(({t}+28800)%86400-75600, 0))"
_WEEK = "({t}+28800+259200)"
WORK = (
    f"({_WEEK}//604800*144000 + least({_WEEK}%604800//86400, 5)*28800 + case when {_WEEK}%604800//86400 < 5 "
    f"then least(greatest({_WEEK}%86400-32400, 0), 28800) else 0 end)"
)
DWELL = """create table dwell as select u, c, sum({night1}-{night0}) nd, sum({work1}-{work0}) wd
from runs where t1 - t0 >= 600 group by all"""

REST = (
    "create table home as select u, arg_max(c, nd) c from dwell where nd > 0 group by u",
    "create table work as select u, arg_max(c, wd) c from dwell where wd > 0 group by u",
    "create table pairs as select h.c h, w.c w, count(*) n from home h join work w using (u) group by all",
    """create table present as
    select c, h % 24 as hour, sum(least(t1+28800, (h+1)*3600) - greatest(t0+28800, h*3600)) as s
    from (select c, t0, t1, unnest(range((t0+28800)//3600, (t1+28799)//3600+1)) h from runs where t1 > t0)
    group by all""",
)


def run(connection: Any, files: str) -> dict[str, int]:
    """Compute everything in a connection; gives the number of homes, workplaces and rows of presence."""
    connection.execute(EVENTS.format(files=files))
    connection.execute(RUNS)
    parts = {f"{name}{k}": sql.format(t=f"t{k}") for name, sql in (("night", NIGHT), ("work", WORK)) for k in (0, 1)}
    connection.execute(DWELL.format(**parts))
    for statement in REST:
        connection.execute(statement)
    return {
        name: connection.execute(f"select count(*) from {name}").fetchone()[0] for name in ("home", "work", "present")
    }
