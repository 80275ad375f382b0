/* The tasks page: which sheet, which tasks, where the day begins. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  const TABS = ['list', 'draw', 'plan', 'packs'];
  const here = function () { return window.location.pathname.replace(/^\/|\/$/g, '') === 'tasks'; };

  dc.tasks = {
    tab: function (value) { return TABS.map(function (name) { return name !== value; }); },

    /* a click on the map moves the start of the day, once tasks are chosen */
    start: function (click, chosen) {
      return here() && click && chosen && chosen.length ? {lon: click.lon, lat: click.lat} : dc.no_update;
    },

    key: function (chosen, start, theme, page) {
      if (!page || page.page !== 'tasks') return dc.no_update;
      const opened = dc.callback_context.triggered.some(function (event) { return event.prop_id === 'page-start.data'; });
      return {chosen: opened ? [] : chosen || [], start: opened ? null : start || null, theme: theme};
    },
  };
})();
