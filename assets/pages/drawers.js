/* Narrow windows: the sides of a page are drawers over the map, one open at a time. Wide windows never see this. */
(function () {
  'use strict';
  const pages = window.cityhexPages = window.cityhexPages || {};
  const narrow = window.matchMedia('(max-width: 1279px)');
  const screen = function () { return document.querySelector('.screen'); };

  function mark(open) {
    document.querySelectorAll('[data-opens]').forEach(function (button) {
      button.setAttribute('aria-expanded', String(button.dataset.opens === open));
    });
  }

  /* opens one side ("rail", "panel") or closes both (null) */
  pages.drawer = function (side) {
    if (!screen() || (side && !narrow.matches)) return;
    if (side) screen().dataset.drawer = side;
    else delete screen().dataset.drawer;
    mark(side);
  };
  pages.closeDrawer = function () {
    const open = narrow.matches && screen() && screen().dataset.drawer;
    if (!open) return false;
    pages.drawer(null);
    const button = document.querySelector('[data-opens="' + open + '"]');
    if (button) button.focus();
    return true;
  };

  document.addEventListener('click', function (event) {
    const button = event.target.closest && event.target.closest('[data-opens]');
    if (button) pages.drawer(screen().dataset.drawer === button.dataset.opens ? null : button.dataset.opens);
  });
})();
