// Tokens to colours and numbers. The values are those of layers/design/tokens.json, which the spec carries; the marks below
// stand in only for what a spec leaves out.
(() => {
  'use strict';

  const MARKS = {
    select: {case_px: 5, line_px: 2}, hover: {line_px: 1.5, fill_alpha: .08}, hex: {min_cell_px: 4},
    border: {line_px: 1.6, halo_px: [5, 10, 16], halo_alpha: [.16, .1, .05]},
    river: {z8: 1.4, z10: 2.6, z12: 5},
    roads: {1: {z8: 1.2, z10: 2.2, z12: 4, z14: 7}, 2: {z9: .8, z11: 1.4, z13: 3}},
    labels: {
      district: {px: 15, weight: 600, spacing_px: 3}, seat: {px: 14, weight: 600}, town: {px: 12.5, weight: 500, min_zoom: 9.2},
      neighbour: {px: 13, weight: 400, spacing_px: 4}, water: {px: 11.5, weight: 400, min_zoom: 9.6}, halo_px: 3, padding_px: 3,
    },
  };
  const STATES = {suppressed: {fill: '#dfe2e6', hatch: '#b1b9c3'}, no_data: {outline: '#b9c0c8'}, estimated: {opacity: .5}};

  /** The style of a spec with everything a drawing function asks for. */
  function resolve(spec) {
    const style = spec.style || {};
    const marks = {...MARKS, ...style.marks};
    const states = {...STATES, ...style.states};
    return {...style, marks, states, font: style.font || 'sans-serif', k: spec.k || 1, lang: spec.lang || 'zh-Hans'};
  }

  const channel = (hex, i) => parseInt(hex.slice(i, i + 2), 16);

  /** "#rrggbb" -> [r, g, b, a] in 0..255, as deck's own layers want it. */
  const bytes = (hex, alpha = 1) => [channel(hex, 1), channel(hex, 3), channel(hex, 5), Math.round(alpha * 255)];

  /** "#rrggbb" -> [r, g, b, a] in 0..1, as the shaders want it. */
  const unit = (hex, alpha = 1) => [channel(hex, 1) / 255, channel(hex, 3) / 255, channel(hex, 5) / 255, alpha];

  const css = (hex, alpha) => `rgba(${channel(hex, 1)},${channel(hex, 3)},${channel(hex, 5)},${alpha})`;

  /** A size given at some zooms ({z8: 1.4, z10: 2.6}), linear between them, constant outside. */
  function atZoom(table, zoom) {
    const stops = Object.keys(table).filter((key) => /^z\d/.test(key)).map((key) => +key.slice(1)).sort((a, b) => a - b);
    if (zoom <= stops[0]) return table['z' + stops[0]];
    for (let i = 1; i < stops.length; i++) {
      if (zoom > stops[i]) continue;
      const share = (zoom - stops[i - 1]) / (stops[i] - stops[i - 1]);
      return table['z' + stops[i - 1]] * (1 - share) + table['z' + stops[i]] * share;
    }
    return table['z' + stops[stops.length - 1]];
  }

  /** No gliding where it is not wanted, nor where every frame is drawn without a graphics card. */
  const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches || window.cityhexMap.software;

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.style = {resolve, bytes, unit, css, atZoom};
  map.still = still;
})();
