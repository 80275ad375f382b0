// The charts of the wall that are rows: bars, levels A to D, ages of warnings. Every number stands beside its bar as text.
(() => {
  'use strict';

  const {el, colour} = window.cityhexWall;

  /** A chart with its title and unit. */
  function section(chart, body, extra) {
    return el('section', `w-sec w-${chart.kind}`, el('div', 'w-sec-head', el('h2', '', chart.title), el('span', 'w-unit', extra || chart.unit)), body);
  }

  function bar(value, top, fill) {
    const track = el('span', 'w-bar'), length = el('i', '');
    length.style.width = `${top > 0 ? Math.max(value > 0 ? .8 : 0, 100 * value / top) : 0}%`;
    length.style.background = fill;
    track.append(length);
    return track;
  }

  function bars(chart) {
    const top = Math.max(...chart.rows.map((row) => Math.abs(row.value || 0)), 0);
    if (!chart.rows.length) return section(chart, el('p', 'w-handled', '\u2013'));
    const body = el('div', 'w-rows');
    for (const row of chart.rows) {
      body.append(el('span', 'w-row-label', row.label), bar(Math.abs(row.value || 0), top, colour(row.colour || chart.colour)), el('b', 'w-num', row.text));
    }
    return section(chart, body);
  }

  function levels(chart) {
    const body = el('div', 'w-level-rows');
    for (const row of chart.rows) {
      const mark = el('span', `w-lv w-lv-${row.level}`, row.level);
      mark.setAttribute('aria-hidden', 'true');
      body.append(mark, el('span', 'w-row-label', row.label), el('b', 'w-num', row.text), el('span', 'w-num w-share', row.share_text));
    }
    return section(chart, body);
  }

  /** Open warnings by age, the oldest in the strongest colour, and how many were handled. */
  function ages(chart) {
    const made = bars({...chart, rows: chart.rows.map((row, i) => ({...row, colour: row.colour || ['ink-3', 'warn', 'danger'][Math.min(2, Math.floor(3 * i / chart.rows.length))]}))});
    if (chart.handled && chart.handled.text) made.append(el('p', 'w-handled', chart.handled.text));
    return made;
  }

  const wall = window.cityhexWall;
  wall.section = section;
  wall.charts = {bars, levels, ages};
})();
