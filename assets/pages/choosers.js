/* Dash's file chooser takes no name of its own and comes when it likes: it takes the name of the box it stands in. */
(function () {
  'use strict';
  function name() {
    document.querySelectorAll('[data-chooser] input[type=file]:not([aria-label])').forEach(function (chooser) {
      chooser.setAttribute('aria-label', chooser.closest('[data-chooser]').dataset.chooser);
    });
  }
  new MutationObserver(name).observe(document.documentElement, {childList: true, subtree: true});
})();
