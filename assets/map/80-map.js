// The map on one element: holds the spec, the view and what is shown, and redraws when one of them changes.
(() => {
  'use strict';

  const CAMERA_MS = 700, REST_MS = 200, FADE_AFTER_MS = 1000, FADED = .35, EDGE_PX = 28;
  const ZOOM = {min: 5, max: 18};
  const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

  class CityMap {
    /** `tell(store, data)` reports to the page. */
    constructor(element, tell) {
      this.element = element;
      this.tell = tell;
      this.data = new window.cityhexMap.DataCache();
      this.layers = [];
      this.view = null;
      this.period = null;
      this.viewStamp = undefined;
      this.base = null;
      this.status = '';
      this.state = window.__map = {ready: false, seq: 0, period: null, drawn: [], labels: [], webgl2: true, project: (p) => this.viewport().project(p), unproject: (p) => this.viewport().unproject(p)};
      this.build();
      new ResizeObserver(() => this.resized()).observe(element);
    }

    /** The canvases, the foot and the handlers. */
    build() {
      const {element} = this;
      if (getComputedStyle(element).position === 'static') element.style.position = 'relative';
      element.style.overflow = 'hidden';
      this.glParent = layer('div', 0);
      this.marksCanvas = layer('canvas', 1);
      this.labelCanvas = layer('canvas', 2);
      for (const canvas of [this.marksCanvas, this.labelCanvas]) {
        canvas.style.pointerEvents = 'none';
        canvas.setAttribute('aria-hidden', 'true');
      }
      element.append(this.glParent, this.marksCanvas, this.labelCanvas);
      this.footer = new window.cityhexMap.Footer(element);
      this.input = new window.cityhexMap.Input(this, this.glParent);
    }

    viewport() {
      return new window.cityhexDeck.WebMercatorViewport({...this.view, width: this.element.clientWidth, height: this.element.clientHeight});
    }

    /** A new spec: style, layers, selection; the camera moves only when view.t is new. */
    render(spec) {
      this.spec = spec;
      this.style = window.cityhexMap.style.resolve(spec);
      this.element.style.background = this.style.outside;
      this.glParent.setAttribute('aria-label', (spec.texts && spec.texts.aria) || '');
      const known = new Map(this.layers.map((l) => [l.id, l]));
      this.layers = (spec.layers || []).map((layerSpec) => {
        const old = known.get(layerSpec.id);
        if (!old || old.spec.geometry !== layerSpec.geometry || old.spec.kind !== layerSpec.kind) return new window.cityhexMap.MapLayer(layerSpec);
        old.spec = layerSpec;
        return old;
      });
      this.labelList = null;
      if (spec.view && spec.view.t !== this.viewStamp && this.element.clientWidth) {
        this.viewStamp = spec.view.t;
        this.camera(spec.view, false);
      }
      if (!this.deck && this.view) this.start();
      this.loadBase();
      this.update();
    }

    setPeriod(period) {
      this.period = period;
      this.state.period = period;
      this.update();
    }

    /** Creates deck; called again when the graphics context was lost. */
    start() {
      const {Deck, MapView} = window.cityhexDeck;
      this.deck = new Deck({
        parent: this.glParent, views: new MapView({repeat: false}), initialViewState: this.view, layers: [], layerFilter: null,
        controller: {dragRotate: false, touchRotate: false, keyboard: false, inertia: still() ? 0 : 200, scrollZoom: {speed: .008, smooth: !still()}},
        getCursor: ({isDragging}) => isDragging ? 'grabbing' : 'default', pickingRadius: 0,
        onViewStateChange: ({viewState}) => this.moved(viewState),
        onAfterRender: () => this.afterRender(),
        onError: (error) => this.report('error', null, {id: 'GL', message: String(error.message || error)}),
      });
      this.glParent.addEventListener('webglcontextlost', (event) => this.contextLost(event), {capture: true, once: true});
    }

    contextLost(event) {
      event.preventDefault();
      const {deck} = this;
      this.deck = null;
      setTimeout(() => {
        deck.finalize();
        this.glParent.replaceChildren();
        this.start();
        this.redraw();
      }, 50);
    }

    /** {lon, lat, zoom} or {bounds} -> the camera. */
    camera(target, animated = true) {
      let next;
      if (target.bounds) {
        const viewport = new window.cityhexDeck.WebMercatorViewport({width: this.element.clientWidth, height: this.element.clientHeight});
        const [w, s, e, n] = target.bounds;
        const fitted = viewport.fitBounds([[w, s], [e, n]], {padding: this.padding(), maxZoom: 15});
        next = {longitude: fitted.longitude, latitude: fitted.latitude, zoom: fitted.zoom};
      } else {
        next = {longitude: target.lon, latitude: target.lat, zoom: target.zoom ?? (this.view ? this.view.zoom : 10)};
      }
      next = {...next, zoom: Math.min(ZOOM.max, Math.max(ZOOM.min, next.zoom)), minZoom: ZOOM.min, maxZoom: ZOOM.max, pitch: 0, bearing: 0};
      if (!this.deck) { this.view = next; return; }
      const moving = animated && !still() ? {transitionDuration: CAMERA_MS, transitionInterpolator: new window.cityhexDeck.FlyToInterpolator()} : {};
      this.deck.setProps({initialViewState: {...next, ...moving}});
      if (!moving.transitionDuration) this.moved(next);
    }

    /** Room taken by cards on the left and right, so that what is fitted lies between them. */
    padding() {
      const box = this.element.getBoundingClientRect();
      const padding = {left: EDGE_PX, right: EDGE_PX, top: EDGE_PX, bottom: EDGE_PX + 16};
      for (const [x0, , x1] of this.cards()) {
        if (x1 - x0 > box.width * .45) continue;
        if (x1 < box.width / 2) padding.left = Math.max(padding.left, x1 + EDGE_PX);
        else padding.right = Math.max(padding.right, box.width - x0 + EDGE_PX / 2);
      }
      return padding;
    }

    /** Boxes of the cards that float over the map. */
    cards() {
      const box = this.element.getBoundingClientRect();
      return [...document.querySelectorAll('[data-map-card]'), this.footer.root].map((card) => card.getBoundingClientRect())
        .filter((r) => r.width && r.right > box.left && r.left < box.right && r.bottom > box.top && r.top < box.bottom)
        .map((r) => [r.left - box.left - 6, r.top - box.top - 6, r.right - box.left + 6, r.bottom - box.top + 6]);
    }

    moved(viewState) {
      const {longitude, latitude, zoom} = viewState;
      const zoomed = !this.view || Math.abs(zoom - this.view.zoom) > 1e-3;
      this.view = {...this.view, longitude, latitude, zoom};
      if (zoomed) this.update();
      this.restSoon();
    }

    restSoon() {
      clearTimeout(this.restTimer);
      this.restTimer = setTimeout(() => this.rested(), REST_MS);
    }

    rested() {
      const viewport = this.viewport(), [w, n] = viewport.unproject([0, 0]), [e, s] = viewport.unproject([viewport.width, viewport.height]);
      const {longitude: lon, latitude: lat, zoom} = this.view;
      const res = Object.fromEntries(this.layers.filter((l) => l.shown && l.spec.kind === 'hex').map((l) => [l.id, l.shown.res]));
      this.tell('map-view', {lon, lat, zoom, bounds: [w, s, e, n], res, t: Date.now()});
    }

    resized() {
      if (!this.element.clientWidth || !this.spec) return;
      if (!this.view || !this.deck) this.render(this.spec);
      else if (this.deck) this.deck.redraw('resize');
    }

    async loadBase() {
      const {basemap} = this.spec;
      if (basemap === this.baseUrl) return;
      this.baseUrl = basemap;
      if (!basemap) { this.base = null; return; }
      try {
        const payload = await this.data.get(basemap);
        if (basemap !== this.baseUrl) return;
        this.base = new window.cityhexMap.BaseMap(payload);
        this.labelList = null;
        if (!this.view) this.camera({bounds: payload.bounds}, false);
        if (!this.deck) this.start();
        this.update();
      } catch (error) {
        this.baseUrl = null;
        this.report('error', 'basemap', error);
      }
    }

    /** Asks for what is missing, shows what is here, then draws. */
    update() {
      if (!this.view || !this.deck) return;
      const {zoom} = this.view;
      for (const layer of this.layers) if (layer.inRange(zoom)) this.want(layer);
      this.redraw();
    }

    want(layer) {
      const wanted = layer.wanted(this.view, this.period, this.style);
      if (layer.shown && layer.shown.key === wanted.key) { layer.waits = null; return; }
      const geometry = this.data.peek(wanted.geometry), values = wanted.values ? this.data.peek(wanted.values) : null;
      if (geometry && (values || !wanted.values)) { this.show(layer, wanted, geometry, values); return; }
      if (layer.waits === wanted.key || layer.failed === wanted.key) return;
      layer.waits = wanted.key;
      layer.since = Date.now();
      setTimeout(() => this.slow(layer, wanted), FADE_AFTER_MS);
      Promise.all([this.data.get(wanted.geometry), wanted.values ? this.data.get(wanted.values) : null])
        .then(([g, v]) => this.arrived(layer, wanted, g, v), (error) => this.lost(layer, wanted, error));
    }

    /** An answer counts only if the layer still waits for it. */
    arrived(layer, wanted, geometry, values) {
      if (layer.waits !== wanted.key) return;
      this.show(layer, wanted, geometry, values);
      this.redraw();
    }

    show(layer, wanted, geometry, values) {
      if (values && values.count !== geometry.count) {
        this.lost(layer, wanted, new Error(`${values.count} values for ${geometry.count} shapes`));
        return;
      }
      if (!layer.shown || layer.shown.res !== wanted.res) this.restSoon(); // the page is told which resolution it sees
      layer.shown = {...wanted, geometry, values};
      layer.waits = layer.failed = null;
    }

    lost(layer, wanted, error) {
      if (layer.waits === wanted.key) layer.waits = null;
      layer.failed = wanted.key;
      this.report('error', layer.id, error);
      this.redraw();
    }

    slow(layer, wanted) {
      if (layer.waits !== wanted.key) return;
      this.report('loading', layer.id);
      this.redraw();
    }

    retry() {
      for (const layer of this.layers) layer.failed = null;
      this.loadBase();
      this.update();
    }

    /** Hands deck the layers of this moment; settled = everything wanted is shown. */
    redraw() {
      if (!this.deck) return;
      const {style, view: {zoom}} = this, drawn = this.layers.filter((l) => l.inRange(zoom) && l.shown);
      const baseZoom = zoom - Math.log2(style.k), now = Date.now();
      const fade = (l) => l.waits && now - l.since >= FADE_AFTER_MS ? FADED : 1;
      const deckLayers = (list) => list.flatMap((l) => l.draw(style, baseZoom, fade(l)));
      const filled = drawn.filter((l) => ['hex', 'polygon'].includes(l.spec.kind)), rest = drawn.filter((l) => !filled.includes(l));
      this.deck.setProps({layers: [
        ...(this.base ? this.base.below(style, baseZoom) : []), ...deckLayers(filled),
        ...(this.base ? this.base.above(style, baseZoom, filled.length > 0) : []), ...deckLayers(rest),
      ]});
      this.drawnLayers = drawn;
      this.state.drawn = drawn.map((l) => ({id: l.id, res: l.shown.res, n: l.shown.geometry.count, period: l.shown.period, shown: fade(l)}));
      this.overlayDue = true;
      if (!this.layers.some((l) => l.inRange(zoom) && l.waits)) this.settled();
    }

    settled() {
      if (this.spec.basemap && !this.base) return;
      this.settling = true; // counted once the picture is on the canvas
      if (!this.layers.some((l) => l.failed)) this.report('ready', null);
      clearTimeout(this.prefetchTimer);
      this.prefetchTimer = setTimeout(() => this.prefetch(), 120);
    }

    prefetch() {
      for (const layer of this.drawnLayers) {
        for (const url of layer.neighbours(this.view, this.style)) this.data.get(url, {low: true}).catch(() => {});
      }
    }

    report(state, layer, error) {
      const id = error ? error.id || '' : '';
      const key = `${state} ${layer} ${id}`;
      if (key === this.status) return;
      this.status = key;
      this.tell('map-status', {state, layer, period: this.period, id, message: error ? String(error.message || '') : '', t: Date.now()});
    }

    /** In the same frame as the GL canvas, so names and marks never lag behind. */
    afterRender() {
      const stamp = `${this.view.longitude} ${this.view.latitude} ${this.view.zoom} ${this.element.clientWidth} ${this.element.clientHeight}`;
      if (this.overlayDue || stamp !== this.overlayStamp) {
        this.overlayStamp = stamp;
        this.overlayDue = false;
        this.overlay();
      }
      if (this.settling) {
        this.settling = false;
        this.state.seq += 1;
        this.state.ready = true;
      }
    }

    topResolution() {
      const hexes = (this.drawnLayers || []).filter((l) => l.spec.kind === 'hex');
      return hexes.length ? hexes[hexes.length - 1].shown.res : null;
    }

    overlay() {
      const viewport = this.viewport(), {style, spec} = this, {collect, place, draw} = window.cityhexMap.labels;
      this.footer.update(spec, style, this.view, this.topResolution());
      const key = this.drawnLayers.map((l) => l.id).join();
      if (!this.labelList || this.labelKey !== key) {
        this.labelKey = key;
        this.labelList = collect(this.base, this.drawnLayers.map((l) => l.spec), style.lang === 'en' ? 'en' : 'zh');
      }
      const g = fresh(this.labelCanvas, viewport);
      this.placed = place(g, this.labelList, viewport, style, [...this.cards(), ...window.cityhexMap.marks.reserved(viewport, spec.selection)]);
      draw(g, this.placed, style);
      this.state.labels = this.placed.map(({text, rank, box}) => ({text, rank, box}));
      this.drawMarks(viewport);
    }

    drawMarks(viewport = this.viewport()) {
      const g = fresh(this.marksCanvas, viewport), {hover, selection, cross} = window.cityhexMap.marks;
      hover(g, viewport, this.style, this.hovered);
      selection(g, viewport, this.style, this.spec.selection);
      if (this.crossed) cross(g, viewport, this.style);
    }

    hoverAt(lon, lat) {
      this.hovered = lon == null ? null : window.cityhexMap.hover.under(this.drawnLayers || [], lon, lat);
      if (this.deck) this.drawMarks();
    }

    clickAt(lon, lat) {
      const layers = (this.drawnLayers || []).filter((l) => l.spec.pick).map((l) => l.id).reverse();
      this.tell('map-click', {lon, lat, zoom: this.view.zoom, res: this.topResolution(), layers, t: Date.now()});
    }

    zoomBy(by) {
      const {longitude: lon, latitude: lat, zoom} = this.view;
      this.camera({lon, lat, zoom: Math.round((zoom + by) * 4) / 4});
    }

    panBy(x, y) {
      const viewport = this.viewport(), [lon, lat] = viewport.unproject([viewport.width / 2 + x, viewport.height / 2 + y]);
      this.camera({lon, lat, zoom: this.view.zoom}, false);
    }

    command(command) {
      switch (command.kind) {
        case 'zoom': return this.zoomBy(command.by);
        case 'fly': return this.camera(command);
        case 'fit': return this.camera({bounds: command.bounds || (this.base && this.base.bounds)});
        case 'select': this.spec = {...this.spec, selection: command.selection}; return this.overlay();
        case 'png': return this.png(command.name || 'map');
        case 'retry': return this.retry();
        default: return undefined;
      }
    }

    /** Renders once at twice the size, composes, offers the file. */
    async png(name) {
      const {picture} = window.cityhexMap, {deck} = this, canvas = deck.getCanvas();
      const wanted = this.element.clientWidth * picture.SCALE;
      const result = await new Promise((resolve) => {
        deck.setProps({useDevicePixels: picture.SCALE, onAfterRender: () => {
          this.afterRender();
          if (canvas.width < wanted - 2) return;
          const parts = {gl: canvas, viewport: this.viewport(), placed: this.placed, spec: this.spec, style: this.style, view: this.view, res: this.topResolution()};
          resolve(picture.compose(parts));
        }});
        deck.redraw('png');
      });
      deck.setProps({useDevicePixels: true, onAfterRender: () => this.afterRender()});
      await picture.download(result, name);
      this.state.picture = {width: result.width, height: result.height};
    }
  }

  function layer(tag, zIndex) {
    const node = document.createElement(tag);
    Object.assign(node.style, {position: 'absolute', inset: 0, width: '100%', height: '100%', zIndex});
    return node;
  }

  /** A cleared 2D context in CSS pixels. */
  function fresh(canvas, {width, height}) {
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const g = canvas.getContext('2d');
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, height);
    return g;
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.CityMap = CityMap;
})();
