/* The time bar: play, step, speed, slider, day. A new period is written to map-period only; no request goes to a page,
   but for the bars of another day. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  const SPEEDS = [1, 2, 4, 0.5], STEP_MS = 1000, SLOWEST_MS = 6000;
  let axis = null, current = null, speed = 1, timer = null, asked = 0, told = null;

  const index = function () { return axis ? Math.max(0, axis.periods.indexOf(current)) : 0; };
  const dayOf = function (period) { return String(period).split('-')[0]; };

  /* First period and number of periods of the slider: all, or the hours of the day that is shown. */
  function span() {
    if (!axis.days.length) return [0, axis.periods.length];
    const own = axis.periods.filter(function (period) { return dayOf(period) === dayOf(axis.periods[index()]); });
    return [axis.periods.indexOf(own[0]), own.length];
  }

  /* The day that is shown, where it is another one than before: bars are asked for only then. */
  function turned() {
    const day = dayOf(current);
    if (!axis.days.length || day === told) return dc.no_update;
    told = day;
    return day;
  }

  /* The period so many steps on, round the end of the slider. */
  function step(by) {
    const at = span();
    return at[0] + (index() - at[0] + at[1] + by) % at[1];
  }

  const write = function (i) { dc.set_props('map-period', {data: axis.periods[i]}); };

  function show() {
    if (!axis) return;
    const i = index(), label = axis.labels[i], first = span()[0];
    document.querySelectorAll('#time-spark > span').forEach(function (bar, n) { bar.classList.toggle('on', n === i - first); });
    const text = document.getElementById('time-text');
    if (text) text.textContent = label;
    const thumb = document.querySelector('#timebar [role="slider"]');
    if (thumb) thumb.setAttribute('aria-valuetext', label);
    document.querySelectorAll('[data-period-text="' + axis.layer + '"]').forEach(function (el) { el.textContent = label; });
  }

  function drawn() {
    const map = window.__map;
    return !map || !map.ready || map.period === current || Date.now() - asked > SLOWEST_MS;
  }

  function stop() {
    window.clearInterval(timer);
    timer = null;
    const play = document.getElementById('time-play');
    if (play) {
      play.setAttribute('aria-pressed', 'false');
      play.setAttribute('aria-label', play.dataset.play);
      play.title = play.dataset.play;
    }
  }

  function start() {
    stop();
    const play = document.getElementById('time-play');
    play.setAttribute('aria-pressed', 'true');
    play.setAttribute('aria-label', play.dataset.pause);
    play.title = play.dataset.pause;
    let last = Date.now();
    timer = window.setInterval(function () {
      if (!axis || !document.getElementById('time-play')) { stop(); return; }
      if (Date.now() - last < STEP_MS / speed || !drawn()) return;
      last = asked = Date.now();
      write(step(1));
    }, 100);
  }

  dc.time = {
    axis: function (data) {
      axis = data && data.periods && data.periods.length ? data : null;
      if (!axis) stop();
      else {
        if (!axis.periods.includes(current)) { current = axis.start || axis.periods[axis.periods.length - 1]; write(index()); }
        window.setTimeout(show, 60);
      }
      if (!axis) return [0, 1, 0, true, dc.no_update, dc.no_update, true];
      const at = span();
      return [0, Math.max(1, at[1] - 1), index() - at[0], false, axis.days, turned(), !axis.days.length];
    },

    shown: function (period) {
      current = period;
      asked = Date.now();
      show();
      if (!axis) return [dc.no_update, dc.no_update];
      return [index() - span()[0], turned()];
    },

    bars: function () { window.setTimeout(show, 0); },

    slide: function (value, period) {
      if (!axis || value === null || value === undefined) return dc.no_update;
      const at = span(), next = axis.periods[at[0] + Math.min(at[1] - 1, value)];
      return !next || next === period ? dc.no_update : next;
    },

    press: function (play, back, forward) {
      const who = dc.callback_context.triggered_id;
      if (!axis || !(play || back || forward)) return dc.no_update;
      if (who === 'time-play') { if (timer) stop(); else start(); return dc.no_update; }
      stop();
      return axis.periods[step(who === 'time-forward' ? 1 : -1)];
    },

    day: function (day, period) {
      if (!axis || !day || day === dayOf(period)) return dc.no_update;
      const same = day + '-' + String(period).split('-')[1];
      told = day;
      if (axis.periods.includes(same)) return same;
      return axis.periods.find(function (other) { return dayOf(other) === day; }) || dc.no_update;
    },

    speed: function (n) {
      if (!n) return dc.no_update;
      speed = SPEEDS[n % SPEEDS.length];
      return speed + '×';
    },
  };
})();
