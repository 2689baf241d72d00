package io.keelson.controllers.policystatus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyStatus;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PolicyStatusControllerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");

    private final TestCluster cluster = new TestCluster();
    private final String name = cluster.namespace();
    private final ManualTime time = new ManualTime(NOW);

    @AfterEach
    void close() {
        cluster.close();
    }

    private ValidatingAdmissionPolicy policy() {
        return cluster.client()
                .admissionRegistration()
                .v1()
                .validatingAdmissionPolicies()
                .withName(name)
                .get();
    }

    private void create() throws InterruptedException {
        cluster.client().resource("""
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: %s}
                spec:
                  matchConstraints:
                    resourceRules:
                      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
                  validations: [{expression: "object.spec.replicas < 'a lot'"}]
                """.formatted(name)).create();
        TestCluster.await("the API server has checked its types", () -> {
            ValidatingAdmissionPolicyStatus status = policy().getStatus();
            return status != null && status.getTypeChecking() != null;
        });
    }

    @Test
    void whatTheApiServerFoundStays() throws InterruptedException {
        Manager manager = cluster.run(time, PolicyStatusController.descriptor());
        create();
        time.advance(UnobservedGenerations.GRACE.multipliedBy(2));
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(1L, policy().getStatus().getObservedGeneration());
        assertNotNull(policy().getStatus().getTypeChecking());
    }

    @Test
    void whatIsNotedIsAStatusThatTheApiTakes() throws InterruptedException {
        create();
        ValidatingAdmissionPolicy noted = cluster.client()
                .resource(UnobservedGenerations.observed(policy()))
                .updateStatus();
        assertEquals(1L, noted.getStatus().getObservedGeneration());
        assertNull(noted.getStatus().getTypeChecking());
    }

    private static ValidatingAdmissionPolicy policy(String uid, long generation, @Nullable Long observed) {
        return new ValidatingAdmissionPolicyBuilder()
                .withNewMetadata()
                .withName("p")
                .withUid(uid)
                .withGeneration(generation)
                .endMetadata()
                .withNewStatus()
                .withObservedGeneration(observed)
                .endStatus()
                .build();
    }

    @Test
    void eachGenerationIsLeftToOthersForAWhile() {
        UnobservedGenerations unobserved = new UnobservedGenerations();
        Duration grace = UnobservedGenerations.GRACE;
        assertEquals(grace, unobserved.left(policy("u", 1, null), NOW));
        assertEquals(grace.minusSeconds(4), unobserved.left(policy("u", 1, null), NOW.plusSeconds(4)));
        assertEquals(Duration.ZERO, unobserved.left(policy("u", 1, null), NOW.plusSeconds(60)));
        assertEquals(grace, unobserved.left(policy("u", 2, 1L), NOW.plusSeconds(60)));
        assertEquals(grace, unobserved.left(policy("another", 2, null), NOW.plusSeconds(70)));
        unobserved.forget(new Key("", "p"));
        assertEquals(grace, unobserved.left(policy("another", 2, null), NOW.plusSeconds(80)));
    }

    @Test
    void aGenerationIsObservedIfNoneIsNewer() {
        assertTrue(UnobservedGenerations.isObserved(policy("u", 2, 2L)));
        assertFalse(UnobservedGenerations.isObserved(policy("u", 2, 1L)));
        assertFalse(UnobservedGenerations.isObserved(policy("u", 1, null)));
    }
}
