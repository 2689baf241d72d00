package io.keelson.cloud.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceFluent;
import io.fabric8.kubernetes.api.model.ServiceSpecFluent;
import io.keelson.cloud.Retries;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DifferenceTest {
    private static final Service BEFORE = new ServiceBuilder()
            .withNewMetadata()
            .withName("web")
            .withUid("1")
            .endMetadata()
            .withNewSpec()
            .withType("LoadBalancer")
            .withExternalTrafficPolicy("Cluster")
            .withIpFamilies("IPv4")
            .addNewPort()
            .withName("http")
            .withPort(80)
            .withProtocol("TCP")
            .withNodePort(30080)
            .withTargetPort(new IntOrString(8080))
            .endPort()
            .endSpec()
            .build();

    private static Service changed(Consumer<ServiceSpecFluent<?>> change) {
        ServiceBuilder builder = new ServiceBuilder(BEFORE);
        ServiceFluent<ServiceBuilder>.SpecNested<ServiceBuilder> spec = builder.editSpec();
        change.accept(spec);
        return spec.endSpec().build();
    }

    private static String told(Service now) {
        return Difference.between(BEFORE, now)
                .map(difference -> difference.reason() + ": " + difference.message())
                .orElse("nothing");
    }

    @Test
    void eachChangeThatMattersIsSeenAndToldAsTheOriginalTellsIt() {
        assertEquals("nothing", told(new ServiceBuilder(BEFORE).build()));
        assertEquals(
                "LoadBalancerSourceRanges: [] -> [10.0.0.0/8 fd00::/8]",
                told(changed(spec -> spec.withLoadBalancerSourceRanges("10.0.0.0/8", "fd00::/8"))));
        assertEquals("LoadbalancerIP:  -> 10.0.0.1", told(changed(spec -> spec.withLoadBalancerIP("10.0.0.1"))));
        assertEquals("ExternalIP: Count: 0 -> 1", told(changed(spec -> spec.withExternalIPs("10.0.0.1"))));
        assertEquals(
                "ExternalTrafficPolicy: Cluster -> Local",
                told(changed(spec -> spec.withExternalTrafficPolicy("Local"))));
        assertEquals("HealthCheckNodePort: 0 -> 31000", told(changed(spec -> spec.withHealthCheckNodePort(31000))));
        assertEquals("IPFamilies: Count: 1 -> 2", told(changed(spec -> spec.withIpFamilies("IPv4", "IPv6"))));
        assertEquals("null: ", told(changed(spec -> spec.withSessionAffinity("ClientIP"))));
        assertEquals(
                "null: ", told(changed(spec -> spec.editFirstPort().withPort(81).endPort())));
        assertEquals(
                "null: ",
                told(changed(spec -> spec.editFirstPort().withNodePort(30081).endPort())));
        assertEquals(
                "null: ",
                told(changed(spec -> spec.editFirstPort().withProtocol("UDP").endPort())));
        assertEquals(
                "null: ",
                told(changed(spec -> spec.editFirstPort().withName("h").endPort())));
        assertEquals(
                "null: ",
                told(changed(spec -> spec.editFirstPort().withAppProtocol("h2c").endPort())));
        assertEquals(
                "null: ",
                told(new ServiceBuilder(BEFORE)
                        .editMetadata()
                        .addToAnnotations("a", "b")
                        .endMetadata()
                        .build()));
        assertEquals("nothing", told(changed(spec -> spec.addToSelector("app", "web"))));
    }

    @Test
    void oneOfTheExternalAddressesThatIsAnotherIsTold() {
        Service two = changed(spec -> spec.withExternalIPs("10.0.0.1", "10.0.0.2"));
        Service other = changed(spec -> spec.withExternalIPs("10.0.0.1", "10.0.0.3"));
        assertEquals(
                "Added: 10.0.0.3", Difference.between(two, other).orElseThrow().message());
    }

    @Test
    void whatAServiceWantsDependsOnItsTypeClassFinalizerAndEnd() {
        Service held = new ServiceBuilder(BEFORE)
                .editMetadata()
                .withFinalizers(Wish.FINALIZER)
                .endMetadata()
                .build();
        Service ending = new ServiceBuilder(held)
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build();
        Service past = new ServiceBuilder(ending)
                .editMetadata()
                .withFinalizers("example.com/other")
                .endMetadata()
                .build();
        Service plain = new ServiceBuilder(held)
                .editSpec()
                .withType("ClusterIP")
                .endSpec()
                .build();
        Service classed = new ServiceBuilder(held)
                .editSpec()
                .withLoadBalancerClass("a/b")
                .endSpec()
                .build();
        for (boolean served : new boolean[] {false, true}) {
            assertEquals(Wish.ENSURE, Wish.of(BEFORE, served));
            assertEquals(Wish.ENSURE, Wish.of(held, served));
            assertEquals(Wish.CLEAN_UP, Wish.of(ending, served));
            assertEquals(Wish.CLEAN_UP, Wish.of(plain, served));
            assertEquals(served ? Wish.CLEAN_UP : Wish.NOTHING, Wish.of(past, served));
            assertEquals(served ? Wish.CLEAN_UP : Wish.NOTHING, Wish.of(classed, served));
        }
    }

    private static Node node(String name, String label) {
        NodeBuilder node = new NodeBuilder().withNewMetadata().withName(name).endMetadata();
        return label.isEmpty()
                ? node.build()
                : node.editMetadata()
                        .addToLabels(Backends.EXCLUDED, label)
                        .endMetadata()
                        .build();
    }

    @Test
    void aNodeIsExcludedByTheLabelUnlessThatSaysFalse() {
        List<Node> nodes = List.of(node("d", "sometimes"), node("c", "true"), node("b", "false"), node("a", ""));
        assertEquals("[a b]", Backends.among(nodes).names());
        assertTrue(Backends.isUrgent(new Change<>(node("c", "true"), node("c", "false"))));
        assertFalse(Backends.isOther(new Change<>(node("c", ""), node("c", "false"))));
    }

    @Test
    void anEventNamesTwentyNodesAtMost() {
        List<Node> nodes =
                IntStream.range(100, 125).mapToObj(i -> node("n" + i, "")).toList();
        String names = Backends.among(nodes).names();
        assertTrue(names.startsWith("[n100 n101 ") && names.endsWith(" n119 <5 more>]"), names);
    }

    @Test
    void retriesComeLaterEachTimeUpToFiveMinutes() {
        Retries retries =
                new Retries(ServiceLoadBalancerController.FIRST_RETRY, ServiceLoadBalancerController.LAST_RETRY);
        Key key = new Key("a", "b");
        List<Long> seconds = IntStream.range(0, 9)
                .mapToObj(i -> retries.after(key).toSeconds())
                .toList();
        assertEquals(List.of(5L, 10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L), seconds);
        assertEquals(Duration.ofSeconds(5), retries.after(new Key("a", "c")));
        retries.forget(key);
        assertEquals(Duration.ofSeconds(5), retries.after(key));
        Retries quick = new Retries(Duration.ofMillis(5), Duration.ofSeconds(1000));
        assertEquals(
                Duration.ofSeconds(1000),
                IntStream.range(0, 100).mapToObj(i -> quick.after(key)).toList().getLast());
    }
}
