package io.keelson.controllers.resourcequota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.keelson.controllers.objects.Amount;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MeasuresTest {
    private static Map<String, String> texts(Map<String, Amount> amounts) {
        Map<String, String> texts = new TreeMap<>();
        amounts.forEach((name, amount) -> texts.put(name, amount.quantity().toString()));
        return texts;
    }

    private static Service service(String type, @Nullable Boolean allocate) {
        return new ServiceBuilder()
                .withNewSpec()
                .withType(type)
                .withAllocateLoadBalancerNodePorts(allocate)
                .withPorts(
                        new ServicePortBuilder()
                                .withPort(80)
                                .withNodePort(30000)
                                .build(),
                        new ServicePortBuilder().withPort(81).build())
                .endSpec()
                .build();
    }

    private static List<String> ports(Service service) {
        Map<String, String> usage = texts(new ServiceMeasure().usage(service));
        assertEquals("1", usage.get("services"));
        assertEquals("1", usage.get("count/services"));
        return List.of(usage.get("services.nodeports"), usage.get("services.loadbalancers"));
    }

    @Test
    void servicesAreCountedByWhatTheyTakeOfNodesAndBalancers() {
        assertEquals(List.of("0", "0"), ports(service("ClusterIP", null)));
        assertEquals(List.of("2", "0"), ports(service("NodePort", null)));
        assertEquals(List.of("2", "1"), ports(service("LoadBalancer", null)));
        assertEquals(List.of("1", "1"), ports(service("LoadBalancer", false)));
        assertEquals(List.of("0", "0"), ports(service("ExternalName", null)));
    }

    private static PersistentVolumeClaim claim(@Nullable String storageClass, String requested) {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .endMetadata()
                .withNewSpec()
                .withStorageClassName(storageClass)
                .withNewResources()
                .addToRequests("storage", Quantity.parse(requested))
                .endResources()
                .endSpec()
                .build();
    }

    @Test
    void volumeClaimsAreCountedInAllAndByClass() {
        VolumeClaimMeasure measure = new VolumeClaimMeasure();
        Map<String, String> expected = Map.of(
                "count/persistentvolumeclaims", "1",
                "persistentvolumeclaims", "1",
                "requests.storage", "2Gi",
                "fast.storageclass.storage.k8s.io/persistentvolumeclaims", "1",
                "fast.storageclass.storage.k8s.io/requests.storage", "2Gi");
        assertEquals(expected, texts(measure.usage(claim("fast", "2Gi"))));
        expected.keySet().forEach(name -> assertTrue(measure.measures(name), name));
        assertFalse(measure.measures("fast.storageclass.storage.k8s.io/else"));
        PersistentVolumeClaim grown = new PersistentVolumeClaimBuilder(claim(null, "1Gi"))
                .withNewStatus()
                .addToAllocatedResources("storage", Quantity.parse("3Gi"))
                .endStatus()
                .build();
        assertEquals("3Gi", texts(measure.usage(grown)).get("requests.storage"));
        PersistentVolumeClaim changing = new PersistentVolumeClaimBuilder(claim(null, "1Gi"))
                .editSpec()
                .withVolumeAttributesClassName("gold")
                .endSpec()
                .build();
        assertTrue(measure.isIn(new Scope("VolumeAttributesClass", "In", Set.of("gold")), changing));
        assertFalse(measure.isIn(new Scope("VolumeAttributesClass", "Exists", Set.of()), grown));
    }

    @Test
    void numbersOfObjectsHaveTheNameOfTheirKind() {
        assertEquals("deployments.apps", ObjectCounts.kindOf("count/deployments.apps"));
        assertEquals("secrets", ObjectCounts.kindOf("count/secrets"));
        assertEquals("secrets", ObjectCounts.kindOf("secrets"));
        assertNull(ObjectCounts.kindOf("cpu"));
    }

    @Test
    void usageKeepsWhatNobodyMeasuresAndForgetsWhatIsNotLimited() {
        Usage usage = new Usage(Set.of("services", "strange", "configmaps"), List.of());
        usage.count(new ServiceMeasure(), List.of(service("NodePort", null), service("NodePort", null)));
        usage.count("configmaps", 3);
        Map<String, Amount> before =
                Map.of("services", Amount.of(9), "strange", Amount.of(4), "unlimited", Amount.of(1));
        assertEquals(Map.of("services", "2", "strange", "4", "configmaps", "3"), texts(usage.over(before)));
        Usage scoped =
                new Usage(Set.of("services", "configmaps"), List.of(new Scope("BestEffort", "Exists", Set.of())));
        scoped.count(new ServiceMeasure(), List.of(service("NodePort", null)));
        scoped.count("configmaps", 3);
        assertEquals(Map.of("services", "0", "configmaps", "0"), texts(scoped.over(Map.of())));
    }
}
