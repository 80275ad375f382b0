// The order of the scenes: how long each one stands, what is fetched beforehand, what pauses it, and what happens to a scene that
// cannot be shown. Only the present scene and the next one are kept in memory.
(() => {
  'use strict';

  const {ask, kindOf, fill, wait} = window.cityhexWall;
  const TICK_MS = 250, RESUME_S = 60, PREFETCH_MS = 1200, TRY_AGAIN_MS = 5000;

  class Playlist {
    constructor(stage, header, motion, address) {
      Object.assign(this, {stage, header, motion, address});
      this.list = null;         // the server's playlist
      this.at = -1;             // index of the scene on stage
      this.next = null;         // {id, build, promise} fetched beforehand
      this.failed = new Map();  // id -> title of what could not be shown
      this.pausedUntil = null;  // ms, or Infinity while someone presents
      this.held = null;         // {scene, place} of the presenter
      this.away = false;        // whether the server gives no answer
      this.busy = false;
      this.began = 0;
      this.changes = 0;
      this.switchedMs = [];
    }

    get words() { return this.list ? this.list.words : {}; }
    get scene() { return this.list && this.list.scenes[this.at]; }

    /** Reads the playlist; the scene on stage keeps its place in it. */
    async load() {
      const {scenes, dwell, lang, theme, token, wall} = this.address;
      const list = await ask('/api/wall/playlist', {scenes, dwell, lang, theme, token, wall});
      const now = this.scene && this.scene.id;
      this.list = list;
      this.next = null;
      this.at = now ? list.scenes.findIndex((s) => s.id === now) : -1;
      this.header.city.textContent = list.city;
      this.header.demo.textContent = list.demo ? list.words.demo || '' : '';
      document.title = list.city;
      return list;
    }

    fetchScene(entry) {
      const {lang, theme, token, wall} = this.address;
      return ask(`/api/wall/scene/${encodeURIComponent(entry.id)}`, {lang, theme, token, wall, build: this.list.build_id})
        .then((scene) => this.stage.prepare(scene));
    }

    /** The scene at an index, from what was fetched beforehand where that is still of this build. */
    prepared(index) {
      const entry = this.list.scenes[index], {next} = this;
      if (next && next.id === entry.id && next.build === this.list.build_id) return next.promise;
      return this.fetchScene(entry);
    }

    beforehand() {
      const index = this.after(this.at, 1), entry = this.list.scenes[index];
      if (!entry || index === this.at) return;
      if (this.next && this.next.id === entry.id && this.next.build === this.list.build_id) return;
      const promise = this.fetchScene(entry);
      promise.catch(() => { if (this.next && this.next.promise === promise) this.next = null; });
      this.next = {id: entry.id, build: this.list.build_id, promise};
    }

    after(index, step) {
      const n = this.list.scenes.length;
      return n ? (index + step + n) % n : -1;
    }

    /**
     * Shows a scene, or the one after it in the direction of `step` where it cannot be shown. Returns whether any was shown;
     * when the server is away the picture on stage stays.
     */
    async go(index, step = 1) {
      if (this.busy || !this.list || !this.list.scenes.length) return false;
      this.busy = true;
      try {
        for (let tries = 0; tries < this.list.scenes.length; tries++, index = this.after(index, step)) {
          if (await this.tryScene(index)) return true;
          if (this.away) return false;
        }
        return false;
      } finally {
        this.busy = false;
        this.began = Date.now();
      }
    }

    async tryScene(index) {
      const entry = this.list.scenes[index];
      try {
        const scene = await this.prepared(index);
        this.motion.stop();
        this.switchedMs.push(await this.stage.show(scene));
        if (this.switchedMs.length > 400) this.switchedMs.splice(0, 200);
      } catch (error) {
        return this.notShown(entry, error);
      }
      this.at = index;
      this.changes += 1;
      this.away = false;
      this.failed.delete(entry.id);
      this.motion.start();
      clearTimeout(this.prefetching);
      this.prefetching = setTimeout(() => this.beforehand(), Math.min(PREFETCH_MS, 200 * entry.dwell_s));
      return true;
    }

    notShown(entry, error) {
      this.next = null;
      const kind = kindOf(error);
      if (kind === 'away') {
        this.away = true;
        if (this.stage.scene && !this.stage.mapShown) this.motion.start();
        return false;
      }
      this.failed.set(entry.id, kind === 'refused' ? this.words.refused : entry.title);
      console.info(`wall: ${entry.id} not shown: ${error.message}`);
      return false;
    }

    /** Shows the present scene again, as after a new build or another size of the window. */
    again() { return this.go(Math.max(0, this.at)); }

    get paused() { return this.pausedUntil !== null && Date.now() < this.pausedUntil; }

    pause() { this.pausedUntil = Date.now() + 1000 * (this.list.resume_s || RESUME_S); }

    resume() {
      this.pausedUntil = null;
      this.began = Date.now();
    }

    toggle() { if (this.paused) this.resume(); else this.pause(); }

    step(by) {
      this.pausedUntil = this.paused ? this.pausedUntil : null;
      return this.go(this.after(this.at, by), by);
    }

    /** What a presenter asks for: a scene, a stop, a place; null gives the wall back to its playlist. */
    async present(wish) {
      const before = this.held;
      this.held = wish && (wish.scene || wish.place || wish.paused) ? wish : null;
      if (!this.held) {
        if (before) {
          this.stage.zoomTo(null);
          this.began = Date.now();
        }
        return;
      }
      const index = wish.scene ? this.list.scenes.findIndex((s) => s.id === wish.scene) : this.at;
      while (this.busy) await wait(50);
      if (index >= 0 && index !== this.at) await this.go(index);
      const place = wish.place ? JSON.stringify(wish.place) : '';
      if (place !== (this.place || '')) this.stage.zoomTo(wish.place || null);
      this.place = place;
    }

    start() {
      this.ticking = setInterval(() => this.tick(), TICK_MS);
    }

    tick() {
      this.header.tick();
      const {scene, words} = this, dwell = scene ? 1000 * scene.dwell_s : 1;
      if (this.pausedUntil !== null && !this.paused) this.resume();
      const still = this.paused || this.held || this.away;
      this.motion.paused = Boolean(this.paused || (this.held && this.held.paused));
      if (still) this.began += TICK_MS;
      const share = Math.min(1, Math.max(0, (Date.now() - this.began) / dwell));
      this.header.count(this.list ? this.list.scenes.length : 0, this.at, share);
      this.header.note(this.said(words));
      this.header.skip(words, [...new Set([...(this.list ? this.list.scenes : []).filter((s) => this.failed.has(s.id)).map((s) => this.failed.get(s.id))])]);
      if (!this.list || this.busy || still) return;
      if (this.at < 0) { if (Date.now() - this.began > TRY_AGAIN_MS || !this.began) this.go(0); return; }
      if (share >= 1 && this.list.scenes.length > 1) this.go(this.after(this.at, 1));
      else if (share >= 1) this.began = Date.now();
    }

    /** One short word on why the wall does not go on, or nothing. */
    said(words) {
      if (this.held) return [words.held, this.held.place && this.held.place.name].filter(Boolean).join(' \u00b7 ');
      if (!this.paused) return this.list && !this.list.scenes.length ? words.no_scenes : '';
      return `${words.paused} \u00b7 ${fill(words.resumes, {n: Math.max(0, Math.ceil((this.pausedUntil - Date.now()) / 1000))})}`;
    }
  }

  window.cityhexWall.Playlist = Playlist;
})();
