// A day's route over the map: drawn on the canvas of the marks, so that the layers below are not drawn again.
(() => {
  'use strict';

  /** A day's route: the way in the accent, arrows on its longer legs, a numbered disc with its time at every stop. */
  function draw(g, viewport, style, day) {
    if (!day || !day.path || day.path.length < 2) return;
    const colour = day.colour || style.select, at = day.path.map((p) => viewport.project(p));
    g.lineJoin = 'round';
    for (const [tone, width] of [[style['select-case'], 5], [colour, 2.4]]) {
      g.strokeStyle = tone;
      g.lineWidth = width * style.k;
      g.beginPath();
      at.forEach(([x, y], i) => i ? g.lineTo(x, y) : g.moveTo(x, y));
      g.stroke();
    }
    for (let i = 1; i < at.length; i++) arrow(g, style, colour, at[i - 1], at[i]);
    const [x0, y0] = at[0];
    g.fillStyle = style['select-case'];
    g.strokeStyle = colour;
    g.lineWidth = 3 * style.k;
    g.beginPath();
    g.arc(x0, y0, 6 * style.k, 0, 2 * Math.PI);
    g.fill();
    g.stroke();
    for (const stop of stacked(viewport, day.stops)) disc(g, style, colour, stop);
  }

  function arrow(g, style, colour, [ax, ay], [bx, by]) {
    const length = Math.hypot(bx - ax, by - ay);
    if (length < 60 * style.k) return;
    const turn = Math.atan2(by - ay, bx - ax), size = 7 * style.k;
    g.save();
    g.translate((ax + bx) / 2, (ay + by) / 2);
    g.rotate(turn);
    g.beginPath();
    g.moveTo(size, 0);
    g.lineTo(-size * .7, -size * .7);
    g.lineTo(-size * .7, size * .7);
    g.closePath();
    g.fillStyle = colour;
    g.strokeStyle = style['select-case'];
    g.lineWidth = 1.5 * style.k;
    g.stroke();
    g.fill();
    g.restore();
  }

  /** Stops that would cover each other share one disc. */
  function stacked(viewport, stops) {
    const found = [];
    for (const stop of stops) {
      const [x, y] = viewport.project([stop.lon, stop.lat]);
      const near = found.find((f) => Math.hypot(f.x - x, f.y - y) < 18);
      if (near) near.numbers.push(stop.order);
      else found.push({x, y, numbers: [stop.order], time: stop.begin});
    }
    return found;
  }

  function disc(g, style, colour, {x, y, numbers, time}) {
    const said = numbers.length > 2 ? `${numbers[0]}\u2026${numbers[numbers.length - 1]}` : numbers.join(' ');
    g.font = `700 ${12 * style.k}px ${style.font}`;
    g.textBaseline = 'middle';
    const r = 11 * style.k, half = Math.max(r, g.measureText(said).width / 2 + 6 * style.k);
    g.beginPath();
    g.roundRect(x - half, y - r, 2 * half, 2 * r, r);
    g.fillStyle = colour;
    g.fill();
    g.lineWidth = 2 * style.k;
    g.strokeStyle = style['select-case'];
    g.stroke();
    g.fillStyle = style['select-case'];
    g.textAlign = 'center';
    g.fillText(said, x, y + .5);
    g.font = `500 ${11 * style.k}px ${style.font}`;
    g.textAlign = 'left';
    g.strokeStyle = style.halo || style['select-case'];
    g.lineWidth = 3 * style.k;
    g.strokeText(time, x + half + 4 * style.k, y + .5);
    g.fillStyle = style['label-1'] || style.select;
    g.fillText(time, x + half + 4 * style.k, y + .5);
  }

  /** Boxes on screen of the discs and times of a route: names keep clear of them. */
  function reserved(viewport, style, day) {
    if (!day || !day.stops) return [];
    return stacked(viewport, day.stops).map(({x, y, numbers}) => {
      const half = (11 + 8 * Math.max(0, Math.min(numbers.length, 3) - 1)) * style.k;
      return [x - half - 3, y - 14 * style.k, x + half + 44 * style.k, y + 14 * style.k];
    });
  }

  (window.cityhexMap = window.cityhexMap || {}).route = {draw, reserved};
})();
