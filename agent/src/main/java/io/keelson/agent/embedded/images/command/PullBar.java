package io.keelson.agent.embedded.images.command;

import io.keelson.agent.embedded.images.registry.PullProgress;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Shows how far a pull is: on a terminal one line that rewrites itself, elsewhere a line at the beginning and one every
 * ten seconds.
 */
final class PullBar implements PullProgress {
    private static final int WIDTH = 30;
    private static final long REWRITE_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LINE_NS = TimeUnit.SECONDS.toNanos(10);

    private final PrintWriter out;
    private final String image;
    private final boolean inPlace;
    private long total;
    private long done;
    private long nextNs;
    private boolean open;

    PullBar(PrintWriter out, String image, boolean inPlace) {
        this.out = out;
        this.image = image;
        this.inPlace = inPlace;
    }

    static PullBar of(PrintWriter out, String image) {
        return new PullBar(out, image, terminal().isPresent());
    }

    /** Where someone reads and types. */
    static Optional<Console> terminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal);
    }

    @Override
    public synchronized void start(int parts, long bytes) {
        total = bytes;
        done = 0;
        line("pulling " + image + ": " + parts + (parts == 1 ? " part, " : " parts, ") + Sizes.shown(bytes));
        nextNs = System.nanoTime() + (inPlace ? 0 : LINE_NS);
    }

    @Override
    public synchronized void bytes(long count) {
        done += count;
        long nowNs = System.nanoTime();
        if (nowNs - nextNs >= 0 || (inPlace && done == total)) {
            nextNs = nowNs + (inPlace ? REWRITE_NS : LINE_NS);
            show(bar());
        }
    }

    @Override
    public synchronized void unpacking() {
        end();
        line("unpacking " + image);
    }

    private String bar() {
        long whole = Math.max(1, total);
        int filled = Math.clamp(done * WIDTH / whole, 0, WIDTH);
        return "[" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + done * 100 / whole + "% ("
                + Sizes.shown(done) + " of " + Sizes.shown(total) + ")";
    }

    private void show(String text) {
        if (inPlace) {
            // To the line's end, since the one before may have been longer.
            out.print("\r" + text + "\u001b[K");
            out.flush();
            open = true;
        } else {
            line(text);
        }
    }

    private void line(String text) {
        out.println(text);
        out.flush();
    }

    /** Ends the line that is being rewritten. */
    synchronized void end() {
        if (open) {
            line("");
            open = false;
        }
    }
}
