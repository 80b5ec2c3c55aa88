// text.js: numbers, times and names as people read them.

const two = (number) => String(number).padStart(2, '0');

/** Seconds as `1:05` or `1:02:03`. */
export function duration(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const minutes = Math.floor(whole / 60);
    return minutes < 60 ? `${minutes}:${two(whole % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** `1:02:03` or seconds, as servers tell them. */
export const secondsOf = (text) => text.split(':').reduce((sum, part) => sum * 60 + (Number(part) || 0), 0);

/** Milliseconds since 1970 as the time of the day here. */
export function clockTime(ms) {
    const time = new Date(ms);
    return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** `PJSIP/101-0000002a` -> `PJSIP/101` */
export const device = (name) => name.replace(/-[0-9a-f]{8,}(;[12])?$/i, '$1');

export const percent = (part, whole) => (whole > 0 ? `${Math.round(part / whole * 100)} %` : '–');

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
