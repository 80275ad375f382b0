// One layer of the spec on the map: which resolution, which addresses, what is shown until the answer is here, and the deck
// layers that draw it. A layer swaps to new data only when geometry and values are both here, so a picture never half changes.
(() => {
  'use strict';

  const FINER = 1.75;     // a finer resolution is taken when its cells reach 1.75 x the least size ...
  const COARSER = 1;      // ... and left when they fall below it: in between nothing changes, so a zoom never flickers
  const POINTS_BELOW = 3; // px: smaller cells are drawn as squares
  const WIDTH = Math.sqrt(3); // of a cell, flat to flat, in edges
  const EDGE_M = {0: 1281256, 1: 483057, 2: 182513, 3: 68979, 4: 26072, 5: 9854, 6: 3725, 7: 1406, 8: 531.4, 9: 200.8, 10: 75.86,
    11: 28.66, 12: 10.83, 13: 4.09, 14: 1.55, 15: .584}; // mean edge of H3 cells, h3geo.org "Tables of Cell Statistics"
  const SHAPES = {circle: 0, square: 1, triangle: 2, diamond: 3};
  const FLAT = {depthCompare: 'always', depthWriteEnabled: false};

  const metresPerPixel = (lat, zoom) => 40075016.686 * Math.cos(lat * Math.PI / 180) / 512 / 2 ** zoom;

  /** Resolution for a view, given the one shown now (or null): cells of at least `least` px, with hysteresis. */
  function pickResolution(available, view, current, least) {
    const sorted = [...available].sort((a, b) => a - b);
    const px = (res) => WIDTH * EDGE_M[res] / metresPerPixel(view.latitude, view.zoom);
    const fits = (res) => px(res) >= least * (current !== null && res <= current ? COARSER : FINER);
    let best = sorted[0];
    for (const res of sorted) if (fits(res)) best = res;
    return best;
  }

  class MapLayer {
    constructor(spec) {
      this.spec = spec;
      this.shown = null;   // {key, res, period, geometry, values}
      this.waits = null;   // key of what has been asked for
      this.failed = null;  // key of what could not be had
      this.since = 0;      // when it was asked for
    }

    get id() { return this.spec.id; }

    inRange(zoom) {
      return this.spec.visible !== false && zoom >= (this.spec.min_zoom ?? -Infinity) && zoom < (this.spec.max_zoom ?? Infinity);
    }

    resolution(view, style) {
      const {kind, resolution, resolutions} = this.spec;
      if (kind !== 'hex') return null;
      if (resolution != null) return resolution;
      const now = this.shown && resolutions.includes(this.shown.res) ? this.shown.res : null;
      return pickResolution(resolutions, view, now, (style.marks.hex.min_cell_px || 4) * style.k);
    }

    /** What should be on screen: addresses of geometry and values; `key` names the pair. */
    wanted(view, period, style) {
      const res = this.resolution(view, style);
      const own = this.spec.periods ? this.nearestPeriod(period) : '-';
      const fill = (template) => template && template.replace('{res}', res ?? '-').replace('{period}', encodeURIComponent(own));
      const geometry = fill(this.spec.geometry), values = fill(this.spec.values);
      return {res, period: own, geometry, values, key: `${geometry} ${values || ''}`};
    }

    /** The period itself where the layer has it, else its latest one before it, else its first; hours know no nearest. */
    nearestPeriod(period) {
      const {periods, start} = this.spec, own = start ?? periods[periods.length - 1];
      if (periods.includes(period)) return period;
      if (period == null || !/^\d/.test(period) || !/^\d/.test(own)) return own;
      const before = periods.filter((p) => p <= period);
      return before.length ? before[before.length - 1] : periods[0];
    }

    /** Addresses of the periods beside the one shown. */
    neighbours(view, style) {
      const {periods} = this.spec;
      if (!periods || !this.shown) return [];
      const i = periods.indexOf(this.shown.period);
      return [i + 1, i - 1].filter((j) => j >= 0 && j < periods.length).map((j) => this.wanted(view, periods[j], style).values);
    }

    /** Deck layers of what is shown, at `fade` of its opacity while something newer is on its way. */
    draw(style, zoom, fade) {
      if (!this.shown) return [];
      switch (this.spec.kind) {
        case 'hex': return [hexes(this, style, fade)];
        case 'polygon': return areas(this, style, fade);
        case 'point': return [points(this, style, zoom, fade)];
        case 'outline': return outlines(this, style, fade);
        case 'flow': return flows(this, style, zoom, fade);
        case 'line': return roads(this, style, zoom, fade);
        default: return [];
      }
    }
  }

  /** Lower bounds in codes; layers/wire.py `code_bounds` does the same. */
  function classBounds(breaks, {factor, offset}) {
    return breaks.map((b) => (b > offset ? Math.min(32768, Math.max(1, Math.ceil((b - offset) / factor - 1e-9))) : 0));
  }

  function stateLooks(style, opacity) {
    const {unit} = window.cityhexMap.style, {suppressed, no_data: none, estimated} = style.states;
    return {
      suppressed: unit(suppressed.fill, opacity), hatch: unit(suppressed.hatch, opacity), estimated: estimated.opacity,
      nodata: unit(style.outside, opacity > .8 ? 1 : opacity), nodataLine: unit(none.outline),
    };
  }

  function classLooks(spec, values) {
    const {unit} = window.cityhexMap.style;
    return {colours: spec.colours.map((c) => unit(c)), classBounds: classBounds(spec.breaks || [], values)};
  }

  function hexes({id, spec, shown}, style, fade) {
    const opacity = (spec.opacity ?? 1) * fade, {geometry: g, values} = shown;
    return new window.cityhexDeck.HexLayer({
      id: `hex-${id}-${shown.res}`, data: g, positions: g.positions, bounds: g.bounds, origin: g.origin, count: g.count, shape: g.shape,
      codes: values.codes, opacity, pointsBelow: POINTS_BELOW, ...classLooks(spec, values), ...stateLooks(style, opacity),
    });
  }

  function areas({id, spec, shown}, style, fade) {
    const opacity = (spec.opacity ?? 1) * fade, {geometry: g, values} = shown;
    return [
      new window.cityhexDeck.MeshLayer({
        id: `area-${id}`, data: g, positions: g.positions, bounds: g.bounds, origin: g.origin, count: g.triangles, features: g.features,
        codes: values.codes, opacity, ...classLooks(spec, values), ...stateLooks(style, opacity),
      }),
      lines(`area-${id}-line`, g, style.land, .8 * style.k, .7 * fade),
    ];
  }

  function outlines({id, spec, shown}, style, fade) {
    const {geometry: g} = shown, alpha = (spec.opacity ?? 1) * fade;
    if (!spec.own) return [lines(`outline-${id}`, g, spec.colour || style['grid-line'], (spec.width || 1) * style.k, alpha)];
    return [lines(`outline-${id}-case`, g, style['select-case'], 6 * style.k, alpha), lines(`outline-${id}`, g, spec.colour || style.select, 2.6 * style.k, alpha)];
  }

  function lines(id, geometry, colour, width, alpha) {
    return new window.cityhexDeck.PathLayer({
      id, data: geometry.rings, getPath: (r) => r.ring, positionFormat: 'XY', widthUnits: 'pixels', getWidth: 1, widthScale: width,
      getColor: window.cityhexMap.style.bytes(colour, alpha), jointRounded: true, parameters: FLAT, updateTriggers: {getColor: [colour, alpha]},
    });
  }

  /** Marks grow with the zoom: a million dots of 2 px show where, a hundred of 9 px can be hit. */
  function markSize(zoom, size, k) {
    return k * window.cityhexMap.style.atZoom({z7: 2, z9: 2.8, z11: .55 * size, z13: .85 * size, z15: size, z17: 1.25 * size}, zoom);
  }

  function points({id, spec, shown}, style, zoom, fade) {
    const {unit} = window.cityhexMap.style, {geometry: g} = shown;
    return new window.cityhexDeck.PointLayer({
      id: `point-${id}`, data: g, positions: g.positions, bounds: g.bounds, origin: g.origin, count: g.count, classes: g.classes,
      colours: spec.colours.map((c) => unit(c)), shapes: (spec.shapes || []).map((s) => SHAPES[s] || 0), halo: unit(style.halo),
      opacity: (spec.opacity ?? 1) * fade, size: markSize(zoom, spec.size || 9, style.k), parameters: FLAT,
    });
  }

  /** Arcs of the largest flows, of the chosen place only where one is chosen; the zoom in steps, so that a drag draws nothing anew. */
  function flows(layer, style, zoom, fade) {
    const {id, spec, shown: {geometry: g, values}} = layer, {flows: own} = window.cityhexMap, {flow} = style.marks;
    const near = Math.round((zoom + Math.log2(style.k)) * 8) / 8;
    const key = [layer.shown.key, spec.top, spec.least, spec.focus, near, fade, spec.opacity, style.halo].join();
    if (layer.flowKey === key) return layer.flowLayers;
    const bounds = classBounds(spec.breaks, values), classOf = (code) => bounds.filter((b) => (code & 32767) >= b).length;
    const ends = (i) => [spec.codes[g.origin[i]], spec.codes[g.target[i]]];
    layer.chosen = own.select({n: g.count, at: (i) => values.codes[i], scale: values, ends}, spec);
    const arcs = layer.chosen.drawn.map(({i}) => {
      const width = flow.width_px[Math.min(classOf(values.codes[i]), flow.width_px.length - 1)];
      return {from: g.places[g.origin[i]], to: g.places[g.target[i]], width, colour: spec.colours[0]};
    });
    layer.flowKey = key;
    layer.flowLayers = own.layers(id, arcs, style, near, (spec.opacity ?? 1) * fade);
    return layer.flowLayers;
  }

  function roads(layer, style, zoom, fade) {
    const {spec, shown: {values}} = layer;
    return window.cityhexMap.lines.layers(layer, style, zoom, fade, classBounds(spec.breaks || [], values));
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.MapLayer = MapLayer;
  map.lod = {pickResolution, metresPerPixel, markSize};
})();
