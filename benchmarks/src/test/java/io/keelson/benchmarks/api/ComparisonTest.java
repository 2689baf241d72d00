package io.keelson.benchmarks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.benchmarks.load.Result;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ComparisonTest {
    /** Rates that reach every target just so. */
    private static Map<ApiLoad.Kind, Result> justReached() {
        Map<ApiLoad.Kind, Result> results = new EnumMap<>(ApiLoad.Kind.class);
        results.put(ApiLoad.Kind.CREATE, result(1_407));
        results.put(ApiLoad.Kind.GET, result(6_510));
        results.put(ApiLoad.Kind.LIST_ALL, result(10));
        results.put(ApiLoad.Kind.LIST_PAGE, result(200));
        results.put(ApiLoad.Kind.LIST_LABEL, result(285));
        results.put(ApiLoad.Kind.PATCH, result(783));
        results.put(ApiLoad.Kind.DELETE, result(1_011));
        return results;
    }

    private static Result result(double perSecond) {
        return new Result(perSecond, 10, 20, 30, Double.NaN, 1, Double.NaN, 0, "");
    }

    private static Comparison of(Map<ApiLoad.Kind, Result> results, long eventsSeen, double ready, double memory) {
        return Comparison.of(new ApiLoad.Outcome(results, 1_000, eventsSeen, 0), ready, memory);
    }

    private static List<String> lines(Comparison comparison) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        comparison.print(out, "keelson");
        out.flush();
        return text.toString().lines().toList();
    }

    @Test
    void whatIsJustReachedIsReached() {
        Comparison comparison = of(justReached(), 1_000, 1.5, 450);
        assertEquals(0, comparison.missed());
        List<String> lines = lines(comparison);
        assertEquals(2 + Comparison.Figure.values().length, lines.size());
        assertTrue(lines.contains("| pod creates/s | 1,407 | 469 | 3.00× | ≥ 1,407 | yes |"), lines::toString);
        assertTrue(lines.contains("| list of all pods, ms | 100 | 530 | 0.19× | ≤ 106 | yes |"), lines::toString);
        assertTrue(lines.contains("| 99th percentile of creates, ms | 20 | 191 | 0.10× | – | – |"), lines::toString);
    }

    @Test
    void eachTargetIsMissedByItself() {
        for (ApiLoad.Kind kind : justReached().keySet()) {
            Map<ApiLoad.Kind, Result> results = justReached();
            results.put(kind, result(1));
            assertEquals(1, of(results, 1_000, 1.5, 450).missed(), kind::toString);
        }
        assertEquals(1, of(justReached(), 999, 1.5, 450).missed());
        assertEquals(1, of(justReached(), 1_000, 1.6, 450).missed());
        assertEquals(1, of(justReached(), 1_000, 1.5, 451).missed());
    }

    @Test
    void whatWasNotMeasuredIsSaidAndNotMissed() {
        Comparison comparison = of(justReached(), 1_000, Double.NaN, Double.NaN);
        assertEquals(0, comparison.missed());
        assertTrue(
                lines(comparison).contains("| ready, s after start | – | 3.40 | – | ≤ 1.50 | not measured |"),
                () -> lines(comparison).toString());
    }

    @Test
    void onlyTheShapeOfTheOriginalsRunFits() {
        assertTrue(Comparison.fits(new ApiLoad.Sizes(5_000, 32, 50, 3)));
        assertFalse(Comparison.fits(new ApiLoad.Sizes(5_001, 32, 50, 10)));
        assertFalse(Comparison.fits(new ApiLoad.Sizes(5_000, 16, 50, 10)));
        assertFalse(Comparison.fits(new ApiLoad.Sizes(5_000, 32, 1_000, 10)));
    }
}
