/* The queue page: which firm, which place; the server keeps what was decided. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};

  function purge(id) {
    try {
      const api = window.dash_ag_grid && window.dash_ag_grid.getApi(id);
      if (api) { api.deselectAll(); api.purgeInfiniteCache(); }
    } catch (e) { /* a list that is not drawn yet has nothing to forget */ }
  }

  dc.queue = {
    refresh: function () {
      ['queue-list', 'decided-list'].forEach(purge);
      return dc.no_update;
    },

    /* the address may name the firm to begin with */
    first: function (view) {
      const uscc = new URLSearchParams(window.location.search).get('uscc');
      return view && uscc ? uscc : dc.no_update;
    },

    key: function (uscc, theme, view) { return view ? {uscc: uscc || null, theme: theme} : dc.no_update; },

    refreshQuarantine: function () {
      purge('quarantine-list');
      return dc.no_update;
    },

    tab: function (value) { return [value !== 'open', value !== 'decided']; },

    chosenRow: function (rows, current) {
      const id = rows && rows[0] && rows[0].uscc;
      if (id && window.cityhexPages.drawer) window.cityhexPages.drawer('panel');
      return !id || id === current ? dc.no_update : id;
    },

    choose: function (clicks, click, uscc) {
      const pressed = dc.callback_context.triggered.find(function (event) { return event.value; });
      if (!uscc || !pressed) return dc.no_update;
      if (pressed.prop_id === 'map-click.data') return {kind: 'point', lon: click.lon, lat: click.lat};
      return {kind: 'candidate', n: JSON.parse(pressed.prop_id.slice(0, pressed.prop_id.lastIndexOf('.'))).n};
    },
  };
})();
