// Looks after the wall: asks the server every few seconds for its build and its presenter, takes over new data without a reload,
// and says since when no answer came: amber first, then red. The picture always stays.
(() => {
  'use strict';

  const {ask} = window.cityhexWall;
  const POLL_S = 5, AMBER_POLLS = 3, RED_POLLS = 24;

  class Watch {
    constructor(playlist, header, address) {
      Object.assign(this, {playlist, header, address});
      this.contact = new Date();
      this.serial = null;
      this.refused = false;
      this.level = 'ok';
    }

    get pollS() { return (this.playlist.list && this.playlist.list.poll_s) || POLL_S; }

    async run() {
      for (;;) {
        try {
          await this.look();
          this.contact = new Date();
          this.refused = false;
          this.playlist.away = false;
        } catch (error) {
          this.refused = error.kind === 'refused';
          if (!this.refused && error.kind !== 'away') console.info(`wall: ${error.message}`);
        }
        this.show();
        await window.cityhexWall.wait(1000 * this.pollS);
      }
    }

    /** The first playlist if there is none yet, else the status. */
    async look() {
      const {playlist, address: {wall, token}} = this;
      if (!playlist.list) {
        await playlist.load();
        document.body.classList.add('w-ready');
        await playlist.go(0);
        return;
      }
      const status = await ask('/api/wall/status', {wall, token});
      if (status.build_id !== playlist.list.build_id) await this.renew();
      await this.follow(status.presenter);
    }

    /** A new build: the playlist anew, and the scene on stage with its new numbers. */
    async renew() {
      const {playlist} = this;
      await playlist.load();
      playlist.failed.clear();
      await playlist.again();
    }

    async follow(presenter) {
      const serial = presenter ? presenter.serial : null;
      if (serial === this.serial) return;
      this.serial = serial;
      await this.playlist.present(presenter);
    }

    /** Freshness of the data as the server judges it, or of the connection where that is worse. */
    show() {
      const {playlist, header} = this, silent = (Date.now() - this.contact) / 1000 / this.pollS;
      const lost = silent > AMBER_POLLS ? this.contact : null;
      const scene = playlist.stage.scene, ofData = scene ? scene.freshness || 'ok' : 'ok';
      this.level = silent > RED_POLLS || this.refused ? 'red' : lost && ofData === 'ok' ? 'amber' : ofData;
      if (!playlist.list) return;
      header.fresh(playlist.words, {asOf: scene ? scene.as_of : playlist.list.as_of, level: this.level, lost});
      if (this.refused) header.note(playlist.words.refused);
    }
  }

  window.cityhexWall.Watch = Watch;
})();
