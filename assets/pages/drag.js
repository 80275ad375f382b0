/* Layers can be dragged into another order; the same order is reached with the up and down buttons. */
(function () {
  'use strict';
  const dc = window.dash_clientside = window.dash_clientside || {};
  let dragged = null;

  const row = function (event) { return event.target.closest ? event.target.closest('.layer[data-layer]') : null; };
  const below = function (event, el) {
    const box = el.getBoundingClientRect();
    return event.clientY > box.top + box.height / 2;
  };
  const clear = function () {
    document.querySelectorAll('.layer').forEach(function (el) { el.classList.remove('drag', 'over-top', 'over-bottom'); });
  };

  document.addEventListener('pointerdown', function (event) {
    const handle = event.target.closest && event.target.closest('.grip');
    document.querySelectorAll('.layer[data-layer]').forEach(function (el) { el.draggable = false; });
    if (handle && row(event)) row(event).draggable = true;
  });
  document.addEventListener('dragstart', function (event) {
    const el = row(event);
    if (!el) return;
    dragged = el.dataset.layer;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', dragged);
    el.classList.add('drag');
  });
  document.addEventListener('dragover', function (event) {
    const el = row(event);
    if (!dragged || !el) return;
    event.preventDefault();
    document.querySelectorAll('.layer').forEach(function (o) { o.classList.remove('over-top', 'over-bottom'); });
    el.classList.add(below(event, el) ? 'over-bottom' : 'over-top');
  });
  document.addEventListener('drop', function (event) {
    const el = row(event);
    if (!dragged || !el) return;
    event.preventDefault();
    dc.set_props('layer-drop', {data: {from: dragged, to: el.dataset.layer, after: below(event, el), t: Date.now()}});
  });
  document.addEventListener('dragend', function () { dragged = null; clear(); });

  dc.drag = {
    drop: function (move, chosen) {
      if (!move || !chosen || move.from === move.to) return dc.no_update;
      const moved = chosen.find(function (l) { return l.id === move.from; });
      const next = chosen.filter(function (l) { return l.id !== move.from; });
      const at = next.findIndex(function (l) { return l.id === move.to; });
      if (!moved || at < 0) return dc.no_update;
      next.splice(move.after ? at + 1 : at, 0, moved);
      return next;
    },
  };
})();
