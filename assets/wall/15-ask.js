// What the address of the wall says, and questions to the server: three kinds of failure are told apart, because a server that
// is away keeps the picture, a scene that fails is skipped, and a refusal is said.
(() => {
  'use strict';

  const PATIENCE_MS = 10000;
  const AWAY = [502, 504]; // a gateway whose server is away; 503 is a scene that says its data are not there

  function address() {
    const given = new URLSearchParams(window.location.search);
    const root = document.documentElement.dataset;
    return {
      scenes: given.get('scenes'), dwell: given.get('dwell'), token: given.get('token'), wall: given.get('wall'),
      lang: given.get('lang') || root.language, theme: root.look, motion: given.get('motion'),
    };
  }

  class Failure extends Error {
    /** kind: "away" (no answer), "refused", or "broken". */
    constructor(kind, message) {
      super(message);
      this.kind = kind;
    }
  }

  /** Any failure while asking, as one of the three kinds; what the map's own fetches throw included. */
  function kindOf(error) {
    if (error.kind) return error.kind;
    if (['TimeoutError', 'AbortError'].includes(error.name) || /fetch|network/i.test(error.message)) return 'away';
    return AWAY.includes(Number(error.message)) ? 'away' : 'broken';
  }

  /** JSON from a path with the parameters that are not null. */
  async function ask(path, params = {}, options = {}) {
    const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== ''));
    let answer;
    try {
      answer = await fetch(`${path}?${query}`, {credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS), ...options});
    } catch (error) {
      throw new Failure('away', String(error.message || error));
    }
    if (answer.status === 401 || answer.status === 403) throw new Failure('refused', String(answer.status));
    if (!answer.ok) throw new Failure(AWAY.includes(answer.status) ? 'away' : 'broken', String(answer.status));
    try {
      return await answer.json();
    } catch (error) { // a server that dies in the middle of an answer is away; an answer that is no JSON is broken
      throw new Failure(error instanceof SyntaxError ? 'broken' : 'away', String(error.message || error));
    }
  }

  const wall = (window.cityhexWall = window.cityhexWall || {});
  Object.assign(wall, {address, ask, Failure, kindOf});
})();
