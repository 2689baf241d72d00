package io.keelson.scheduler.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ReplicationControllerBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DefaultSelectorTest {
    private static final LabelSelector OWN = new LabelSelectorBuilder()
            .addToMatchLabels("hash", "1")
            .addNewMatchExpression()
            .withKey("tier")
            .withOperator("Exists")
            .endMatchExpression()
            .build();

    private static Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withName("pod")
                .withUid("pod")
                .withNamespace("default")
                .withLabels(Map.of("app", "web", "tier", "front", "hash", "1"))
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
    }

    private static Service service(Map<String, String> selector) {
        return new ServiceBuilder()
                .withNewSpec()
                .withSelector(selector)
                .endSpec()
                .build();
    }

    @Test
    void allServicesThatSelectThePodHaveToSelectTheOthers() {
        LabelSelector selector = DefaultSelector.of(
                pod(),
                List.of(
                        service(Map.of("app", "web")),
                        service(Map.of("tier", "front")),
                        service(Map.of("app", "other", "x", "y")),
                        service(Map.of())),
                null);
        assertEquals(
                new LabelSelectorBuilder()
                        .withMatchLabels(Map.of("app", "web", "tier", "front"))
                        .build(),
                selector);
    }

    @Test
    void theSelectorOfTheControllerCountsAsWell() {
        LabelSelector expected =
                new LabelSelectorBuilder(OWN).addToMatchLabels("app", "web").build();
        List<Service> services = List.of(service(Map.of("app", "web")));
        assertEquals(
                expected,
                DefaultSelector.of(
                        pod(),
                        services,
                        new ReplicaSetBuilder()
                                .withNewSpec()
                                .withSelector(OWN)
                                .endSpec()
                                .build()));
        assertEquals(
                expected,
                DefaultSelector.of(
                        pod(),
                        services,
                        new StatefulSetBuilder()
                                .withNewSpec()
                                .withSelector(OWN)
                                .endSpec()
                                .build()));
        assertEquals(
                new LabelSelectorBuilder()
                        .withMatchLabels(Map.of("app", "web", "hash", "1"))
                        .build(),
                DefaultSelector.of(
                        pod(),
                        services,
                        new ReplicationControllerBuilder()
                                .withNewSpec()
                                .withSelector(Map.of("hash", "1"))
                                .endSpec()
                                .build()));
    }

    @Test
    void whatNothingSelectsIsNotSpread() {
        assertNull(DefaultSelector.of(pod(), List.of(), null));
        assertNull(DefaultSelector.of(
                pod(),
                List.of(),
                new DeploymentBuilder()
                        .withNewSpec()
                        .withSelector(OWN)
                        .endSpec()
                        .build()));
        PodInfo info = PodInfo.of(pod(), new ResourceTable(), DefaultSpread.SYSTEM, null);
        assertEquals(List.of(), info.spread());
    }

    @Test
    void theSystemSpreadsOverNodesAndZonesIfPossible() {
        PodInfo info = PodInfo.of(pod(), new ResourceTable(), DefaultSpread.SYSTEM, OWN);
        assertEquals(
                List.of("kubernetes.io/hostname", "topology.kubernetes.io/zone"),
                info.spread().stream().map(SpreadConstraint::topologyKey).toList());
        assertEquals(
                List.of(3, 5),
                info.spread().stream().map(SpreadConstraint::maxSkew).toList());
        assertFalse(info.spread().stream().anyMatch(SpreadConstraint::required));
        assertTrue(info.spread().stream().allMatch(SpreadConstraint::countsSelf));
        assertTrue(info.spreadsLeniently());
    }

    @Test
    void aPodThatSaysHowItSpreadsHasNoDefaults() {
        Pod pod = new PodBuilder(pod())
                .editSpec()
                .addNewTopologySpreadConstraint()
                .withTopologyKey("rack")
                .withMaxSkew(2)
                .withWhenUnsatisfiable("DoNotSchedule")
                .endTopologySpreadConstraint()
                .endSpec()
                .build();
        PodInfo info = PodInfo.of(pod, new ResourceTable(), DefaultSpread.SYSTEM, OWN);
        assertEquals(
                List.of("rack"),
                info.spread().stream().map(SpreadConstraint::topologyKey).toList());
        assertFalse(info.spreadsLeniently());
    }
}
