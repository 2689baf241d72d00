package io.keelson.dist.up.check;

/**
 * One thing that a cluster needs.
 *
 * @param thing its name
 * @param state how it is
 * @param advice what to do; empty if there is nothing to do
 */
record Finding(String thing, Verdict verdict, String state, String advice) {
    static Finding ok(String thing, String state) {
        return new Finding(thing, Verdict.OK, state, "");
    }

    static Finding limited(String thing, String state, String advice) {
        return new Finding(thing, Verdict.LIMITED, state, advice);
    }

    static Finding missing(String thing, String state, String advice) {
        return new Finding(thing, Verdict.MISSING, state, advice);
    }

    /** As a line. */
    String line() {
        return "%-8s %-22s %s%s".formatted(verdict.title(), thing, state, advice.isEmpty() ? "" : ": " + advice);
    }
}
