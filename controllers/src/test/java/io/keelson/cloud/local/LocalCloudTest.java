package io.keelson.cloud.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.keelson.cloud.AddressRange;
import io.keelson.cloud.service.ServiceLoadBalancerController;
import io.keelson.cloud.service.ServiceLoadBalancerSettings;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole way: a Service of a real API, an address of this machine, and a connection through it to a node's port. */
class LocalCloudTest {
    private static final String NET = LocalLoadBalancersTest.net();

    private final TestCluster user = new TestCluster();
    private final TestNodes nodes = new TestNodes(user.client());
    private final String namespace = user.namespace();
    private final List<String> created = new ArrayList<>();

    @AfterEach
    void close() {
        for (String name : created) {
            user.client()
                    .services()
                    .inNamespace(namespace)
                    .withName(name)
                    .edit(now -> new ServiceBuilder(now)
                            .editMetadata()
                            .withFinalizers()
                            .endMetadata()
                            .build());
            user.client().services().inNamespace(namespace).withName(name).delete();
        }
        user.close();
    }

    private static AddressRange pool() {
        return Objects.requireNonNull(AddressRange.parse(NET + ".101-" + NET + ".120"));
    }

    private Service service(String name) {
        return user.client().services().inNamespace(namespace).withName(name).get();
    }

    private int create(String name) {
        user.create(namespace, """
            apiVersion: v1
            kind: Service
            metadata: {name: %s}
            spec: {type: LoadBalancer, ports: [{port: 18080}]}
            """.formatted(name));
        created.add(name);
        return service(name).getSpec().getPorts().getFirst().getNodePort();
    }

    private String ip(String name) {
        Service service = service(name);
        List<LoadBalancerIngress> ingress =
                service.getStatus() == null || service.getStatus().getLoadBalancer() == null
                        ? List.of()
                        : OrEmpty.of(service.getStatus().getLoadBalancer().getIngress());
        return ingress.isEmpty() ? "" : ingress.getFirst().getIp();
    }

    private static void run(TestCluster cluster, LocalCloud cloud) throws InterruptedException {
        cluster.run(ServiceLoadBalancerController.descriptor(
                cloud.loadBalancers().orElseThrow(), ServiceLoadBalancerSettings.DEFAULT));
    }

    private static boolean answers(String expected, String ip) {
        try {
            return !ip.isEmpty() && Echo.ask("127.0.0.1", ip, 18080, "hello").equals(expected);
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aServiceAnswersAtItsAddressAndKeepsThatWhenTheProcessIsAnotherOne() throws Exception {
        String host = NET + ".200";
        int nodePort = create("web");
        String node = nodes.create(Map.of());
        user.client()
                .nodes()
                .withName(node)
                .editStatus(now -> new NodeBuilder(now)
                        .editOrNewStatus()
                        .addNewAddress(host, "InternalIP")
                        .endStatus()
                        .build());
        String before;
        try (Echo _ = Echo.tcp("node", host, nodePort)) {
            try (LocalCloud cloud = new LocalCloud(LocalSettings.of(List.of(pool())), () -> true);
                    TestCluster first = new TestCluster()) {
                run(first, cloud);
                TestCluster.await("it answers", () -> answers("node hello", ip("web")));
                before = ip("web");
            }
            // One that is looked at before the other, by its name, must not get the other's address.
            create("a-new-one");
            try (LocalCloud cloud = new LocalCloud(LocalSettings.of(List.of(pool())), () -> true);
                    TestCluster second = new TestCluster()) {
                run(second, cloud);
                TestCluster.await("it answers again", () -> answers("node hello", ip("web")));
                TestCluster.await(
                        "the new one has an address", () -> !ip("a-new-one").isEmpty());
                assertEquals(before, ip("web"));
                assertNotEquals(before, ip("a-new-one"));
                user.client()
                        .services()
                        .inNamespace(namespace)
                        .withName("web")
                        .edit(now -> new ServiceBuilder(now)
                                .editSpec()
                                .withLoadBalancerSourceRanges("10.0.0.0/8")
                                .endSpec()
                                .build());
                TestCluster.await("nobody is let in from elsewhere", () -> answers("", before));
            }
        }
    }
}
