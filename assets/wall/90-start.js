// Puts the wall together when the document is there.
(() => {
  'use strict';

  const {el, address, Header, Stage, Motion, Playlist, Watch, listen, wait} = window.cityhexWall;
  const SETTLE_MS = 300;

  function start() {
    const root = el('main', 'w-stage');
    document.body.append(root);
    if (!window.cityhexMap.webgl2()) {
      root.append(el('p', 'w-alone', 'WebGL 2'));
      return;
    }
    const asked = address(), header = new Header(root), stage = new Stage(root, header);
    const motion = new Motion(stage, asked.motion === 'full' || !window.cityhexMap.still());
    const playlist = new Playlist(stage, header, motion, asked), watch = new Watch(playlist, header, asked);
    let settling = null;
    window.addEventListener('resize', () => {
      clearTimeout(settling);
      settling = setTimeout(async () => {
        stage.fit();
        while (playlist.busy) await wait(50);
        if (stage.scene) await playlist.again();
      }, SETTLE_MS);
    });
    listen(playlist);
    playlist.start();
    watch.run();
    setInterval(() => watch.show(), 1000);
    window.__wall = {stage, playlist, watch, motion, header}; // for tests and pictures
  }

  start();
})();
