/* Keyboard paths: "/" to search, Escape to let go, arrows through the hits; and the words a list needs to be read out. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  const typing = function (el) {
    return el && (el.tagName === 'INPUT' || el.tagName === 'TEXTAREA' || el.tagName === 'SELECT' || el.isContentEditable);
  };
  const box = function () { return document.getElementById('search-text'); };

  function moveThroughHits(event) {
    const hits = [...document.querySelectorAll('#search-hits .hit')];
    if (!hits.length) return false;
    const at = hits.indexOf(document.activeElement);
    const inSearch = at >= 0 || document.activeElement === box();
    if (!inSearch || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return false;
    const next = event.key === 'ArrowDown' ? at + 1 : at - 1;
    (next < 0 ? box() : hits[Math.min(next, hits.length - 1)]).focus();
    return true;
  }

  /* Escape lets go of the innermost open thing: a menu, the hits, a field, the selection */
  function letGo(active) {
    const menu = document.querySelector('details.opener[open]');
    if (menu) { menu.open = false; menu.querySelector('summary').focus(); return true; }
    const hits = document.getElementById('search-hits');
    if (hits && hits.children.length) {
      dc.set_props('search-hits', {children: []});
      box().focus();
      return true;
    }
    const open = function (el) { return el.getClientRects().length > 0; };
    if ([...document.querySelectorAll('[role="dialog"], [role="listbox"], dialog[open]')].some(open)) return false;
    if (typing(active) && active.type !== 'range') { active.blur(); return true; }
    if (window.cityhexPages.closeDrawer && window.cityhexPages.closeDrawer()) return true;
    if (window.cityhexPages.letGoOfArea && window.cityhexPages.letGoOfArea()) return true;
    if (!document.getElementById('panel')) return false;
    dc.set_props('sel', {data: null});
    return true;
  }

  document.addEventListener('keydown', function (event) {
    const active = document.activeElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/' && !typing(active) && box()) { event.preventDefault(); box().focus(); box().select(); }
    else if (moveThroughHits(event)) event.preventDefault();
    else if (event.key === 'Escape' && letGo(active)) event.preventDefault();
  });

  document.addEventListener('click', function (event) {
    const menu = document.querySelector('details.opener[open]');
    if (menu && (!menu.contains(event.target) || event.target.closest('.item'))) menu.open = false;
    const hits = document.getElementById('search-hits');
    if (hits && hits.children.length && !event.target.closest('.search')) dc.set_props('search-hits', {children: []});
  });
})();
