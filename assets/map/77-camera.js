// Where the map looks: methods of CityMap (80-map.js) for the camera, its limits and what the page is told of it.
(() => {
  'use strict';

  const CAMERA_MS = 700, REST_MS = 200, EDGE_PX = 28;
  const ZOOM = {min: 5, max: 18};

  const methods = {
    /** What the camera shows of {lon, lat, zoom} or {bounds, padding?}; room for the cards is left where no padding is given. */
    viewOf(target) {
      let next;
      if (target.bounds) {
        const viewport = new window.cityhexDeck.WebMercatorViewport({width: this.element.clientWidth, height: this.element.clientHeight});
        const [w, s, e, n] = target.bounds;
        const fitted = viewport.fitBounds([[w, s], [e, n]], {padding: target.padding || this.padding(), maxZoom: 15});
        next = {longitude: fitted.longitude, latitude: fitted.latitude, zoom: fitted.zoom};
      } else {
        next = {longitude: target.lon, latitude: target.lat, zoom: target.zoom ?? (this.view ? this.view.zoom : 10)};
      }
      return {...next, zoom: Math.min(ZOOM.max, Math.max(ZOOM.min, next.zoom)), minZoom: ZOOM.min, maxZoom: ZOOM.max, pitch: 0, bearing: 0};
    },

    /** Moves the camera there. */
    camera(target, animated = true) {
      const next = this.viewOf(target);
      if (!this.deck) { this.view = next; return; }
      const moving = animated && !window.cityhexMap.still()
        ? {transitionDuration: CAMERA_MS, transitionInterpolator: new window.cityhexDeck.FlyToInterpolator()} : {};
      this.deck.setProps({initialViewState: {...next, ...moving}});
      if (!moving.transitionDuration) this.moved(next);
    },

    /** Room taken by cards on the left and right, so that what is fitted lies between them. */
    padding() {
      const box = this.element.getBoundingClientRect();
      const padding = {left: EDGE_PX, right: EDGE_PX, top: EDGE_PX, bottom: EDGE_PX + 16};
      for (const [x0, , x1] of this.cards(false)) {
        if (x1 - x0 > box.width * .45) continue;
        if (x1 < box.width / 2) padding.left = Math.max(padding.left, x1 + EDGE_PX);
        else padding.right = Math.max(padding.right, box.width - x0 + EDGE_PX / 2);
      }
      return padding;
    },

    /** Boxes of the cards that float over the map, and of the foot. */
    cards(withFoot = true) {
      const box = this.element.getBoundingClientRect(), floating = [...document.querySelectorAll('[data-map-card]')];
      for (const card of floating) this.grown.observe(card);
      return [...floating, ...(withFoot ? [this.footer.root] : [])].map((card) => card.getBoundingClientRect())
        .filter((r) => r.width && r.right > box.left && r.left < box.right && r.bottom > box.top && r.top < box.bottom)
        .map((r) => [r.left - box.left - 6, r.top - box.top - 6, r.right - box.left + 6, r.bottom - box.top + 6]);
    },

    moved(viewState) {
      const {longitude, latitude, zoom} = viewState;
      const zoomed = !this.view || Math.abs(zoom - this.view.zoom) > 1e-3;
      this.view = {...this.view, longitude, latitude, zoom};
      if (zoomed) this.update();
      this.restSoon();
    },

    restSoon() {
      clearTimeout(this.restTimer);
      this.restTimer = setTimeout(() => this.rested(), REST_MS);
    },

    rested() {
      const viewport = this.viewport(), [w, n] = viewport.unproject([0, 0]), [e, s] = viewport.unproject([viewport.width, viewport.height]);
      const {longitude: lon, latitude: lat, zoom} = this.view;
      const res = Object.fromEntries(this.layers.filter((l) => l.shown && l.spec.kind === 'hex').map((l) => [l.id, l.shown.res]));
      this.tell('map-view', {lon, lat, zoom, bounds: [w, s, e, n], res, t: Date.now()});
    },

    zoomBy(by) {
      const {longitude: lon, latitude: lat, zoom} = this.view;
      this.camera({lon, lat, zoom: Math.round((zoom + by) * 4) / 4});
    },

    panBy(x, y) {
      const viewport = this.viewport(), [lon, lat] = viewport.unproject([viewport.width / 2 + x, viewport.height / 2 + y]);
      this.camera({lon, lat, zoom: this.view.zoom}, false);
    },
  };

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.cameraMethods = methods;
})();
