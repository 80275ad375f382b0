// Polygons: rings to triangles (once per geometry) and the question which feature lies under a coordinate.
(() => {
  'use strict';

  /** Adds to a decoded polygon answer the triangles as positions and features in whole rows, and a box per feature. */
  function prepare(decoded) {
    const {ROW, mercatorX, mercatorY, boxes} = window.cityhexMap.wire;
    const first = decoded.rings[0];
    const origin = first ? [mercatorX(first.ring[0]), mercatorY(first.ring[1])] : [0, 0];
    const corners = [], features = [];
    for (const part of partsOf(decoded.rings)) {
      const flat = [], holes = [];
      for (const {ring} of part) {
        if (flat.length) holes.push(flat.length / 2);
        for (let i = 0; i < ring.length - 2; i += 2) flat.push(mercatorX(ring[i]) - origin[0], mercatorY(ring[i + 1]) - origin[1]);
      }
      const triangles = window.cityhexDeck.earcut(flat, holes, 2);
      for (let i = 0; i < triangles.length; i++) corners.push(flat[2 * triangles[i]], flat[2 * triangles[i] + 1]);
      for (let i = 0; i < triangles.length; i += 3) features.push(part[0].feature);
    }
    const rows = Math.max(1, Math.ceil(features.length / ROW));
    const positions = new Float32Array(rows * ROW * 6);
    positions.set(corners);
    const owner = new Uint32Array(rows * ROW);
    owner.set(features);
    const boxOf = featureBoxes(decoded);
    return {...decoded, origin, positions, features: owner, triangles: features.length, boxOf, bounds: boxes(positions, 3 * features.length, 3 * ROW)};
  }

  /** An outer ring and the holes that follow it. */
  function partsOf(rings) {
    const parts = [];
    for (const ring of rings) {
      if (!ring.hole || !parts.length) parts.push([]);
      parts[parts.length - 1].push(ring);
    }
    return parts;
  }

  function featureBoxes(decoded) {
    const boxes = Array.from({length: decoded.count}, () => [Infinity, Infinity, -Infinity, -Infinity]);
    for (const {feature, ring} of decoded.rings) {
      const b = boxes[feature];
      for (let i = 0; i < ring.length; i += 2) {
        b[0] = Math.min(b[0], ring[i]);
        b[1] = Math.min(b[1], ring[i + 1]);
        b[2] = Math.max(b[2], ring[i]);
        b[3] = Math.max(b[3], ring[i + 1]);
      }
    }
    return boxes;
  }

  /** Rings of the first feature that holds the coordinate (crossing number over all its rings), or null. */
  function featureAt(mesh, lon, lat) {
    for (let f = 0; f < mesh.count; f++) {
      const [w, s, e, n] = mesh.boxOf[f];
      if (lon < w || lon > e || lat < s || lat > n) continue;
      const rings = mesh.rings.filter((r) => r.feature === f).map((r) => r.ring);
      if (rings.reduce((inside, ring) => inside !== crosses(ring, lon, lat), false)) return {feature: f, rings};
    }
    return null;
  }

  function crosses(ring, x, y) {
    let odd = false;
    for (let i = 0; i < ring.length - 2; i += 2) {
      const y0 = ring[i + 1], y1 = ring[i + 3];
      if ((y0 > y) !== (y1 > y) && x < ring[i] + (y - y0) / (y1 - y0) * (ring[i + 2] - ring[i])) odd = !odd;
    }
    return odd;
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.mesh = {prepare, featureAt};
})();
