package io.keelson.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.agent.network.NftProgram;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Key;
import io.keelson.proxy.testing.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel has after nft has read the texts. */
@Tag("root")
@Timeout(120)
class PolicyRulesInKernelTest {
    private static final int SEEDS = 8;
    private static final int STEPS = 10;
    private static final int CHANGES = 6;
    private static final int PODS = 5000;
    private static final int POLICIES = 500;

    private NetworkNamespace node;
    private NftProgram nft;

    @BeforeEach
    void start() throws Exception {
        NetworkNamespace.assumePossible();
        node = new NetworkNamespace("policy");
        nft = new NftProgram(Path.of("/run/netns", node.name()));
    }

    @AfterEach
    void close() throws Exception {
        node.close();
    }

    @Test
    void whateverChangesTheKernelHasWhatIsToBeThere() throws Exception {
        for (long seed = 1; seed <= SEEDS; seed++) {
            RandomCluster cluster = new RandomCluster(seed);
            PolicyTable table = new PolicyTable();
            cluster.change(table);
            long _ = nft.run(TableText.whole(table.content().everything()));
            for (int step = 0; step < STEPS; step++) {
                for (int i = 0; i < CHANGES; i++) {
                    cluster.change(table);
                }
                long _ = nft.run(TableText.changed(table.content().changes()));
            }
            assertKernelHas(table.content());
            String rules = words(node.command("", "nft", "list", "ruleset"));
            long _ = nft.run(TableText.whole(table.content().everything()));
            assertEquals(rules, words(node.command("", "nft", "list", "ruleset")), "the same as made anew");
        }
    }

    /** The words of each part: in which order they are is of how it came to be. */
    private static String words(String rules) {
        Map<String, Set<String>> parts = new HashMap<>();
        String header = "";
        for (String line : rules.lines().toList()) {
            if (line.matches("\t(set|map|chain) .*")) {
                header = line;
            }
            for (String word : line.isBlank() ? new String[0] : line.strip().split("[ ,]+", -1)) {
                parts.computeIfAbsent(header, _ -> new TreeSet<>()).add(word);
            }
        }
        return new TreeMap<>(parts).toString();
    }

    private void assertKernelHas(TableContent content) throws Exception {
        Map<String, Set<String>> sets = new HashMap<>();
        Map<String, Integer> chains = new HashMap<>();
        for (JsonNode item : new ObjectMapper()
                .readTree(node.command("", "nft", "-j", "list", "ruleset"))
                .path("nftables")) {
            for (String kind : List.of("set", "map")) {
                if (item.has(kind)) {
                    Set<String> elements = new HashSet<>();
                    item.path(kind).path("elem").forEach(element -> elements.add(element(element)));
                    sets.put(item.path(kind).path("name").asText(), elements);
                }
            }
            if (item.has("chain")) {
                chains.putIfAbsent(item.path("chain").path("name").asText(), 0);
            }
            if (item.has("rule")) {
                int _ = chains.merge(item.path("rule").path("chain").asText(), 1, Integer::sum);
            }
        }
        assertTrue(sets.remove("presence") != null);
        Map<String, Set<String>> expected = new HashMap<>();
        content.sets().forEach((name, set) -> {
            Set<String> elements = new HashSet<>();
            set.elements().forEach((key, value) -> elements.add(value.isEmpty() ? key : key + " : " + value));
            expected.put(name, elements);
        });
        assertEquals(expected, sets);
        chains.keySet().removeAll(List.of("ingress", "egress"));
        Map<String, Integer> expectedChains = new HashMap<>();
        content.chains()
                .forEach((name, chain) -> expectedChains.put(name, chain.lines().size()));
        assertEquals(expectedChains, chains);
    }

    private static String element(JsonNode element) {
        if (element.isTextual()) {
            return element.asText();
        }
        if (element.isArray()) {
            return element(element.get(0)) + " : "
                    + element.get(1).path("goto").path("target").asText();
        }
        List<String> parts = new ArrayList<>();
        element.path("concat").forEach(part -> parts.add(part.asText()));
        return String.join(" . ", parts);
    }

    @Test
    void namesOfOthersAreNoRules() throws Exception {
        node.command("", "nft", "add", "table", "ip", "others");
        PolicyTable table = new PolicyTable();
        for (String name : List.of("a\n}; flush ruleset", "\"", "x".repeat(300), "{ } # ;")) {
            NetworkPolicy policy = Serialization.unmarshal(
                    "metadata: {namespace: shop}\nspec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels:"
                            + " {a: b}}}], ports: [{port: web}]}]}",
                    NetworkPolicy.class);
            policy.getMetadata().setName(name);
            policy.getSpec()
                    .getIngress()
                    .getFirst()
                    .getFrom()
                    .getFirst()
                    .getPodSelector()
                    .setMatchLabels(Map.of(name, name));
            policy.getSpec().getIngress().getFirst().getPorts().getFirst().setPort(new IntOrString(name));
            table.setPolicy(policy, complaint -> {});
        }
        table.setPod(pod(1, Map.of(), true));
        long _ = nft.run(TableText.whole(table.content().everything()));
        assertKernelHas(table.content());
        String rules = node.command("", "nft", "list", "ruleset");
        assertTrue(rules.contains("table ip others"), "what is of others stays:\n" + rules);
        assertTrue(rules.contains("10.0.0.1"), "the pod is protected:\n" + rules);
        // They are in comments at most, of which the kernel takes 128 octets.
        assertFalse(rules.contains("x".repeat(128)), rules);
    }

    @Test
    void aChangeOfATableThatIsGoneFailsAsAWhole() throws Exception {
        PolicyTable table = new PolicyTable();
        long _ = nft.run(TableText.whole(table.content().everything()));
        node.command("", "nft", "flush", "ruleset");
        assertThrows(
                IOException.class,
                () -> nft.run(TableText.changed(table.content().changes())));
        long _ = nft.run(TableText.absence());
        long _ = nft.run(TableText.absence());
        assertEquals("", node.command("", "nft", "list", "ruleset").strip());
    }

    private static PolicyPod pod(int number, Map<String, String> labels, boolean isLocal) {
        IpAddress address = Objects.requireNonNull(
                IpAddress.parse("10." + (number >> 16 & 255) + '.' + (number >> 8 & 255) + '.' + (number & 255)));
        return new PolicyPod(
                new Key("shop", "pod-" + number), "", "", labels, List.of(address), Map.of(), isLocal, false);
    }

    @Test
    void aChangeOfOnePodOfThousandsTakesMilliseconds() throws Exception {
        PolicyTable table = new PolicyTable();
        for (int i = 0; i < POLICIES; i++) {
            NetworkPolicy policy = Serialization.unmarshal(
                    "metadata: {namespace: shop, name: p" + i + "}\nspec: {podSelector: {matchLabels: {app: \""
                            + i % 100
                            + "\"}}, ingress: [{from: [{podSelector: {matchLabels: {app: \"" + i
                            + "\"}}}, {podSelector: {matchLabels: {tier: \"" + i % 10 + "\"}}}]}]}",
                    NetworkPolicy.class);
            table.setPolicy(policy, complaint -> {});
        }
        for (int i = 0; i < PODS; i++) {
            table.setPod(pod(i, labels(i), i % 50 == 0));
        }
        long begin = System.nanoTime();
        long _ = nft.run(TableText.whole(table.content().everything()));
        Duration whole = Duration.ofNanos(System.nanoTime() - begin);
        List<Long> computing = new ArrayList<>();
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            table.setPod(pod(PODS + i, labels(i * 50), true));
            String text = TableText.changed(table.content().changes());
            computing.add((System.nanoTime() - start) / 1000);
            long _ = nft.run(text);
            all.add((System.nanoTime() - start) / 1000);
        }
        computing.sort(null);
        all.sort(null);
        System.out.println(PODS + " pods, " + POLICIES + " policies: a pod p50 " + all.get(10)
                + " us, of them computing " + computing.get(10) + " us; all rules anew " + whole.toMillis() + " ms");
        assertTrue(computing.get(10) < 20_000, computing::toString);
        assertTrue(all.get(10) < 200_000, () -> "even on a busy machine: " + all);
        assertKernelHas(table.content());
    }

    private static Map<String, String> labels(int number) {
        return Map.of("app", Integer.toString(number % 500), "tier", Integer.toString(number % 10));
    }
}
