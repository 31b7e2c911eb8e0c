// What every page has: moments in the reader's own zone, and today as today.

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** Say when it was, where the reader is; the element keeps the exact moment. */
export function tellLocally(time, now = new Date()) {
  const then = new Date(time.dateTime);
  const spoken = day.format(then);
  const named = now && spoken === day.format(now) ? "today" : spoken;
  time.textContent = `${named}, ${hour.format(then)}`;
}

for (const time of document.querySelectorAll("time[datetime]")) tellLocally(time);
