/* Once a minute: is the build on screen still the one that is shown? */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};

  dc.newData = {
    ask: function () {
      const shown = document.getElementById('new-data');
      if (!shown || document.hidden) return dc.no_update;
      return fetch('/api/build', {cache: 'no-store'}).then(function (answer) {
        return answer.ok ? answer.json() : null;
      }).then(function (found) {
        return !found || !found.build || found.build === shown.dataset.build ? dc.no_update : false;
      }).catch(function () { return dc.no_update; });
    },

    load: function (n) {
      if (n) window.location.reload();
      return dc.no_update;
    },
  };
})();
