package io.keelson.kvstore.cli;

import java.util.concurrent.TimeUnit;

/**
 * Tells on standard error how far a long command is, from its third second on: one line that rewrites itself on a
 * terminal, a line every ten seconds elsewhere. One thread.
 */
final class Progress {
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long REWRITE_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LINE_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int BAR_WIDTH = 30;

    private final Console console;
    private final String what;
    private final boolean inPlace;
    private long nextNs = System.nanoTime() + QUIET_NS;
    private boolean shown;

    Progress(Console console, String what) {
        this.console = console;
        this.what = what;
        this.inPlace = console.showsProgressInPlace();
    }

    void bytes(long done, long total) {
        if (due()) {
            show(done, total, ByteSize.format(done) + " of " + ByteSize.format(total));
        }
    }

    void count(long done, long total) {
        if (due()) {
            show(done, total, done + " of " + total);
        }
    }

    private boolean due() {
        long nowNs = System.nanoTime();
        if (nowNs - nextNs < 0) {
            return false;
        }
        nextNs = nowNs + (inPlace ? REWRITE_NS : LINE_NS);
        return true;
    }

    private void show(long done, long total, String amounts) {
        long safeTotal = Math.max(1, total);
        int filled = Math.clamp(done * BAR_WIDTH / safeTotal, 0, BAR_WIDTH);
        String line = what + " [" + "#".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "] " + done * 100 / safeTotal
                + "% (" + amounts + ")";
        if (inPlace) {
            console.error("\r" + line);
        } else {
            console.errorln(line);
        }
        shown = true;
    }

    void end() {
        if (shown && inPlace) {
            console.errorln("");
        }
    }
}
