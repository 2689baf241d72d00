package io.keelson.benchmarks.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SchedulerTableTest {
    private static Measured measured(double perSecond, double decisionP99Ms) {
        return new Measured(
                10_000, perSecond, 900, 1_200, 0.5, decisionP99Ms, 1, 12, 90, 700, 300, Double.NaN, 800, 400);
    }

    private static List<String> lines(SchedulerTable table) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        table.print(out);
        out.flush();
        return text.toString().lines().toList();
    }

    @Test
    void saysWhatWasMeasuredAndWhetherItIsEnough() {
        SchedulerTable table = new SchedulerTable();
        table.add("Basic/5000", new Wanted(1_000, 2, 161), new Outcome.Done(measured(1_000, 2)));
        table.add("Other/5000", new Wanted(1_000, 2, 0), new Outcome.Done(measured(999, 2)));
        table.add("Slow/5000", new Wanted(0, 2, 0), new Outcome.Done(measured(1_000, 2.01)));
        table.add("Free/5", new Wanted(0, 0, 0), new Outcome.Done(measured(1, 50)));
        List<String> lines = lines(table);
        assertEquals(
                "| Basic/5000 | 10,000 | 1,000 | 900 | 1,200 | < 1.00 | 2.00 | 12.0 | 90.0 | 700 | 300 | – | 800 | 400"
                        + " | ≥ 1,000, p99 ≤ 2.00 ms (161) | yes |",
                lines.get(2));
        assertTrue(lines.get(3).endsWith("| no |"), lines::toString);
        assertTrue(lines.get(4).endsWith("| no |"), lines::toString);
        assertTrue(lines.get(5).endsWith("| – | – |"), lines::toString);
        assertEquals(2, table.missed());
        assertEquals(0, table.failed());
    }

    @Test
    void saysWhyACaseWasNotRun() {
        SchedulerTable table = new SchedulerTable();
        table.add("Gangs/5000", new Wanted(200, 2, 0), new Outcome.NotRun("the API serves no PodGroup"));
        table.add("Broken/5000", new Wanted(200, 2, 0), new Outcome.Failed("it ended"));
        List<String> lines = lines(table);
        assertTrue(lines.contains("Gangs/5000: not run: the API serves no PodGroup"), lines::toString);
        assertTrue(lines.contains("Broken/5000: failed: it ended"), lines::toString);
        assertEquals(0, table.missed());
        assertEquals(1, table.failed());
        for (String line : lines.subList(0, 4)) {
            assertEquals(17, line.chars().filter(c -> c == '|').count(), line);
        }
    }

    @Test
    void theMedianOfRoundsIsTakenFigureByFigure() {
        Measured median = Measured.median(List.of(measured(10, 3), measured(30, 1), measured(20, 2)));
        assertEquals(20, median.perSecond());
        assertEquals(2, median.decisionP99Ms());
        assertEquals(
                15, Measured.median(List.of(measured(10, 3), measured(20, 3))).perSecond());
    }
}
