/* The address bar holds the whole view. This file reads and writes it; nothing else touches history. */
(function () {
  'use strict';
  const pages = window.cityhexPages = window.cityhexPages || {};
  const CAMERA = ['lon', 'lat', 'z'];
  const QUIET = new Set([...CAMERA, 'period']);

  /* layers=a~o70~squantile~c5~h,b : opacity, scheme, classes, hidden, and of flows n20 (how many) and m500 (of at least);
     only what differs from the default is written */
  function readLayers(value, known) {
    return value.split(',').filter(Boolean).map(function (part) {
      const [id, ...marks] = part.split('~');
      const base = known[id];
      if (!base) return null;
      const layer = Object.assign({}, base, {id: id, visible: true});
      marks.forEach(function (mark) {
        const rest = mark.slice(1);
        if (mark[0] === 'o' && /^\d{1,3}$/.test(rest)) layer.opacity = Math.min(100, Number(rest));
        else if (mark[0] === 's') layer.scheme = rest;
        else if (mark[0] === 'c' && /^[2-7]$/.test(rest)) layer.classes = Number(rest);
        else if (mark[0] === 'n' && /^\d{1,4}$/.test(rest)) layer.top = Number(rest);
        else if (mark[0] === 'm' && /^\d{1,9}$/.test(rest)) layer.least = Number(rest);
        else if (mark === 'h') layer.visible = false;
      });
      return layer;
    }).filter(Boolean);
  }

  function writeLayers(chosen, known) {
    return chosen.map(function (layer) {
      const base = known[layer.id] || {};
      let out = layer.id;
      if (layer.opacity !== base.opacity) out += '~o' + layer.opacity;
      if (layer.scheme && layer.scheme !== base.scheme) out += '~s' + layer.scheme;
      if (layer.classes && layer.classes !== base.classes) out += '~c' + layer.classes;
      if (layer.top !== undefined && layer.top !== base.top) out += '~n' + layer.top;
      if (layer.least) out += '~m' + layer.least;
      if (!layer.visible) out += '~h';
      return out;
    }).join(',');
  }

  function number(query, key) {
    const value = parseFloat(query.get(key));
    return Number.isFinite(value) ? value : null;
  }

  pages.readAddress = function (search, boot) {
    const query = new URLSearchParams(search);
    const lon = number(query, 'lon'), lat = number(query, 'lat'), zoom = number(query, 'z');
    return {
      chosen: query.has('layers') ? readLayers(query.get('layers'), boot.known) : boot.chosen,
      period: query.get('period') || boot.period,
      sel: query.get('sel') || null,
      table: query.get('table') === '1',
      camera: lon === null || lat === null ? null : {lon: lon, lat: lat, zoom: zoom === null ? 11 : zoom},
    };
  };

  pages.writeAddress = function (state, boot) {
    const query = new URLSearchParams(window.location.search);
    const set = function (key, value) {
      if (value === null || value === undefined || value === '') query.delete(key); else query.set(key, value);
    };
    set('layers', writeLayers(state.chosen || [], boot.known));
    set('period', state.period);
    set('sel', state.sel);
    set('table', state.table ? '1' : null);
    if (state.camera) {
      set('lon', state.camera.lon.toFixed(5));
      set('lat', state.camera.lat.toFixed(5));
      set('z', state.camera.zoom.toFixed(2));
    }
    set('theme', state.theme);
    set('lang', boot.lang);
    const next = '?' + query.toString().replace(/%2C/g, ',').replace(/%7E/g, '~').replace(/%3A/g, ':');
    if (next === window.location.search) return;
    const before = new URLSearchParams(window.location.search);
    const loud = [...new Set([...query.keys(), ...before.keys()])]
      .some(function (key) { return !QUIET.has(key) && before.get(key) !== query.get(key); });
    const first = !before.has('layers');
    history[loud && !first ? 'pushState' : 'replaceState']({}, '', window.location.pathname + next);
  };
})();
