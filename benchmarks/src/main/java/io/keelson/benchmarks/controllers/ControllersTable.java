package io.keelson.benchmarks.controllers;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All cases as a Markdown table, a row for each. */
final class ControllersTable {
    private final List<String> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private int missed;
    private int failed;

    /** @param wanted in how many seconds it is to be done; 0 if nothing is asked of this size */
    void add(String title, int size, double wanted, Timed timed) {
        boolean reached = timed.seconds() <= wanted;
        if (wanted > 0 && !reached) {
            missed++;
        }
        rows.add(String.format(
                Locale.ROOT,
                "| %s | %.2f | %,.0f | %.1f | %.1f | %,.0f | %,.0f | %s | %s |",
                title,
                timed.seconds(),
                size / timed.seconds(),
                timed.apiCpuSeconds(),
                timed.managerCpuSeconds(),
                timed.apiPeakMebibytes(),
                timed.managerPeakMebibytes(),
                wanted > 0 ? String.format(Locale.ROOT, "≤ %.0f s", wanted) : "–",
                wanted > 0 ? (reached ? "yes" : "no") : "–"));
    }

    void addFailed(String title, String why) {
        failed++;
        rows.add("| " + title + " | failed |" + " – |".repeat(7));
        notes.add(title + ": failed: " + why);
    }

    int missed() {
        return missed;
    }

    int failed() {
        return failed;
    }

    void print(PrintWriter out) {
        out.println("| case | seconds | a second | API CPU s | manager CPU s | API peak MiB | manager peak MiB"
                + " | wanted | reached |");
        out.println("| --- |" + " ---: |".repeat(7) + " --- |");
        rows.forEach(out::println);
        notes.forEach(out::println);
    }
}
