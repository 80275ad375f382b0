// Pointer and keyboard. A click is our own: no picking pass, no waiting for a double click, and only its coordinate is sent.
(() => {
  'use strict';

  const SLOP = 4;         // px a press may wander and still be a click
  const STEP = 80;        // px of an arrow key; with Shift four times as far
  const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

  class Input {
    constructor(map, target) {
      this.map = map;
      this.target = target;
      this.pressed = null;
      this.due = null;
      Object.assign(target, {tabIndex: 0});
      target.setAttribute('role', 'application');
      target.setAttribute('aria-roledescription', 'map');
      target.addEventListener('pointerdown', (e) => this.down(e));
      target.addEventListener('pointerup', (e) => this.up(e));
      target.addEventListener('pointermove', (e) => this.move(e));
      target.addEventListener('pointerleave', () => this.leave());
      target.addEventListener('keydown', (e) => this.key(e));
      target.addEventListener('focus', () => this.focused(target.matches(':focus-visible')));
      target.addEventListener('blur', () => this.focused(false));
    }

    at(event) {
      const box = this.target.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    }

    down(event) {
      this.pressed = event.isPrimary && event.button === 0 ? this.at(event) : null;
    }

    up(event) {
      const from = this.pressed, to = this.at(event);
      this.pressed = null;
      if (!from || !this.map.view || Math.hypot(to[0] - from[0], to[1] - from[1]) > SLOP) return;
      const [lon, lat] = this.map.viewport().unproject(to);
      this.map.clickAt(lon, lat);
    }

    /** Once per frame at most. */
    move(event) {
      if (event.pointerType === 'touch') return;
      const idle = !this.due;
      this.due = event.buttons ? 'drag' : this.at(event);
      if (idle) requestAnimationFrame(() => this.hover());
    }

    hover() {
      const due = this.due;
      this.due = null;
      if (!due || !this.map.view) return;
      if (due === 'drag') this.map.hoverAt(null);
      else this.map.hoverAt(...this.map.viewport().unproject(due));
    }

    leave() {
      this.due = null;
      if (this.map.spec) this.map.hoverAt(null);
    }

    focused(yes) {
      this.map.crossed = yes;
      const {style} = this.map;
      this.target.style.outline = yes && style ? `2px solid ${style.select}` : 'none';
      this.target.style.outlineOffset = '-2px';
      if (this.map.deck) this.map.drawMarks();
    }

    key(event) {
      const {map} = this;
      if (!map.view || event.ctrlKey || event.metaKey || event.altKey) return;
      const arrow = ARROWS[event.key], far = event.shiftKey ? 4 : 1;
      if (arrow) map.panBy(arrow[0] * STEP * far, arrow[1] * STEP * far);
      else if (event.key === '+' || event.key === '=') map.zoomBy(1);
      else if (event.key === '-' || event.key === '_') map.zoomBy(-1);
      else if (event.key === 'Enter' || event.key === ' ') map.clickAt(map.view.longitude, map.view.latitude);
      else return;
      event.preventDefault();
      if (!map.crossed) this.focused(true);
    }
  }

  const map = (window.cityhexMap = window.cityhexMap || {});
  map.Input = Input;
})();
