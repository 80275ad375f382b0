/* Counts per class of exactly what is drawn (resolution and period), counted from the same arrays the map draws. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  const pages = window.cityhexPages = window.cityhexPages || {};
  const NO_DATA = 65535, SUPPRESSED = 65534, ESTIMATED = 0x8000, MASK = 0x7fff;
  let spec = null, period = null, view = null, run = 0;

  function decode(buffer) {
    const head = new DataView(buffer), n = head.getUint32(8, true), dtype = head.getUint8(6);
    const factor = head.getFloat64(16, true), offset = head.getFloat64(24, true), bytes = new Uint8Array(buffer, 32);
    if (dtype !== 1) return null;
    return {n: n, factor: factor, offset: offset, at: function (i) { return bytes[i] | (bytes[n + i] << 8); }};
  }

  function count(values, breaks) {
    const classes = new Array(breaks.length + 1).fill(0), out = {classes: classes, suppressed: 0, no_data: 0, estimated: 0};
    for (let i = 0; i < values.n; i += 1) {
      const code = values.at(i);
      if (code === NO_DATA) out.no_data += 1;
      else if (code === SUPPRESSED) out.suppressed += 1;
      else {
        if (code & ESTIMATED) out.estimated += 1;
        const value = (code & MASK) * values.factor + values.offset;
        let k = 0;
        while (k < breaks.length && value >= breaks[k] - 1e-9 * Math.abs(breaks[k])) k += 1;
        classes[k] += 1;
      }
    }
    return out;
  }

  function write(id, counts) {
    const card = document.querySelector('.legend[data-layer="' + id + '"]');
    if (!card) return;
    // zeros stand apart: their count is no measure for the bars of the others
    const barred = counts.classes.slice(card.querySelector('.lzero') ? 1 : 0);
    const top = Math.max(1, ...barred), shown = new Intl.NumberFormat('en-US');
    const fill = function (row, n) {
      const cell = row.querySelector('.num'), bar = row.querySelector('.cnt span');
      if (cell) cell.textContent = shown.format(n);
      if (bar) bar.style.width = 100 * n / top + '%';
    };
    card.querySelectorAll('[data-class]').forEach(function (row) { fill(row, counts.classes[Number(row.dataset.class)] || 0); });
    card.querySelectorAll('[data-state]').forEach(function (row) {
      const n = counts[row.dataset.state] || 0;
      fill(row, n);
      row.hidden = n === 0;
    });
    const states = card.querySelector('.lstates');
    if (states) states.hidden = ![...states.children].some(function (row) { return !row.hidden; });
  }

  /* how many of the pairs are drawn, and which share of all persons they are */
  function noteFlows(layer, values, period) {
    const line = document.querySelector('.legend[data-layer="' + layer.id + '"] .lsub');
    const drawn = ((window.__map && window.__map.drawn) || []).find(function (d) { return d.id === layer.id; });
    if (!line || !drawn || !drawn.chosen) return;
    const total = layer.totals[period] || drawn.chosen.published, shown = new Intl.NumberFormat('en-US');
    let note = line.parentNode.querySelector('.lnote');
    if (!note) {
      note = document.createElement('div');
      note.className = 'lsub lnote';
      line.after(note);
    }
    note.textContent = layer.note.replace('{shown}', shown.format(drawn.flows)).replace('{pairs}', shown.format(drawn.chosen.pairs))
      .replace('{share}', total ? Math.round(100 * drawn.chosen.persons / total) : 0);
  }

  /* a layer that is drawn only from some zoom on has no legend before, and its row says so */
  function hideFar() {
    const zoom = view ? view.zoom : spec.view.zoom;
    spec.layers.forEach(function (layer) {
      const far = (layer.min_zoom !== undefined && zoom < layer.min_zoom) || (layer.max_zoom !== undefined && zoom > layer.max_zoom);
      const card = document.querySelector('.legend[data-layer="' + layer.id + '"]');
      const later = document.querySelector('.layer[data-layer="' + layer.id + '"] .later');
      if (card) card.hidden = far;
      if (later) later.hidden = !(far && layer.visible);
    });
    const box = document.getElementById('legends');
    if (box) box.classList.toggle('none', ![...box.querySelectorAll('.legend')].some(function (card) { return !card.hidden; }));
  }

  async function refresh() {
    const mine = run += 1;
    if (!spec || !document.getElementById('legends')) return;
    hideFar();
    const cards = [...document.querySelectorAll('.legend[data-counted]')].map(function (el) { return el.dataset.layer; });
    for (const layer of spec.layers.filter(function (l) { return l.visible && l.values && cards.includes(l.id); })) {
      const drawn = ((window.__map && window.__map.drawn) || []).find(function (d) { return d.id === layer.id; });
      const res = (drawn && drawn.res) || (view && view.res && view.res[layer.id]);
      if (layer.kind === 'hex' && (res === undefined || res === null)) continue;
      const own = !layer.periods ? '-' : layer.periods.includes(period) ? period : (drawn && drawn.period) || layer.start;
      const url = layer.values.replace('{res}', res).replace('{period}', encodeURIComponent(own));
      try {
        const answer = await fetch(url);
        if (!answer.ok) continue;
        const values = decode(await answer.arrayBuffer());
        if (mine !== run) return;
        if (values) write(layer.id, count(values, layer.breaks || []));
        if (values && layer.kind === 'flow') noteFlows(layer, values, own);
      } catch (e) { /* the map shows and reports a failed request */ }
    }
  }

  /* the topmost card in numbers and words, in the shape that the exported picture draws */
  pages.legend = function () {
    const card = [...document.querySelectorAll('.legend[data-counted]')].find(function (el) { return !el.hidden; });
    if (!card) return null;
    const said = function (el, what) { const found = el.querySelector(what); return found ? found.textContent.trim() : ''; };
    const row = function (el) {
      const n = said(el, '.num').replace(/[^0-9]/g, '');
      return {label: said(el, '.rng'), colour: el.querySelector('.sw').style.backgroundColor, kind: el.dataset.state || null,
        count: n === '' ? null : Number(n)};
    };
    return {title: said(card, '.ltitle h2'), unit: said(card, '.ltitle span'), subtitle: [...card.querySelector('.lsub').childNodes].map(function (el) { return el.textContent; }).join(' \u00b7 '),
      rows: [...card.querySelectorAll('[data-class]')].map(row),
      states: [...card.querySelectorAll('[data-state]')].filter(function (el) { return !el.hidden; }).map(row)};
  };

  const soon = function () { window.clearTimeout(soon.timer); soon.timer = window.setTimeout(refresh, 160); };

  dc.legend = {
    update: function (nextSpec, nextPeriod, nextView) {
      spec = nextSpec; period = nextPeriod; view = nextView;
      soon();
      return dc.no_update;
    },
  };
})();
