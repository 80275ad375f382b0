// Road sections coloured by value: each direction beside the other on the right of its way, a few pixels apart at every zoom.
(() => {
  'use strict';

  const WIDTH = {z7: 1.6, z9: 2.6, z11: 3.6, z13: 5, z15: 8};
  const APART = .65; // of the width, from the middle of the road
  const REACH_PX = 10; // beside a line that a pointer still means
  const FLAT = {depthCompare: 'always', depthWriteEnabled: false};
  const NO_DATA = 65535, SUPPRESSED = 65534, ESTIMATED = 32768;

  const degreesPerPixel = (lat, zoom) => window.cityhexMap.lod.metresPerPixel(lat, zoom) / 111320;

  /** The line moved to its right by so many pixels: the mean of the normals of both steps at each vertex. */
  function beside(path, px, zoom) {
    const out = new Float64Array(path.length), n = path.length / 2;
    const shrink = Math.cos(path[1] * Math.PI / 180), by = px * degreesPerPixel(path[1], zoom);
    for (let i = 0; i < n; i++) {
      const a = Math.max(0, i - 1), b = Math.min(n - 1, i + 1);
      const east = (path[2 * b] - path[2 * a]) * shrink, north = path[2 * b + 1] - path[2 * a + 1];
      const length = Math.hypot(east, north) || 1;
      out[2 * i] = path[2 * i] + by * north / length / shrink;
      out[2 * i + 1] = path[2 * i + 1] - by * east / length;
    }
    return out;
  }

  /** Colour, width and strength of a section by its code. */
  function look(code, spec, style, bounds) {
    const {suppressed, no_data: none, estimated} = style.states;
    if (code === NO_DATA) return {colour: none.outline, share: .35, alpha: .8};
    if (code === SUPPRESSED) return {colour: suppressed.hatch, share: .6, alpha: 1};
    const group = bounds.filter((b) => (code & (ESTIMATED - 1)) >= b).length;
    return {colour: spec.colours[group], share: 1, alpha: code & ESTIMATED ? estimated.opacity : 1};
  }

  /** Deck layers of a layer of sections; the zoom in quarter steps, so that a drag draws nothing anew. */
  function layers(layer, style, zoom, fade, bounds) {
    const {id, spec, shown: {geometry: g, values}} = layer;
    const {PathLayer} = window.cityhexDeck, {bytes, atZoom} = window.cityhexMap.style;
    const near = Math.round(zoom * 4) / 4, width = atZoom(WIDTH, near) * style.k;
    const key = [layer.shown.key, near, fade, spec.opacity, spec.colours.join(), style.land, style.k].join();
    if (layer.lineKey === key) return layer.lineLayers;
    const rows = g.paths.map((path, i) => ({
      ...look(values.codes[i], spec, style, bounds), path: beside(path, APART * width, near + Math.log2(style.k)),
    })).sort((a, b) => a.share - b.share);
    const opacity = (spec.opacity ?? 1) * fade;
    const drawn = (name, data, colour, wide) => new PathLayer({
      id: `${name}-${id}`, data, getPath: (r) => r.path, positionFormat: 'XY', widthUnits: 'pixels', getWidth: wide, getColor: colour,
      jointRounded: true, capRounded: false, parameters: FLAT, updateTriggers: {getPath: key, getColor: key, getWidth: key},
    });
    layer.lineKey = key;
    layer.lineLayers = [
      drawn('line-case', rows, bytes(style.land, .9 * opacity), (r) => r.share * width + 1.6 * style.k),
      drawn('line', rows, (r) => bytes(r.colour, r.alpha * opacity), (r) => r.share * width),
    ];
    return layer.lineLayers;
  }

  /** The section nearest to a coordinate, there and back as a ring; null where none is within reach. */
  function nearest(geometry, lon, lat, zoom) {
    const shrink = Math.cos(lat * Math.PI / 180);
    let best = -1, least = (REACH_PX * degreesPerPixel(lat, zoom)) ** 2;
    geometry.paths.forEach((path, k) => {
      for (let i = 0; i < path.length - 2; i += 2) {
        const x = (path[i] - lon) * shrink, y = path[i + 1] - lat;
        const dx = (path[i + 2] - path[i]) * shrink, dy = path[i + 3] - path[i + 1];
        const t = Math.max(0, Math.min(1, -(x * dx + y * dy) / (dx * dx + dy * dy || 1)));
        const d = (x + t * dx) ** 2 + (y + t * dy) ** 2;
        if (d < least) { least = d; best = k; }
      }
    });
    return best < 0 ? null : thereAndBack(geometry.paths[best]);
  }

  function thereAndBack(path) {
    const points = Array.from({length: path.length / 2}, (_, i) => [path[2 * i], path[2 * i + 1]]);
    return [...points, ...points.slice(1, -1).reverse()];
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.lines = {layers, nearest, beside};
})();
