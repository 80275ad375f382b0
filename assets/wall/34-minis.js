// Small maps of some hours of the day: plain 2D canvases drawn from the same answers as the map, so they cost no graphics context.
(() => {
  'use strict';

  const {el, section, unit} = window.cityhexWall;

  /** The value classes of a layer at an hour, drawn as squares at the cells' centres inside the outline of the city. */
  function draw(canvas, {geometry, values}, spec, base, style) {
    const g = canvas.getContext('2d'), ratio = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    const [w, s, e, n] = boxOf(geometry), scale = Math.min(canvas.width / (e - w), canvas.height / (n - s)) * .96;
    const x = (v) => (v - (w + e) / 2) * scale + canvas.width / 2, y = (v) => canvas.height / 2 - (v - (s + n) / 2) * scale;
    const [ox, oy] = geometry.origin, cell = Math.max(1.2, Math.hypot(geometry.shape[0], geometry.shape[3]) * scale * .9);
    const lines = base ? base.tier(0).border : [];
    outline(g, lines, (p) => x(p[0] - ox), (p) => y(p[1] - oy));
    g.fillStyle = style.land;
    g.fill();
    const {factor, offset} = values, bounds = (spec.breaks || []).map((b) => (b - offset) / factor);
    for (let i = 0; i < geometry.count; i++) {
      const code = values.codes[i];
      if (code >= 65534) continue;
      const size = code & 32767;
      g.fillStyle = spec.colours[bounds.reduce((k, b, j) => (size >= b ? j + 1 : k), 0)];
      g.fillRect(x(geometry.positions[2 * i]) - cell, y(geometry.positions[2 * i + 1]) - cell * .9, 2 * cell, 1.8 * cell);
    }
    outline(g, lines, (p) => x(p[0] - ox), (p) => y(p[1] - oy));
    g.strokeStyle = style.border;
    g.lineWidth = 1.3 * ratio * unit();
    g.stroke();
  }

  function outline(g, lines, x, y) {
    const {mercatorX, mercatorY} = window.cityhexMap.wire;
    g.beginPath();
    for (const line of lines) {
      for (let i = 0; i < line.length; i += 2) {
        const p = [mercatorX(line[i]), mercatorY(line[i + 1])];
        if (i) g.lineTo(x(p), y(p)); else g.moveTo(x(p), y(p));
      }
      g.closePath();
    }
  }

  function boxOf({positions, count}) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < count; i++) {
      box[0] = Math.min(box[0], positions[2 * i]);
      box[1] = Math.min(box[1], positions[2 * i + 1]);
      box[2] = Math.max(box[2], positions[2 * i]);
      box[3] = Math.max(box[3], positions[2 * i + 1]);
    }
    return box;
  }

  /** Six figures; `at(hour)` marks the one of the hour, `draw(map, ...)` fills them from what the map has fetched. */
  function minis(chart) {
    const figures = chart.hours.map((hour) => el('figure', '', el('canvas', ''), el('figcaption', 'w-num', `${String(hour).padStart(2, '0')}:00`)));
    const made = section(chart, el('div', 'w-mini-maps', ...figures));
    made.at = (hour) => {
      const now = chart.hours.reduce((best, h, i) => (h <= hour ? i : best), 0);
      figures.forEach((figure, i) => figure.classList.toggle('on', i === now));
    };
    made.draw = (map, spec, periodOf) => {
      const one = (spec.layers || []).find((l) => l.id === chart.layer) || (spec.layers || []).find((l) => l.kind === 'hex');
      if (!one || one.kind !== 'hex') return;
      const style = window.cityhexMap.style.resolve(spec), layer = new window.cityhexMap.MapLayer({...one, resolution: Math.min(...one.resolutions)});
      chart.hours.forEach((hour, i) => {
        const wanted = layer.wanted(map.view, periodOf(hour), style);
        Promise.all([map.data.get(wanted.geometry), map.data.get(wanted.values)])
          .then(([geometry, values]) => figures[i].isConnected && draw(figures[i].firstChild, {geometry, values}, one, map.base, style))
          .catch(() => figures[i].classList.add('none'));
      });
    };
    return made;
  }

  window.cityhexWall.charts.minis = minis;
})();
