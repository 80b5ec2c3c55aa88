// csv.js: files for spreadsheets.

/** A field that a spreadsheet would take for a formula gets an apostrophe in front: callers choose their names. */
export function field(value) {
    const text = String(value);
    const safe = /^[\s]*[=+\-@|%\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) && typeof value !== 'number' ? `'${text}` : text;
    return `"${safe.replace(/"/g, '""')}"`;
}

export const table = (rows) => rows.map((row) => row.map(field).join(',') + '\r\n').join('');

/** Seconds since 1970 as spreadsheets read times; '' for 0. */
export const stamp = (seconds) => (seconds > 0 ? new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ') : '');

export function save(name, rows) {
    const link = document.createElement('a');
    const blob = new Blob(['\ufeff', table(rows)], { type: 'text/csv;charset=utf-8' });
    link.href = URL.createObjectURL(blob);
    link.download = `${name}-${new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-')}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
