package io.keelson.controllers.endpointslice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.keelson.controllers.objects.SliceVersions;
import io.keelson.controllers.objects.TriggerTimes;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.testing.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlicePlannerTest {
    private static final Node NODE =
            new NodeBuilder().withNewMetadata().withName("n").endMetadata().build();

    private static ServiceBuilder service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("test")
                .withName("web")
                .withUid("uid-web")
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .withNewSpec()
                .withClusterIP("10.96.0.1")
                .withIpFamilies("IPv6", "IPv4")
                .withSelector(Map.of("app", "web"))
                .addNewPort()
                .withName("http")
                .withPort(80)
                .withTargetPort(new IntOrString("http"))
                .endPort()
                .endSpec();
    }

    private static PodBuilder pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("test")
                .withName(name)
                .withUid("uid-" + name)
                .endMetadata()
                .withNewSpec()
                .withNodeName("n")
                .addNewContainer()
                .withName("main")
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPodIPs(new PodIP("10.0.0.1"), new PodIP("FD00::0:1"), new PodIP("rubbish"))
                .endStatus();
    }

    private static Map<String, Map<PortSet, Map<EndpointIdentity, Endpoint>>> wanted(Service service, Pod... pods) {
        return PodEndpoints.of(service, List.of(pods), name -> name.equals("n") ? NODE : null)
                .byFamily();
    }

    private static Endpoint only(Map<PortSet, Map<EndpointIdentity, Endpoint>> byPorts) {
        return byPorts.values().iterator().next().values().iterator().next();
    }

    @Test
    void eachFamilyHasTheAddressesOfItsKind() {
        Map<String, Map<PortSet, Map<EndpointIdentity, Endpoint>>> wanted =
                wanted(service().build(), pod("a").build());
        assertEquals(List.of("IPv6", "IPv4"), List.copyOf(wanted.keySet()));
        assertEquals(
                List.of("10.0.0.1"), only(wanted.getOrDefault("IPv4", Map.of())).getAddresses());
        assertEquals(
                List.of("fd00::1"), only(wanted.getOrDefault("IPv6", Map.of())).getAddresses());
    }

    @Test
    void podsThatEndedOrHaveNoAddressAreNoEndpoints() {
        assertTrue(wanted(
                        service().build(),
                        pod("ended")
                                .editStatus()
                                .withPhase("Succeeded")
                                .endStatus()
                                .build(),
                        pod("new").editStatus().withPodIPs().endStatus().build())
                .isEmpty());
    }

    @Test
    void podsThatCallAPortByOtherNumbersAreInOtherSlices() {
        Pod one = pod("one")
                .editSpec()
                .editContainer(0)
                .withPorts(new ContainerPortBuilder()
                        .withName("http")
                        .withContainerPort(8080)
                        .build())
                .endContainer()
                .endSpec()
                .build();
        Pod sidecar = pod("sidecar")
                .editSpec()
                .addNewInitContainer()
                .withName("proxy")
                .withRestartPolicy("Always")
                .withPorts(new ContainerPortBuilder()
                        .withName("http")
                        .withContainerPort(9090)
                        .build())
                .endInitContainer()
                .endSpec()
                .build();
        Pod udp = pod("udp")
                .editSpec()
                .editContainer(0)
                .withPorts(new ContainerPortBuilder()
                        .withName("http")
                        .withProtocol("UDP")
                        .withContainerPort(1)
                        .build())
                .endContainer()
                .endSpec()
                .build();
        Service service = service().build();
        Map<PortSet, Map<EndpointIdentity, Endpoint>> byPorts =
                wanted(service, one, sidecar, udp).getOrDefault("IPv4", Map.of());
        assertEquals(3, byPorts.size());
        SlicePlan plan = new SlicePlanner(service, 100).plan("IPv4", List.of(), byPorts);
        assertEquals(
                List.of(List.of(8080), List.of(9090), List.of()),
                plan.create().stream()
                        .map(slice -> slice.getPorts().stream()
                                .map(port -> port.getPort())
                                .toList())
                        .toList());
    }

    @Test
    void terminatingPodsServeButAreNotReadyUnlessThatIsPublished() {
        Pod pod = pod("a").editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .editStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
        Endpoint plain = only(wanted(service().build(), pod).getOrDefault("IPv4", Map.of()));
        assertEquals(false, plain.getConditions().getReady());
        assertEquals(true, plain.getConditions().getServing());
        assertEquals(true, plain.getConditions().getTerminating());
        Service publishing = service()
                .editSpec()
                .withPublishNotReadyAddresses(true)
                .endSpec()
                .build();
        assertEquals(
                true,
                only(wanted(publishing, pod).getOrDefault("IPv4", Map.of()))
                        .getConditions()
                        .getReady());
        Pod homeless = pod("b").editSpec().withNodeName("gone").endSpec().build();
        assertTrue(wanted(service().build(), homeless).isEmpty());
        assertEquals(
                "gone",
                only(wanted(publishing, homeless).getOrDefault("IPv4", Map.of()))
                        .getNodeName());
        assertNull(only(wanted(publishing, homeless).getOrDefault("IPv4", Map.of()))
                .getZone());
    }

    private static EndpointSlice stored(EndpointSlice slice, String name) {
        return new EndpointSliceBuilder(slice)
                .editMetadata()
                .withName(name)
                .withUid("uid-" + name)
                .withGeneration(1L)
                .endMetadata()
                .build();
    }

    @Test
    void theEmptySliceIsMadeOnceAndTakenWhenThereIsAnEndpoint() {
        Service service = service().build();
        SlicePlanner planner = new SlicePlanner(service, 100);
        EndpointSlice empty =
                stored(planner.plan("IPv4", List.of(), Map.of()).create().getFirst(), "web-1");
        SlicePlan settled = planner.plan("IPv4", List.of(empty), Map.of());
        assertSame(empty, settled.unchanged().getFirst());
        assertTrue(settled.written().isEmpty() && settled.delete().isEmpty());
        SlicePlan two = planner.plan("IPv4", List.of(empty, stored(empty, "web-2")), Map.of());
        assertEquals(1, two.delete().size());

        SlicePlan plan = planner.plan(
                "IPv4", List.of(empty), wanted(service, pod("a").build()).getOrDefault("IPv4", Map.of()));
        plan.recycle();
        assertEquals("web-1", plan.update().getFirst().getMetadata().getName());
        assertTrue(plan.create().isEmpty() && plan.delete().isEmpty());
    }

    @Test
    void aSliceOfAServiceThatIsGoneIsNotTaken() {
        Service service = service().build();
        Service before =
                service().editMetadata().withUid("uid-before").endMetadata().build();
        EndpointSlice others = stored(
                new SlicePlanner(before, 100)
                        .plan("IPv4", List.of(), Map.of())
                        .create()
                        .getFirst(),
                "web-1");
        SlicePlan plan = new SlicePlanner(service, 100).plan("IPv4", List.of(others), Map.of());
        plan.recycle();
        assertEquals(1, plan.create().size());
        assertEquals(List.of(others), plan.delete());
    }

    @Test
    void theTriggerIsTheEarliestChangeSinceTheLastLook() {
        TriggerTimes times = new TriggerTimes();
        Service service = service().build();
        Pod a = ready("a", "2026-01-01T00:05:00Z");
        Pod b = ready("b", "2026-01-01T00:06:00Z");
        assertEquals(Instant.parse("2026-01-01T00:00:00Z"), times.next(service, List.of(a)));
        assertNull(times.next(service, List.of(a)));
        assertEquals(
                Instant.parse("2026-01-01T00:06:00Z"),
                times.next(service, List.of(ready("a", "2026-01-01T00:07:00Z"), b)));
        assertNull(times.next(service, List.of(a, b)));
        times.forget(Key.of(service));
        assertEquals(Instant.parse("2026-01-01T00:00:00Z"), times.next(service, List.of(a)));
    }

    private static Pod ready(String name, String since) {
        return pod(name)
                .editStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .withLastTransitionTime(since)
                .endCondition()
                .endStatus()
                .build();
    }

    @Test
    void aCacheIsStaleUntilItShowsWhatWasWritten() {
        ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
        SliceVersions versions = new SliceVersions(time);
        Key key = new Key("test", "web");
        EndpointSlice slice = stored(
                new SlicePlanner(service().build(), 100)
                        .plan("IPv4", List.of(), Map.of())
                        .create()
                        .getFirst(),
                "web-1");
        EndpointSlice next = new EndpointSliceBuilder(slice)
                .editMetadata()
                .withGeneration(2L)
                .endMetadata()
                .build();
        assertTrue(versions.isNews(key, slice));
        versions.written(key, slice);
        assertTrue(versions.isStale(key, List.of()));
        assertTrue(!versions.isStale(key, List.of(slice)) && !versions.isNews(key, slice));
        assertTrue(versions.isNews(key, next));
        versions.written(key, next);
        assertTrue(versions.isStale(key, List.of(slice)));
        versions.deleting(key, next);
        assertTrue(versions.isStale(key, List.of(next)));
        assertTrue(!versions.lost(key, next));
        assertTrue(!versions.isStale(key, List.of()));
        versions.written(key, slice);
        time.advance(Duration.ofMinutes(6));
        assertTrue(!versions.isStale(key, List.of()), "what never comes is given up");
    }
}
