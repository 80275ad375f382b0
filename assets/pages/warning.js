/* The warning page: which warning, when it is read anew, and for how long a step can be undone. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  const UNDO_MS = 10000;
  let timer = null;

  dc.warning = {
    /* the address may name the warning to begin with */
    first: function (start) {
      if (!start || start.page !== 'warning') return dc.no_update;
      return {key: new URLSearchParams(window.location.search).get('id'), t: start.t};
    },

    pick: function () {
      const pressed = dc.callback_context.triggered.find(function (event) { return event.value; });
      if (!pressed) return dc.no_update;
      const key = JSON.parse(pressed.prop_id.slice(0, pressed.prop_id.lastIndexOf('.'))).key;
      const url = new URL(window.location.href);
      url.searchParams.set('id', key);
      window.history.replaceState(window.history.state, '', url);
      if (window.cityhexPages.drawer) window.cityhexPages.drawer('panel');
      return {key: key, t: Date.now()};
    },

    /* the chosen row looks pressed, whatever the server wrote into the list */
    mark: function (_rows, chosen) {
      window.requestAnimationFrame(function () {
        document.querySelectorAll('#warning-list .wrow').forEach(function (row) {
          const own = !!chosen && !!chosen.key && row.id.indexOf('"' + chosen.key + '"') >= 0;
          row.classList.toggle('on', own);
          row.setAttribute('aria-pressed', String(own));
        });
      });
      return dc.no_update;
    },

    /* what is to be shown; a step taken reads all anew and leaves the map as it is */
    key: function (chosen, version, theme, before) {
      if (!chosen) return dc.no_update;
      const same = !!before && before.key === chosen.key;
      return {
        key: chosen.key || null, version: version || 0, theme: theme,
        opened: !same, redraw: !same || before.theme !== theme, t: Date.now(),
      };
    },

    offerUndo: function (undoable) {
      window.clearTimeout(timer);
      if (!undoable) return true;
      timer = window.setTimeout(function () {
        const button = document.getElementById('warning-undo');
        if (button) button.hidden = true;
      }, UNDO_MS);
      return false;
    },
  };
})();
