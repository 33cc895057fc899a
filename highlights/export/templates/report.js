"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const video = at("video"), scroller = at("scroller"), wide = at("wide"), canvas = at("canvas"), tip = at("tip");
  const brush = canvas.getContext("2d");
  const [START, END, PEAK, NAME, COLOUR, LABEL, CONFIDENCE] = [0, 1, 2, 3, 4, 5, 6];  // the indices of a row
  const hiddenKinds = new Set();
  const shownEvents = () => data.events.filter((event) => !hiddenKinds.has(event[NAME]));
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  const two = (number) => String(number).padStart(2, "0");

  function clock(seconds, tenths = false) {
    const whole = Math.floor(seconds), h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60;
    const tail = tenths ? "." + Math.floor((seconds - whole) * 10) : "";
    return (h ? `${h}:${two(m)}` : m) + ":" + two(whole % 60) + tail;
  }

  /** Index of the last row whose first value is at most `time`, or -1. */
  function lastBefore(rows, time) {
    let low = 0, high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle][0] <= time) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  /** The game clock at a match time, from the readings on either side; "" where none is near. */
  function gameClock(time) {
    const { readings, way, padded, reach } = data.clock, i = lastBefore(readings, time);
    const near = [readings[i], readings[i + 1]].filter((row) => row && Math.abs(time - row[0]) <= reach);
    if (!near.length) return "";
    let seconds = near[0][1] + way * (time - near[0][0]);
    if (near[1]) seconds = clamp(seconds, Math.min(near[0][1], near[1][1]), Math.max(near[0][1], near[1][1]));
    const minutes = Math.floor(Math.max(0, seconds) / 60);
    return (padded ? two(minutes) : minutes) + ":" + two(Math.floor(Math.max(0, seconds)) % 60);
  }

  // ---- the player: parts of a match as one clock, the reel as another source -------------------------------------------------

  const player = { source: "match", part: -1, time: 0, stopAt: null, broken: false };
  const reelStarts = [];
  let reelLength = 0;
  data.clips.forEach((clip, i) => { reelStarts.push([data.places[i] ?? reelLength, clip[START], clip[END]]); reelLength += clip[END] - clip[START]; });

  /** Seconds of the reel before its first clip (a title card), or null when its clips overlap and times are ambiguous. */
  function reelLead() {
    if (data.places.length) return 0;
    const lead = video.duration - reelLength;
    return lead < -0.5 ? null : Math.max(0, lead);
  }

  function matchTime() {
    if (player.source === "match") return player.broken ? player.time : data.parts[player.part][2] + Math.max(0, video.currentTime - data.parts[player.part][3]);
    const lead = reelLead(), i = lead === null ? -1 : lastBefore(reelStarts, video.currentTime - lead);
    return i < 0 ? player.time : Math.min(reelStarts[i][2], reelStarts[i][1] + video.currentTime - lead - reelStarts[i][0]);
  }

  function load(address, time, playing) {
    at("trouble").hidden = true;
    player.broken = false;
    video.src = address;
    video.addEventListener("loadedmetadata", () => { video.currentTime = time; }, { once: true });
    video.playbackRate = video.defaultPlaybackRate = Number(at("speed").value);
    if (playing) video.play().catch(() => {});
  }

  function seek(time, playing = !video.paused) {
    player.time = time = clamp(time, 0, data.duration);
    player.stopAt = null;
    const part = Math.max(0, lastBefore(data.parts.map((row) => [row[2]]), time)), within = time - data.parts[part][2] + data.parts[part][3];
    if (player.source === "match" && player.part === part) {
      if (!player.broken) video.currentTime = within;
      if (playing) video.play().catch(() => {});
    } else {
      choose("match");
      player.part = part;
      load(data.parts[part][0], within, playing);
    }
    show();
  }

  function playSpan(start, end) { seek(start, true); player.stopAt = end; }

  function choose(source) {
    player.source = source;
    for (const button of document.querySelectorAll("[data-source]")) button.ariaPressed = String(button.dataset.source === source);
  }

  function switchTo(source) {
    if (source === player.source) return;
    player.part = -1;
    player.stopAt = null;
    choose(source);
    if (source === "reel") load(data.reel, 0, true); else seek(player.time, false);
  }

  function toggle() { if (video.paused) video.play().catch(() => {}); else video.pause(); }

  function step(direction) {
    const events = shownEvents(), now = player.time;
    const next = direction > 0 ? events.find((event) => event[START] > now + 0.1) : events.findLast((event) => event[START] < now - 1.5);
    if (next) seek(next[START]);
  }

  video.addEventListener("error", () => {
    player.broken = true;
    const name = player.source === "reel" ? "the reel" : data.parts[player.part][1];
    const other = player.source === "match" && data.reel ? "The reel may play: choose it below." : "Everything else on this page works without it.";
    at("trouble").textContent = `This browser cannot play ${name}.\nIt may have moved, or its format is not supported by browsers.\n${other}`;
    at("trouble").hidden = false;
    show();
  });
  video.addEventListener("ended", () => {
    if (player.source === "match" && player.part + 1 < data.parts.length) seek(data.parts[player.part + 1][2], true);
  });
  for (const name of ["play", "pause"]) video.addEventListener(name, () => {
    at("play").classList.toggle("is-playing", !video.paused);
    at("play").ariaLabel = video.paused ? "Play" : "Pause";
    if (!video.paused) requestAnimationFrame(follow);
  });
  video.addEventListener("seeked", () => tick());
  video.addEventListener("click", toggle);

  function follow() {
    tick();
    if (!video.paused) requestAnimationFrame(follow);
  }

  function tick() {
    if (video.readyState < 1 || video.seeking) return;
    player.time = matchTime();
    if (player.stopAt !== null && player.time >= player.stopAt) { player.stopAt = null; video.pause(); }
    show(!video.paused);
  }

  const inSight = (x) => scroller.scrollLeft <= x && x <= scroller.scrollLeft + view.width;
  let current = -1, headInSight = true;
  /** Puts the time, the play head and the marked event card where the player is; `chase` scrolls when the playhead leaves the view. */
  function show(chase = false) {
    const time = player.time, x = time * scale();
    at("now").textContent = clock(time);
    at("game").textContent = gameClock(time);
    at("head").style.transform = `translateX(${x}px)`;
    scroller.ariaValueNow = time.toFixed(1);
    scroller.ariaValueText = clock(time);
    if (chase && headInSight && !inSight(x)) scroller.scrollLeft = x - view.width * 0.1;
    headInSight = inSight(x);
    const event = data.events.findIndex((row) => row[START] <= time && time < row[END]);
    if (event !== current) mark(current = event);
  }

  function mark(event) {
    for (const card of document.querySelectorAll(".card")) {
      card.ariaCurrent = String(Number(card.dataset.event) === event);
      const list = card.parentElement;
      if (Number(card.dataset.event) === event) list.scrollTo({ top: card.offsetTop - 2, behavior: "smooth" });
    }
  }

  // ---- the timeline: lanes on one canvas as wide as the window, under a scroll bar as wide as the match ----------------------

  const view = { zoom: 1, width: 0, height: 0, top: {} };
  const scale = () => view.width * view.zoom / data.duration;  // pixels per second
  const tall = (rows, height) => rows.length ? height : 24;
  const lanes = [
    { key: "ruler", label: "", height: 26, draw: drawRuler },
    { key: "events", label: "Events", height: tall(data.events, 40), draw: drawEvents },
    { key: "misses", label: "Near misses", height: 24, draw: drawMisses },
    { key: "clips", label: "Clips", height: 24, draw: drawClips },
    { key: "score", label: "Score", height: tall(data.visible, 34), draw: drawScore },
    { key: "crowd", label: "Crowd", height: tall(data.crowd.values, 76), draw: drawCrowd },
    { key: "replays", label: "Replays", height: 22, draw: drawReplays },
    { key: "scenes", label: "Scenes", height: tall(data.scenes, 30), draw: drawScenes },
  ];
  let ink = {};

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    const names = ["ink", "quiet", "line", "accent", "panel", "sunk", "crowd", "crowd-fill", "scene", "scene-other", "cut", "replay"];
    ink = Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name)]));
    ink.kinds = [...Array(8).keys()].map((i) => style.getPropertyValue("--c" + i));
    brush.font = "12px " + getComputedStyle(document.body).fontFamily;
  }

  function layOut() {
    view.width = scroller.clientWidth;
    view.height = lanes.reduce((sum, lane) => { view.top[lane.key] = sum; return sum + lane.height; }, 0);
    const sharp = devicePixelRatio || 1;
    canvas.width = view.width * sharp;
    canvas.height = view.height * sharp;
    canvas.style.width = view.width + "px";
    canvas.style.height = wide.style.height = view.height + "px";
    brush.setTransform(sharp, 0, 0, sharp, 0, 0);
    readColours();
    zoomTo(view.zoom);
  }

  function zoomTo(zoom, anchor = view.width / 2) {
    const time = (scroller.scrollLeft + anchor) / scale();
    view.zoom = clamp(zoom, 1, Math.max(1, data.duration * 80 / view.width));
    wide.style.width = view.width * view.zoom + "px";
    scroller.scrollLeft = time * scale() - anchor;
    draw();
    show();
  }

  let asked = false;
  function draw() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      brush.clearRect(0, 0, view.width, view.height);
      const from = scroller.scrollLeft / scale(), to = from + view.width / scale();
      for (const lane of lanes) {
        brush.save();
        brush.translate(0, view.top[lane.key]);
        lane.draw(lane.height, from, to, (time) => (time - from) * scale());
        brush.restore();
        box(ink.line, 0, view.top[lane.key] + lane.height - 1, view.width, 1);
      }
    });
  }

  function box(colour, x, y, width, height) { brush.fillStyle = colour; brush.fillRect(x, y, width, height); }
  function text(words, x, y, colour = ink.ink) { brush.fillStyle = colour; brush.textBaseline = "middle"; brush.fillText(words, x, y); }
  const seen = (rows, from, to) => rows.filter((row) => row[START] < to && row[END] > from);
  function none(words, height) { text(words, 12, height / 2, ink.quiet); }

  function drawRuler(height, from, to, x) {
    const steps = [0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
    const every = steps.find((step) => step * scale() > 76) || 7200;
    for (let i = Math.floor(from / every); i * every <= to; i++) {
      box(ink.line, Math.round(x(i * every)), 0, 1, height);
      text(clock(i * every, every < 1), x(i * every) + 6, height / 2, ink.quiet);
    }
    for (const part of data.parts.slice(1)) box(ink.quiet, x(part[2]) - 1, 0, 2, view.height);
  }

  function drawEvents(height, from, to, x) {
    if (!data.events.length) none("none found", height);
    const events = seen(shownEvents(), from - 200 / scale(), to);
    for (const event of events) {
      const left = x(event[START]), width = Math.max(3, x(event[END]) - left), colour = ink.kinds[event[COLOUR]];
      brush.globalAlpha = 0.28;
      box(colour, left, 5, width, height - 11);
      brush.globalAlpha = 1;
      box(colour, left, 5, width, 3);
      box(colour, x(event[PEAK]) - 1, 5, 2, height - 11);
    }
    events.forEach((event, i) => nameEvent(event, i + 1 < events.length ? x(events[i + 1][START]) : view.width, height, x));
  }

  /** The event's name inside its block on the roomier side of the instant, else after the block, else not at all. */
  function nameEvent(event, limit, height, x) {
    const wide = brush.measureText(event[LABEL]).width + 12;
    const left = Math.max(0, x(event[START])), peak = x(event[PEAK]), right = x(event[END]);
    const room = [[left, peak], [peak, right], [Math.max(right, left + 3), limit]].find(([start, end]) => end - start > wide);
    if (room) text(event[LABEL], room[0] + 6, height / 2 + 1);
  }

  function drawMisses(height, from, to, x) {
    if (!data.misses.length) none("none", height);
    for (const miss of seen(data.misses, from, to)) {
      const left = x(miss[START]), width = Math.max(4, x(miss[END]) - left);
      brush.strokeStyle = ink.kinds[miss[COLOUR]];
      brush.setLineDash([3, 2]);
      brush.strokeRect(left + 0.5, 6.5, width, height - 14);
      brush.setLineDash([]);
    }
  }

  function drawClips(height, from, to, x) {
    if (!data.clips.length) none("none", height);
    for (const clip of seen(data.clips, from, to)) box(ink.ink, x(clip[START]), 8, Math.max(2, x(clip[END]) - x(clip[START]) - 1), height - 17);
  }

  function drawScore(height, from, to, x) {
    if (!data.visible.length) none(data.doubt ? "score graphic not used: " + data.doubt : "no score graphic found", height);
    for (const [start, end] of seen(data.visible, from, to)) box(ink.sunk, x(start), 4, x(end) - x(start), height - 9);
    for (const [, first, last] of data.changes.filter((row) => row[1] < to && row[2] > from)) hatch(ink.accent, x(first), 4, x(last) - x(first), height - 9);
    for (const [start, end, words] of seen(data.scores, from, to)) {
      const left = Math.max(x(start), 0), wide = brush.measureText(words).width;
      if (x(end) - left > wide + 12) text(words, left + 7, height / 2);
    }
    for (const [shown] of data.changes) box(ink.accent, x(shown) - 1, 4, 2, height - 9);
  }

  function drawCrowd(height, from, to, x) {
    const { step, values } = data.crowd, base = height - 4;
    if (!values.length) return none("no audio", height);
    const y = (value) => base - clamp(value + 0.25, 0, 1.25) / 1.25 * (height - 10);
    brush.beginPath();
    brush.moveTo(0, base);
    for (let px = 0; px < view.width; px++) {
      const first = Math.floor((from + px / scale()) / step), last = Math.max(first + 1, Math.floor((from + (px + 1) / scale()) / step));
      let loudest = -1;
      for (let i = first; i < last && i < values.length; i++) loudest = Math.max(loudest, values[i]);
      brush.lineTo(px, y(loudest));
    }
    brush.lineTo(view.width, base);
    brush.fillStyle = ink["crowd-fill"];
    brush.fill();
    brush.strokeStyle = ink.crowd;
    brush.stroke();
    brush.setLineDash([2, 4]);
    brush.strokeStyle = ink.quiet;
    brush.strokeRect(-2, Math.round(y(0)) + 0.5, view.width + 4, 0);
    brush.setLineDash([]);
    for (const [start] of seen(data.tones, from, to)) box(ink.accent, x(start), 3, 2, 7);
  }

  function hatch(colour, left, top, width, height) {
    brush.save();
    brush.beginPath();
    brush.rect(left, top, width, height);
    brush.clip();
    brush.strokeStyle = colour;
    brush.beginPath();
    for (let x = Math.max(left, -10) - height; x < Math.min(left + width, view.width + 10); x += 5) { brush.moveTo(x, top + height); brush.lineTo(x + height, top); }
    brush.stroke();
    brush.restore();
  }

  function drawReplays(height, from, to, x) {
    if (!data.replays.length) none("none found", height);
    for (const [start, end] of seen(data.replays, from, to)) box(ink.replay, x(start), 5, Math.max(2, x(end) - x(start) - 1), height - 11);
  }

  /** Alternating blocks, a tick on those that begin by a dissolve or wipe; zoomed out, the number of cuts instead. */
  function drawScenes(height, from, to, x) {
    const scenes = data.scenes, first = Math.max(0, lastBefore(scenes, from)), last = lastBefore(scenes, to);
    if (!scenes.length) return none("not analysed", height);
    if (view.width / (last - first + 1) < 4) return drawCutRate(height, from, to, first, last);
    for (let i = first; i <= last; i++) {
      const left = x(scenes[i][0]), right = i + 1 < scenes.length ? x(scenes[i + 1][0]) : x(data.duration);
      box(i % 2 ? ink["scene-other"] : ink.scene, left, 4, right - left, height - 9);
      if (scenes[i][1] === "gradual") hatch(ink.cut, left, 4, Math.min(10, right - left), height - 9);
      else box(ink.cut, left, 4, 1, height - 9);
    }
  }

  function drawCutRate(height, from, to, first, last) {
    const bins = new Array(Math.ceil(view.width / 4)).fill(0);
    for (let i = first; i <= last; i++) bins[clamp(Math.floor((data.scenes[i][0] - from) * scale() / 4), 0, bins.length - 1)]++;
    const most = Math.max(...bins);
    bins.forEach((count, i) => box(ink.cut, i * 4, height - 5 - count / most * (height - 9), 3, count / most * (height - 9)));
  }

  // ---- pointing ---------------------------------------------------------------------------------------------------------------

  function pointed(event) {
    const box = scroller.getBoundingClientRect(), x = event.clientX - box.left;
    return { x, y: event.clientY - box.top, time: clamp((scroller.scrollLeft + x) / scale(), 0, data.duration) };
  }

  function told(time) {
    const slack = 3 / scale(), near = (row) => row[START] - slack <= time && time < row[END] + slack;
    const sure = (row) => `${row[LABEL]} (${Math.round(row[CONFIDENCE] * 100)} %)`;
    const scene = lastBefore(data.scenes, time), score = data.scores.find(near);
    const level = data.crowd.values[Math.floor(time / data.crowd.step)], game = gameClock(time);
    const end = scene + 1 < data.scenes.length ? data.scenes[scene + 1]?.[0] : data.duration;
    return [
      ...shownEvents().filter(near).map(sure),
      ...data.misses.filter(near).sort((one, other) => other[CONFIDENCE] - one[CONFIDENCE]).slice(0, 5).map((row) => "Near miss: " + sure(row)),
      ...data.replays.filter(near).map((row) => "Replay: " + row[2]),
      ...data.changes.filter((row) => row[1] - slack <= time && time < row[2] + slack).map((row) => `Score ${row[3]} → ${row[4]}, ` + (row[0] < row[2] ? `between ${clock(row[1])} and ${clock(row[2])}` : `shown at ${clock(row[0])}`)),
      ...data.tones.filter(near).map((row) => row[2] === "whistle" ? "Whistle" : "Buzzer"),
      game && `Game clock ${game}` + (score ? `, ${score[2]}` : ""),
      level !== undefined && `Crowd ${level.toFixed(2).replace("-", "−")}`,
      scene >= 0 && `Scene ${scene + 1} of ${data.scenes.length}, ${(end - data.scenes[scene][0]).toFixed(1)} s, ` +
        { start: "begins with the file", cut: "begins with a cut", gradual: "fades or wipes in" }[data.scenes[scene][1]],
    ].filter(Boolean);
  }

  scroller.addEventListener("pointermove", (event) => {
    const { x, time } = pointed(event);
    at("ghost").hidden = tip.hidden = false;
    at("ghost").style.transform = `translateX(${time * scale()}px)`;
    const head = document.createElement("b");
    head.textContent = clock(time, true);
    tip.replaceChildren(head, "\n" + told(time).join("\n"));
    const left = scroller.offsetLeft + x, room = tip.parentElement.clientWidth;
    tip.style.left = (left + 16 + tip.offsetWidth < room ? left + 16 : Math.max(4, left - 16 - tip.offsetWidth)) + "px";
  });
  scroller.addEventListener("pointerleave", () => { at("ghost").hidden = tip.hidden = true; });
  scroller.addEventListener("click", (event) => seek(pointed(event).time));
  scroller.addEventListener("scroll", () => { headInSight = inSight(player.time * scale()); draw(); });
  scroller.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomTo(view.zoom * Math.exp(-event.deltaY / 300), pointed(event).x);
  }, { passive: false });

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.start) playSpan(Number(button.dataset.start), Number(button.dataset.end));
    if (button?.dataset.source) switchTo(button.dataset.source);
    if (button?.dataset.kind) filter(button);
  });

  function filter(button) {
    const kind = button.dataset.kind, off = button.ariaPressed === "true";
    button.ariaPressed = String(!off);
    if (off) hiddenKinds.add(kind); else hiddenKinds.delete(kind);
    for (const card of document.querySelectorAll(".card")) card.hidden = hiddenKinds.has(data.events[card.dataset.event][NAME]);
    draw();
  }

  const zoomBy = (factor) => zoomTo(view.zoom * factor, clamp(player.time * scale() - scroller.scrollLeft, 0, view.width));
  const mute = () => { video.muted = !video.muted; at("mute").ariaPressed = String(video.muted); };
  const full = () => document.fullscreenElement ? document.exitFullscreen() : video.parentElement.requestFullscreen();
  const actions = { play: toggle, previous: () => step(-1), next: () => step(1), mute, full, in: () => zoomBy(2), out: () => zoomBy(0.5), fit: () => zoomTo(1) };
  for (const [id, action] of Object.entries(actions)) at(id).addEventListener("click", action);
  at("speed").addEventListener("change", () => { video.playbackRate = video.defaultPlaybackRate = Number(at("speed").value); });

  const keys = {
    " ": toggle, n: () => step(1), p: () => step(-1), m: mute, f: full, "+": () => zoomBy(2), "=": () => zoomBy(2), "-": () => zoomBy(0.5),
    0: () => zoomTo(1), ArrowLeft: () => seek(player.time - 5), ArrowRight: () => seek(player.time + 5),
    Home: () => seek(0), End: () => seek(data.duration),
  };
  document.addEventListener("keydown", (event) => {
    const onControl = event.target.closest("select, summary") || (event.key === " " && event.target.closest("button"));
    const onPage = ["Home", "End"].includes(event.key) && event.target !== scroller;
    if (event.ctrlKey || event.metaKey || event.altKey || onControl || onPage || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  video.parentElement.style.aspectRatio = data.shape.join(" / ");
  for (const lane of lanes) {
    const label = document.createElement("li");
    label.textContent = lane.label;
    label.style.height = lane.height + "px";
    at("labels").append(label);
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); draw(); });
  new ResizeObserver(layOut).observe(scroller);
  layOut();
  seek(0, false);
})();
