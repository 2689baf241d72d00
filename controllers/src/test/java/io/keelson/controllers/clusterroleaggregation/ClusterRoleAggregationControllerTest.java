package io.keelson.controllers.clusterroleaggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClusterRoleAggregationControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final KubernetesClient client = cluster.client();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static PolicyRule rule(String resource) {
        return new PolicyRuleBuilder()
                .withApiGroups("")
                .withResources(resource)
                .withVerbs("get")
                .build();
    }

    private static ClusterRole role(String name, Map<String, String> labels, PolicyRule... rules) {
        return new ClusterRoleBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withRules(rules)
                .build();
    }

    @Test
    void rulesComeInTheOrderOfSelectorsAndNamesEachOnceAndNotFromTheRoleItself() {
        ClusterRole own = role("own", Map.of(), rule("secrets"));
        List<ClusterRole> first = List.of(role("z", Map.of(), rule("pods")), role("a", Map.of(), rule("nodes")), own);
        List<ClusterRole> second = List.of(role("b", Map.of(), rule("nodes"), rule("services")));
        assertEquals(
                List.of(rule("nodes"), rule("pods"), rule("services")),
                AggregatedRules.of(own, List.of(first, second)));
        assertEquals(List.of(), AggregatedRules.of(own, List.of()));
    }

    @Test
    void aRoleFollowsThoseThatItSelects() throws InterruptedException {
        cluster.run(ClusterRoleAggregationController.descriptor());
        Map<String, String> labels = Map.of("into", "aggregation-test");
        client.resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName("aggregated")
                        .endMetadata()
                        .withNewAggregationRule()
                        .addNewClusterRoleSelector()
                        .withMatchLabels(labels)
                        .endClusterRoleSelector()
                        .endAggregationRule()
                        .build())
                .create();
        ClusterRole part = client.resource(role("part", labels, rule("pods"))).create();
        client.resource(role("another:part", labels, rule("nodes"))).create();
        TestCluster.await("it has the rules of both", () -> rules().equals(List.of(rule("nodes"), rule("pods"))));
        client.resource(part)
                .edit(now ->
                        new ClusterRoleBuilder(now).withRules(rule("services")).build());
        TestCluster.await("it follows", () -> rules().equals(List.of(rule("nodes"), rule("services"))));
        client.resource(part).delete();
        TestCluster.await("it loses what is gone", () -> rules().equals(List.of(rule("nodes"))));
        client.rbac().clusterRoles().withName("another:part").delete();
        TestCluster.await("nothing is left", () -> rules().isEmpty());
    }

    private List<PolicyRule> rules() {
        return OrEmpty.of(
                client.rbac().clusterRoles().withName("aggregated").get().getRules());
    }
}
