// The wire format (docs/map.md) in the browser: bytes in, typed arrays in whole rows of 256 out, ready to become textures.
// The same file runs as a Worker for large answers: `new Worker(<its own address>)`.
(() => {
  'use strict';

  const ROW = 256;
  const WORLD = 512;
  const KINDS = {1: 'hex', 2: 'values', 3: 'polygon', 4: 'point', 5: 'flow', 6: 'line'};
  const WORKER_FROM = 100000; // elements; below, posting costs more than decoding

  const mercatorX = (lon) => WORLD * (lon + 180) / 360;
  const mercatorY = (lat) => WORLD * (Math.PI + Math.log(Math.tan(Math.PI / 4 + lat * Math.PI / 360))) / (2 * Math.PI);
  const longitude = (x) => x / WORLD * 360 - 180;
  const latitude = (y) => (Math.atan(Math.exp(y / WORLD * 2 * Math.PI - Math.PI)) - Math.PI / 4) * 360 / Math.PI;

  class Reader {
    constructor(buffer) {
      this.buffer = buffer;
      this.view = new DataView(buffer);
      if (buffer.byteLength < 16 || this.view.getUint32(0) !== 0x43585731) throw new Error('not a CXW1 answer');
      if (this.view.getUint8(4) !== 1) throw new Error(`wire version ${this.view.getUint8(4)} is unknown`);
      this.kind = KINDS[this.view.getUint8(5)];
      this.n = this.view.getUint32(8, true);
      this.m = this.view.getUint32(12, true);
      this.at = 16;
    }

    f64() { const v = this.view.getFloat64(this.at, true); this.at += 8; return v; }
    u32() { const v = this.view.getUint32(this.at, true); this.at += 4; return v; }

    f32(n) {
      const out = new Float32Array(n);
      for (let i = 0; i < n; i++) out[i] = this.view.getFloat32(this.at + 4 * i, true);
      this.at += 4 * n;
      return out;
    }

    u8(n, length = n) {
      const out = new Uint8Array(length);
      out.set(new Uint8Array(this.buffer, this.at, n));
      this.at += n;
      return out;
    }

    /** Differences, zigzag, byte planes -> whole numbers. */
    column(n) {
      const b = new Uint8Array(this.buffer, this.at, 4 * n);
      const out = new Int32Array(n);
      for (let i = 0, value = 0; i < n; i++) {
        const z = (b[i] | b[n + i] << 8 | b[2 * n + i] << 16 | b[3 * n + i] << 24) >>> 0;
        value += (z >>> 1) ^ -(z & 1);
        out[i] = value;
      }
      this.at += 4 * n;
      return out;
    }

    /** 16-bit codes in byte planes, padded to whole rows with "no data". */
    codes(n) {
      const b = new Uint8Array(this.buffer, this.at, 2 * n);
      const out = new Uint16Array(rows(n) * ROW).fill(65535);
      for (let i = 0; i < n; i++) out[i] = b[i] | b[n + i] << 8;
      this.at += 2 * n;
      return out;
    }
  }

  const rows = (n) => Math.max(1, Math.ceil(n / ROW));

  /** Degrees -> positions relative to the origin, and the box of every row of `perRow` positions. */
  function project(lon, lat, origin, perRow = ROW) {
    const n = lon.length;
    const count = Math.max(1, Math.ceil(n / perRow));
    const positions = new Float32Array(2 * count * perRow);
    for (let i = 0; i < n; i++) {
      positions[2 * i] = mercatorX(lon[i] * 1e-6) - origin[0];
      positions[2 * i + 1] = mercatorY(lat[i] * 1e-6) - origin[1];
    }
    return {positions, bounds: boxes(positions, n, perRow)};
  }

  function boxes(positions, n, perRow) {
    const count = Math.max(1, Math.ceil(n / perRow));
    const out = new Float32Array(4 * count);
    for (let r = 0; r < count; r++) {
      let w = Infinity, s = Infinity, e = -Infinity, t = -Infinity;
      for (let i = r * perRow; i < Math.min(n, (r + 1) * perRow); i++) {
        const x = positions[2 * i], y = positions[2 * i + 1];
        if (x < w) w = x;
        if (x > e) e = x;
        if (y < s) s = y;
        if (y > t) t = y;
      }
      out.set([w, s, e, t], 4 * r);
    }
    return out;
  }

  function decodeHexes(reader) {
    const origin = [reader.f64(), reader.f64()];
    const shape = reader.f32(36);
    const {positions, bounds} = project(reader.column(reader.n), reader.column(reader.n), origin);
    const margin = Math.hypot(shape[0], shape[3]) * 1.1; // a cell reaches beyond its centre
    for (let i = 0; i < bounds.length; i++) bounds[i] += i % 4 < 2 ? -margin : margin;
    return {kind: 'hex', count: reader.n, origin, shape, positions, bounds};
  }

  function decodePoints(reader) {
    const lon = reader.column(reader.n), lat = reader.column(reader.n);
    const middle = reader.n >> 1;
    const origin = reader.n ? [mercatorX(lon[middle] * 1e-6), mercatorY(lat[middle] * 1e-6)] : [0, 0];
    return {kind: 'point', count: reader.n, origin, ...project(lon, lat, origin), classes: reader.u8(reader.n, rows(reader.n) * ROW)};
  }

  /** Rings stay in degrees: they are drawn as lines and cut into triangles on the main thread. */
  function decodePolygons(reader) {
    const count = reader.u32();
    const feature = reader.column(count), size = reader.column(count), hole = reader.u8(count);
    const lon = reader.column(reader.m), lat = reader.column(reader.m);
    const rings = [];
    for (let r = 0, at = 0; r < count; at += size[r], r++) {
      const ring = new Float64Array(2 * size[r] + 2);
      for (let i = 0; i < size[r]; i++) {
        ring[2 * i] = lon[at + i] * 1e-6;
        ring[2 * i + 1] = lat[at + i] * 1e-6;
      }
      ring[2 * size[r]] = ring[0];
      ring[2 * size[r] + 1] = ring[1];
      rings.push({feature: feature[r], hole: hole[r] === 1, ring});
    }
    return {kind: 'polygon', count: reader.n, rings};
  }

  /** Places in degrees, and the place each flow leads from and to. */
  function decodeFlows(reader) {
    const lon = reader.column(reader.m), lat = reader.column(reader.m);
    const places = Array.from(lon, (x, i) => [x * 1e-6, lat[i] * 1e-6]);
    return {kind: 'flow', count: reader.n, places, origin: reader.column(reader.n), target: reader.column(reader.n)};
  }

  /** Lines in degrees, each in its direction of travel. */
  function decodeLines(reader) {
    const size = reader.column(reader.n), lon = reader.column(reader.m), lat = reader.column(reader.m), paths = [];
    for (let r = 0, at = 0; r < reader.n; at += size[r], r++) {
      const path = new Float64Array(2 * size[r]);
      for (let i = 0; i < size[r]; i++) path.set([lon[at + i] * 1e-6, lat[at + i] * 1e-6], 2 * i);
      paths.push(path);
    }
    return {kind: 'line', count: reader.n, paths};
  }

  function decodeValues(reader) {
    const factor = reader.f64(), offset = reader.f64();
    return {kind: 'values', count: reader.n, factor, offset, codes: reader.codes(reader.n)};
  }

  function decode(buffer) {
    const reader = new Reader(buffer);
    switch (reader.kind) {
      case 'hex': return decodeHexes(reader);
      case 'point': return decodePoints(reader);
      case 'polygon': return decodePolygons(reader);
      case 'flow': return decodeFlows(reader);
      case 'line': return decodeLines(reader);
      case 'values': return decodeValues(reader);
      default: throw new Error('an answer of unknown kind');
    }
  }

  if (typeof document === 'undefined') { // this is the Worker
    self.onmessage = ({data: {id, buffer}}) => {
      try {
        const result = decode(buffer);
        const arrays = Object.values(result).filter((v) => ArrayBuffer.isView(v)).map((v) => v.buffer);
        self.postMessage({id, result}, arrays);
      } catch (error) {
        self.postMessage({id, error: String(error.message || error)});
      }
    };
    return;
  }

  const own = document.currentScript && document.currentScript.src;
  let worker = null, nextId = 0;
  const waiting = new Map();

  function inWorker(buffer) {
    if (!worker) {
      worker = new Worker(own);
      worker.onmessage = ({data}) => {
        const {resolve, reject} = waiting.get(data.id);
        waiting.delete(data.id);
        if (data.error) reject(new Error(data.error)); else resolve(data.result);
      };
    }
    return new Promise((resolve, reject) => {
      waiting.set(++nextId, {resolve, reject});
      worker.postMessage({id: nextId, buffer}, [buffer]);
    });
  }

  /** Large answers that are mere arrays go to the Worker, the rest is decoded at once. */
  async function decodeAnywhere(buffer) {
    const {kind, n} = new Reader(buffer);
    return own && n > WORKER_FROM && !['polygon', 'flow', 'line'].includes(kind) ? inWorker(buffer) : decode(buffer);
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.wire = {ROW, decode, decodeAnywhere, boxes, mercatorX, mercatorY, longitude, latitude};
})();
