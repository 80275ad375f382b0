/* The panorama: its small map when the page has opened, and the form of an objection. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  let opened = false, last = null;

  dc.subject = {
    draw: function () {
      const told = {};
      (dc.callback_context.triggered || []).forEach(function (t) { if (t.value) told[t.prop_id] = t.value; });
      if (told['page-start.data']) opened = told['page-start.data'].page === 'subject';
      const theme = told['theme.data'] || document.documentElement.dataset.mantineColorScheme || 'light';
      if (!opened || theme === last) return dc.no_update;
      last = theme;
      return {theme: theme};
    },

    dialog: function (n) {
      const box = document.getElementById('subject-contest-dialog');
      if (n && box) { if (box.open) box.close(); else box.showModal(); }
      return dc.no_update;
    },
  };
})();
