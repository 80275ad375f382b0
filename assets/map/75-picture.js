// The map as a PNG at twice its size: GL canvas, marks, labels, legend card and foot on one canvas, nothing uploaded anywhere.
(() => {
  'use strict';

  const SCALE = 2;
  const CARD = 252; // px, as on the page

  /** Composes the picture; `parts` = {gl, viewport, placed, spec, style, view, res}. */
  function compose({gl, viewport, placed, spec, style, view, res}) {
    const canvas = document.createElement('canvas');
    canvas.width = viewport.width * SCALE;
    canvas.height = viewport.height * SCALE;
    const g = canvas.getContext('2d');
    g.fillStyle = style.outside;
    g.fillRect(0, 0, canvas.width, canvas.height);
    g.drawImage(gl, 0, 0, canvas.width, canvas.height);
    g.scale(SCALE, SCALE);
    window.cityhexMap.marks.selection(g, viewport, style, spec.selection);
    window.cityhexMap.labels.draw(g, placed, style);
    legend(g, spec, style);
    foot(g, viewport, spec, style, view, res);
    return canvas;
  }

  function legend(g, spec, style) {
    const {legend: l, texts = {}} = spec;
    if (!l) return;
    const rows = [...(l.rows || [])], states = l.states || [];
    g.font = `400 12px ${style.font}`;
    const over = lines(g, l.subtitle), titles = lines(g, [l.title, l.unit].filter(Boolean).join('  '), 14 / 12);
    g.font = `400 11px ${style.font}`;
    const under = lines(g, l.source || texts.source);
    const height = 26 + 20 * titles.length + 18 * over.length + 20 * (rows.length + states.length) + (states.length ? 9 : 0) + (under.length ? 8 : 0) + 16 * under.length;
    const x = 12, y = 12;
    g.save();
    g.shadowColor = 'rgba(23,32,43,.14)';
    g.shadowBlur = 16;
    g.shadowOffsetY = 4;
    g.fillStyle = style.land;
    g.beginPath();
    g.roundRect(x, y, CARD, height, 10);
    g.fill();
    g.restore();
    g.textBaseline = 'middle';
    let at = y + 20;
    text(g, l.title, x + 12, at, `600 14px ${style.font}`, style['label-1']);
    const titled = titles.length > 1 ? -6 : g.measureText(l.title || '').width;
    if (titles.length > 1) at += 20;
    text(g, l.unit, x + 18 + titled, at, `400 12px ${style.font}`, style['label-2']);
    for (const line of over) text(g, line, x + 12, at += 18, `400 12px ${style.font}`, style['label-3']);
    at += 4;
    for (const row of rows) legendRow(g, x, at += 20, row, style);
    if (states.length) {
      g.fillStyle = style['neighbour-line'];
      g.fillRect(x + 12, at + 14, CARD - 24, 1);
      at += 9;
      for (const row of states) legendRow(g, x, at += 20, row, style);
    }
    at += 8;
    for (const line of under) text(g, line, x + 12, at += 16, `400 11px ${style.font}`, style['label-3']);
  }

  /** Words broken into lines of the card's width; Hanzi break anywhere, Latin words stay whole. */
  function lines(g, words, wider = 1) {
    const found = [];
    let line = '';
    for (const piece of (words || '').match(/[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+/g) || []) {
      if (line && g.measureText(line + piece).width * wider > CARD - 24) {
        found.push(line.trim());
        line = '';
      }
      line += piece;
    }
    return line.trim() ? [...found, line.trim()] : found;
  }

  function legendRow(g, x, y, row, style) {
    const {states} = style;
    g.fillStyle = row.kind === 'suppressed' ? states.suppressed.fill : row.kind === 'no_data' ? style.outside : row.colour || style.land;
    g.beginPath();
    g.roundRect(x + 12, y - 7, 22, 14, 2);
    g.fill();
    g.strokeStyle = 'rgba(120,134,152,.28)';
    g.lineWidth = 1;
    g.stroke();
    if (row.kind === 'suppressed') {
      g.save();
      g.clip();
      g.strokeStyle = states.suppressed.hatch;
      g.lineWidth = 1.2;
      for (let d = -14; d < 36; d += 6 * Math.SQRT2) {
        g.beginPath();
        g.moveTo(x + 12 + d, y + 7);
        g.lineTo(x + 26 + d, y - 7);
        g.stroke();
      }
      g.restore();
    }
    if (row.kind === 'no_data') {
      g.strokeStyle = states.no_data.outline;
      g.lineWidth = 1;
      g.stroke();
    }
    text(g, row.label, x + 44, y, `400 12px ${style.font}`, style['label-1'], CARD - 44 - (row.count == null ? 12 : 60));
    if (row.count == null) return;
    g.textAlign = 'right';
    text(g, Number(row.count).toLocaleString('en-US'), x + CARD - 12, y, `400 12px ${style.font}`, style['label-3']);
    g.textAlign = 'left';
  }

  function text(g, words, x, y, font, colour, widest) {
    g.font = font;
    g.fillStyle = colour;
    if (words) g.fillText(words, x, y, widest);
  }

  function foot(g, viewport, spec, style, view, res) {
    const {scaleBar, words} = window.cityhexMap.footer;
    const {plain, credit} = words(spec, res), said = [plain, credit].filter(Boolean).join('\u2003');
    const y = viewport.height - 14;
    g.font = `500 11px ${style.font}`;
    g.textBaseline = 'middle';
    const w = Math.min(g.measureText(said).width, viewport.width - 180), bar = scaleBar(view, style.k), left = viewport.width - 12 - w - 18 - bar.px;
    g.fillStyle = window.cityhexMap.style.css(style.outside, .82);
    g.fillRect(left - 10, y - 16, viewport.width - left + 10, 30);
    text(g, said, viewport.width - 12 - w, y, g.font, style['label-3'], w);
    g.beginPath();
    g.moveTo(left, y - 2);
    g.lineTo(left, y + 4);
    g.lineTo(left + bar.px, y + 4);
    g.lineTo(left + bar.px, y - 2);
    g.stroke();
    g.lineWidth = 1.5;
    g.strokeStyle = style['label-3'];
    g.stroke();
    g.textAlign = 'center';
    g.lineWidth = 3;
    g.strokeStyle = style.halo;
    g.strokeText(bar.text, left + bar.px / 2, y - 5);
    text(g, bar.text, left + bar.px / 2, y - 5, g.font, style['label-3']);
    g.textAlign = 'left';
  }

  /** Offers the canvas as a download. */
  function download(canvas, name) {
    return new Promise((resolve) => canvas.toBlob((blob) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = `${name}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      resolve();
    }, 'image/png'));
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.picture = {SCALE, compose, download};
})();
