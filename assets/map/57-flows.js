// Flows between places: which of them are shown (the largest ones, and how much of all they are), and the arcs that draw them.
// Curves, widths and arrowheads follow the visual language, section 7 (after Jenny et al. 2018).
(() => {
  'use strict';

  const SHOWABLE = 32766;     // codes from here on are suppressed or no data, but for the bit of estimates
  const ESTIMATED = 32768, SUPPRESSED = 65534;
  const FINE = 256, STEPS = 48; // points along a curve that are looked at, and that are kept
  const RING_PX = 9;

  const valueOf = (code, {factor, offset}) => (code & (ESTIMATED - 1)) * factor + offset;
  const isShown = (code) => code < SUPPRESSED && (code & (ESTIMATED - 1)) < SHOWABLE;

  /**
   * The flows a layer shows: the `top` largest of at least `least`, of `focus` only where a place is chosen.
   * `at(i)` is the code of flow i; returns their numbers from small to large, so that large ones are drawn on top, and the sums.
   */
  function select({n, at, scale, ends}, {top, least, focus}) {
    const all = [], kept = [];
    for (let i = 0; i < n; i++) {
      const code = at(i), value = isShown(code) ? valueOf(code, scale) : 0;
      if (!(value > 0)) continue;
      all.push(value);
      if (value >= (least || 0) && (focus == null || ends(i).includes(focus))) kept.push({i, value});
    }
    kept.sort((a, b) => b.value - a.value || a.i - b.i);
    const drawn = kept.slice(0, top || kept.length);
    return {drawn: drawn.reverse(), pairs: all.length, persons: drawn.reduce((sum, f) => sum + f.value, 0), published: all.reduce((a, b) => a + b, 0)};
  }

  /** Quadratic curve in Web Mercator, bent to its right and more so when long, cut before its ends. Null where there is no room. */
  function arc(from, to, {width, zoom, k, flow, bend = 1}) {
    const {mercatorX: mx, mercatorY: my, longitude, latitude} = window.cityhexMap.wire;
    const s = [mx(from[0]), my(from[1])], t = [mx(to[0]), my(to[1])], dx = t[0] - s[0], dy = t[1] - s[1];
    const px = 2 ** zoom, length = Math.hypot(dx, dy) * px;
    const by = Math.min(flow.bend_max, flow.bend + length / (k * 9000)) * bend;
    const c = [(s[0] + t[0]) / 2 + dy * by, (s[1] + t[1]) / 2 - dx * by];
    const at = (u) => [0, 1].map((a) => (1 - u) ** 2 * s[a] + 2 * u * (1 - u) * c[a] + u * u * t[a]);
    const far = (p, q, least) => Math.hypot(p[0] - q[0], p[1] - q[1]) >= least;
    const w = width * k, headLong = Math.max(flow.arrow.min_px * k, w * flow.arrow.length_w) / px;
    const headWide = Math.max(flow.arrow.min_px * .8 * k, w * flow.arrow.width_w) / px / 2;
    const points = Array.from({length: FINE + 1}, (_, i) => at(i / FINE)).filter((p) => far(p, s, 7 * k / px) && far(p, t, 9 * k / px));
    if (points.length < 6) return null;
    const tip = points[points.length - 1];
    let j = points.length - 1;
    while (j > 1 && !far(points[j], tip, headLong)) j--;
    const base = points[j], ux = tip[0] - base[0], uy = tip[1] - base[1], ul = Math.hypot(ux, uy) || 1;
    const side = (sign) => [base[0] - sign * uy / ul * headWide, base[1] + sign * ux / ul * headWide];
    const notch = [base[0] + ux * .18, base[1] + uy * .18];
    const step = Math.max(1, Math.floor(j / STEPS));
    const path = [...points.slice(0, j).filter((_, i) => i % step === 0), base, notch];
    const degrees = (p) => [longitude(p[0]), latitude(p[1])];
    return {path: path.map(degrees), head: [tip, side(1), notch, side(-1)].map(degrees), width: w};
  }

  /** Flows `[{from, to, width, colour, bend?}]` as shapes at a zoom; the ends are [lon, lat]. One that stays where it is becomes a ring. */
  function shape(flows, style, zoom) {
    const {marks: {flow}, k} = style, here = (f) => f.from[0] === f.to[0] && f.from[1] === f.to[1];
    const arcs = flows.filter((f) => !here(f)).map((f) => ({...f, ...arc(f.from, f.to, {width: f.width, zoom, k, flow, bend: f.bend})}));
    return {rings: flows.filter(here), arcs: arcs.filter((f) => f.path)};
  }

  /**
   * Deck layers of flows, given as they are or as `shapes`. `alpha` dims all of them; the colour grows from the source to the target.
   * `scale` of the widths and `opacity` are uniforms: drawing the same shapes with others of them builds nothing anew.
   */
  function layers(id, flows, style, zoom, alpha = 1, {shapes = shape(flows, style, zoom), scale = 1, opacity = 1} = {}) {
    const {PathLayer, ScatterplotLayer, SolidPolygonLayer} = window.cityhexDeck, {bytes} = window.cityhexMap.style, {flow} = style.marks, {k} = style;
    const {arcs, rings} = shapes;
    const rise = (f, factor) => f.path.map((_, i) => flow.alpha[0] + (flow.alpha[1] - flow.alpha[0]) * Math.min(1, (i / (f.path.length - 2)) ** .8)).map((a) => a * factor * alpha);
    const path = (name, colour, width, factor) => new PathLayer({
      id: `${name}-${id}`, data: arcs, getPath: (f) => f.path, getColor: (f) => rise(f, factor).map((a) => bytes(colour(f), a)), getWidth: width,
      widthScale: scale, opacity, widthUnits: 'pixels', positionFormat: 'XY', parameters: {depthCompare: 'always', depthWriteEnabled: false},
    });
    return [
      new ScatterplotLayer({
        id: `flow-ring-${id}`, data: rings, opacity, getPosition: (f) => f.from, stroked: true, filled: false, radiusUnits: 'pixels', lineWidthUnits: 'pixels',
        getRadius: (f) => (RING_PX + f.width / 2) * k, getLineWidth: (f) => f.width * k, getLineColor: (f) => bytes(f.colour, .8 * alpha),
        parameters: {depthCompare: 'always', depthWriteEnabled: false},
      }),
      path('flow-case', () => style.halo, (f) => f.width + 2.4 * k, .55),
      path('flow', (f) => f.colour, (f) => f.width, 1),
      new SolidPolygonLayer({
        id: `flow-head-${id}`, data: arcs, opacity, getPolygon: (f) => f.head, getFillColor: (f) => bytes(f.colour, flow.alpha[1] * alpha), positionFormat: 'XY',
        parameters: {depthCompare: 'always', depthWriteEnabled: false},
      }),
    ];
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.flows = {select, arc, shape, layers, isShown, valueOf};
})();
