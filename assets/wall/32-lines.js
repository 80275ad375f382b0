// The charts of the wall that have an axis: lines over time, and the day as deviations from its mean with a moving cursor.
// Drawn as SVG in the unit of the wall, so that their letters obey the same type scale.
(() => {
  'use strict';

  const {svg, colour, section} = window.cityhexWall;
  const HEIGHT = 300, FOOT = 54, TOP = 18, LABEL = 28;

  const finite = (list) => list.filter((v) => v !== null && v !== undefined && Number.isFinite(v));

  /** Three to five round numbers that hold the values. */
  function ticks(low, high) {
    const raw = (high - low || Math.abs(high) || 1) / 3;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw * .999);
    const first = Math.floor(low / step + 1e-9) * step, out = [];
    for (let i = 0; first + (i - 1) * step < high - step * 1e-9 && i < 8; i++) out.push(first + i * step);
    return out;
  }

  function said(value) {
    const text = Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toFixed(2)));
    return text.replace('-', '\u2212');
  }

  const text = (x, y, words, attributes = {}) => svg('text', {x, y, 'font-size': LABEL, fill: 'var(--c-ink-2)', ...attributes}, words);

  /** Rough width of words in units: Hanzi are square, Latin letters a little over half. */
  const width = (words, size = LABEL) => [...String(words)].reduce((w, c) => w + (c > '\u2e80' ? size : size * .58), 0);

  /** Every n-th of the words, so that they do not touch; the last one always. */
  function sparse(words, room) {
    const widest = Math.max(...words.map((w) => width(w, 26))) + 20, every = Math.max(1, Math.ceil(widest * words.length / room));
    return words.map((_, i) => (words.length - 1 - i) % every === 0);
  }

  function path(points) {
    let pen = 'M', out = '';
    for (const point of points) {
      if (!point) { pen = 'M'; continue; }
      out += `${pen}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
      pen = 'L';
    }
    return out;
  }

  function band(series, x, y) {
    const both = series.low.map((low, i) => (low === null || series.high[i] === null ? null : [x(i), y(low), y(series.high[i])])).filter(Boolean);
    if (both.length < 2) return null;
    const there = both.map((p) => [p[0], p[2]]), back = both.map((p) => [p[0], p[1]]).reverse();
    return svg('path', {d: `${path([...there, ...back])}Z`, fill: colour(series.colour), opacity: .2});
  }

  /** Ends of the lines, pushed apart so that their names do not touch. */
  function apart(ends) {
    const sorted = [...ends].sort((a, b) => a.y - b.y);
    for (let i = 1; i < sorted.length; i++) sorted[i].y = Math.max(sorted[i].y, sorted[i - 1].y + 34);
    return ends;
  }

  function line(chart, wide) {
    const values = finite(chart.series.flatMap((s) => [...s.y, ...(s.low || []), ...(s.high || [])]));
    const steps = values.length ? ticks(Math.min(...values), Math.max(...values)) : [0, 1];
    const left = Math.max(...steps.map((s) => width(said(s)))) + 18, named = chart.series.length > 1;
    const right = named ? Math.max(...chart.series.map((s) => width(s.label))) + 26 : 14;
    const n = chart.x.length, low = steps[0], high = steps[steps.length - 1], inner = wide - left - right - 12;
    const x = (i) => left + 6 + (n > 1 ? inner * i / (n - 1) : inner / 2);
    const y = (v) => TOP + (HEIGHT - TOP - FOOT) * (1 - (v - low) / (high - low || 1));
    const picture = svg('svg', {viewBox: `0 0 ${wide} ${HEIGHT}`, class: 'w-plot', role: 'img', 'aria-label': chart.title});
    for (const step of steps) {
      picture.append(svg('line', {x1: left, x2: wide - right, y1: y(step), y2: y(step), stroke: 'var(--c-line)', 'stroke-width': 2}));
      picture.append(text(left - 14, y(step) + 10, said(step), {'text-anchor': 'end'}));
    }
    const shown = sparse(chart.x, inner + 60);
    chart.x.forEach((words, i) => shown[i] && picture.append(text(Math.min(Math.max(x(i), width(words, 26) / 2), wide - width(words, 26) / 2), HEIGHT - 6, words, {'text-anchor': 'middle', 'font-size': 26})));
    const ends = [];
    for (const series of chart.series) {
      const shade = series.low && series.high ? band(series, x, y) : null;
      if (shade) picture.append(shade);
      const points = series.y.map((v, i) => (v === null || v === undefined ? null : [x(i), y(v)]));
      const look = series.dash ? {stroke: 'var(--c-ink-3)', 'stroke-width': 3, 'stroke-dasharray': '10 8'} : {stroke: colour(series.colour), 'stroke-width': 5};
      picture.append(svg('path', {d: path(points), fill: 'none', 'stroke-linejoin': 'round', 'stroke-linecap': 'round', ...look}));
      const alone = (i) => points[i] && !points[i - 1] && !points[i + 1];
      points.forEach((p, i) => {
        if (p && (alone(i) || (!series.dash && n <= 14))) picture.append(svg('circle', {cx: p[0], cy: p[1], r: series.dash ? 4 : 7, fill: look.stroke}));
      });
      const last = [...points].reverse().find(Boolean);
      if (last && named) ends.push({y: last[1] + 10, series});
    }
    for (const {y: at, series} of apart(ends)) picture.append(text(wide - right + 12, at, series.label, {fill: series.dash ? 'var(--c-ink-2)' : 'var(--c-ink)'}));
    return section(chart, picture);
  }

  /** 24 bars around the mean of the day; `at(hour)` moves the cursor. */
  function hours(chart, wide) {
    const high = 190, step = wide / 24, upright = finite(chart.values).every((v) => v >= 0); // then the bars use the whole height
    const mid = upright ? 146 : 78, tall = upright ? 138 : 72, most = Math.max(...finite(chart.values).map(Math.abs), 1e-9);
    const picture = svg('svg', {viewBox: `0 0 ${wide} ${high}`, class: 'w-plot w-day', role: 'img', 'aria-label': chart.title});
    const cursor = svg('rect', {class: 'w-cursor', x: 0, y: 0, width: step, height: high - 40, fill: 'var(--c-accent-soft)', rx: 4});
    picture.append(cursor, svg('line', {x1: 0, x2: wide, y1: mid, y2: mid, stroke: 'var(--c-line-strong)', 'stroke-width': 2}));
    const rects = chart.values.map((v, hour) => {
      const size = v === null ? 0 : Math.max(3, tall * Math.abs(v) / most);
      const rect = svg('rect', {x: hour * step + 3, width: step - 6, y: v >= 0 ? mid - size : mid, height: size, rx: 3, class: 'w-hour-bar'});
      picture.append(rect);
      return rect;
    });
    const names = chart.values.map((_, hour) => {
      const name = text(Math.max(17, (hour + .5) * step), high - 6, String(hour).padStart(2, '0'), {'text-anchor': 'middle', 'font-size': 26, class: 'w-hour-name'});
      picture.append(name);
      return name;
    });
    const made = section(chart, picture), unit = made.querySelector('.w-unit');
    made.at = (hour) => {
      cursor.setAttribute('x', hour * step);
      rects.forEach((rect, i) => rect.classList.toggle('on', i === hour));
      names.forEach((name, i) => {
        name.classList.toggle('on', i === hour);
        name.style.display = i === hour || (i % 4 === 0 && Math.abs(i - hour) > 1) ? '' : 'none';
      });
      unit.textContent = chart.texts && chart.texts[hour] ? `${chart.texts[hour]} \u00b7 ${chart.unit}` : chart.unit;
    };
    return made;
  }

  Object.assign(window.cityhexWall.charts, {line, hours});
})();
