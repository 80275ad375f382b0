// Selection, hover and the keyboard's cross: ink lines on a 2D canvas, so that none of them redraws the GL canvas.
(() => {
  'use strict';

  /** Rings of a selection in degrees: `ring`, `rings` or none. */
  const ringsOf = (selection) => selection ? selection.rings || (selection.ring ? [selection.ring] : []) : [];

  const pairs = (ring) => typeof ring[0] === 'number' ? Array.from({length: ring.length / 2}, (_, i) => [ring[2 * i], ring[2 * i + 1]]) : ring;

  function trace(g, viewport, rings) {
    g.beginPath();
    for (const ring of rings) {
      pairs(ring).forEach((point, i) => {
        const [x, y] = viewport.project(point);
        if (i) g.lineTo(x, y); else g.moveTo(x, y);
      });
      g.closePath();
    }
  }

  /** Ink in a case of the opposite tone reads on every ramp. */
  function cased(g, style, trail, scale = 1) {
    const {select} = style.marks;
    g.lineJoin = 'round';
    for (const [tone, width] of [['select-case', select.case_px], ['select', select.line_px]]) {
      g.strokeStyle = style[tone];
      g.lineWidth = width * style.k * scale;
      trail();
      g.stroke();
    }
  }

  function selection(g, viewport, style, chosen) {
    const rings = ringsOf(chosen);
    if (rings.length) cased(g, style, () => trace(g, viewport, rings));
    if (chosen && chosen.point) {
      const [x, y] = viewport.project(chosen.point);
      cased(g, style, () => { g.beginPath(); g.arc(x, y, 10 * style.k, 0, 2 * Math.PI); });
    }
  }

  /** Whether the shape is wider or higher than half the view. */
  function covers(viewport, rings) {
    const all = rings.flatMap(pairs);
    const span = (axis) => {
      let low = Infinity, high = -Infinity;
      for (const point of all) {
        low = Math.min(low, point[axis]);
        high = Math.max(high, point[axis]);
      }
      return high - low;
    };
    const [w, n] = viewport.unproject([0, 0]), [e, s] = viewport.unproject([viewport.width, viewport.height]);
    return span(0) > (e - w) / 2 || span(1) > (n - s) / 2;
  }

  function hover(g, viewport, style, rings) {
    if (!rings) return;
    trace(g, viewport, rings);
    if (!covers(viewport, rings)) { // a shape as large as the view would only grey the map
      g.fillStyle = window.cityhexMap.style.css(style.hover, style.marks.hover.fill_alpha);
      g.fill('evenodd');
    }
    g.lineJoin = 'round';
    g.lineWidth = style.marks.hover.line_px * style.k;
    g.strokeStyle = style.hover;
    g.stroke();
  }

  /** What Enter would choose: a cross in the middle, while the keyboard has the map. */
  function cross(g, viewport, style) {
    const x = Math.round(viewport.width / 2) + .5, y = Math.round(viewport.height / 2) + .5, arm = 9 * style.k;
    cased(g, style, () => {
      g.beginPath();
      g.moveTo(x - arm, y);
      g.lineTo(x + arm, y);
      g.moveTo(x, y - arm);
      g.lineTo(x, y + arm);
    }, .7);
  }

  /** The reader's own area: the accent in a case, so that it is told from every other line and from the selection. */
  function own(g, viewport, style, area) {
    if (!area || !area.rings) return;
    g.lineJoin = 'round';
    for (const [tone, width] of [[style['select-case'], 6], [area.colour || style.select, 2.6]]) {
      g.strokeStyle = tone;
      g.lineWidth = width * style.k;
      trace(g, viewport, area.rings);
      g.stroke();
    }
  }

  const MOST_LETTERS = 1500, LEAST_PX = 12;

  /** Letters in the marks of a layer of points, where marks are large enough and few enough to be read. */
  function letters(g, viewport, style, layers, sizeOf) {
    for (const {spec, shown} of layers) {
      const size = spec.letters ? sizeOf(spec) : 0;
      if (size < LEAST_PX * style.k) continue;
      const seen = inView(shown.geometry, viewport);
      if (seen.length > MOST_LETTERS) continue;
      g.textAlign = 'center';
      g.textBaseline = 'middle';
      g.font = `700 ${Math.round(size * .54)}px ${style.font}`;
      for (const i of seen) {
        const letter = spec.letters[shown.geometry.classes[i]];
        if (!letter) continue;
        const [x, y] = viewport.project(placeOf(shown.geometry, i));
        g.fillStyle = letter[1];
        g.fillText(letter[0], x, y + (spec.shapes[shown.geometry.classes[i]] === 'triangle' ? size * .12 : size * .03));
      }
    }
  }

  function placeOf({positions, origin}, i) {
    const {longitude, latitude} = window.cityhexMap.wire;
    return [longitude(positions[2 * i] + origin[0]), latitude(positions[2 * i + 1] + origin[1])];
  }

  /** Indexes of the points on screen; gives up early where there are too many. */
  function inView({positions, origin, count}, viewport) {
    const {mercatorX, mercatorY} = window.cityhexMap.wire;
    const [w, n] = viewport.unproject([0, 0]), [e, s] = viewport.unproject([viewport.width, viewport.height]);
    const x = [mercatorX(w) - origin[0], mercatorX(e) - origin[0]], y = [mercatorY(n) - origin[1], mercatorY(s) - origin[1]];
    const low = Math.min(...y), high = Math.max(...y), found = [];
    for (let i = 0; i < count && found.length <= MOST_LETTERS; i++) {
      const px = positions[2 * i], py = positions[2 * i + 1];
      if (px >= x[0] && px <= x[1] && py >= low && py <= high) found.push(i);
    }
    return found;
  }

  /** Boxes on screen that labels keep clear of: the chosen cell or place, unless it is larger than a name. */
  function reserved(viewport, chosen) {
    const boxes = ringsOf(chosen).map((ring) => {
      const q = pairs(ring).map((p) => viewport.project(p));
      const xs = q.map((p) => p[0]), ys = q.map((p) => p[1]);
      return [Math.min(...xs) - 4, Math.min(...ys) - 4, Math.max(...xs) + 4, Math.max(...ys) + 4];
    }).filter((b) => b[2] - b[0] < 160);
    if (chosen && chosen.point) {
      const [x, y] = viewport.project(chosen.point);
      boxes.push([x - 13, y - 13, x + 13, y + 13]);
    }
    return boxes;
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.marks = {selection, hover, cross, reserved, own, letters};
})();
