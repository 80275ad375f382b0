/* The warning page: which warning, when it is read anew, and for how long a step can be undone. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  const UNDO_MS = 10000;
  let timer = null;

  function element(kind, name, ...inside) {
    const made = document.createElement(kind);
    if (name) made.className = name;
    made.append(...inside);
    return made;
  }

  function icon(name, extra) {
    const made = element('span', 'i i-' + name + (extra || ''));
    made.setAttribute('aria-hidden', 'true');
    return made;
  }

  /* the same marks as layers/pages/marks.py: warning_row */
  function row(given) {
    const mark = element('span', ('wrow-mark ' + given.kind).trim(), icon(given.mark), element('span', 'sr', given.grade));
    mark.title = given.grade;
    const top = element('span', 'wrow-top', element('b', 'cut', given.title), element('span', 'cap num', given.day));
    const due = element('span', given.late ? 'wrow-due late' : 'wrow-due', icon('clock', ' s14'), given.due);
    const made = element('button', 'wrow', mark, element('span', 'wrow-body', top, element('span', 'wrow-line', given.line), due));
    made.type = 'button';
    made.id = 'wrow-' + given.key;
    return made;
  }

  function stamp(rows) { return JSON.stringify((rows || []).map(function (given) { return [given.key, given.due, given.title]; })); }

  document.addEventListener('click', function (event) {
    const row = event.target.closest && event.target.closest('#warning-list .wrow');
    if (!row || !dc.set_props) return;
    const key = row.id.slice('wrow-'.length), url = new URL(window.location.href);
    url.searchParams.set('id', key);
    window.history.replaceState(window.history.state, '', url);
    if (window.cityhexPages.drawer) window.cityhexPages.drawer('panel');
    dc.set_props('warning-chosen', {data: {key: key, t: Date.now()}});
  });

  dc.warning = {
    /* the address may name the warning to begin with */
    first: function (start) {
      if (!start || start.page !== 'warning') return dc.no_update;
      return {key: new URLSearchParams(window.location.search).get('id'), t: start.t};
    },

    /* one element of the page holds all rows: hundreds of components of Dash take seconds at every change */
    rows: function (rows, chosen) {
      const list = document.getElementById('warning-list');
      if (!list) return dc.no_update;
      if (list.dataset.drawn !== stamp(rows)) {
        list.replaceChildren(...(rows || []).map(row));
        list.dataset.drawn = stamp(rows);
      }
      list.querySelectorAll('.wrow').forEach(function (button) {
        const own = !!chosen && !!chosen.key && button.id === 'wrow-' + chosen.key;
        button.classList.toggle('on', own);
        button.setAttribute('aria-pressed', String(own));
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
