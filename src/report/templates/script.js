"use strict";
(() => {
  const chart = document.getElementById("chart");
  if (!chart) return;
  const start = Number(chart.dataset.start), duration = Number(chart.dataset.duration);
  const playhead = document.getElementById("playhead"), readout = document.getElementById("readout");
  const video = document.getElementById("video"), file = document.getElementById("video-file");
  const curves = JSON.parse(document.getElementById("curves").textContent);
  let now = start;

  const clock = (seconds) => {
    const tenths = Math.round(Math.max(seconds, 0) * 10);
    const rest = Math.floor(tenths / 10) % 60;
    return `${Math.floor(tenths / 600)}:${String(rest).padStart(2, "0")}.${tenths % 10}`;
  };

  // The value of the nearest point, where one lies within a quarter of a second.
  const valueAt = (curve, time) => {
    let low = 0, high = curve.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (curve.times[middle] < time) low = middle + 1; else high = middle;
    }
    const near = [low - 1, low].filter((i) => i >= 0 && i < curve.times.length);
    near.sort((a, b) => Math.abs(curve.times[a] - time) - Math.abs(curve.times[b] - time));
    return near.length && Math.abs(curve.times[near[0]] - time) <= 0.25 ? curve.values[near[0]] : null;
  };

  const show = (time, seek) => {
    now = Math.min(Math.max(time, start), start + duration);
    const lane = chart.querySelector(".lane.axis").getBoundingClientRect();
    const left = lane.left - chart.getBoundingClientRect().left;
    playhead.hidden = false;
    playhead.style.left = `${left + lane.width * (now - start) / duration}px`;
    const said = curves.map((curve) => {
      const value = valueAt(curve, now);
      return value === null ? null : `${curve.name} ${value.toFixed(2)} ${curve.unit}`.trim();
    });
    readout.textContent = [clock(now), ...said.filter(Boolean)].join(" · ");
    chart.setAttribute("aria-valuenow", now.toFixed(3));
    chart.setAttribute("aria-valuetext", readout.textContent);
    if (seek && !video.hidden) video.currentTime = now - start;
  };

  const timeOf = (event) => {
    const lane = chart.querySelector(".lane.axis").getBoundingClientRect();
    return start + duration * (event.clientX - lane.left) / lane.width;
  };
  chart.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" && (video.hidden || event.buttons)) show(timeOf(event), event.buttons > 0);
  });
  chart.addEventListener("click", (event) => show(timeOf(event), true));
  chart.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 1 : 0.1;
    const to = { ArrowLeft: now - step, ArrowRight: now + step, Home: start, End: start + duration }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to, true);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-time]");
    if (!link) return;
    event.preventDefault();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    document.getElementById("timeline").scrollIntoView({ behavior: still ? "auto" : "smooth" });
    show(Number(link.dataset.time), true);
    chart.focus({ preventScroll: true });
  });
  file.addEventListener("change", () => {
    if (!file.files.length) return;
    if (video.src) URL.revokeObjectURL(video.src);
    video.src = URL.createObjectURL(file.files[0]);
    video.hidden = false;
    show(now, true);
  });
  video.addEventListener("timeupdate", () => show(start + video.currentTime, false));
  addEventListener("resize", () => { if (!playhead.hidden) show(now, false); });
})();
