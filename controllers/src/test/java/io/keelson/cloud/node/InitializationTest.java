package io.keelson.cloud.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.Instance;
import io.keelson.cloud.Instances;
import io.keelson.cloud.Zones.Zone;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InitializationTest {
    private static final Zone NOWHERE = new Zone("", "");
    private static final Instance PLAIN = new Instance("acme://1", "", List.of(), Map.of());

    private static Taint taint(String key) {
        return new TaintBuilder().withKey(key).withEffect("NoSchedule").build();
    }

    private static NodeBuilder node() {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("a")
                .endMetadata()
                .withNewSpec()
                .withTaints(taint("other"), taint(Initialization.UNINITIALIZED))
                .endSpec();
    }

    private static NodeAddress internal(String address) {
        return new NodeAddress(address, "InternalIP");
    }

    private static Node provided(String ips, NodeAddress... had) {
        return node().editMetadata()
                .addToAnnotations(CloudAddresses.PROVIDED, ips)
                .endMetadata()
                .withNewStatus()
                .withAddresses(had)
                .endStatus()
                .build();
    }

    @Test
    void theTaintGoesAndOthersStay() {
        assertTrue(Initialization.isWaitedFor(node().build()));
        Initialization initialization = Initialization.of(node().build(), PLAIN, NOWHERE);
        assertEquals(List.of(taint("other")), initialization.taints());
        assertEquals("acme://1", initialization.providerId());
        assertEquals(Map.of(), initialization.labels());
        assertFalse(Initialization.isWaitedFor(new NodeBuilder(node().build())
                .editSpec()
                .withTaints(initialization.taints())
                .endSpec()
                .build()));
    }

    @Test
    void labelsAreWrittenByTheirStableAndTheirBetaNames() {
        Instance instance = new Instance("acme://1", "large", List.of(), Map.of());
        assertEquals(
                Map.of(
                        "node.kubernetes.io/instance-type", "large",
                        "beta.kubernetes.io/instance-type", "large",
                        "topology.kubernetes.io/zone", "z1",
                        "failure-domain.beta.kubernetes.io/zone", "z1",
                        "topology.kubernetes.io/region", "r1",
                        "failure-domain.beta.kubernetes.io/region", "r1"),
                Initialization.of(node().build(), instance, new Zone("z1", "r1"))
                        .labels());
    }

    @Test
    void moreLabelsAreSetUnlessTheyAreThereOrKubernetesOwn() {
        Node node = node().editMetadata()
                .addToLabels("acme/had", "mine")
                .endMetadata()
                .build();
        Instance instance = new Instance(
                "acme://1",
                "",
                List.of(),
                Map.of(
                        "acme/had",
                        "yours",
                        "acme/new",
                        "1",
                        "node.kubernetes.io/x",
                        "2",
                        "k8s.io/y",
                        "3",
                        "xk8s.io/z",
                        "4"));
        assertEquals(
                Map.of("acme/new", "1", "xk8s.io/z", "4"),
                Initialization.of(node, instance, NOWHERE).labels());
    }

    @Test
    void aNodeWithoutAProviderIdIsNotLetGo() {
        Instance nameless = new Instance("", "", List.of(), Map.of());
        CloudException refusal =
                assertThrows(CloudException.class, () -> Initialization.of(node().build(), nameless, NOWHERE));
        assertEquals(
                "failed to get instance metadata for node a: cloud provider does not set node provider ID for node a",
                refusal.getMessage());
        Node named = node().editSpec().withProviderID("kubelet://a").endSpec().build();
        assertEquals("kubelet://a", Initialization.of(named, nameless, NOWHERE).providerId());
        assertEquals("kubelet://a", Initialization.of(named, PLAIN, NOWHERE).providerId());
    }

    @Test
    void theKubeletsOwnAddressComesFirstAndAloneOfItsType() {
        NodeAddress name = new NodeAddress("a.example", "Hostname");
        NodeAddress outer = new NodeAddress("198.51.100.1", "ExternalIP");
        List<NodeAddress> offered = List.of(outer, internal("10.0.0.1"), internal("10.0.0.2"), internal("fd00::2"));
        assertEquals(
                List.of(internal("10.0.0.2"), outer, name), CloudAddresses.of(provided("10.0.0.2", name), offered));
        assertEquals(
                List.of(internal("fd00::2"), internal("10.0.0.1"), outer),
                CloudAddresses.of(provided("fd00:0::2, 10.0.0.1"), offered));
        assertEquals(offered, CloudAddresses.of(node().build(), offered));
        assertEquals(
                List.of(internal("10.9.9.9")),
                CloudAddresses.of(provided("10.0.0.7", internal("10.9.9.9")), List.of()),
                "nothing is offered: what is there stays");
    }

    @Test
    void anAddressOfTheKubeletThatTheCloudDoesNotKnowKeepsTheNodeTainted() {
        Instance instance = new Instance("acme://1", "", List.of(internal("10.0.0.1")), Map.of());
        CloudException refusal =
                assertThrows(CloudException.class, () -> Initialization.of(provided("10.0.0.7"), instance, NOWHERE));
        assertEquals(
                "failed to get node modifiers from cloud provider: provided node ip for node \"a\" is not valid:"
                        + " failed to get node address from cloud provider that matches ip: 10.0.0.7",
                refusal.getMessage());
        for (String wrong : List.of("", "x", "10.0.0.1,10.0.0.2", "10.0.0.1,", "10.0.0.1,fd00::1,fd00::2")) {
            assertThrows(CloudException.class, () -> Initialization.of(provided(wrong), instance, NOWHERE), wrong);
        }
    }

    @Test
    void aStableLabelFollowsItsBetaName() {
        Node node = node().editMetadata()
                .addToLabels("failure-domain.beta.kubernetes.io/zone", "z2")
                .addToLabels("topology.kubernetes.io/zone", "z1")
                .addToLabels("beta.kubernetes.io/instance-type", "large")
                .addToLabels("topology.kubernetes.io/region", "r1")
                .endMetadata()
                .build();
        assertEquals(
                Map.of("topology.kubernetes.io/zone", "z2", "node.kubernetes.io/instance-type", "large"),
                Initialization.stableLabels(node));
    }

    /** A provider of one answer. */
    private record Answers(boolean isThere, boolean isDown) implements Instances {
        @Override
        public boolean exists(Node node) {
            return isThere;
        }

        @Override
        public boolean isShutDown(Node node) {
            return isDown;
        }

        @Override
        public Optional<Instance> find(Node node) {
            return Optional.empty();
        }
    }

    private static Node node(String ready, boolean tainted, boolean excluded) {
        NodeBuilder node = new NodeBuilder()
                .withNewMetadata()
                .withName("a")
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready)
                .endCondition()
                .endStatus()
                .withNewSpec()
                .endSpec();
        if (tainted) {
            node.editSpec().withTaints(taint("other"), taint(Fate.SHUTDOWN)).endSpec();
        }
        if (excluded) {
            node.editMetadata().addToLabels(Fate.EXCLUDED, "").endMetadata();
        }
        return node.build();
    }

    @Test
    void whatBecomesOfANodeIsDecidedByItsMachineUnlessItIsReady() {
        for (boolean there : new boolean[] {false, true}) {
            for (boolean down : new boolean[] {false, true}) {
                for (boolean tainted : new boolean[] {false, true}) {
                    for (String ready : List.of("True", "False", "Unknown")) {
                        Answers answers = new Answers(there, down);
                        assertEquals(Fate.LEFT, Fate.of(node(ready, tainted, true), answers));
                        Fate expected = ready.equals("True")
                                ? tainted ? Fate.UNTAINTED : Fate.LEFT
                                : !there ? Fate.DELETED : down && !tainted ? Fate.TAINTED : Fate.LEFT;
                        assertEquals(expected, Fate.of(node(ready, tainted, false), answers));
                    }
                }
            }
        }
        assertEquals(List.of(taint("other")), Fate.otherTaints(node("True", true, false)));
    }
}
