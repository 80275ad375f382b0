// One scene as elements: numbers, charts, legend, foot. Everything it says is text in the document; nothing waits for a pointer.
(() => {
  'use strict';

  const {el, colour, charts} = window.cityhexWall;
  const COLUMN = {wide: 700, one: 540, large: 620}; // units

  /** Label, value, unit, change and what it is compared with, in one block. */
  function kpi(one, size) {
    const value = el('span', 'w-value w-num', one.value), change = one.change ? el('b', `w-num w-change ${one.tone ? `w-${one.tone}` : ''}`, one.change) : null;
    const note = change || one.note ? el('div', 'w-note', change, one.note ? el('span', '', one.note) : null) : null;
    const made = el('div', `w-kpi w-${size}`, el('div', 'w-label', one.label), el('div', 'w-figure', value, el('span', 'w-unit', one.unit)), note);
    made.dataset.key = one.key;
    return made;
  }

  /** Three numbers large, or one large and the others two by two. */
  function kpis(list, shape, hours) {
    const now = hours && hours.label && (list[0] || {}).label !== hours.label ? {key: 'now', label: hours.label, value: '', unit: '', ...hours.frames[0].kpi} : null;
    const all = now ? [now, ...list] : list, many = all.length > 3 || shape === 'one' || Boolean(hours);
    const big = all.slice(0, many ? 1 : 3).map((one) => kpi(one, 'large'));
    const small = many ? all.slice(1) : [];
    if (!small.length) return big;
    const grid = el('div', 'w-kpis', ...small.map((one) => kpi(one, 'small')));
    if (hours) grid.dataset.spare = 3;
    return [...big, grid];
  }

  /** The hour of the day in the largest letters of the wall. */
  function hourClock(scene) {
    const digits = el('span', 'w-num', '00'), words = el('div', 'w-note w-caption', '');
    const made = el('div', 'w-kpi w-hour', el('div', 'w-label', scene.period || ''), el('div', 'w-time', digits, el('em', 'w-num', ':00')), words);
    made.at = (frame) => {
      digits.textContent = String(frame.hour).padStart(2, '0');
      words.textContent = frame.caption || '';
    };
    return made;
  }

  function strip(one) {
    const items = one.items.slice(0, 4).map((item) => {
      const level = /^[ABCD]$/.test(item.label) ? el('span', `w-lv w-lv-${item.label}`, item.label) : item.label;
      return el('div', '', el('span', 'w-strip-label', level), el('b', 'w-num', item.value));
    });
    return el('section', 'w-sec w-strip-sec', el('div', 'w-sec-head', el('h2', '', one.title), el('span', 'w-unit', one.unit)), el('div', 'w-strip', ...items));
  }

  /** A number and its unit never stand on two lines. */
  function together(sentence) {
    return sentence.replace(/\d[\d.,]*(?: ?[万亿])?(?: ?[人户件套处元点天])?(?: %)?/g, (said) => said.replace(/ /g, '\u00a0').replace(/[万亿人户件套处元点天]/g, '\u2060$&'));
  }

  const WIDTH_PX = [1.5, 2.5, 4, 6, 9];

  function swatch(kind, text, look) {
    const mark = el('span', `w-swatch w-${kind}`);
    look(mark.style);
    return el('div', `w-leg-row w-leg-${kind}`, mark, el('span', '', text));
  }

  function legend(one) {
    if (!one) return null;
    const rows = [
      ...(one.rows || []).map((row) => swatch('class', row.text, (s) => { s.background = row.colour; })),
      ...(one.flows || []).map((row) => swatch('flow', row.text, (s) => {
        s.height = row.width === undefined || row.width === null ? 'calc(6 * var(--u))' : `max(1px, calc(${WIDTH_PX[row.width]} * var(--flow-unit)))`;
        s.background = row.colour === 'in' || row.colour === 'out' ? `var(--flow-${row.colour})` : row.colour || 'var(--c-ink-2)';
      })),
      ...(one.states || []).map((row) => swatch(row.kind, row.text, () => {})),
    ];
    const head = el('div', 'w-leg-head', el('b', '', one.title), el('span', '', [one.unit, one.note].filter(Boolean).join(' \u00b7 ')));
    const made = el('div', 'w-legend', head, el('div', 'w-leg-rows', ...rows));
    made.dataset.mapCard = '';
    return made;
  }

  function chart(one, shape) {
    const make = charts[one.kind];
    if (!make) throw new window.cityhexWall.Failure('broken', `a chart of kind ${one.kind}`);
    return make(one, COLUMN[shape]);
  }

  /**
   * {left, right, title, headline, legend, foot, at(frame)}: elements of the scene for a layout. `at` moves everything that
   * shows an hour.
   */
  function build(scene, shape) {
    const hours = scene.map.hours, made = (scene.charts || []).map((one) => chart(one, shape));
    const day = hours ? made.filter((node) => node.classList.contains('w-hours')) : [], rest = made.filter((node) => !day.includes(node));
    const clock = hours ? hourClock(scene) : null, numbers = kpis(scene.kpis || [], shape, hours);
    const beside = hours && shape !== 'one' ? numbers.splice(1) : []; // the hours of the day fill the left column
    const left = el('div', 'w-col w-left', clock, ...numbers, ...day), right = el('div', 'w-col w-right');
    if (shape === 'one') {
      const brief = scene.strip && !hours; // stands for the first chart
      if (brief) left.append(strip(scene.strip));
      for (const [i, node] of rest.slice(brief ? 1 : 0).entries()) {
        node.dataset.spare = 2 + i;
        left.append(node);
      }
    } else right.append(...beside, ...rest);
    for (const column of [left, right]) column.dataset.mapCard = '';
    const first = numbers[0], base = hours && hours.label ? {label: hours.label} : (scene.kpis || [])[0];
    const at = (frame) => {
      if (clock) clock.at(frame);
      if (first && frame.kpi) first.replaceChildren(...kpi({...base, ...frame.kpi}, 'large').childNodes);
      for (const node of made) if (node.at) node.at(frame.hour);
    };
    if (hours) at(hours.frames[0]);
    return {
      left, right, title: el('h1', '', scene.title), headline: scene.sentence ? el('p', '', together(scene.sentence)) : null,
      legend: legend(scene.legend), foot: el('div', 'w-foot', scene.foot || ''), minis: made.find((node) => node.draw),
      at,
    };
  }

  /** Makes the column fit: denser first, then without what can be spared, the last of it first. */
  function fit(column) {
    const over = () => column.scrollHeight > column.clientHeight + 1;
    const dense = (d) => column.style.setProperty('--d', d);
    for (const d of [1, .94, .88, .82]) {
      dense(d);
      if (!over()) break;
    }
    const spare = [...column.querySelectorAll('[data-spare]')].sort((a, b) => b.dataset.spare - a.dataset.spare);
    while (over() && spare.length) spare.shift().remove();
    for (const d of [1, .94, .88, .82, .76, .7]) {
      dense(d);
      if (!over()) break;
    }
    fitValues(column);
  }

  /** Long numbers are set smaller, never cut. */
  function fitValues(column) {
    for (const figure of column.querySelectorAll('.w-figure')) {
      figure.style.setProperty('--fit', 1);
      const ratio = figure.clientWidth / figure.scrollWidth;
      if (ratio < 1) figure.style.setProperty('--fit', Math.max(.4, ratio * .97));
    }
  }

  Object.assign(window.cityhexWall, {build, fit, fitValues, colourOf: colour});
})();
