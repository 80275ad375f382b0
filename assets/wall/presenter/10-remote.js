// The presenter's remote control: picks the scene a display shows and a place to zoom to, and gives the display back.
(() => {
  'use strict';

  const POLL_MS = 2000, PATIENCE_MS = 8000;
  const given = new URLSearchParams(window.location.search);
  const lang = given.get('lang') || document.documentElement.dataset.language, wall = given.get('wall') || '';
  const state = {list: null, presenter: null};

  function el(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
  }

  async function ask(path, params, options = {}) {
    const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value));
    const answer = await fetch(`${path}?${query}`, {credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS), ...options});
    if (!answer.ok) throw Object.assign(new Error(String(answer.status)), {status: answer.status});
    return answer.json();
  }

  const said = el('p', 'r-said', ''), page = el('main', 'r-page');
  said.setAttribute('role', 'status');

  function say(words, bad = false) {
    said.textContent = words || '';
    said.classList.toggle('bad', bad);
  }

  /** The presenter's whole wish; a display that is not presented to has none. */
  function wish() {
    const {scene = null, paused = false, place = null} = state.presenter || {};
    return {scene, paused, place};
  }

  async function send(change) {
    const {words} = state.list;
    try {
      const answer = await ask('/api/wall/presenter', {wall}, {
        method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({...wish(), ...change}),
      });
      const now = answer.presenter === undefined ? answer : answer.presenter;
      state.presenter = now && (now.scene || now.paused || now.place) ? now : null;
      say(words.sent);
    } catch (error) {
      say(error.status === 401 || error.status === 403 ? words.may_not : words.not_sent, true);
    }
    mark();
  }

  /** The scene beside the one shown; the playlist goes round. */
  function beside(step) {
    const {scenes} = state.list, at = scenes.findIndex((s) => s.id === wish().scene);
    return scenes[(Math.max(at, step > 0 ? -1 : 0) + step + scenes.length) % scenes.length].id;
  }

  function button(label, act, className = '') {
    const made = el('button', className, label);
    made.type = 'button';
    made.addEventListener('click', act);
    return made;
  }

  function build() {
    const {list} = state, {words} = list;
    state.scenes = list.scenes.map((scene) => {
      const made = button(scene.title, () => send({scene: scene.id, place: null}));
      made.dataset.scene = scene.id;
      return made;
    });
    const whole = button(words.whole, () => send({place: null}));
    whole.dataset.place = '';
    state.places = [whole, ...(list.places || []).map((place) => {
      const made = button(place.name, () => send({place}));
      made.dataset.place = place.name;
      return made;
    })];
    state.pause = button(words.pause, () => send({paused: !wish().paused}));
    page.replaceChildren(
      el('header', 'r-head', el('h1', '', words.remote), el('span', '', [list.city, wall].filter(Boolean).join(' \u00b7 '))), said,
      el('div', 'r-row', button(words.back, () => send({scene: beside(-1), place: null})), state.pause, button(words.forward, () => send({scene: beside(1), place: null}))),
      el('section', '', el('h2', '', words.scenes), el('div', 'r-list', ...state.scenes)),
      el('section', '', el('h2', '', words.places), el('div', 'r-places', ...state.places)),
      button(words.release, () => send({scene: null, paused: false, place: null}), 'r-release'),
    );
    mark();
  }

  /** Shows which scene and place the display has been given. */
  function mark() {
    const {scene, paused, place} = wish(), {words} = state.list;
    for (const one of state.scenes) one.setAttribute('aria-pressed', String(one.dataset.scene === scene));
    for (const one of state.places) one.setAttribute('aria-pressed', String(Boolean(state.presenter) && one.dataset.place === ((place && place.name) || '')));
    state.pause.textContent = paused ? words.resume : words.pause;
    state.pause.setAttribute('aria-pressed', String(paused));
  }

  async function look() {
    try {
      if (!state.list) {
        state.list = await ask('/api/wall/playlist', {lang, wall});
        build();
        say(state.list.words.playing);
      }
      const status = await ask('/api/wall/status', {wall});
      state.presenter = status.presenter;
      mark();
    } catch (error) {
      if (state.list) say(state.list.words.not_sent, true);
    }
    setTimeout(look, POLL_MS);
  }

  document.body.append(page);
  look();
})();
