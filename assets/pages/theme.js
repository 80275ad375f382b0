/* Light and dark, kept in the address and remembered for the next visit; links keep language and theme. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};

  dc.look = {
    toggle: function (n, theme) {
      if (!n) return [dc.no_update, dc.no_update];
      const next = theme === 'dark' ? 'light' : 'dark';
      try { window.localStorage.setItem('cityhex-theme', next); } catch (e) { /* a browser may forbid storage */ }
      const query = new URLSearchParams(window.location.search);
      query.set('theme', next);
      history.replaceState({}, '', window.location.pathname + '?' + query.toString().replace(/%2C/g, ',').replace(/%7E/g, '~').replace(/%3A/g, ':'));
      return [next, next];
    },

    /* somebody else looks now: everything is asked for anew, without what the address says of the person before */
    again: function (count) {
      if (count) {
        const here = new URLSearchParams(window.location.search), kept = new URLSearchParams();
        ['lang', 'theme'].forEach(function (key) { if (here.has(key)) kept.set(key, here.get(key)); });
        window.location.assign(window.location.pathname + '?' + kept.toString());
      }
      return dc.no_update;
    },
  };

  /* The language switch keeps the whole view; the menu keeps language and theme only. */
  document.addEventListener('click', function (event) {
    const link = event.target.closest && event.target.closest('a[data-keep]');
    if (!link) return;
    const here = new URLSearchParams(window.location.search);
    const target = new URL(link.href, window.location.href);
    if (link.dataset.keep === 'all')
      here.forEach(function (value, key) { if (!target.searchParams.has(key)) target.searchParams.set(key, value); });
    else if (here.has('theme')) target.searchParams.set('theme', here.get('theme'));
    link.href = target.pathname + target.search;
  }, true);
})();
