package io.keelson.benchmarks.controllers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.object.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ControllersTableTest {
    private static Timed took(double seconds) {
        return new Timed(seconds, 3, 2.5, 700, 300);
    }

    private static List<String> lines(ControllersTable table) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        table.print(out);
        out.flush();
        return text.toString().lines().toList();
    }

    @Test
    void saysHowLongItTookAndWhetherThatIsShortEnough() {
        ControllersTable table = new ControllersTable();
        table.add("gone", 10_000, 20, took(20));
        table.add("slow", 10_000, 20, took(20.01));
        table.add("free", 100, 0, took(50));
        table.addFailed("broken", "it ended");
        List<String> lines = lines(table);
        assertEquals("| gone | 20.00 | 500 | 3.0 | 2.5 | 700 | 300 | ≤ 20 s | yes |", lines.get(2));
        assertTrue(lines.get(3).endsWith("| ≤ 20 s | no |"), lines::toString);
        assertTrue(lines.get(4).endsWith("| – | – |"), lines::toString);
        assertTrue(lines.contains("broken: failed: it ended"), lines::toString);
        assertEquals(1, table.missed());
        assertEquals(1, table.failed());
        for (String line : lines.subList(0, 6)) {
            assertEquals(10, line.chars().filter(c -> c == '|').count(), line);
        }
    }

    @Test
    void mediansAreTakenOverRounds() {
        assertEquals(2, Timed.median(List.of(took(9), took(1), took(2))).seconds());
        assertEquals(1.5, Timed.median(List.of(took(1), took(2))).seconds());
    }

    @Test
    void aDeploymentIsReconciledWhenItsNewestGenerationHasAPod() {
        Set<String> reconciled = new HashSet<>();
        for (String status : List.of(
                "{}",
                "{\"observedGeneration\":1,\"updatedReplicas\":1}",
                "{\"observedGeneration\":2}",
                "{\"observedGeneration\":\"x\",\"updatedReplicas\":[]}")) {
            Rollouts.note(
                    Json.parse("{\"metadata\":{\"name\":\"web\",\"generation\":2},\"status\":" + status + "}"),
                    2,
                    reconciled);
            assertEquals(Set.of(), reconciled, status);
        }
        Rollouts.note(
                Json.parse("{\"metadata\":{\"name\":\"old\",\"generation\":1},"
                        + "\"status\":{\"observedGeneration\":2,\"updatedReplicas\":1}}"),
                2,
                reconciled);
        assertEquals(Set.of(), reconciled);
        Rollouts.note(
                Json.parse("{\"metadata\":{\"name\":\"web\",\"generation\":2},"
                        + "\"status\":{\"observedGeneration\":2,\"updatedReplicas\":1}}"),
                2,
                reconciled);
        assertEquals(Set.of("web"), reconciled);
    }

    @Test
    void endpointsThatAreReadyAreCountedByTheirAddresses() {
        assertEquals(
                3,
                ServiceEndpoints.ready(
                        Json.parse(
                                "{\"items\":[{\"endpoints\":[{\"addresses\":[\"a\"],\"conditions\":{\"ready\":true}},"
                                        + "{\"addresses\":[\"b\"],\"conditions\":{\"ready\":false}},"
                                        + "{\"addresses\":[\"c\"]}]},{\"endpoints\":null},{\"endpoints\":[{\"addresses\":[\"d\"]}]}]}")));
        assertEquals(0, ServiceEndpoints.ready(Json.parse("[]")));
    }
}
