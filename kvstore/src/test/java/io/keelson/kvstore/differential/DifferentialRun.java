package io.keelson.kvstore.differential;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Compares two running servers from the command line: {@code REFERENCE TESTED[,TESTED…] SEED CALLS MINUTES}. */
public final class DifferentialRun {
    private DifferentialRun() {}

    public static void main(String[] args) throws InterruptedException {
        if (args.length != 5) {
            System.err.println("usage: REFERENCE TESTED[,TESTED...] SEED CALLS MINUTES");
            System.exit(2);
        }
        long seed = Long.parseLong(args[2]);
        Difference difference = new Difference(seed);
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(Long.parseLong(args[4]));
        long calls = difference.run(args[0], List.of(args[1].split(",")), Long.parseLong(args[3]), deadline);
        System.out.println("seed " + seed + ": " + calls + " calls and " + difference.watchEvents() + " watch events ("
                + difference.fragments() + " of their answers were fragments) without a difference");
        System.exit(0);
    }
}
