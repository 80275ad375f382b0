// The seam to Dash: three clientside callbacks in, four stores out. Without Dash (tests, benchmarks) a page may set
// window.cityhexTell = (store, data) => ... to hear what the map has to say.
(() => {
  'use strict';

  let map = null, waitingSpec = null, waitingPeriod = null;
  const early = {}; // commands that came before the first spec, the last one of each kind

  function tell(store, data) {
    if (window.cityhexTell) window.cityhexTell(store, data);
    const {dash_clientside: dash} = window;
    if (dash && dash.set_props && document.getElementById('map')) dash.set_props(store, {data});
  }

  const nothing = () => (window.dash_clientside && window.dash_clientside.no_update) || null;

  const {webgl2} = window.cityhexMap;

  /** The map of the element now in the page; a page left and entered again has a new element. */
  function current() {
    const element = document.getElementById('map');
    if (!element || !window.cityhexDeck) return null;
    if (!map || map.element !== element) {
      if (map && map.deck) map.deck.finalize();
      map = null;
      tell('map-support', {webgl2: webgl2()});
      if (!webgl2()) { window.__map = {ready: false, webgl2: false}; return null; }
      map = new window.cityhexMap.CityMap(element, tell);
    }
    return map;
  }

  /** The page's element may come a moment after the store that fills it. */
  function soon() {
    const here = current();
    if (!here) {
      if (waitingSpec && webgl2()) setTimeout(soon, 50);
      return;
    }
    const spec = waitingSpec, period = waitingPeriod;
    waitingSpec = null;
    if (period !== null) here.period = here.state.period = period;
    if (spec) here.render(spec);
    if (!here.spec) return;
    for (const kind of Object.keys(early)) {
      here.command(early[kind]);
      delete early[kind];
    }
  }

  function render(spec) {
    if (!spec || !spec.layers) return nothing();
    waitingSpec = spec;
    if (map) soon(); else setTimeout(soon, 0); // at first the period may come in the same breath: one request less
    return nothing();
  }

  function period(value) {
    waitingPeriod = value ?? null;
    if (map && map.spec && map.element.isConnected) map.setPeriod(value ?? null);
    return nothing();
  }

  function command(value) {
    if (value && map && map.spec && map.element.isConnected) map.command(value);
    else if (value && ['select', 'fly', 'fit'].includes(value.kind)) early[value.kind] = value;
    return nothing();
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.cityhex = {...window.dash_clientside.cityhex, render, period, command};
})();
