// Flows that belong to a spec and not to a layer (those of the wall): in a star they bend outwards from its centre so that they
// part, and they may breathe, a slow swell of width and strength that moves uniforms only, never a vertex.
(() => {
  'use strict';

  const SWELL = {width: .1, opacity: .22};
  const HEAD = .3;   // of the length of a typical arc may be the head of the widest
  const NEAR = 1e-4; // degrees: the same place

  const same = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) < NEAR;

  /** The place that every flow starts or ends at, if there is one. */
  function centre(flows) {
    return [flows[0].from, flows[0].to].find((p) => flows.every((f) => same(f.from, p) || same(f.to, p))) || null;
  }

  /** Which way a curve bends: to its right among many places, outwards from the centre of a star. */
  function side(flow, hub) {
    if (!hub) return 1;
    const inwards = same(flow.to, hub), other = inwards ? flow.from : flow.to;
    return (other[0] >= hub[0]) === inwards ? 1 : -1;
  }

  /** How much smaller all arcs are drawn where most are so short that their heads would hide them: 1 for none. */
  function shrinking(flows, style, zoom) {
    const {mercatorX: mx, mercatorY: my} = window.cityhexMap.wire, {flow} = style.marks;
    const px = flows.map(({from: [a, b], to: [c, d]}) => Math.hypot(mx(a) - mx(c), my(b) - my(d)) * 2 ** zoom).filter((l) => l > 0).sort((a, b) => a - b);
    const typical = px[px.length >> 1] || 0, head = flow.width_px[flow.width_px.length - 1] * flow.arrow.length_w * style.k;
    return Math.min(1, Math.max(.6, HEAD * typical / head));
  }

  let last = null; // the shapes of one spec at one zoom: vertices are built anew only when these change

  /** Flows `[{from, to, width: class, colour, sign}]` as shapes for a zoom, in two groups by sign, thin ones on top. */
  function shape(flows, style, zoom) {
    if (!flows || !flows.length) return null;
    const near = Math.round(zoom * 8) / 8;
    if (last && last.flows === flows && last.style === style && last.near === near) return last;
    const {width_px: widths} = style.marks.flow, hub = centre(flows), shrink = shrinking(flows, style, near);
    const small = {...style, k: style.k * shrink};
    const drawn = flows.map((flow) => ({...flow, width: widths[Math.min(flow.width ?? 1, widths.length - 1)], bend: side(flow, hub)}));
    drawn.sort((a, b) => b.width - a.width);
    const groups = ['in', 'out'].map((sign) => window.cityhexMap.flows.shape(drawn.filter((f) => (f.sign === 'out') === (sign === 'out')), small, near));
    last = {flows, style, near, groups, shrink};
    return last;
  }

  /** Deck layers at a moment of the breath, 0..1 or null: what comes in swells while what goes out ebbs. */
  function layers(shapes, style, moment) {
    if (!shapes) return [];
    return shapes.groups.flatMap((group, i) => {
      const swell = moment === null ? 0 : Math.sin(2 * Math.PI * moment + i * Math.PI);
      const look = {shapes: group, scale: 1 + SWELL.width * swell, opacity: moment === null ? 1 : 1 - SWELL.opacity * (1 - swell) / 2};
      return window.cityhexMap.flows.layers(`own-${i}`, null, {...style, k: style.k * shapes.shrink}, shapes.near, 1, look);
    });
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.breath = {shape, layers};
})();
