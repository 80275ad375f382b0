// Getting what is to be shown: methods of CityMap (80-map.js). An answer counts only while its layer still waits for it.
(() => {
  'use strict';

  const FADE_AFTER_MS = 1000;

  const methods = {
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
    },

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
    },

    /** An answer counts only if the layer still waits for it. */
    arrived(layer, wanted, geometry, values) {
      if (layer.waits !== wanted.key) return;
      this.show(layer, wanted, geometry, values);
      this.redraw();
    },

    show(layer, wanted, geometry, values) {
      if (values && values.count !== geometry.count) {
        this.lost(layer, wanted, new Error(`${values.count} values for ${geometry.count} shapes`));
        return;
      }
      if (!layer.shown || layer.shown.res !== wanted.res) this.restSoon(); // the page is told which resolution it sees
      layer.shown = {...wanted, geometry, values};
      layer.waits = layer.failed = null;
    },

    lost(layer, wanted, error) {
      if (layer.waits === wanted.key) layer.waits = null;
      layer.failed = wanted.key;
      this.report('error', layer.id, error);
      this.redraw();
    },

    slow(layer, wanted) {
      if (layer.waits !== wanted.key) return;
      this.report('loading', layer.id);
      this.redraw();
    },

    /** Fetches all that a spec will ask for at its own view in the given periods, without drawing it; fails where one of them fails. */
    async preload(spec, periods = [null]) {
      const style = window.cityhexMap.style.resolve(spec), view = this.viewOf(spec.view);
      const layers = (spec.layers || []).map((one) => new window.cityhexMap.MapLayer(one)).filter((l) => l.inRange(view.zoom));
      const wanted = layers.flatMap((l) => periods.map((period) => l.wanted(view, period, style)));
      const urls = wanted.flatMap((w) => [w.geometry, w.values]).concat(spec.basemap || []).filter(Boolean);
      await Promise.all([...new Set(urls)].map((url) => this.data.get(url, {low: true})));
    },

    retry() {
      for (const layer of this.layers) layer.failed = null;
      this.loadBase();
      this.update();
    },

    prefetch() {
      for (const layer of this.drawnLayers) {
        for (const url of layer.neighbours(this.view, this.style)) this.data.get(url, {low: true}).catch(() => {});
      }
    },

    report(state, layer, error) {
      const id = error ? error.id || '' : '';
      const key = `${state} ${layer} ${id}`;
      if (key === this.status) return;
      this.status = key;
      this.tell('map-status', {state, layer, period: this.period, id, message: error ? String(error.message || '') : '', t: Date.now()});
    },
  };

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.loadingMethods = methods;
})();
