// Small means of the wall: elements, colours by name, the layout of the screen and its one unit of length.
(() => {
  'use strict';

  const SVG = 'http://www.w3.org/2000/svg';

  /** An element with a class and children; null children are left out, strings become text. */
  function el(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
    return node;
  }

  function svg(tag, attributes = {}, ...children) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  /** A colour as a style sheet understands it: a hex value, or the name of a token of the look. */
  function colour(name, otherwise = 'accent') {
    if (!name) return `var(--c-${otherwise})`;
    return name.startsWith('#') ? name : `var(--${name}, var(--c-${name}, var(--c-${otherwise})))`;
  }

  /** "wide": two columns beside a broad map; "large": two columns on a tall wall; "one": one column. */
  function layout() {
    const {innerWidth: w, innerHeight: h} = window;
    if (w / h >= 2.4) return 'wide';
    return w >= 3000 ? 'large' : 'one';
  }

  const SHAPES = {wide: [2592, 1080], one: [1920, 1080], large: [2560, 1440]}; // least width and height in units

  /** Pixels of one unit: the height of the screen goes by it, the width must suffice. */
  function unit(shape = layout()) {
    const [w, h] = SHAPES[shape];
    return Math.min(window.innerHeight / h, window.innerWidth / w);
  }

  /** "{n} s" and {n: 5} -> "5 s". */
  const fill = (text, values) => (text || '').replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

  const clock = (date) => `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;

  /** Whether nothing may glide: asked for by whoever set up the display. */
  const calm = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

  const wall = (window.cityhexWall = window.cityhexWall || {});
  Object.assign(wall, {el, svg, colour, layout, unit, fill, clock, calm});
})();
