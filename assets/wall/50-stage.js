// The stage: one map, and above it the parts of the scene that is shown. A change freezes the old picture of the map on a canvas,
// draws the new one below it and fades both over; one graphics context serves every scene.
(() => {
  'use strict';

  const {el, layout, unit, build, fit, calm, Failure} = window.cityhexWall;
  const FADE_MS = 600, DRAWN_WITHIN_MS = 12000;
  const PADDING = { // units kept free around what a scene shows
    wide: {left: 868, right: 868, top: 116, bottom: 150}, one: {left: 640, right: 64, top: 236, bottom: 172}, large: {left: 760, right: 760, top: 244, bottom: 200},
  };
  const LARGER = {wide: 2, one: 1.75, large: 1.8}; // marks and names of the map against those of a desk
  const UNDER_FLOWS = .5; // opacity of the colours below arcs, against their own
  const FLOW_ALPHA = [.22, .95]; // at the source and at the target; across a room a paler end is not seen
  const LEAST = 24; // units: no letter is smaller

  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  /** Whether all flows have the same sign: then their colour says nothing and is that of ink. */
  const oneWay = (flows) => new Set(flows.map((flow) => flow.sign)).size < 2;

  class Stage {
    /** `header` gives the places for titles and headlines. */
    constructor(root, header) {
      this.root = root;
      this.header = header;
      this.mapElement = el('div', 'w-map');
      this.mapElement.id = 'map';
      this.before = el('canvas', 'w-before');
      root.append(this.mapElement, this.before, el('div', 'w-shade w-shade-left'), el('div', 'w-shade w-shade-right'), el('div', 'w-shade w-shade-foot'));
      this.map = new window.cityhexMap.CityMap(this.mapElement, () => {}, {interactive: false});
      this.nodes = [];
      this.scene = null;
      this.serial = 0;
      this.fit();
    }

    /** Sets the unit and the layout for the size of the window. */
    fit() {
      this.shape = layout();
      this.u = unit(this.shape);
      document.documentElement.dataset.layout = this.shape;
      document.documentElement.style.setProperty('--u', `${this.u}px`);
    }

    padding() {
      return Object.fromEntries(Object.entries(PADDING[this.shape]).map(([side, units]) => [side, units * this.u]));
    }

    /** The scene's map as the engine takes it: sizes of the wall, names and flows of the scene, its own view. */
    specOf(scene) {
      const {map} = scene, given = map.spec || map.specs[0], k = LARGER[this.shape] * this.u;
      const flowColour = (sign) => getComputedStyle(document.documentElement).getPropertyValue(`--flow-${sign}`).trim();
      const looks = Object.entries((given.style.marks || {}).labels || {});
      const labels = Object.fromEntries(looks.map(([kind, look]) => [kind, look.px ? {...look, px: Math.max(look.px, LEAST * this.u / k)} : look]));
      const flows = (map.flows || []).map((flow) => ({...flow, colour: flow.colour || flowColour(oneWay(map.flows) ? 'one' : flow.sign === 'out' ? 'out' : 'in')}));
      const layers = flows.length ? given.layers.map((one) => ({...one, opacity: (one.opacity ?? 1) * UNDER_FLOWS})) : given.layers;
      return {
        ...given, k, layers, flows, base_labels: map.base_labels || ['neighbour'], selection: null,
        style: {...given.style, marks: {...given.style.marks, labels, flow: {...given.style.marks.flow, alpha: FLOW_ALPHA}}},
        labels: (map.labels || []).map((label, i) => ({kind: 'seat', nodot: false, insist: true, ...label, rank: 0, order: i})),
        view: {bounds: map.fit.flat(), padding: this.padding(), t: `${scene.id} ${scene.build_id} ${this.serial}`},
      };
    }

    periodOf(scene, hour) {
      const {hours} = scene.map, found = hours.frames.find((f) => f.hour === hour);
      return (found && found.period) || `${hours.daytype}-${String(hour).padStart(2, '0')}`;
    }

    periods(scene) {
      return scene.map.hours ? scene.map.hours.frames.map((f) => this.periodOf(scene, f.hour)) : [null];
    }

    /** Fetches everything a scene needs; fails where any of it fails. */
    async prepare(scene) {
      await this.map.preload(this.specOf(scene), this.periods(scene));
      return scene;
    }

    /** Shows a prepared scene; resolves once its picture stands and the fade has begun, with how long that took in ms. */
    async show(scene, hour = null) {
      const began = performance.now(), {map} = this, fresh = Boolean(this.scene);
      this.serial += 1;
      if (fresh && map.state.ready) await this.freeze();
      this.map.period = this.map.state.period = scene.map.hours ? this.periodOf(scene, hour ?? scene.map.hours.frames[0].hour) : null;
      const spec = this.specOf(scene);
      await this.drawn(spec);
      this.scene = scene;
      this.spec = spec;
      this.replace(scene, fresh);
      return performance.now() - began;
    }

    /** The map's picture as it is, on the canvas above the map. */
    async freeze() {
      const {before} = this;
      if (!await this.map.copyTo(before)) return;
      before.style.transition = 'none';
      before.style.opacity = 1;
    }

    /** Gives the map its spec and waits until the graphics canvas shows it. */
    async drawn(spec) {
      const {map} = this, from = map.state.seq, until = performance.now() + DRAWN_WITHIN_MS;
      map.render(spec);
      map.retry();
      while (map.state.seq === from || !map.state.ready) {
        if (performance.now() > until) throw new Failure('broken', 'the map was not drawn in time');
        const failed = map.layers.find((l) => l.failed);
        if (failed) throw new Failure('broken', `the map has no ${failed.id}`);
        await frame();
        if (map.deck) map.deck.redraw('scene');
      }
    }

    /** Puts the new scene's parts in place of the old ones. */
    replace(scene, fade) {
      const old = this.nodes, still = calm() || !fade;
      const parts = build(scene, this.shape), {header, root} = this;
      const nodes = [[header.titles, parts.title], [header.headlines, parts.headline], [root, parts.left], [root, parts.right], [root, parts.legend], [root, parts.foot]];
      this.nodes = nodes.filter(([, node]) => node).map(([parent, node]) => {
        node.classList.add('w-part');
        if (!still) node.classList.add('w-entering');
        parent.append(node);
        return node;
      });
      this.parts = parts;
      if (parts.legend) this.legend(parts.legend, scene);
      fit(parts.left);
      fit(parts.right);
      this.title();
      this.sentence();
      if (parts.minis) parts.minis.draw(this.map, this.spec, (hour) => this.periodOf(scene, hour));
      this.map.labelList = null;
      this.map.overlay();
      this.fade(old, still);
    }

    /** The legend's strokes and colours as the map draws them. */
    legend(node, scene) {
      const flows = scene.map.flows || [], shapes = this.map.flows, {style} = node;
      style.setProperty('--flow-unit', `${LARGER[this.shape] * this.u * (shapes ? shapes.shrink : 1)}px`);
      style.setProperty('--under', flows.length ? UNDER_FLOWS : 1);
      if (flows.length && oneWay(flows)) for (const sign of ['in', 'out']) style.setProperty(`--flow-${sign}`, 'var(--flow-one)');
    }

    /** The title in the room beside the name of the city: a long one is set smaller. */
    title() {
      const {title} = this.parts, room = title.parentNode;
      for (const size of [52, 46, 41, 36, 32]) {
        title.style.setProperty('--size', size);
        if (room.scrollWidth <= room.clientWidth + 1) return;
      }
    }

    /** The headline in two lines at most: long ones are set smaller. */
    sentence() {
      const node = this.parts.headline;
      if (!node) return;
      for (const size of [36, 33, 30, 27, 24]) {
        node.style.setProperty('--size', size);
        if (node.scrollHeight <= node.parentNode.clientHeight + 1) return;
      }
    }

    fade(old, still) {
      const {before} = this, end = () => {
        for (const node of old) node.remove();
        before.style.opacity = 0;
      };
      if (still) { end(); return; }
      requestAnimationFrame(() => {
        for (const node of this.nodes) node.classList.remove('w-entering');
        for (const node of old) node.classList.add('w-leaving');
        before.style.transition = `opacity ${FADE_MS}ms var(--ease)`;
        before.style.opacity = 0;
      });
      const serial = this.serial;
      setTimeout(() => {
        for (const node of old) node.remove();
        if (serial === this.serial) before.style.transition = 'none';
      }, FADE_MS + 80);
    }

    /** Moves everything that shows an hour; data swap at once, nothing is made up between two hours. */
    at(frameOfDay) {
      if (this.map.period !== this.periodOf(this.scene, frameOfDay.hour)) this.map.setPeriod(this.periodOf(this.scene, frameOfDay.hour));
      this.parts.at(frameOfDay);
      window.cityhexWall.fitValues(this.parts.left);
    }

    /** A place in the free part of the map, with the names of the base map; null goes back to the whole scene. */
    zoomTo(place) {
      const {map, spec} = this;
      map.spec = {...map.spec, base_labels: place ? null : spec.base_labels};
      map.labelList = null;
      if (!place) { map.camera(spec.view); return; }
      const half = 180 / 2 ** (place.zoom ?? 11), cos = Math.cos(place.lat * Math.PI / 180);
      map.camera({bounds: [place.lon - half, place.lat - half * cos * .6, place.lon + half, place.lat + half * cos * .6], padding: this.padding()});
    }
  }

  Object.assign(window.cityhexWall, {Stage, wait});
})();
