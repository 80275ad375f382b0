// The map on one element: holds the spec, the view and what is shown, and redraws when one of them changes.
(() => {
  'use strict';

  const FADE_AFTER_MS = 1000, FADED = .35;

  class CityMap {
    /** `tell(store, data)` reports to the page; without `interactive` nothing on the map answers to pointer or keys. */
    constructor(element, tell, {interactive = true} = {}) {
      this.element = element;
      this.interactive = interactive;
      this.tell = tell;
      this.data = new window.cityhexMap.DataCache();
      this.layers = [];
      this.view = null;
      this.period = null;
      this.viewStamp = undefined;
      this.base = null;
      this.status = '';
      this.state = window.__map = { // for tests
        ready: false, seq: 0, period: null, drawn: [], labels: [], webgl2: true,
        project: (p) => this.viewport().project(p), unproject: (p) => this.viewport().unproject(p),
      };
      this.build();
      this.grown = new ResizeObserver(() => this.makeRoom());
      new ResizeObserver(() => this.resized()).observe(element);
    }

    /** A card came, went, grew or shrank: the names are placed anew around what floats over the map now. */
    makeRoom() {
      if (!this.deck || !this.drawnLayers) return;
      this.overlayDue = true;
      this.deck.redraw('cards');
    }

    /** The canvases, the foot and the handlers. */
    build() {
      const {element} = this;
      if (getComputedStyle(element).position === 'static') element.style.position = 'relative';
      element.style.overflow = 'hidden';
      element.style.isolation = 'isolate'; // the canvases' order is their own affair: cards stay above all of them
      this.glParent = layer('div', 0);
      this.marksCanvas = layer('canvas', 1);
      this.labelCanvas = layer('canvas', 2);
      for (const canvas of [this.marksCanvas, this.labelCanvas]) {
        canvas.style.pointerEvents = 'none';
        canvas.setAttribute('aria-hidden', 'true');
      }
      element.append(this.glParent, this.marksCanvas, this.labelCanvas);
      this.footer = new window.cityhexMap.Footer(element);
      if (this.interactive) this.input = new window.cityhexMap.Input(this, this.glParent);
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
      const {Deck, MapView} = window.cityhexDeck, still = window.cityhexMap.still();
      this.deck = new Deck({
        parent: this.glParent, views: new MapView({repeat: false}), initialViewState: this.view, layers: [], layerFilter: null,
        controller: this.interactive && {
          dragRotate: false, touchRotate: false, keyboard: false, inertia: still ? 0 : 200, scrollZoom: {speed: .008, smooth: !still},
        },
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

    resized() {
      if (!this.element.clientWidth || !this.spec) return;
      if (!this.view || !this.deck) this.render(this.spec);
      else if (this.deck) this.deck.redraw('resize');
    }

    /** Asks for what is missing, shows what is here, then draws. */
    update() {
      if (!this.view || !this.deck) return;
      const {zoom} = this.view;
      for (const layer of this.layers) if (layer.inRange(zoom)) this.want(layer);
      this.redraw();
    }

    /** Hands deck the layers of this moment; settled = everything wanted is shown. */
    redraw() {
      if (!this.deck) return;
      const {style, view: {zoom}} = this, drawn = this.layers.filter((l) => l.inRange(zoom) && l.shown);
      const baseZoom = zoom - Math.log2(style.k), now = Date.now();
      const fade = (l) => l.waits && now - l.since >= FADE_AFTER_MS ? FADED : 1;
      const deckLayers = (list) => list.flatMap((l) => l.draw(style, baseZoom, fade(l)));
      const filled = drawn.filter((l) => ['hex', 'polygon'].includes(l.spec.kind)), rest = drawn.filter((l) => !filled.includes(l));
      this.resting = [
        ...(this.base ? this.base.below(style, baseZoom) : []), ...deckLayers(filled),
        ...(this.base ? this.base.above(style, baseZoom, filled.length > 0) : []), ...deckLayers(rest),
      ];
      this.flows = window.cityhexMap.breath.shape(this.spec.flows, style, zoom);
      this.breathe(this.breath);
      this.drawnLayers = drawn;
      this.state.drawn = drawn.map((l) => ({id: l.id, res: l.shown.res, n: l.shown.geometry.count, period: l.shown.period, shown: fade(l),
        ...(l.spec.kind === 'flow' ? {flows: l.chosen.drawn.length, chosen: l.chosen} : {})}));
      this.overlayDue = true;
      if (!this.layers.some((l) => l.inRange(zoom) && l.waits)) this.settled();
    }

    /** Draws the flows anew at a moment of their breath (0..1, null for none); everything else stays as it is. */
    breathe(moment = null) {
      this.breath = moment;
      if (this.deck) this.deck.setProps({layers: [...this.resting, ...window.cityhexMap.breath.layers(this.flows, this.style, moment)]});
    }

    settled() {
      if (this.spec.basemap && !this.base) return;
      this.settling = true; // counted once the picture is on the canvas
      if (!this.layers.some((l) => l.failed)) this.report('ready', null);
      clearTimeout(this.prefetchTimer);
      this.prefetchTimer = setTimeout(() => this.prefetch(), 120);
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
      if (this.copied) this.copied();
    }

    /** Copies what is seen now, ground and names and all, onto a canvas; false where nothing has been drawn within a second. */
    copyTo(canvas) {
      const {clientWidth: width, clientHeight: height} = this.element;
      return new Promise((resolve) => {
        const late = setTimeout(() => { this.copied = null; resolve(false); }, 1000);
        this.copied = () => { // right after the drawing: a graphics canvas forgets its picture with the frame
          clearTimeout(late);
          this.copied = null;
          const g = fresh(canvas, {width, height});
          g.fillStyle = this.style.outside;
          g.fillRect(0, 0, width, height);
          for (const part of [this.deck.getCanvas(), this.marksCanvas, this.labelCanvas]) g.drawImage(part, 0, 0, width, height);
          resolve(true);
        };
        if (this.deck) this.deck.redraw('copy');
      });
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
        this.labelList = collect(this.base, spec.labels ? [{labels: spec.labels}] : this.drawnLayers.map((l) => l.spec), style.lang === 'en' ? 'en' : 'zh', spec.base_labels);
      }
      const g = fresh(this.labelCanvas, viewport);
      const {marks, route} = window.cityhexMap;
      this.placed = place(g, this.labelList, viewport, style, [...this.cards(), ...marks.reserved(viewport, spec.selection), ...route.reserved(viewport, style, spec.route)]);
      draw(g, this.placed, style);
      this.state.labels = this.placed.map(({text, rank, box}) => ({text, rank, box}));
      this.drawMarks(viewport);
    }

    drawMarks(viewport = this.viewport()) {
      const g = fresh(this.marksCanvas, viewport), {hover, selection, cross, own, letters} = window.cityhexMap.marks;
      own(g, viewport, this.style, this.spec.own);
      letters(g, viewport, this.style, this.drawnLayers || [], (spec) => window.cityhexMap.lod.markSize(viewport.zoom - Math.log2(this.style.k), spec.size || 9, this.style.k));
      hover(g, viewport, this.style, this.hovered);
      selection(g, viewport, this.style, this.spec.selection);
      window.cityhexMap.route.draw(g, viewport, this.style, this.spec.route);
      this.state.route = this.spec.route ? this.spec.route.stops.length : 0;
      this.state.selection = this.spec.selection ? `${this.spec.selection.kind}:${this.spec.selection.id}` : null;
      if (this.crossed) cross(g, viewport, this.style);
    }

    hoverAt(lon, lat) {
      this.hovered = lon == null ? null : window.cityhexMap.hover.under(this.drawnLayers || [], lon, lat, this.view.zoom);
      if (this.deck) this.drawMarks();
    }

    clickAt(lon, lat) {
      const layers = window.cityhexMap.hover.pickable(this.drawnLayers || []).map((l) => l.id);
      this.tell('map-click', {lon, lat, zoom: this.view.zoom, res: this.topResolution(), layers, t: Date.now()});
    }

    command(command) {
      switch (command.kind) {
        case 'zoom': return this.zoomBy(command.by);
        case 'fly': return this.camera(command);
        case 'fit': return this.camera({bounds: command.bounds || (this.base && this.base.bounds)});
        case 'select':
          this.spec = {...this.spec, selection: command.selection};
          if (command.go) this.camera({...command.go, zoom: Math.max(this.view.zoom, command.go.least || 0)});
          return this.overlay();
        case 'png': return this.png(command.name || 'map', command.legend);
        case 'retry': return this.retry();
        default: return undefined;
      }
    }

    /** Renders once at twice the size, composes, offers the file. */
    async png(name, legend) {
      const {picture} = window.cityhexMap, {deck} = this, canvas = deck.getCanvas();
      const wanted = this.element.clientWidth * picture.SCALE;
      const result = await new Promise((resolve) => {
        deck.setProps({useDevicePixels: picture.SCALE, onAfterRender: () => {
          this.afterRender();
          if (canvas.width < wanted - 2) return;
          const spec = legend ? {...this.spec, legend: {source: (this.spec.legend || {}).source, ...legend}} : this.spec;
          const parts = {gl: canvas, viewport: this.viewport(), placed: this.placed, spec, style: this.style, view: this.view, res: this.topResolution()};
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
  Object.assign(CityMap.prototype, map.cameraMethods, map.loadingMethods);
  map.CityMap = CityMap;
})();
