package io.keelson.controllers.resourcequota;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResourceQuotaControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final KubernetesClient client = cluster.client();
    private final ManualTime time = new ManualTime(Instant.now());

    @AfterEach
    void close() {
        cluster.close();
    }

    private void quota(String namespace, String... names) {
        Map<String, Quantity> hard = new TreeMap<>();
        for (String name : names) {
            hard.put(name, Quantity.parse("100"));
        }
        client.resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("q")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withHard(hard)
                        .endSpec()
                        .build())
                .create();
    }

    private void awaitUsed(String namespace, Map<String, String> expected) throws InterruptedException {
        Map<String, String> last = new TreeMap<>();
        TestCluster.await("used is " + expected, () -> {
            time.advance(Duration.ofMillis(500));
            ResourceQuota quota =
                    client.resourceQuotas().inNamespace(namespace).withName("q").get();
            last.clear();
            if (quota.getStatus() != null && quota.getStatus().getUsed() != null) {
                quota.getStatus().getUsed().forEach((name, amount) -> last.put(name, amount.toString()));
            }
            return expected.equals(last);
        });
    }

    private Pod pod(String namespace, String name) {
        return (Pod) cluster.create(namespace, """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s}
            spec:
              containers: [{name: c, image: i, resources: {requests: {cpu: 500m, memory: 1Gi}}}]
            """.formatted(name));
    }

    @Test
    void whatPodsUseIsCountedAndIsFreeWhenTheyEndOrGo() throws InterruptedException {
        String namespace = cluster.namespace();
        Pod one = pod(namespace, "one");
        Pod two = pod(namespace, "two");
        pod(namespace, "three");
        cluster.run(time, ResourceQuotaController.descriptor());
        quota(namespace, "pods", "count/pods", "requests.cpu", "memory");
        awaitUsed(namespace, Map.of("pods", "3", "count/pods", "3", "requests.cpu", "1500m", "memory", "3Gi"));
        cluster.ended(one, "Succeeded");
        awaitUsed(namespace, Map.of("pods", "2", "count/pods", "3", "requests.cpu", "1", "memory", "2Gi"));
        client.resource(two).withGracePeriod(0).delete();
        awaitUsed(namespace, Map.of("pods", "1", "count/pods", "2", "requests.cpu", "500m", "memory", "1Gi"));
    }

    @Test
    void theNumberOfObjectsOfAnyKindIsCountedAsSoonAsAQuotaNamesIt() throws InterruptedException {
        String namespace = cluster.namespace();
        cluster.run(time, ResourceQuotaController.descriptor());
        for (String name : new String[] {"a", "b"}) {
            cluster.create(namespace, """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: %s}
                spec: {podSelector: {}}
                """.formatted(name));
        }
        cluster.create(namespace, """
            apiVersion: v1
            kind: Service
            metadata: {name: s}
            spec: {type: NodePort, ports: [{port: 80}]}
            """);
        quota(namespace, "count/networkpolicies.networking.k8s.io", "resourcequotas", "services.nodeports");
        awaitUsed(
                namespace,
                Map.of(
                        "count/networkpolicies.networking.k8s.io",
                        "2",
                        "resourcequotas",
                        "1",
                        "services.nodeports",
                        "1"));
        client.network()
                .v1()
                .networkPolicies()
                .inNamespace(namespace)
                .withName("a")
                .delete();
        client.services().inNamespace(namespace).withName("s").edit(service -> {
            service.getSpec().setType("ClusterIP");
            service.getSpec().getPorts().getFirst().setNodePort(null);
            return service;
        });
        awaitUsed(
                namespace,
                Map.of(
                        "count/networkpolicies.networking.k8s.io",
                        "1",
                        "resourcequotas",
                        "1",
                        "services.nodeports",
                        "0"));
    }

    @Test
    void devicesAreCountedByClassAndAsTheExtendedResourceThatTheClassIs() throws InterruptedException {
        String namespace = cluster.namespace();
        client.resource("""
            apiVersion: resource.k8s.io/v1
            kind: DeviceClass
            metadata: {name: %s}
            spec: {extendedResourceName: example.com/quota-gpu}
            """.formatted(namespace)).create();
        cluster.create(namespace, """
            apiVersion: resource.k8s.io/v1
            kind: ResourceClaim
            metadata: {name: c}
            spec:
              devices:
                requests:
                  - {name: a, exactly: {deviceClassName: %1$s, allocationMode: ExactCount, count: 3}}
                  - name: b
                    firstAvailable:
                      - {name: x, deviceClassName: %1$s, allocationMode: ExactCount, count: 2}
                      - {name: y, deviceClassName: other, allocationMode: ExactCount, count: 5}
            """.formatted(namespace));
        cluster.run(time, ResourceQuotaController.descriptor());
        String ofClass = namespace + ".deviceclass.resource.k8s.io/devices";
        String byClass = "requests.deviceclass.resource.kubernetes.io/" + namespace;
        quota(
                namespace,
                ofClass,
                byClass,
                "requests.example.com/quota-gpu",
                "other.deviceclass.resource.k8s.io/devices",
                "count/resourceclaims.resource.k8s.io");
        awaitUsed(
                namespace,
                Map.of(
                        ofClass,
                        "5",
                        byClass,
                        "5",
                        "requests.example.com/quota-gpu",
                        "5",
                        "other.deviceclass.resource.k8s.io/devices",
                        "5",
                        "count/resourceclaims.resource.k8s.io",
                        "1"));
    }

    @Test
    void whatALimitIsRaisedToIsInTheStatus() throws InterruptedException {
        String namespace = cluster.namespace();
        cluster.run(time, ResourceQuotaController.descriptor());
        quota(namespace, "pods");
        awaitUsed(namespace, Map.of("pods", "0"));
        client.resourceQuotas()
                .inNamespace(namespace)
                .withName("q")
                .edit(quota -> new ResourceQuotaBuilder(quota)
                        .editSpec()
                        .withHard(Map.of("services", Quantity.parse("7")))
                        .endSpec()
                        .build());
        awaitUsed(namespace, Map.of("services", "0"));
        TestCluster.await("the limit is in the status", () -> {
            ResourceQuota quota =
                    client.resourceQuotas().inNamespace(namespace).withName("q").get();
            return Map.of("services", Quantity.parse("7"))
                    .equals(quota.getStatus().getHard());
        });
    }
}
