// Keys and pointer of a display: space pauses, arrows step, F fills the screen, a press pauses too; an idle cursor is hidden.
(() => {
  'use strict';

  const HIDE_MS = 3000;

  function fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {});
  }

  function listen(playlist) {
    const keys = {
      ' ': () => playlist.toggle(), ArrowRight: () => playlist.step(1), ArrowLeft: () => playlist.step(-1), ArrowDown: () => playlist.step(1),
      ArrowUp: () => playlist.step(-1), PageDown: () => playlist.step(1), PageUp: () => playlist.step(-1), f: fullScreen, F: fullScreen,
    };
    document.addEventListener('keydown', (event) => {
      const act = keys[event.key];
      if (!act || !playlist.list || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
      if (playlist.paused && event.key !== ' ') playlist.pause(); // another 60 s
    });
    let hiding = null;
    const stir = () => {
      document.body.classList.remove('w-idle');
      clearTimeout(hiding);
      hiding = setTimeout(() => document.body.classList.add('w-idle'), HIDE_MS);
    };
    document.addEventListener('pointermove', stir);
    document.addEventListener('pointerup', (event) => { if (event.isPrimary && playlist.list) playlist.toggle(); });
    document.addEventListener('contextmenu', (event) => event.preventDefault());
    stir();
  }

  window.cityhexWall.listen = listen;
})();
