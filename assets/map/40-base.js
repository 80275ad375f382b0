// The base map: neighbours, land, water and roads from the city's own layers (layers/basemap.py), as quiet deck layers.
// Below: what lies under the data. Above: what lies over it. Line data keep their identity, so a zoom step changes uniforms.
(() => {
  'use strict';

  const UNIT = 1e-5; // degrees per whole number in the file
  const FLAT = {depthCompare: 'always', depthWriteEnabled: false};
  const UNDER_ROADS = .55; // roads over data

  /** Differences of whole numbers -> flat degrees. */
  function line(steps) {
    const out = new Float64Array(steps.length);
    for (let i = 0, x = 0, y = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      out[i] = x * UNIT;
      out[i + 1] = y * UNIT;
    }
    return out;
  }

  /** Rings -> what SolidPolygonLayer takes without asking: one flat array, and where each hole begins. */
  function solid(rings) {
    const positions = new Float64Array(rings.reduce((n, r) => n + r.length, 0)), holeIndices = [];
    let at = 0;
    for (const ring of rings) {
      if (at) holeIndices.push(at);
      positions.set(ring, at);
      at += ring.length;
    }
    return {positions, holeIndices};
  }

  class BaseMap {
    constructor(payload) {
      this.payload = payload;
      this.tiers = payload.tiers.map(() => null);
      this.labels = payload.labels;
      this.bounds = payload.bounds;
    }

    /** Geometry of the tier for this zoom, unpacked on first use. */
    tier(zoom) {
      const found = this.payload.tiers.findIndex((t) => zoom < t.below);
      const i = found < 0 ? this.tiers.length - 1 : found;
      if (!this.tiers[i]) {
        const t = this.payload.tiers[i];
        const polygons = (list) => list.map((rings) => rings.map(line));
        const lines = (list) => list.map(line);
        const land = polygons(t.land), near = polygons(t.near);
        this.tiers[i] = {
          land: land.map(solid), near: near.map(solid), lakes: polygons(t.lakes).map(solid),
          border: land.flat(), nearLines: near.flat(), inner: lines(t.inner),
          rivers: t.rivers.map(([width, steps]) => ({width, path: line(steps)})),
          roads: Object.fromEntries(Object.entries(t.roads).map(([rank, list]) => [rank, lines(list)])),
        };
      }
      return {...this.tiers[i], index: i};
    }

    /** Under the data. */
    below(style, zoom) {
      const t = this.tier(zoom), out = [];
      fill(out, t, 'near', t.near, style.near);
      path(out, t, 'near-line', t.nearLines, style['neighbour-line'], style.k);
      fill(out, t, 'land', t.land, style.land);
      fill(out, t, 'lake', t.lakes, style.water);
      this.rivers(out, t, style, zoom, 'river', 1, 1);
      if (this.payload.around.length) out.push(this.around(style));
      return out;
    }

    around(style) {
      const {ScatterplotLayer} = window.cityhexDeck;
      return new ScatterplotLayer({
        id: 'base-around', data: this.payload.around, getPosition: (p) => p, getFillColor: window.cityhexMap.style.bytes(style['neighbour-town']),
        radiusUnits: 'pixels', getRadius: 1.7 * style.k, parameters: FLAT, updateTriggers: {getFillColor: style['neighbour-town']},
      });
    }

    /** Over the data: water and roads thinner and paler when there is data, then borders with their water-lining. */
    above(style, zoom, overData) {
      const t = this.tier(zoom), out = [];
      if (overData) this.rivers(out, t, style, zoom, 'river-over', .7, .8);
      this.roads(out, t, style, zoom, overData ? UNDER_ROADS : 1);
      if (overData) path(out, t, 'inner-case', t.inner, style.land, 2.4 * style.k, .4);
      path(out, t, 'inner', t.inner, style['grid-line'], style.k, .85);
      const {halo_px: px, halo_alpha: alpha, line_px: width} = style.marks.border;
      for (let i = px.length - 1; i >= 0; i--) path(out, t, 'halo-' + i, t.border, style['border-halo'], px[i] * style.k, alpha[i]);
      path(out, t, 'border', t.border, style.border, width * style.k);
      return out;
    }

    rivers(out, t, style, zoom, id, alpha, thin) {
      const scale = window.cityhexMap.style.atZoom(style.marks.river, zoom) * thin * style.k;
      path(out, t, id, t.rivers, style.water, scale, alpha, {getPath: (r) => r.path, getWidth: (r) => r.width, widthScale: scale});
    }

    roads(out, t, style, zoom, alpha) {
      const {atZoom} = window.cityhexMap.style, {marks, k} = style;
      const road = (rank, tone, width, casing) => {
        const lines = t.roads[rank];
        if (!lines || !lines.length) return;
        path(out, t, `road-${rank}-case`, lines, style[`road-${tone}-case`], (width + casing) * k, alpha);
        path(out, t, `road-${rank}`, lines, style[`road-${tone}`], width * k, alpha);
      };
      if (zoom > 11.5) road(3, 2, 2.4, 1.2);
      if (zoom > 8.8) road(2, 2, atZoom(marks.roads[2], zoom), 1.2);
      road(1, 1, atZoom(marks.roads[1], zoom), 1.6);
    }
  }

  function fill(out, tier, id, polygons, colour) {
    if (!polygons.length) return;
    const {SolidPolygonLayer} = window.cityhexDeck;
    out.push(new SolidPolygonLayer({
      id: `base-${id}-${tier.index}`, data: polygons, getPolygon: (p) => p, positionFormat: 'XY', parameters: FLAT,
      getFillColor: window.cityhexMap.style.bytes(colour), updateTriggers: {getFillColor: colour},
    }));
  }

  function path(out, tier, id, lines, colour, width, alpha = 1, more = {}) {
    if (!lines.length) return;
    const {PathLayer} = window.cityhexDeck;
    out.push(new PathLayer({
      id: `base-${id}-${tier.index}`, data: lines, getPath: (p) => p, positionFormat: 'XY', parameters: FLAT, widthUnits: 'pixels',
      getColor: window.cityhexMap.style.bytes(colour, alpha), getWidth: 1, widthScale: width, jointRounded: true, capRounded: true,
      updateTriggers: {getColor: [colour, alpha]}, ...more,
    }));
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.BaseMap = BaseMap;
})();
