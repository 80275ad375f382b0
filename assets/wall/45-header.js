// The line at the top: city and scene, what the numbers say, how fresh they are, the time, where the playlist stands.
(() => {
  'use strict';

  const {el, fill, clock} = window.cityhexWall;

  class Header {
    constructor(root) {
      this.city = el('span', 'w-city', '');
      this.titles = el('div', 'w-titles');
      this.headlines = el('div', 'w-headlines');
      this.headlines.dataset.mapCard = '';
      this.demo = el('span', 'w-demo', '');
      this.notice = el('span', 'w-notice', '');
      this.skipped = el('span', 'w-skipped', '');
      this.dot = el('span', 'w-dot', '');
      this.dated = el('span', 'w-dated', '');
      this.lost = el('span', 'w-lost', '');
      this.time = el('time', 'w-clock w-num', '');
      this.dots = el('span', 'w-dots', '');
      this.dots.setAttribute('aria-hidden', 'true');
      const state = el('div', 'w-state', this.demo, el('span', 'w-fresh', this.dot, this.dated), this.time, this.dots);
      const status = el('div', 'w-status', state, el('div', 'w-said', this.lost, this.notice, this.skipped));
      const head = el('header', 'w-head', el('div', 'w-name', el('span', 'w-logo', ''), this.city, this.titles), status);
      head.dataset.mapCard = '';
      root.append(head, this.headlines);
      this.tick();
    }

    tick() { this.time.textContent = clock(new Date()); }

    /** One mark per scene of the playlist; the present one fills up until the next scene. */
    count(n, at, share) {
      if (this.dots.childElementCount !== n) this.dots.replaceChildren(...Array.from({length: n}, () => el('i', '', el('b', ''))));
      [...this.dots.children].forEach((dot, i) => {
        dot.classList.toggle('on', i === at);
        dot.firstChild.style.transform = `scaleX(${i === at ? share : 0})`;
      });
    }

    /**
     * How fresh the picture is. `level`: ok, amber or red; `lost`: since when no answer came, or null; `loaded`: when the
     * picture's data were read.
     */
    fresh(words, {asOf, level, lost}) {
      this.dot.className = `w-dot w-dot-${level}`;
      const dated = [words.data_to, asOf].filter(Boolean).join(' '), said = lost ? fill(words.lost, {time: clock(lost)}) : '';
      if (this.dated.textContent !== dated) this.dated.textContent = dated;
      if (this.lost.textContent !== said) this.lost.textContent = said;
      this.lost.className = `w-lost ${lost ? `w-said-${level}` : ''}`;
    }

    /** Titles of scenes that could not be shown. */
    skip(words, titles) {
      const said = titles.length ? fill(words.skipped, {names: titles.join(' \u00b7 ')}) : '';
      if (this.skipped.textContent !== said) this.skipped.textContent = said;
    }

    note(said) { if (this.notice.textContent !== said) this.notice.textContent = said; }
  }

  window.cityhexWall.Header = Header;
})();
