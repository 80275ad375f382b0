// What has been fetched: one promise per address, the oldest answers forgotten beyond a limit, failures never remembered.
(() => {
  'use strict';

  const LIMIT = 128 * 1024 * 1024; // bytes of typed arrays in memory; textures have their own limit in the bundle

  class DataError extends Error {
    constructor(message, id) {
      super(message);
      this.id = id;
    }
  }

  class DataCache {
    constructor() {
      this.entries = new Map(); // address -> {promise, value, bytes}, least recently used first
    }

    /** The decoded answer if it is here already, else undefined. */
    peek(url) {
      const entry = this.entries.get(url);
      return entry && entry.value;
    }

    get(url, {low = false} = {}) {
      const known = this.entries.get(url);
      if (known) {
        this.entries.delete(url);
        this.entries.set(url, known);
        return known.promise;
      }
      const entry = {value: undefined, bytes: 0};
      entry.promise = this.load(url, low).then((value) => {
        entry.value = value;
        entry.bytes = sizeOf(value);
        this.trim();
        return value;
      }, (error) => {
        this.entries.delete(url);
        throw error;
      });
      this.entries.set(url, entry);
      return entry.promise;
    }

    async load(url, low) {
      const answer = await fetch(url, {credentials: 'same-origin', priority: low ? 'low' : 'auto'});
      if (!answer.ok) throw new DataError(`${answer.status}`, answer.headers.get('X-Request-Id') || '');
      const type = answer.headers.get('Content-Type') || '';
      if (type.includes('json')) return answer.json();
      const decoded = await window.cityhexMap.wire.decodeAnywhere(await answer.arrayBuffer());
      return decoded.kind === 'polygon' ? window.cityhexMap.mesh.prepare(decoded) : decoded;
    }

    trim() {
      let bytes = 0;
      for (const entry of this.entries.values()) bytes += entry.bytes;
      for (const [url, entry] of this.entries) {
        if (bytes <= LIMIT) return;
        if (entry.value === undefined) continue;
        bytes -= entry.bytes;
        this.entries.delete(url);
      }
    }
  }

  function sizeOf(value) {
    let bytes = 0;
    for (const part of Object.values(value || {})) if (ArrayBuffer.isView(part)) bytes += part.byteLength;
    return bytes;
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.DataCache = DataCache;
})();
