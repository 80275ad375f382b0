/* My grid: one selection for map, list and warnings. Everything pressed becomes one question to the server. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  const pages = window.cityhexPages = window.cityhexPages || {};
  const here = function () { return Boolean(document.getElementById('supervise-list')); };
  let current = null, opened = false, fill = 'risk-density', last = null, down = 0;
  document.addEventListener('pointerdown', function () { down = Date.now(); }, true);
  const pressed = function () { return Date.now() - down < 700; };

  function ask(sel) { return {kind: sel ? 'sel' : 'none', sel: sel, t: Date.now()}; }
  function toggled(sel) { return ask(sel === current ? null : sel); }

  /* Escape lets go of the selection; true where there was one */
  pages.letGoOfArea = function () {
    if (!here() || !current) return false;
    dc.set_props('supervise-ask', {data: ask(null)});
    return true;
  };

  dc.supervise = {
    ask: function () {
      const event = (dc.callback_context.triggered || []).find(function (t) { return t.value; });
      if (!event || (event.prop_id !== 'page-start.data' && !here())) return dc.no_update;
      if (event.prop_id === 'map-click.data') return Object.assign({kind: 'at'}, event.value);
      if (event.prop_id === 'supervise-list.cellClicked') return toggled('subject:' + event.value.rowId);
      if (event.prop_id === 'supervise-list.selectedRows') { // by keyboard; a press has asked already
        const row = Array.isArray(event.value) ? event.value[0] : null, id = row && 'subject:' + row.uscc;
        return !id || id === current || pressed() ? dc.no_update : ask(id);
      }
      if (event.prop_id === 'supervise-close.n_clicks') return ask(null);
      if (event.prop_id === 'page-start.data') {
        const asked = new URLSearchParams(window.location.search).get('sel');
        return event.value.page === 'supervise' && asked ? ask(asked) : dc.no_update;
      }
      const who = JSON.parse(event.prop_id.slice(0, event.prop_id.lastIndexOf('.')));
      return who.key ? toggled('warning:' + who.key) : dc.no_update;
    },

    /* what the map shows: as the page was opened, in the theme of now, with the fill that was chosen */
    draw: function () {
      const told = {};
      (dc.callback_context.triggered || []).forEach(function (t) { if (t.value) told[t.prop_id] = t.value; });
      const start = told['page-start.data'];
      if (start) opened = start.page === 'supervise';
      fill = told['supervise-fill.value'] || fill;
      const theme = told['theme.data'] || document.documentElement.dataset.mantineColorScheme || 'light';
      const next = {theme: theme, fill: fill};
      if (!opened || JSON.stringify(next) === JSON.stringify(last)) return dc.no_update;
      last = next;
      return next;
    },

    filter: function (clicks, words, narrow, clear, before) {
      const event = (dc.callback_context.triggered || [])[0], next = Object.assign({levels: []}, before);
      if (!event) return dc.no_update;
      if (event.prop_id === 'supervise-clear.n_clicks') {
        if (!clear) return dc.no_update;
        dc.set_props('supervise-text', {value: ''});
        if (current) dc.set_props('supervise-ask', {data: ask(null)});
        Object.keys(next).forEach(function (key) { delete next[key]; });
        next.levels = [];
      } else if (event.prop_id === 'supervise-text.value') {
        if (words) next.text = words; else delete next.text;
      } else if (event.prop_id === 'supervise-narrow.data') {
        delete next.cell; delete next.members;
        Object.assign(next, narrow || {});
      } else {
        if (!event.value) return dc.no_update;
        const level = JSON.parse(event.prop_id.slice(0, event.prop_id.lastIndexOf('.'))).level;
        next.levels = next.levels.includes(level) ? next.levels.filter(function (l) { return l !== level; }) : next.levels.concat(level);
      }
      document.querySelectorAll('.level-chip').forEach(function (chip) {
        chip.setAttribute('aria-pressed', String(next.levels.includes(JSON.parse(chip.id).level)));
      });
      // a page that opens narrows nothing: its rows stay, and a row pressed at once is not taken away below the pointer
      return JSON.stringify(next) === JSON.stringify(Object.assign({levels: []}, before)) ? dc.no_update : next;
    },

    refresh: function () { pages.purge('supervise-list'); return dc.no_update; },

    /* another area is another page: its address says so and may be sent to a colleague */
    area: function (value) {
      const now = new URLSearchParams(window.location.search), main = document.getElementById('main');
      if (!value || !main || main.dataset.area === value) return dc.no_update;
      const next = new URLSearchParams({area: value});
      ['lang', 'theme'].forEach(function (key) { if (now.has(key)) next.set(key, now.get(key)); });
      window.location.assign('/supervise?' + next.toString());
      return dc.no_update;
    },

    /* the chosen warning looks chosen, and the address holds the selection */
    mark: function (sel) {
      current = sel || null;
      if (!here()) return dc.no_update;
      document.querySelectorAll('#supervise-warnings .wrow').forEach(function (row) {
        const on = 'warning:' + JSON.parse(row.id).key === current;
        row.classList.toggle('on', on);
        row.setAttribute('aria-pressed', String(on));
        if (on) row.scrollIntoView({block: 'nearest'});
      });
      const query = new URLSearchParams(window.location.search);
      if (current) query.set('sel', current); else query.delete('sel');
      history.replaceState({}, '', window.location.pathname + '?' + query.toString().replace(/%3A/g, ':'));
      return dc.no_update;
    },
  };

  /* the mark of a level in a list */
  const renderers = window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {};
  renderers.LevelMark = function (params) {
    const level = params.value || '–', words = (params.data && params.data.words) || level;
    const kind = level.length === 1 && 'ABCD'.includes(level) ? level : 'none';
    return window.React.createElement('span', {className: 'lvw'},
      window.React.createElement('span', {className: 'lv lv-' + kind, role: 'img', title: words, 'aria-label': words}, level));
  };
})();
