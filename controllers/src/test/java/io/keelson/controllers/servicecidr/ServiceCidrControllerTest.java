package io.keelson.controllers.servicecidr;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDRBuilder;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServiceCidrControllerTest {
    private static final String NAME = "extra-range";

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private ServiceCIDR range() {
        return cluster.client().resources(ServiceCIDR.class).withName(NAME).get();
    }

    private String ready() {
        ServiceCIDR found = range();
        if (found == null || found.getStatus() == null) {
            return "";
        }
        return OrEmpty.of(found.getStatus().getConditions()).stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .map(Condition::getStatus)
                .findFirst()
                .orElse("");
    }

    @Test
    void aRangeStaysWhileAServiceHasAnAddressOfIt() throws InterruptedException {
        ManualTime time = new ManualTime(Instant.now());
        cluster.run(time, ServiceCidrController.descriptor());
        String namespace = cluster.namespace();
        cluster.client()
                .resource(new ServiceCIDRBuilder()
                        .withNewMetadata()
                        .withName(NAME)
                        .endMetadata()
                        .withNewSpec()
                        .withCidrs("10.250.0.0/24")
                        .endSpec()
                        .build())
                .create();
        TestCluster.await("it is ready", () -> ready().equals("True"));
        TestCluster.await(
                "it is guarded", () -> range().getMetadata().getFinalizers().contains(ServiceCidrController.FINALIZER));
        TestCluster.await("a Service has an address of it", () -> {
            try {
                Service service = (Service) cluster.create(namespace, """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: web}
                        spec: {clusterIP: 10.250.0.10, ports: [{port: 80}]}
                        """);
                return service != null;
            } catch (RuntimeException e) {
                // The server has not heard of the range yet.
                return false;
            }
        });
        cluster.client().resources(ServiceCIDR.class).withName(NAME).delete();
        TestCluster.await("it waits", () -> ready().equals("False"));
        Condition condition = range().getStatus().getConditions().getFirst();
        assertEquals("Terminating", condition.getReason());
        assertEquals(
                "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR",
                condition.getMessage());
        cluster.client().services().inNamespace(namespace).withName("web").delete();
        TestCluster.await("it goes when the address is free and servers know", () -> {
            time.advance(Duration.ofSeconds(1));
            return range() == null;
        });
    }
}
