package io.keelson.dist.up;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/**
 * Something of a cluster that is on this machine.
 *
 * @param what it is, for users
 * @param removal takes it away; right when repeated, and when it is gone or half gone
 */
record Remain(String what, Removal removal) {
    /** Takes something away. */
    interface Removal {
        /** @throws IOException if it is still there, with the reason */
        void run() throws IOException, InterruptedException;
    }

    /**
     * Takes things away, and tells each. What cannot be does not keep the others.
     *
     * @return whether all of it is gone
     */
    static boolean remove(List<Remain> remains, PrintWriter out, PrintWriter err) throws InterruptedException {
        boolean isDone = true;
        for (Remain remain : remains) {
            try {
                remain.removal.run();
                out.println("Removed: " + remain.what);
                out.flush();
            } catch (IOException | RuntimeException e) {
                isDone = false;
                err.println("Not removed: " + remain.what + ": " + Reason.of(e));
                err.flush();
            }
        }
        return isDone;
    }
}
