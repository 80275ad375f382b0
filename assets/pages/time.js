/* The time bar: play, step, speed, slider. A new period is written to map-period only; no request goes to a page. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  const SPEEDS = [1, 2, 4, 0.5], STEP_MS = 1000, SLOWEST_MS = 6000;
  let axis = null, current = null, speed = 1, timer = null, asked = 0;

  const index = function () { return axis ? Math.max(0, axis.periods.indexOf(current)) : 0; };
  const write = function (i) { dc.set_props('map-period', {data: axis.periods[i]}); };

  function show() {
    if (!axis) return;
    const i = index(), label = axis.labels[i];
    document.querySelectorAll('#time-spark > span').forEach(function (bar, n) { bar.classList.toggle('on', n === i); });
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
      write((index() + 1) % axis.periods.length);
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
      return axis ? [0, Math.max(1, axis.periods.length - 1), index(), false] : [0, 1, 0, true];
    },

    shown: function (period) {
      current = period;
      asked = Date.now();
      show();
      return axis ? index() : dc.no_update;
    },

    slide: function (value, period) {
      if (!axis || value === null || value === undefined) return dc.no_update;
      const next = axis.periods[Math.min(axis.periods.length - 1, value)];
      return !next || next === period ? dc.no_update : next;
    },

    press: function (play, back, forward) {
      const who = dc.callback_context.triggered_id;
      if (!axis || !(play || back || forward)) return dc.no_update;
      if (who === 'time-play') { if (timer) stop(); else start(); return dc.no_update; }
      stop();
      const n = axis.periods.length;
      return axis.periods[(index() + (who === 'time-forward' ? 1 : n - 1)) % n];
    },

    speed: function (n) {
      if (!n) return dc.no_update;
      speed = SPEEDS[n % SPEEDS.length];
      return speed + '×';
    },
  };
})();
