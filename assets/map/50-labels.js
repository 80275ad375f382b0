// Names on one 2D canvas above the GL canvas: real font hinting, a true halo, greedy placement by rank in four positions.
(() => {
  'use strict';

  const KIND_OF_RANK = ['district', 'seat', 'town', 'neighbour', 'water'];
  const TONE = {plain: 'label-1', district: 'label-1', seat: 'label-1', town: 'label-2', neighbour: 'label-3', water: 'water-label'};
  const LOOK = {plain: 'seat'};             // a district among many: the size of a seat, no dot
  const DOT = {seat: 3.2, town: 2.2};       // radius; the other kinds name an area and carry no dot
  const SAME_PLACE = .4;                    // degrees: a name repeated within it is the same place
  const UNDER = .88;                        // size of a second line, such as a number under a name
  const EDGE = 4;                           // px kept clear of the edge of the map

  /** Labels of base map and layers as one list, most important first; `kinds` limits those of the base map, e.g. to neighbours. */
  function collect(base, layers, lang, kinds) {
    const all = [];
    for (const label of base ? base.labels : []) if (!kinds || kinds.includes(label.kind)) all.push({...label, text: lang === 'en' ? label.en || label.zh : label.zh});
    for (const layer of layers) {
      for (const label of layer.labels || []) all.push({kind: layer.kind === 'point' ? 'town' : KIND_OF_RANK[label.rank], nodot: layer.kind !== 'point', ...label});
    }
    const kept = new Map(); // text -> places: a layer may repeat a name that the base map or another layer has already
    return all
      .map((label, i) => ({...label, i}))
      .sort((a, b) => a.rank - b.rank || a.i - b.i)
      .filter((label) => {
        const places = kept.get(label.text) || [];
        if (!label.text || places.some(([lon, lat]) => Math.hypot(lon - label.lon, lat - label.lat) < SAME_PLACE)) return false;
        kept.set(label.text, [...places, [label.lon, label.lat]]);
        return true;
      });
  }

  /** Where a label may stand relative to its anchor: centred for areas, else right, above, left, below of the dot; one that insists also in the corners and farther off. */
  function positions(kind, width, height, gap, insist) {
    if (!DOT[kind]) return [[-width / 2, -height / 2]];
    const near = [[gap, -height / 2], [-width / 2, -gap - height], [-gap - width, -height / 2], [-width / 2, gap]];
    if (!insist) return near;
    const corners = [[gap, -height], [gap, 0], [-gap - width, -height], [-gap - width, 0]];
    return [...near, ...corners, ...[...near, ...corners].map(([x, y]) => [x + Math.sign(x + width / 2) * height * .7, y + Math.sign(y + height / 2) * height * .7])];
  }

  /** The first anchor in view, and the first position around it, whose box is free; an area may offer more anchors in `also`. */
  function firstFree(label, viewport, around, [w, h], free) {
    for (const anchor of [[label.lon, label.lat], ...(label.also || [])]) {
      const [x, y] = viewport.project(anchor);
      if (x < 0 || y < 0 || x > viewport.width || y > viewport.height) continue;
      const spot = around.map(([a, b]) => [x + a, y + b, x + a + w, y + b + h]).find(free);
      if (spot) return {spot, x, y};
    }
    return null;
  }

  const overlaps = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

  /** Boxes of text already measured: canvas measuring is the expensive part of a frame with many names. */
  const widths = new Map();
  function widthOf(g, font, spacing, text) {
    const key = `${font}|${spacing}|${text}`;
    if (!widths.has(key)) {
      if (widths.size > 5000) widths.clear();
      g.font = font;
      g.letterSpacing = spacing + 'px';
      widths.set(key, g.measureText(text).width);
    }
    return widths.get(key);
  }

  /** Boxes of the dots of labels that insist: no earlier name may lie over a later one's dot. */
  function dotsOf(labels, viewport, k) {
    return labels.filter((label) => label.insist && !label.nodot && DOT[label.kind]).map((label) => {
      const [x, y] = viewport.project([label.lon, label.lat]), r = DOT[label.kind] * k;
      return [x - r, y - r, x + r, y + r];
    });
  }

  /**
   * Places what fits. `reserved` are boxes nothing may cover (cards, the selection).
   * Returns [{text, rank, kind, box, x, y, dot, ...}] in the order they are to be drawn.
   */
  function place(g, labels, viewport, style, reserved) {
    const {marks, k, font} = style;
    const taken = [...reserved, ...dotsOf(labels, viewport, k)], placed = [];
    const {width: W, height: H} = viewport, zoom = viewport.zoom - Math.log2(k);
    for (const label of labels) {
      const look = marks.labels[LOOK[label.kind] || label.kind] || marks.labels.town;
      if (zoom < (label.min_zoom ?? look.min_zoom ?? 0)) continue;
      const px = look.px * k, spacing = (look.spacing_px || 0) * k * (/^[\x20-\x7e]/.test(label.text) ? .25 : 1);
      const face = `${look.weight} ${px}px ${font}`;
      const under = label.sub ? `600 ${px * UNDER}px ${font}` : '';
      const w = Math.max(widthOf(g, face, spacing, label.text), under ? widthOf(g, under, 0, label.sub) : 0);
      const h = px * (under ? 1.15 + 1.15 * UNDER : 1.15), pad = marks.labels.padding_px * k;
      const dot = label.nodot ? 0 : (DOT[label.kind] || 0) * k;
      const free = (box) => box[0] > EDGE && box[1] > EDGE && box[2] < W - EDGE && box[3] < H - EDGE &&
        !taken.some((other) => overlaps([box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad], other));
      const found = firstFree(label, viewport, positions(label.kind, w, h, dot + 4 * k, label.insist), [w, h], free);
      if (!found) continue;
      const {spot, x, y} = found;
      taken.push([spot[0] - pad, spot[1] - pad, spot[2] + pad, spot[3] + pad]);
      if (dot) taken.push([x - dot, y - dot, x + dot, y + dot]);
      placed.push({text: label.text, rank: label.rank, kind: label.kind, box: spot, x, y, dot, face, spacing, sub: label.sub, under, tone: style[TONE[label.kind] || 'label-2']});
    }
    return placed;
  }

  function draw(g, placed, style) {
    const {k, marks} = style;
    g.lineJoin = 'round';
    g.textAlign = 'left';
    g.textBaseline = 'middle';
    for (const label of placed) {
      if (label.dot) drawDot(g, label, style);
      const [x, top, , foot] = label.box, line = label.under ? (foot - top) / (1 + UNDER) : foot - top;
      write(g, label.text, x, top + line / 2, label.face, label.spacing, label.tone, style);
      if (label.under) write(g, label.sub, x, top + line * (1 + UNDER / 2), label.under, 0, style['label-2'], style);
    }
    g.letterSpacing = '0px';

    function write(to, text, x, y, face, spacing, tone, {halo}) {
      to.font = face;
      to.letterSpacing = spacing + 'px';
      to.lineWidth = marks.labels.halo_px * k;
      to.strokeStyle = halo;
      to.globalAlpha = .9;
      to.strokeText(text, x, y);
      to.globalAlpha = 1;
      to.fillStyle = tone;
      to.fillText(text, x, y);
    }
  }

  function drawDot(g, {x, y, dot, kind, tone}, style) {
    g.beginPath();
    g.arc(x, y, dot, 0, 2 * Math.PI);
    g.lineWidth = 2.5 * style.k;
    g.strokeStyle = kind === 'seat' ? tone : style.halo;
    g.fillStyle = kind === 'seat' ? style.halo : tone;
    if (kind === 'seat') { // a ringed dot: halo, ring, light centre
      g.lineWidth = 4.5 * style.k;
      g.strokeStyle = style.halo;
      g.stroke();
      g.lineWidth = 1.8 * style.k;
      g.strokeStyle = tone;
    }
    g.stroke();
    g.fill();
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.labels = {collect, place, draw};
})();
