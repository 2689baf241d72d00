package io.keelson.controllers.hollow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.controllers.testing.TestNodes;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PodRulesTest {
    private static Pod pod(String namespace, String image, Map<String, String> labels) {
        return new PodBuilder(TestNodes.pod(namespace, "p", "x").build())
                .editMetadata()
                .withLabels(labels)
                .endMetadata()
                .editSpec()
                .editFirstContainer()
                .withImage(image)
                .endContainer()
                .endSpec()
                .build();
    }

    @Test
    void theFirstRuleThatFitsCounts() {
        PodRules rules = PodRules.parse("""
            rules:
            - match:
                namespaces: [batch]
                selector:
                  matchLabels: {app: report}
                  matchExpressions:
                  - {key: tier, operator: NotIn, values: [gold]}
                images: ["registry.example/report:*", "*/other"]
              runningAfter: 2s
              readyAfter: 1m30s
              exit: {after: 1.5h, code: 3}
              stopAfter: 250ms
              jitter: 0.5
            - match: {namespaces: [batch]}
            """, 1);
        assertEquals(4, rules.rules().size());
        assertEquals(0, rules.match(pod("batch", "registry.example/report:1", Map.of("app", "report"))));
        assertEquals(0, rules.match(pod("batch", "a/b/other", Map.of("app", "report"))));
        assertEquals(1, rules.match(pod("batch", "registry.example/reports", Map.of("app", "report"))));
        assertEquals(1, rules.match(pod("batch", "a/other", Map.of("app", "report", "tier", "gold"))));
        assertEquals(3, rules.match(pod("web", "a/other", Map.of("app", "report"))));
        Pod ofJob = new PodBuilder(pod("web", "a", Map.of()))
                .editMetadata()
                .addNewOwnerReference()
                .withKind("Job")
                .withName("j")
                .withUid("1")
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .build();
        assertEquals(2, rules.match(ofJob));
        PodRule first = rules.rules().getFirst();
        assertEquals(Duration.ofSeconds(90), first.readyAfter());
        assertEquals(new PodRule.Exit(Duration.ofMinutes(90), 3), first.exit());
        assertEquals(Duration.ofMillis(250), first.stopAfter());
        assertNotNull(rules.rules().get(2).exit());
        assertNull(rules.rules().get(3).exit());
    }

    @Test
    void rulesThatCannotBeMeantAreRefusedByNumber() {
        for (String rule : List.of(
                "runningAfter: soon",
                "jitter: 2",
                "exit: {code: 300}",
                "exit: {after: 1w}",
                "exit: {after: -1s}",
                "match: {selector: {matchExpressions: [{key: a, operator: Near}]}}")) {
            IllegalArgumentException refusal = assertThrows(
                    IllegalArgumentException.class, () -> PodRules.parse("rules:\n- {}\n- " + rule, 1), rule);
            assertTrue(String.valueOf(refusal.getMessage()).startsWith("rules[1]: "), refusal.toString());
        }
        assertThrows(IllegalArgumentException.class, () -> PodRules.parse("rules:\n- runingAfter: 1s", 1));
        assertThrows(IllegalArgumentException.class, () -> PodRules.parse("{", 1));
        assertEquals(2, PodRules.parse("{}", 1).rules().size());
    }

    @Test
    void jitterStaysInItsBoundsAndIsTheSameForTheSameSeed() {
        PodRules one = PodRules.defaults(1);
        PodRules other = PodRules.defaults(2);
        Duration about = Duration.ofSeconds(10);
        Set<Duration> drawn = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            Duration length = one.drawn(about, 0.2, "pod-" + i);
            assertTrue(length.toMillis() >= 8000 && length.toMillis() <= 12_000, length.toString());
            assertEquals(length, PodRules.defaults(1).drawn(about, 0.2, "pod-" + i));
            drawn.add(length);
        }
        assertTrue(drawn.size() > 800, "they differ");
        assertNotEquals(one.drawn(about, 0.2, "pod"), other.drawn(about, 0.2, "pod"));
        assertEquals(about, one.drawn(about, 0, "pod"));
    }

    @Test
    void addressesAreGivenOnceUntilThereAreNone() {
        PodAddresses addresses = PodAddresses.of("10.9.8.0/29", 0, 110);
        addresses.keep("old", "10.9.8.2");
        addresses.keep("stranger", "10.1.1.1");
        Set<String> given = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            given.add(addresses.take("p" + i));
        }
        assertEquals(Set.of("10.9.8.1", "10.9.8.3", "10.9.8.4", "10.9.8.5", "10.9.8.6"), given);
        assertEquals("", addresses.take("one too many"));
        assertEquals("10.9.8.2", addresses.take("old"));
        addresses.release("p0");
        assertEquals("10.9.8.1", addresses.take("next"));
        assertEquals("10.0.1.1", PodAddresses.of("", 1, 110).take("p"));
        assertEquals("10.0.2.1", PodAddresses.of("fd00::/64", 1, 300).take("p"));
        assertEquals("10.0.1.1", PodAddresses.of("nonsense/24", 1, 1).take("p"));
    }
}
