// What lies under the pointer, from geometry the browser has anyway: no request, no picking pass on the GL canvas.
(() => {
  'use strict';

  const ROW = 256;

  /** Outline of the cell whose centre is nearest to the coordinate, or null if that cell does not hold it. */
  function hexAt(geometry, lon, lat) {
    const {mercatorX, mercatorY} = window.cityhexMap.wire;
    const x = mercatorX(lon) - geometry.origin[0], y = mercatorY(lat) - geometry.origin[1];
    const {bounds, positions, count} = geometry;
    let best = -1, least = Infinity;
    for (let row = 0; row < bounds.length / 4; row++) { // rows follow H3 order, so only a few boxes hold the point
      const b = 4 * row;
      if (x < bounds[b] || y < bounds[b + 1] || x > bounds[b + 2] || y > bounds[b + 3]) continue;
      for (let i = row * ROW; i < Math.min(count, (row + 1) * ROW); i++) {
        const d = (positions[2 * i] - x) ** 2 + (positions[2 * i + 1] - y) ** 2;
        if (d < least) { least = d; best = i; }
      }
    }
    if (best < 0) return null;
    const px = positions[2 * best], py = positions[2 * best + 1], s = geometry.shape;
    if (least > (s[0] ** 2 + s[3] ** 2) * 1.05) return null;
    return {index: best, ring: ringAt(geometry, px, py)};
  }

  /** Outline model: corner = a + b dx + c dy for x and y, relative to the centre. */
  function ringAt({shape: s, origin}, px, py) {
    const {longitude, latitude} = window.cityhexMap.wire;
    return Array.from({length: 6}, (_, k) => {
      const at = (axis) => s[6 * k + 3 * axis] + s[6 * k + 3 * axis + 1] * px + s[6 * k + 3 * axis + 2] * py;
      return [longitude(px + at(0) + origin[0]), latitude(py + at(1) + origin[1])];
    });
  }

  /**
   * Layers that take part in clicks, the one meant first: `layers` come bottom to top, points and fills before mere outlines,
   * since an outline covers the whole of what lies inside it.
   */
  function pickable(layers) {
    const pick = layers.filter((l) => l.shown && l.spec.pick).reverse();
    return [...pick.filter((l) => l.spec.kind !== 'outline'), ...pick.filter((l) => l.spec.kind === 'outline')];
  }

  /** Rings of the shape under the coordinate that a click would choose. */
  function under(layers, lon, lat, zoom) {
    for (const layer of pickable(layers)) {
      const {geometry} = layer.shown;
      if (layer.spec.kind === 'hex') {
        const cell = hexAt(geometry, lon, lat);
        if (cell) return [cell.ring];
      } else if (geometry.kind === 'line') {
        const line = window.cityhexMap.lines.nearest(geometry, lon, lat, zoom);
        if (line) return [line];
      } else if (geometry.kind === 'polygon') {
        const area = window.cityhexMap.mesh.featureAt(geometry, lon, lat);
        if (area) return area.rings;
      }
    }
    return null;
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.hover = {under, hexAt, pickable};
})();
