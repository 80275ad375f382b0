/* The view state of the explore page: the only place that changes it. Callbacks of Dash name these functions. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  const pages = window.cityhexPages = window.cityhexPages || {};
  const set = function (id, data) { dc.set_props(id, {data: data}); };
  const same = function (a, b) { return JSON.stringify(a) === JSON.stringify(b); };
  const triggered = function () {
    const context = dc.callback_context;
    return context && context.triggered.length && context.triggered.some(function (t) { return t.value; })
      ? context.triggered_id : null;
  };
  let lastKey = null, held = null, watched = null;
  pages.boot = null;

  /* a list forgets its rows and asks the server again */
  pages.purge = function (id) {
    try {
      const api = window.dash_ag_grid && window.dash_ag_grid.getApi(id);
      if (api) api.purgeInfiniteCache();
    } catch (e) { /* a list that is not drawn yet has nothing to forget */ }
  };

  /* A press answers by drawing the layer panel anew, and its elements are then given to other rows: the button that was
     pressed, or whatever the reader went to since, keeps the focus. Before the next key is read, so none goes elsewhere. */
  function hold() {
    const el = document.activeElement, owner = el && el.closest('#rail') && el.closest('[id^="{"]');
    held = owner ? {el: el, id: owner.id, inner: el === owner ? null : '[role="' + el.getAttribute('role') + '"]'} : null;
  }
  document.addEventListener('focusin', hold);
  document.addEventListener('click', hold, true);
  const keepFocus = new MutationObserver(function () {
    if (!held) return;
    const now = held.el.isConnected && held.el.closest('[id^="{"]');
    if (now && now.id === held.id) return;
    if (document.activeElement !== held.el && document.activeElement !== document.body) return;
    const owner = document.getElementById(held.id), target = owner && held.inner ? owner.querySelector(held.inner) : owner;
    if (target) target.focus();
  });

  function change(layers, who, value) {
    const at = layers.findIndex(function (l) { return l.id === who.layer; }), layer = layers[at];
    const move = function (to) { layers.splice(to, 0, layers.splice(at, 1)[0]); };
    if (who.type === 'layer-add') {
      if (layer) layer.visible = true;
      else if (pages.boot.known[who.layer])
        layers.unshift(Object.assign({}, pages.boot.known[who.layer], {id: who.layer, visible: true}));
    } else if (!layer) return;
    else if (who.type === 'layer-eye') layer.visible = !layer.visible;
    else if (who.type === 'layer-remove') layers.splice(at, 1);
    else if (who.type === 'layer-up' && at > 0) move(at - 1);
    else if (who.type === 'layer-down' && at < layers.length - 1) move(at + 1);
    else if (who.type === 'layer-scheme') layer.scheme = value;
    else if (who.type === 'layer-classes') layer.classes = Number(value);
    else if (who.type === 'layer-opacity') layer.opacity = Number(value);
    else if (who.type === 'layer-top') layer.top = Number(value);
    else if (who.type === 'layer-least') layer.least = Math.max(0, Number(value) || 0);
  }

  window.addEventListener('popstate', function () {
    if (!pages.boot) return;
    const view = pages.readAddress(window.location.search, pages.boot);
    set('chosen', view.chosen);
    set('map-period', view.period);
    set('sel', view.sel);
    set('table-open', view.table);
    if (view.camera) set('map-command', Object.assign({kind: 'fly', t: Date.now()}, view.camera));
  });

  dc.explore = {
    /* boot -> chosen, period, selection, table, camera: the address wins over the defaults */
    restore: function (boot) {
      if (!boot) return Array(5).fill(dc.no_update);
      pages.boot = boot;
      lastKey = null;
      const view = pages.readAddress(window.location.search, boot);
      return [view.chosen, view.period, view.sel, view.table, view.camera];
    },

    write: function (chosen, period, sel, table, theme, view) {
      if (!pages.boot || !chosen) return dc.no_update;
      pages.writeAddress({chosen: chosen, period: period, sel: sel, table: table, theme: theme, camera: view}, pages.boot);
      return dc.no_update;
    },

    /* what the server must draw anew: everything about the layers but their opacity */
    key: function (chosen, theme) {
      if (!chosen) return dc.no_update;
      const key = {theme: theme, layers: chosen.map(function (l) { return [l.id, l.visible, l.scheme, l.classes]; })};
      if (same(key, lastKey)) return dc.no_update;
      lastKey = key;
      return key;
    },

    /* one press or choice in the layer panel; rows that were drawn anew also report, with no press or the same value */
    act: function (eyes, ups, downs, removes, adds, schemes, classes, opacities, tops, leasts, chosen) {
      if (!chosen) return dc.no_update;
      const next = chosen.map(function (l) { return Object.assign({}, l); });
      dc.callback_context.triggered.forEach(function (event) {
        const who = JSON.parse(event.prop_id.slice(0, event.prop_id.lastIndexOf('.')));
        if (event.value || (who.type === 'layer-least' && event.value !== null)) change(next, who, event.value);
      });
      return same(next, chosen) ? dc.no_update : next;
    },

    /* opacity and the choice of flows move at once and need no server; of a chosen area only its own flows are drawn */
    restyle: function (chosen, sel, spec) {
      if (!spec || !chosen) return dc.no_update;
      const wanted = {}, place = /^(grid|district):/.test(sel || '') ? sel.slice(sel.indexOf(':') + 1) : null;
      chosen.forEach(function (l) { wanted[l.id] = {opacity: l.opacity / 100, top: l.top, least: l.least}; });
      let changed = false;
      const layers = spec.layers.map(function (l) {
        const own = wanted[l.id];
        if (!own) return l;
        const next = {opacity: Math.abs(own.opacity - l.opacity) < 0.001 ? l.opacity : own.opacity};
        if (l.kind === 'flow') Object.assign(next, {top: own.top, least: own.least, focus: l.codes.includes(place) ? place : null});
        if (Object.keys(next).every(function (key) { return (l[key] === undefined ? null : l[key]) === next[key]; })) return l;
        changed = true;
        return Object.assign({}, l, next);
      });
      chosen.forEach(function (l) {
        const out = document.querySelector('[data-opacity="' + l.id + '"]');
        if (out) out.textContent = l.opacity + ' %';
      });
      return changed ? Object.assign({}, spec, {layers: layers}) : dc.no_update;
    },

    fallbackKey: function (support, key, period, boot) {
      if (!boot || !support || support.webgl2 !== false || !key) return dc.no_update;
      return {theme: key.theme, period: period, layers: key.layers};
    },

    /* the two sides of the panel: what is known about the place, and the list of its firms */
    side: function (side, where) {
      const list = side === 'list' && where && where.total > 0;
      return [list, !list];
    },

    /* a click on the map is this page's only where this page is open */
    clicked: function (click) { return pages.boot && click ? click : dc.no_update; },

    panelKey: function (sel, theme, boot) {
      if (boot && sel && pages.drawer) pages.drawer('panel');
      return boot ? {sel: sel || null, theme: theme} : dc.no_update;
    },

    open: function (toggles, current) {
      const pressed = dc.callback_context.triggered.find(function (event) { return event.value; });
      if (!pressed) return dc.no_update;
      const who = JSON.parse(pressed.prop_id.slice(0, pressed.prop_id.lastIndexOf('.')));
      return current === who.layer ? '' : who.layer;
    },

    railDrawn: function (children, chosen) {
      const rail = document.getElementById('rail');
      (chosen || []).forEach(function (l) { // the panel was asked for before: an opacity moved since stands as it is now
        const out = document.querySelector('[data-opacity="' + l.id + '"]');
        if (!out || out.textContent === l.opacity + ' %') return;
        out.textContent = l.opacity + ' %';
        dc.set_props({layer: l.id, type: 'layer-opacity'}, {value: l.opacity});
      });
      if (rail && rail !== watched) {
        watched = rail;
        keepFocus.disconnect();
        keepFocus.observe(rail, {childList: true, subtree: true, attributeFilter: ['id']});
      }
      return dc.no_update;
    },

    zoom: function () {
      const who = triggered();
      if (!who) return dc.no_update;
      if (who === 'zoom-fit') return {kind: 'fit', t: Date.now()};
      return {kind: 'zoom', by: who === 'zoom-in' ? 1 : -1, t: Date.now()};
    },

    shape: function (shape) {
      return {kind: 'select', selection: shape || null, t: Date.now()};
    },

    close: function (n) { return n ? null : dc.no_update; },

    toggleTable: function (opens, closes, current) {
      return triggered() ? !current : dc.no_update;
    },

    /* a row of the twin or of the list of firms becomes the selection, and the map goes there */
    rowChosen: function (rows, sel) {
      const row = rows && rows[0];
      if (!row || !row.sel) return [dc.no_update, dc.no_update];
      const from = /^flow:([^>]*)>/.exec(row.sel); // a flow leads to the area it begins in
      if (from) return ['grid:' + from[1], dc.no_update];
      if (row.sel === sel) return [dc.no_update, dc.no_update];
      const fly = row.lon === null || row.lon === undefined ? dc.no_update : {kind: 'fly', lon: row.lon, lat: row.lat, t: Date.now()};
      return [row.sel, fly];
    },

    refreshList: function () { pages.purge('firms-list'); return dc.no_update; },
    /* the table follows the time bar when it has come to rest, and only while it is open */
    refreshTwin: function (key, period, open) {
      window.clearTimeout(pages.twinTimer);
      if (open) pages.twinTimer = window.setTimeout(function () { pages.purge('twin-list'); }, 350);
      return dc.no_update;
    },

    /* what was typed is looked up after a pause */
    pause: function (words) {
      window.clearTimeout(pages.searchTimer);
      pages.searchTimer = window.setTimeout(function () { set('search-words', words); }, 250);
      return dc.no_update;
    },

    /* a hit of the search: fly there, select it; from another page go to the map first */
    hit: function (clicks, submits, found) {
      const pressed = dc.callback_context.triggered.find(function (event) { return event.value; });
      if (!found || !found.length || !pressed) return dc.no_update;
      const ident = pressed.prop_id.slice(0, pressed.prop_id.lastIndexOf('.'));
      const hit = found[ident === 'search-text' ? 0 : JSON.parse(ident).n];
      if (!hit) return dc.no_update;
      if (hit.kind === 'queue') { // it has no place on the map: the queue shows it
        const now = new URLSearchParams(window.location.search);
        const asked = new URLSearchParams({lang: now.get('lang') || '', theme: now.get('theme') || 'light', uscc: hit.id});
        window.location.href = '/queue?' + asked.toString();
        return [];
      }
      const sel = ['cell', 'grid', 'district', 'subject', 'premises'].includes(hit.kind) ? hit.kind + ':' + hit.id : null;
      if (!document.getElementById('panel')) {
        const here = new URLSearchParams(window.location.search);
        if (hit.kind === 'subject' && document.querySelector('.nav a[href^="/supervise"]')) { // supervisors want the whole of it
          const whole = new URLSearchParams({id: hit.id, lang: here.get('lang') || '', theme: here.get('theme') || 'light'});
          window.location.href = '/subject?' + whole.toString();
          return [];
        }
        const query = new URLSearchParams({lang: here.get('lang') || '', theme: here.get('theme') || 'light',
          lon: hit.lon, lat: hit.lat, z: hit.zoom});
        if (sel) query.set('sel', sel);
        window.location.href = '/?' + query.toString();
        return [];
      }
      if (sel) set('sel', sel);
      set('map-command', {kind: 'fly', lon: hit.lon, lat: hit.lat, zoom: hit.zoom, t: Date.now()});
      return [];
    },

    status: function (status) {
      if (!status || status.state !== 'error') return [[], true];
      const words = document.getElementById('map-error').dataset.failed || '';
      return [words.replace('{id}', status.id || '–'), false];
    },

    /* the picture carries the legend as it stands on the page: its counts are those of the period that is drawn */
    png: function (n, boot) {
      return n ? {kind: 'png', name: boot.file, legend: pages.legend(), t: Date.now()} : dc.no_update;
    },

    copyLink: function (n, label, boot) {
      if (!n) return dc.no_update;
      const done = boot.words.copied;
      const finish = function () {
        window.setTimeout(function () { dc.set_props('copied', {children: ''}); }, 2500);
      };
      const write = navigator.clipboard ? navigator.clipboard.writeText(window.location.href) : Promise.reject();
      return write.catch(function () {
        const area = document.createElement('textarea');
        area.value = window.location.href;
        document.body.appendChild(area);
        area.select();
        document.execCommand('copy');
        area.remove();
      }).then(function () { finish(); return done; });
    },

    retry: function (n) { return n ? {kind: 'retry', t: Date.now()} : dc.no_update; },
  };
})();
