// What moves while a scene stands: the day that passes in half a minute, and the slow breath of the flows.
(() => {
  'use strict';

  const BREATH_MS = 7000, FRAME_MS = 33; // one breath; at most thirty pictures a second

  class Motion {
    /** `lively`: whether flows breathe; a display without a graphics card keeps them still unless asked. */
    constructor(stage, lively) {
      this.stage = stage;
      this.lively = lively;
      this.running = 0;
      this.paused = false;
    }

    /** Starts what the scene on stage has to move; the day begins at the hour shown. */
    start() {
      const run = ++this.running, {scene} = this.stage;
      this.elapsed = 0;
      this.frame = -1;
      if (!this.lively || !(scene.map.flows || []).length) this.stage.map.breath = null;
      if (scene.map.hours) this.step();
      if (scene.map.hours || (this.lively && (scene.map.flows || []).length)) this.loop(run, performance.now(), 0);
    }

    loop(run, last, drawn) {
      if (run !== this.running) return;
      requestAnimationFrame((now) => {
        if (run !== this.running) return;
        if (!this.paused) this.elapsed += Math.min(200, Math.max(0, now - last));
        const due = now - drawn >= FRAME_MS;
        if (due && !this.paused) this.move();
        this.loop(run, now, due ? now : drawn);
      });
    }

    move() {
      const {scene} = this.stage;
      if (scene.map.hours) this.step();
      if (this.lively && (scene.map.flows || []).length) this.stage.map.breathe(this.elapsed / BREATH_MS % 1);
    }

    /** The frame of the day for the time that has passed. */
    step() {
      const {frames, seconds = 30} = this.stage.scene.map.hours;
      const frame = Math.floor(this.elapsed / (seconds * 1000 / frames.length)) % frames.length;
      if (frame === this.frame) return;
      this.frame = frame;
      this.stage.at(frames[frame]);
    }

    /** Shows an hour of the day and goes on from there. */
    seek(hour) {
      const {frames, seconds = 30} = this.stage.scene.map.hours, i = frames.findIndex((f) => f.hour === hour);
      this.elapsed = (i + .01) * seconds * 1000 / frames.length;
      this.step();
    }

    stop() { this.running += 1; }
  }

  window.cityhexWall.Motion = Motion;
})();
